//! Processes that stay alive: one JSON object a line in, one a line out, one request under way in each.
//!
//! Invariant: a process that is seen to be out of step never answers again. One that prints too much, late, and without
//! `id` cannot be seen to be: programs should echo the `id`.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use futures::FutureExt;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::Semaphore;

use super::group::Group;
use super::per_call::in_words;
use super::setup::{Setup, Tail};
use super::{GRACE, since};
use crate::agent::Ask;
use crate::domain::{AgentFailure, AgentFailureKind, Output, Turn};

/// What a process is asked.
#[derive(Serialize)]
struct Request<'a> {
    id: &'a str,
    question: &'a str,
    context: Option<&'a str>,
    turns: &'a [Turn],
    trial: u16,
}

/// What a process replies. Other keys are its own affair.
#[derive(Deserialize)]
struct Reply {
    id: Option<String>,
    answer: Option<String>,
    error: Option<serde_json::Value>,
    context: Option<String>,
    trace: Option<serde_json::Value>,
    model: Option<String>,
}

/// Processes kept alive.
pub(super) struct Pool {
    /// In step, waiting for a question. The one used last is asked first, so that a slow hour needs few processes.
    idle: Mutex<Vec<Worker>>,
    slots: Semaphore,
}

/// One process with its pipes.
struct Worker {
    group: Group,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    err: ChildStderr,
    tail: Tail,
}

/// Why an exchange failed.
enum Fault {
    /// The process ended or hung: another one may do better.
    Gone(AgentFailure),
    /// It replied, and the reply is no answer.
    Reply(AgentFailure),
    /// It replied that it has no answer; it is still in step.
    Said(AgentFailure),
}

impl Fault {
    fn without_secrets(self, setup: &Setup) -> Self {
        let hide = |f: AgentFailure| AgentFailure { detail: setup.hide(&f.detail), ..f };
        match self {
            Self::Gone(f) => Self::Gone(hide(f)),
            Self::Reply(f) => Self::Reply(hide(f)),
            Self::Said(f) => Self::Said(hide(f)),
        }
    }
}

impl Pool {
    /// An empty pool of at most so many processes.
    pub fn new(processes: u16) -> Self {
        Self { idle: Mutex::default(), slots: Semaphore::new(usize::from(processes.max(1))) }
    }

    /// Asks one process; a process that ends or hangs is replaced, and the question asked once more. Also the number of
    /// attempts.
    pub async fn answer(&self, setup: &Setup, ask: &Ask) -> (Result<Output, AgentFailure>, u32) {
        let Ok(_slot) = self.slots.acquire().await else {
            return (Err(AgentFailure::new(AgentFailureKind::NotStarted, "the agent is closed")), 0);
        };
        let mut attempts = 0;
        let mut worker = match self.take() {
            Some(w) => Ok(w),
            None => Worker::start(setup),
        };
        loop {
            let mut w = match worker {
                Ok(w) => w,
                Err(e) => return (Err(e), attempts.max(1)),
            };
            attempts += 1;
            // Owned here meanwhile: a dropped future drops, and so kills, a process in the middle of an answer.
            match w.exchange(setup, ask).await {
                Ok(output) => {
                    self.put(w);
                    return (Ok(output), attempts);
                }
                Err(Fault::Said(e)) => {
                    self.put(w);
                    return (Err(e), attempts);
                }
                Err(Fault::Reply(e)) => {
                    w.group.kill().await;
                    return (Err(e), attempts);
                }
                Err(Fault::Gone(e)) => {
                    w.group.kill().await;
                    if attempts == 2 {
                        return (Err(e), attempts);
                    }
                    worker = Worker::start(setup);
                }
            }
        }
    }

    /// A process that waits in step.
    fn take(&self) -> Option<Worker> {
        loop {
            let mut worker = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            // Anything that it said unasked would be taken for the next answer. One that has ended says so here, too.
            if worker.from.fill_buf().now_or_never().is_none() && !worker.has_more() {
                return Some(worker);
            }
        }
    }

    fn put(&self, worker: Worker) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
    }
}

impl Worker {
    /// Whether bytes wait in the pipe that the runtime has not heard of yet.
    #[cfg(unix)]
    fn has_more(&self) -> bool {
        rustix::io::ioctl_fionread(self.from.get_ref()).is_ok_and(|n| n > 0)
    }

    #[cfg(not(unix))]
    fn has_more(&self) -> bool {
        false
    }

    fn start(setup: &Setup) -> Result<Self, AgentFailure> {
        let mut group = setup.start(None)?;
        let child = group.child();
        match (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
            (Some(to), Some(from), Some(err)) => Ok(Self { group, to, from: BufReader::new(from), err, tail: Tail::default() }),
            _ => Err(AgentFailure::new(AgentFailureKind::NotStarted, "the process has no pipes")),
        }
    }

