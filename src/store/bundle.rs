//! A run as JSON lines: export, import, and merging the shards of one run.
//!
//! Invariant: the last line holds the number of rows and the BLAKE3 of all lines before it, so that a cut or edited file is
//! refused before anything of it is stored.

use std::io::{BufRead, Read, Write};
use std::sync::Arc;

use futures::StreamExt;
use serde::{Deserialize, Serialize};

use super::{Store, StoreError};
use crate::domain::{DigestBuilder, Rubric, RunHead, RunId, RunStatus, SetHead, TrialRow};
use crate::error::{AppError, Exit};

/// Version of the format.
const VERSION: u32 = 1;
/// Rows written to the store at once; each is durable when its write returns.
const AT_ONCE: usize = 256;
/// The longest line, in bytes: a trial with its answer and all ballots.
const LONGEST: u64 = 64 << 20;
/// Rows a page while exporting.
const PAGE: u32 = 500;

#[derive(Serialize, Deserialize)]
struct First {
    tribunal_run: u32,
    head: RunHead,
}

#[derive(Serialize, Deserialize)]
struct Last {
    rows: u64,
    digest: String,
}

/// Writes a run with all its trials.
///
/// # Errors
/// When the store cannot be read or the writer fails.
pub async fn export(store: &dyn Store, head: &RunHead, out: &mut dyn Write) -> Result<u64, AppError> {
    let mut hash = blake3::Hasher::new();
    let mut line = |value: String| -> Result<(), AppError> {
        hash.update(value.as_bytes());
        hash.update(b"\n");
        writeln!(out, "{value}").map_err(written)
    };
    line(json(&First { tribunal_run: VERSION, head: head.clone() })?)?;
    let mut rows = 0;
    let mut after = None;
    loop {
        let page = store.page(&head.id, after, PAGE).await?;
        for row in &page {
            line(json(row)?)?;
            rows += 1;
        }
        match page.last() {
            Some(r) => after = Some(r.key.seq),
            None => break,
        }
    }
    let digest = hash.finalize().to_hex().to_string();
    writeln!(out, "{}", json(&Last { rows, digest })?).map_err(written)?;
    out.flush().map_err(written)?;
    Ok(rows)
}

fn written(e: std::io::Error) -> AppError {
    AppError::new(Exit::Incomplete, "could not write the export").because(e)
}

fn json<T: Serialize>(value: &T) -> Result<String, AppError> {
    serde_json::to_string(value).map_err(|e| AppError::new(Exit::Integrity, "a stored value cannot be written as JSON").because(e))
}

fn broken(name: &str, line: u64, why: impl std::fmt::Display) -> AppError {
    AppError::new(Exit::Integrity, format!("{name}:{line}: not a whole tribunal export: {why}"))
        .with_help("export the run again: `tribunal export RUN > run.jsonl`; nothing of this file was stored")
}

/// Reads a bundle from start to end and gives every row to `each`. Call it once with an `each` that does nothing to verify
/// the file, and again to take it.
///
/// # Errors
/// Exit 6 when the file is cut, edited or no export; whatever `each` fails with.
pub fn read(name: &str, input: impl BufRead, mut each: impl FnMut(TrialRow) -> Result<(), AppError>) -> Result<RunHead, AppError> {
    let mut hash = blake3::Hasher::new();
    let mut head: Option<RunHead> = None;
    let mut rows = 0u64;
    let mut held: Option<String> = None;
    let mut number = 0;
    let mut input = input;
    for i in 1.. {
        let Some(next) = line_of(&mut input).map_err(|e| broken(name, i, e))? else { break };
        number = i;
        let Some(line) = held.replace(next) else { continue };
        hash.update(line.as_bytes());
        hash.update(b"\n");
        if head.is_none() {
            let first: First = serde_json::from_str(&line).map_err(|e| broken(name, i - 1, e))?;
            if first.tribunal_run != VERSION {
                return Err(broken(name, i - 1, format!("format version {}, this program reads {VERSION}", first.tribunal_run)));
            }
            head = Some(first.head);
        } else {
            rows += 1;
            let row: TrialRow = serde_json::from_str(&line).map_err(|e| broken(name, i - 1, e))?;
            if row.case.digest() != row.case_digest {
                return Err(broken(name, i - 1, format!("the digest of case `{}` does not hold", row.case.id)));
            }
            each(row)?;
        }
    }
    let (Some(head), Some(last)) = (head, held) else { return Err(broken(name, number.max(1), "it ends too early")) };
    let last: Last = serde_json::from_str(&last).map_err(|_| broken(name, number, "its last line is missing"))?;
    if last.rows != rows || last.digest != hash.finalize().to_hex().as_str() {
        return Err(broken(name, number, "its content does not match the digest in its last line"));
    }
    Ok(head)
}

/// The next line without its end; nothing at the end of the input.
fn line_of(input: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    input.by_ref().take(LONGEST + 1).read_until(b'\n', &mut line)?;
    if line.len() as u64 > LONGEST {
        return Err(std::io::Error::other(format!("a line is longer than {} MiB", LONGEST >> 20)));
    }
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    String::from_utf8(line).map(Some).map_err(std::io::Error::other)
}

