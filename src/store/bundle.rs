//! A run as JSON lines: export, import, and merging the shards of one run.
//!
//! Invariant: the last line holds the number of rows and the BLAKE3 of all lines before it, so that a cut or edited file is
//! refused before anything of it is stored.

use std::io::{BufRead, Write};
use std::sync::Arc;

use futures::StreamExt;
use serde::{Deserialize, Serialize};

use super::{Store, StoreError};
use crate::domain::{DigestBuilder, RunHead, RunId, RunStatus, TrialRow};
use crate::error::{AppError, Exit};

/// Version of the format.
const VERSION: u32 = 1;
/// Rows written to the store at once; each is durable when its write returns.
const AT_ONCE: usize = 256;
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
    for (i, next) in (1..).zip(input.lines()) {
        let next = next.map_err(|e| broken(name, i, e))?;
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
            each(serde_json::from_str(&line).map_err(|e| broken(name, i - 1, e))?)?;
        }
    }
    let (Some(head), Some(last)) = (head, held) else { return Err(broken(name, number.max(1), "it ends too early")) };
    let last: Last = serde_json::from_str(&last).map_err(|_| broken(name, number, "its last line is missing"))?;
    if last.rows != rows || last.digest != hash.finalize().to_hex().as_str() {
        return Err(broken(name, number, "its content does not match the digest in its last line"));
    }
    Ok(head)
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

/// The head of a run that shards make together.
///
/// # Errors
/// When the shards differ in something that a run has only one of, saying what.
pub fn merge_heads(heads: &[RunHead], id: RunId) -> Result<RunHead, AppError> {
    let Some(first) = heads.first() else { return Err(AppError::usage("no run to merge")) };
    for other in &heads[1..] {
        let differs = [
            ("agents", first.agents != other.agents),
            ("judges", first.judges != other.judges || first.cascade != other.cascade),
            ("panel policy", first.policy != other.policy),
            ("sets", first.sets != other.sets),
            ("rubrics", first.rubrics != other.rubrics),
            ("seed", first.seed != other.seed),
        ];
        if let Some((what, _)) = differs.iter().find(|(_, d)| *d) {
            return Err(AppError::usage(format!(
                "runs {} and {} have different {what}: they are not shards of one run",
                first.id, other.id
            ))
            .with_help("import them one by one to keep them apart"));
        }
        if first.selection == other.selection {
            return Err(AppError::usage(format!(
                "runs {} and {} have the same selection: they are no shards but repeats",
                first.id, other.id
            ))
            .with_help("import them one by one, or run shards with `--shard 1/2`, `--shard 2/2`"));
        }
    }
    let mut selections: Vec<&str> = heads.iter().map(|h| h.selection.as_str()).collect();
    selections.sort_unstable();
    let mut keys: Vec<String> = heads.iter().map(|h| h.key.to_string()).collect();
    keys.sort_unstable();
    Ok(RunHead {
        id,
        key: DigestBuilder::new("merged/1").list("keys", &keys).finish(),
        created_ms: heads.iter().map(|h| h.created_ms).min().unwrap_or_default(),
        finished_ms: heads.iter().map(|h| h.finished_ms).max().flatten(),
        status: if heads.iter().all(|h| h.status == RunStatus::Complete) { RunStatus::Complete } else { RunStatus::Incomplete },
        selection: selections.join(" + "),
        planned: heads.iter().map(|h| h.planned).sum(),
        ..first.clone()
    })
}