    async fn exchange(&mut self, setup: &Setup, ask: &Ask) -> Result<Output, Fault> {
        let start = Instant::now();
        self.tail = Tail::default();
        let Ok(asked) = tokio::time::timeout(setup.timeout, self.ask(setup.cap, ask)).await else {
            let what = format!("no answer after {} s", setup.timeout.as_secs());
            return Err(Fault::Gone(AgentFailure::new(AgentFailureKind::Timeout, setup.with_stderr(&what, &self.tail))));
        };
        let bad = |what: String, tail: &Tail| Fault::Reply(AgentFailure::new(AgentFailureKind::BadReply, setup.with_stderr(&what, tail)));
        match asked {
            Asked::Line(line) => match read_reply(&line, ask, setup) {
                Ok(reply) => finish(reply, since(start)).map_err(|f| f.without_secrets(setup)),
                Err(what) => Err(bad(what, &self.tail)),
            },
            Asked::TooLong => Err(bad(format!("the answer is longer than {} KiB", setup.cap / 1024), &self.tail)),
            Asked::Closed => Err(Fault::Gone(self.obituary(setup).await)),
        }
    }

    /// Sends the question and reads one line, while stderr is kept flowing.
    async fn ask(&mut self, cap: usize, ask: &Ask) -> Asked {
        let case = &ask.case;
        let request = Request {
            id: case.id.as_str(),
            question: &case.question,
            context: case.context.as_deref(),
            turns: &case.turns,
            trial: ask.trial,
        };
        let mut line = serde_json::to_vec(&request).unwrap_or_default();
        line.push(b'\n');
        let Self { to, from, err, tail, .. } = self;
        let talk = async {
            // A process that has ended is noticed at its stdout.
            let send = async { _ = to.write_all(&line).await };
            let receive = read_line(from, cap);
            futures::join!(send, receive).1
        };
        tokio::select! {
            asked = talk => asked,
            () = drain(err, tail) => Asked::Closed,
        }
    }

    /// How a process that closed its stdout ended.
    async fn obituary(&mut self, setup: &Setup) -> AgentFailure {
        let Self { group, err, tail, .. } = self;
        let status = tokio::time::timeout(GRACE, group.wait()).await;
        _ = tokio::time::timeout(GRACE, read_rest(err, tail)).await;
        let what = match status {
            Ok(Ok(status)) => format!("the program ended with {} instead of an answer", in_words(status)),
            _ => "the program closed its stdout instead of an answer".to_owned(),
        };
        AgentFailure::new(AgentFailureKind::Crashed, setup.with_stderr(&what, &self.tail))
    }
}

/// What came of a request.
enum Asked {
    Line(Vec<u8>),
    TooLong,
    Closed,
}

/// Reads until a line feed; blank lines are passed over.
async fn read_line(from: &mut BufReader<ChildStdout>, cap: usize) -> Asked {
    let mut line = Vec::new();
    loop {
        let Ok(buffer) = from.fill_buf().await else { return Asked::Closed };
        if buffer.is_empty() {
            return Asked::Closed;
        }
        let (taken, ended) = buffer.iter().position(|b| *b == b'\n').map_or((buffer.len(), false), |i| (i + 1, true));
        line.extend_from_slice(&buffer[..taken]);
        from.consume(taken);
        if line.len() > cap {
            return Asked::TooLong;
        }
        if ended {
            if !line.trim_ascii().is_empty() {
                return Asked::Line(line);
            }
            line.clear();
        }
    }
}

/// Keeps stderr flowing for as long as it is polled; never ends.
async fn drain(err: &mut ChildStderr, tail: &mut Tail) {
    read_rest(err, tail).await;
    std::future::pending::<()>().await;
}

async fn read_rest(err: &mut ChildStderr, tail: &mut Tail) {
    let mut buffer = vec![0; 4 * 1024];
    while let Ok(n @ 1..) = err.read(&mut buffer).await {
        tail.push(&buffer[..n]);
    }
}

fn read_reply(line: &[u8], ask: &Ask, setup: &Setup) -> Result<Reply, String> {
    let text = std::str::from_utf8(line).map_err(|_| "the reply is not UTF-8 text".to_owned())?;
    let reply: Reply = serde_json::from_str(text).map_err(|e| {
        // Hidden before it is cut: half a secret would not be recognised.
        let start: String = setup.hide(text.trim()).chars().take(80).collect();
        format!("the reply is no JSON object with `answer` or `error`: {e}: {start}")
    })?;
    match &reply.id {
        Some(id) if id != ask.case.id.as_str() => Err(format!("out of step: the reply is for case {id}")),
        _ => Ok(reply),
    }
}

fn finish(reply: Reply, latency_ms: u64) -> Result<Output, Fault> {
    match (reply.answer, reply.error) {
        (Some(text), None) => {
            let trace = reply.trace.filter(|t| !t.is_null()).map(|t| t.to_string());
            Ok(Output { text, context: reply.context, trace, finish: None, latency_ms, model: reply.model })
        }
        (None, Some(error)) => {
            let said = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
            Err(Fault::Said(AgentFailure::new(AgentFailureKind::Crashed, format!("the program reports: {said}"))))
        }
        (Some(_), Some(_)) => Err(Fault::Reply(AgentFailure::new(AgentFailureKind::BadReply, "the reply has both `answer` and `error`"))),
        (None, None) => Err(Fault::Reply(AgentFailure::new(AgentFailureKind::BadReply, "the reply has neither `answer` nor `error`"))),
    }
}