/// Stores rows of a run, many at once. Each is durable when this returns.
///
/// # Errors
/// The first failure of the store.
pub async fn take(store: &Arc<dyn Store>, run: &RunId, rows: Vec<TrialRow>) -> Result<(), StoreError> {
    let mut writes = futures::stream::iter(rows)
        .map(|row| {
            let store = Arc::clone(store);
            async move {
                let (seq, ballots, tally) = (row.key.seq, row.ballots.clone(), row.tally.clone());
                store.put_output(run, row).await?;
                for b in ballots {
                    store.put_ballot(run, seq, b).await?;
                }
                match tally {
                    Some(t) => store.put_tally(run, seq, t).await,
                    None => Ok(()),
                }
            }
        })
        .buffer_unordered(AT_ONCE);
    while let Some(done) = writes.next().await {
        done?;
    }
    Ok(())
}

/// The head of a run that shards make together, begun at `now_ms`. `missing_ok`: a part that selected nothing has no file.
///
/// # Errors
/// When the shards differ in something that a run has only one of, when a part is there twice, or when one is missing.
pub fn merge_heads(heads: &[RunHead], id: RunId, now_ms: i64, missing_ok: bool) -> Result<RunHead, AppError> {
    let Some(first) = heads.first() else { return Err(AppError::usage("no run to merge")) };
    for other in &heads[1..] {
        let differs = [
            ("agents", first.agents != other.agents),
            ("judges", first.judges != other.judges || first.cascade != other.cascade),
            ("panel policy", first.policy != other.policy),
            ("seed", first.seed != other.seed),
        ];
        if let Some((what, _)) = differs.iter().find(|(_, d)| *d) {
            return Err(strangers(&first.id, &other.id, what));
        }
    }
    let selection = whole_of(heads, missing_ok)?;
    // A small set may have no case in some part: the whole has every set that any part has.
    let (mut sets, mut rubrics) = (Vec::new(), Vec::new());
    for head in heads {
        for set in &head.sets {
            match sets.iter().find(|(s, _): &&(SetHead, RunId)| s.name == set.name) {
                None => sets.push((set.clone(), head.id.clone())),
                Some((same, _)) if same == set => {}
                Some((_, other)) => return Err(strangers(other, &head.id, "sets")),
            }
        }
        for rubric in &head.rubrics {
            match rubrics.iter().find(|(r, _): &&(Rubric, RunId)| r.name == rubric.name) {
                None => rubrics.push((rubric.clone(), head.id.clone())),
                Some((same, _)) if same == rubric => {}
                Some((_, other)) => return Err(strangers(other, &head.id, "rubrics")),
            }
        }
    }
    sets.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    rubrics.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    let mut keys: Vec<String> = heads.iter().map(|h| h.key.to_string()).collect();
    keys.sort_unstable();
    Ok(RunHead {
        id,
        key: DigestBuilder::new("merged/1").list("keys", &keys).finish(),
        // Now, and not when its parts were made: the newest run is the one that was just put together.
        created_ms: now_ms,
        finished_ms: None,
        status: RunStatus::Open,
        selection,
        sets: sets.into_iter().map(|(s, _)| s).collect(),
        rubrics: rubrics.into_iter().map(|(r, _)| r).collect(),
        planned: heads.iter().map(|h| h.planned).sum(),
        // A part was compared with a part.
        baseline: None,
        agent_version: None,
        ..first.clone()
    })
}

fn strangers(one: &RunId, other: &RunId, what: &str) -> AppError {
    AppError::usage(format!("runs {one} and {other} have different {what}: they are no parts of one run"))
        .with_help("import them one by one to keep them apart")
}

/// The selection that the parts make together: every part `k/n` of the same selection, once.
fn whole_of(heads: &[RunHead], missing_ok: bool) -> Result<String, AppError> {
    let mut parts: Vec<(u32, u32, String)> = Vec::new();
    for head in heads {
        let words: Vec<&str> = head.selection.split(' ').collect();
        let at = words.iter().position(|w| *w == "--shard");
        let part = at.and_then(|i| words.get(i + 1)).and_then(|w| w.split_once('/'));
        let (Some(i), Some((k, n))) = (at, part.and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)))) else {
            return Err(AppError::usage(format!("run {} is no part of a run: it was not made with `--shard`", head.id))
                .with_help("only parts of one run merge: `--shard 1/2`, `--shard 2/2`; import other runs one by one"));
        };
        let rest: Vec<&str> = words.iter().enumerate().filter(|(j, _)| *j != i && *j != i + 1).map(|(_, w)| *w).collect();
        parts.push((k, n, rest.join(" ")));
    }
    parts.sort();
    let Some((_, n, rest)) = parts.first().cloned() else { return Err(AppError::usage("no run to merge")) };
    if parts.iter().any(|(_, of, r)| *of != n || *r != rest) {
        return Err(AppError::usage("the runs are parts of different runs: their selections differ")
            .with_help("every part must be made by the same command, but for the number before the slash of `--shard`"));
    }
    if let Some(twice) = parts.windows(2).find(|w| w[0].0 == w[1].0) {
        return Err(AppError::usage(format!("part {}/{n} is there twice: its cases would count double", twice[0].0)));
    }
    let missing: Vec<String> = (1..=n).filter(|k| !parts.iter().any(|(p, ..)| p == k)).map(|k| format!("{k}/{n}")).collect();
    if !missing.is_empty() && !missing_ok {
        return Err(AppError::usage(format!("missing parts: {}", missing.join(", ")))
            .with_help("import them together; a part that selected no case (exit 5) has no file: then say `--missing-ok`"));
    }
    Ok(rest)
}
