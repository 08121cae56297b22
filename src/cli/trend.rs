//! The runs before a run that can stand beside it: complete, of the same sets and selection, judged the same way.

use std::sync::Arc;

use crate::cli::against::differences;
use crate::cli::present::{blocking, rows};
use crate::domain::{RunHead, RunStatus};
use crate::error::AppError;
use crate::report::Report;
use crate::report::around::TrendRun;
use crate::stats::accumulate::SummaryBuilder;
use crate::stats::summary::Summary;
use crate::store::Store;

/// At most so many earlier runs, and so many of their trials, are read for a report.
const MOST_RUNS: usize = 20;
const MOST_TRIALS: u64 = 100_000;

/// The trend that ends with a report's run: oldest first.
///
/// # Errors
/// When the store fails.
pub async fn trend(store: &Arc<dyn Store>, report: &Report) -> Result<Vec<TrendRun>, AppError> {
    let head = &report.head;
    let mut found = vec![one(head, head, &report.summary)];
    let mut read = 0;
    for earlier in store.runs().await?.iter().filter(|r| beside(r, head)).take(MOST_RUNS) {
        read += earlier.planned;
        if read > MOST_TRIALS {
            break;
        }
        let mut summary = SummaryBuilder::new(earlier);
        blocking(|| rows(store, &earlier.id).try_for_each(|row| row.map(|r| summary.add(&r))))?;
        found.push(one(earlier, head, &summary.finish()));
    }
    found.reverse();
    Ok(found)
}

fn beside(r: &RunHead, head: &RunHead) -> bool {
    let names = |h: &RunHead| h.sets.iter().map(|s| s.name.clone()).collect::<Vec<_>>();
    r.id != head.id
        && r.status == RunStatus::Complete
        && (r.created_ms, &r.id) < (head.created_ms, &head.id)
        && r.judged_from.is_none()
        && r.selection == head.selection
        && names(r) == names(head)
        && r.agents.iter().any(|a| head.agents.iter().any(|b| a.name == b.name))
        && differences(r, head).is_empty()
}

fn one(run: &RunHead, head: &RunHead, summary: &Summary) -> TrendRun {
    let digests = |h: &RunHead| h.sets.iter().map(|s| s.digest).collect::<Vec<_>>();
    TrendRun {
        run: run.id.clone(),
        created_ms: run.created_ms,
        same_cases: digests(run) == digests(head),
        agents: summary.agents.iter().map(|a| (a.agent.clone(), a.accuracy.clone())).collect(),
    }
}
