//! One process a question: the question on stdin, the answer on stdout.

use std::process::ExitStatus;
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use super::group::Group;
use super::setup::{Setup, Tail};
use super::{GRACE, since};
use crate::agent::Ask;
use crate::domain::{AgentFailure, AgentFailureKind, Output};

/// The answer is longer than allowed.
struct TooLong;

/// How a process came to its end.
enum End {
    Exited(ExitStatus),
    TooLong,
    Timeout,
    Lost(std::io::Error),
}

/// Asks one process one question.
pub(super) async fn answer(setup: &Setup, ask: &Ask) -> Result<Output, AgentFailure> {
    let start = Instant::now();
    let mut group = setup.start(Some(ask))?;
    let (mut stdout, mut stderr) = (Vec::new(), Tail::default());
    let end = tokio::time::timeout(setup.timeout, converse(&mut group, &ask.case.question, setup.cap, &mut stdout, &mut stderr)).await;
    let end = end.unwrap_or(End::Timeout);
    if !matches!(end, End::Exited(_)) {
        group.kill().await;
    }
    let fail = |kind, what: String| Err(AgentFailure::new(kind, setup.with_stderr(&what, &stderr)));
    match end {
        End::Exited(status) if status.success() => {
            let Ok(text) = String::from_utf8(stdout) else {
                return fail(AgentFailureKind::BadReply, "the answer is not UTF-8 text".to_owned());
            };
            // The line feed that ends a line is not part of an answer.
            let text = text.trim_end_matches(['\r', '\n']).to_owned();
            Ok(Output { text, latency_ms: since(start), ..Output::default() })
        }
        End::Exited(status) => fail(AgentFailureKind::Crashed, format!("the program ended with {}", in_words(status))),
        End::TooLong => fail(AgentFailureKind::BadReply, format!("the answer is longer than {} KiB", setup.cap / 1024)),
        End::Timeout => fail(AgentFailureKind::Timeout, format!("no answer after {} s", setup.timeout.as_secs())),
        End::Lost(e) => fail(AgentFailureKind::Crashed, format!("the program was lost: {e}")),
    }
}

/// Feeds the question and reads until the process has ended, however long its pipes stay open after that.
async fn converse(group: &mut Group, question: &str, cap: usize, stdout: &mut Vec<u8>, stderr: &mut Tail) -> End {
    let child = group.child();
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut to), Some(from), Some(err)) = pipes else {
        return End::Lost(std::io::Error::other("it has no pipes"));
    };
    let feed = async move {
        // A program may end, or close its stdin, without having read the question: its own affair.
        _ = to.write_all(question.as_bytes()).await;
        drop(to);
        Ok(())
    };
    let pipes = async { tokio::try_join!(feed, read_capped(from, cap, stdout), keep_tail(err, stderr)).map(|_| ()) };
    tokio::pin!(pipes);
    let exited = tokio::select! {
        closed = &mut pipes => {
            if let Err(TooLong) = closed {
                return End::TooLong;
            }
            return group.wait().await.map_or_else(End::Lost, End::Exited);
        }
        exited = group.wait() => exited,
    };
    // Its group ended with it; only a process that left the group can still hold a pipe, and it is not waited for.
    if let Ok(Err(TooLong)) = tokio::time::timeout(GRACE, pipes).await {
        return End::TooLong;
    }
    exited.map_or_else(End::Lost, End::Exited)
}

async fn read_capped(mut from: impl AsyncRead + Unpin, cap: usize, into: &mut Vec<u8>) -> Result<(), TooLong> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return Ok(()),
            Ok(n) if into.len() + n > cap => return Err(TooLong),
            Ok(n) => into.extend_from_slice(&buffer[..n]),
        }
    }
}

async fn keep_tail(mut from: impl AsyncRead + Unpin, into: &mut Tail) -> Result<(), TooLong> {
    let mut buffer = vec![0; 4 * 1024];
    loop {
        match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return Ok(()),
            Ok(n) => into.push(&buffer[..n]),
        }
    }
}

/// A failed exit in words.
pub(super) fn in_words(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("signal {signal}");
    }
    status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}"))
}
