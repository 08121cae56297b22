//! After the last trial: routing to people, the numbers, and whether the run is complete. One pass over the stored rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cascade::deciding;
use super::feed::Rows;
use crate::domain::{CaseId, JudgeName, Output, RunHead, RunStatus, TrialRow};
use crate::error::{AppError, Exit};
use crate::routing::{AuditPolicy, Designer, Routed, Router};
use crate::stats::accumulate::SummaryBuilder;
use crate::stats::summary::Summary;
use crate::store::Store;
use crate::text::notice::notices;

/// What a finished run lacks and what goes to people.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// Complete only if nothing is missing.
    pub status: RunStatus,
    /// Planned trials without a stored output or failure, or without a verdict.
    pub not_run: u64,
    /// Trials without an output because of an outage, by kind word.
    pub agent_outages: BTreeMap<String, u64>,
    /// Ballots lost to outages, by kind word.
    pub judge_outages: BTreeMap<String, u64>,
    /// The first of what is missing, in words.
    pub example: Option<String>,
    /// What the run says.
    pub summary: Summary,
    /// The case of the most urgent review item.
    pub first: Option<CaseId>,
}

/// Routes a run's outputs to people and closes the run.
///
/// # Errors
/// When the store fails.
pub async fn finish(store: &Arc<dyn Store>, head: &RunHead, audit: AuditPolicy, now_ms: i64) -> Result<Finished, AppError> {
    let mut router = Router::new(head, audit);
    let mut designer = Designer::new(head);
    let mut summary = SummaryBuilder::new(head);
    let mut rows = Rows::new(Arc::clone(store), head.id.clone());
    let (mut done, mut agent_outages, mut judge_outages) = (0, BTreeMap::new(), BTreeMap::new());
    let (mut unjudged, mut example) = (0, None);
    while let Some(mut row) = rows.next().await? {
        // An earlier attempt's routing is made anew.
        row.item = None;
        summary.add(&row);
        done += 1;
        unjudged += u64::from(row.answer.is_ok() && row.tally.is_none());
        // The outputs of a run that is judged again are given: what is missing there is missing here, and nobody was asked.
        if let Err(f) = &row.answer
            && f.kind.is_outage()
            && head.judged_from.is_none()
        {
            *agent_outages.entry(f.kind.word().to_owned()).or_insert(0) += 1;
            example.get_or_insert_with(|| format!("case {}: agent {}: {f}", row.case.id, row.key.agent));
        }
        for (b, f) in row.ballots.iter().filter_map(|b| Some((b, b.outcome.as_ref().err()?))).filter(|(_, f)| f.kind.is_outage()) {
            *judge_outages.entry(f.kind.word().to_owned()).or_insert(0) += 1;
            example.get_or_insert_with(|| format!("case {}: judge {}: {f}", row.case.id, b.judge));
        }
        let row = deciding_row(row, head);
        let addressed = row.answer.as_ref().is_ok_and(addresses_a_grader);
        router.add(&row, addressed);
        designer.add(&row, addressed, false, false);
    }
    let routed = router.finish_routed();
    let first = match routed.first() {
        Some(r) => store.trial(&head.id, r.item.seq).await?.map(|row| row.case.id.clone()),
        None => None,
    };
    for r in &routed {
        summary.add_item(&r.agent, &r.item);
    }
    store.put_items(&head.id, routed.into_iter().map(|Routed { item, .. }| item).collect()).await?;
    let whole = done == head.planned && unjudged == 0 && agent_outages.is_empty() && judge_outages.is_empty();
    let status = if whole { RunStatus::Complete } else { RunStatus::Incomplete };
    if status == RunStatus::Complete {
        freeze(store, head, &designer, audit).await?;
    }
    store.set_status(&head.id, status, Some(now_ms)).await?;
    Ok(Finished {
        status,
        not_run: head.planned.saturating_sub(done) + unjudged,
        agent_outages,
        judge_outages,
        example,
        summary: summary.finish(),
        first,
    })
}

/// Keeps the default design of a complete run, before anybody can have graded by it. A design that stands already stays.
async fn freeze(store: &Arc<dyn Store>, head: &RunHead, designer: &Designer, audit: AuditPolicy) -> Result<(), AppError> {
    let plan = designer.audit(audit).map_err(|e| AppError::new(Exit::Integrity, "the run's audit could not be designed").because(e))?;
    let Some(plan) = plan else { return Ok(()) };
    let stands = store.design(&head.id).await?.is_some_and(|(d, _)| d.minutes.is_some() || d.digest == plan.design.digest);
    if !stands {
        store.put_design(&head.id, plan.design, plan.items).await?;
    }
    Ok(())
}

/// Whether an answer, or the passages that came with it, speak to a grader: judges read both.
#[must_use]
pub fn addresses_a_grader(output: &Output) -> bool {
    std::iter::once(output.text.as_str()).chain(output.context.as_deref()).any(|text| !notices(text).is_empty())
}

/// In a cascade only the last judge's ballots count, also for triggers: an unsure judge was passed over on purpose.
#[must_use]
pub fn deciding_row(mut row: TrialRow, head: &RunHead) -> TrialRow {
    if head.cascade {
        let order: Vec<JudgeName> = head.judges.iter().map(|j| j.name.clone()).collect();
        row.ballots = deciding(&row.ballots, &order).into_iter().cloned().collect();
    }
    row
}
