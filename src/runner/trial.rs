//! One trial: ask the agent, keep the output, let the judges cast ballots, keep each, settle.
//!
//! Invariant: an output is durable before it is judged, a ballot before the trial ends.

use std::sync::Arc;

use futures::future::join_all;
use tokio::sync::Semaphore;

use super::cascade::{settle_cascade, settles_alone};
use super::feed::Fed;
use crate::agent::{Agent, Ask};
use crate::domain::panel::{PanelPolicy, settle};
use crate::domain::{AgentFailureKind, Ballot, JudgeFailureKind, JudgeName, RunId, TrialRow};
use crate::judge::{Exhibit, Judge};
use crate::store::{Store, StoreError};

/// What every trial of a run shares.
pub struct Context {
    pub run: RunId,
    pub agents: Vec<Arc<dyn Agent>>,
    pub judges: Vec<Arc<dyn Judge>>,
    pub order: Vec<JudgeName>,
    pub policy: PanelPolicy,
    pub cascade: bool,
    pub store: Arc<dyn Store>,
    /// One permit a call in flight. A trial that waits for the disk holds none, so that calls never wait for the disk.
    pub calls: Arc<Semaphore>,
}

/// A finished trial.
pub struct Done {
    pub row: TrialRow,
    /// False if nothing had to be done.
    pub fresh: bool,
}

impl Done {
    /// Whether some call was not made because an endpoint is plainly down; with the words of the failure.
    pub fn circuit_open(&self) -> Option<String> {
        if let Err(f) = &self.row.answer
            && f.kind == AgentFailureKind::CircuitOpen
        {
            return Some(f.detail.clone());
        }
        self.failed_ballot(JudgeFailureKind::CircuitOpen)
    }

    /// Whether a server refuses us altogether (a wrong key, address or model name); with its words. No later call would fare
    /// better.
    pub fn refused(&self) -> Option<String> {
        if let Err(f) = &self.row.answer
            && f.kind == AgentFailureKind::Refused
        {
            return Some(format!("agent {}: {}", self.row.key.agent, f.detail));
        }
        let by = self.row.ballots.iter().find(|b| b.outcome.as_ref().is_err_and(|f| f.kind == JudgeFailureKind::Refused))?;
        by.outcome.as_ref().err().map(|f| format!("judge {}: {}", by.judge, f.detail))
    }

    /// Whether some call was not made because the budget is spent.
    pub fn budget_spent(&self) -> bool {
        matches!(&self.row.answer, Err(f) if f.kind == AgentFailureKind::BudgetSpent)
            || self.failed_ballot(JudgeFailureKind::BudgetSpent).is_some()
    }

    fn failed_ballot(&self, kind: JudgeFailureKind) -> Option<String> {
        self.row.ballots.iter().find_map(|b| b.outcome.as_ref().err().filter(|f| f.kind == kind).map(|f| f.detail.clone()))
    }
}

/// True if nothing was asked: such a failure is not kept, the trial simply has not happened yet.
fn never_asked(kind: AgentFailureKind) -> bool {
    matches!(kind, AgentFailureKind::CircuitOpen | AgentFailureKind::BudgetSpent)
}

/// Runs one trial, or what is left of it.
pub async fn run_trial(cx: &Context, fed: Fed) -> Result<Done, StoreError> {
    let Fed { planned, prior, given } = fed;
    let mut fresh = false;
    let mut row = match prior {
        Some(row) if given || stands(&row) => {
            // An output taken over from another run is not in this one yet.
            if row.ballots.is_empty() {
                cx.store.put_output(&cx.run, row.clone()).await?;
            }
            row
        }
        prior => {
            fresh = true;
            let answered = {
                let _call = cx.calls.acquire().await;
                cx.agents[planned.agent].answer(&Ask { case: Arc::clone(&planned.case), trial: planned.key.trial }).await
            };
            let row = TrialRow {
                key: planned.key,
                case: planned.case,
                case_digest: planned.case_digest,
                answer: answered.result,
                // What the failed attempts of an earlier run cost was paid all the same.
                spend: prior.map_or(answered.spend, |p| p.spend.plus(answered.spend)),
                ballots: Vec::new(),
                tally: None,
                item: None,
                label: None,
            };
            if !matches!(&row.answer, Err(f) if never_asked(f.kind)) {
                cx.store.put_output(&cx.run, row.clone()).await?;
            }
            row
        }
    };
    let Ok(output) = &row.answer else { return Ok(Done { row, fresh }) };
    let exhibit = Exhibit { case: Arc::clone(&row.case), rubric: planned.rubric, output: Arc::new(output.clone()), trial: row.key.trial };
    let kept: Vec<Ballot> = std::mem::take(&mut row.ballots);
    let asked_before = kept.iter().filter(|b| !must_ask_again(b)).count();
    row.ballots = if cx.cascade { cascade(cx, row.key.seq, &exhibit, kept).await? } else { panel(cx, row.key.seq, &exhibit, kept).await? };
    row.ballots.sort_by(|a, b| (&a.judge, a.sample).cmp(&(&b.judge, b.sample)));
    let tally = if cx.cascade { settle_cascade(&row.ballots, &cx.order, &cx.policy) } else { settle(&row.ballots, &cx.policy) };
    if row.tally.as_ref() != Some(&tally) {
        cx.store.put_tally(&cx.run, row.key.seq, tally.clone()).await?;
    }
    fresh |= row.ballots.len() > asked_before;
    row.tally = Some(tally);
    Ok(Done { row, fresh })
}

/// Whether what an earlier attempt stored of the agent stands.
fn stands(row: &TrialRow) -> bool {
    row.answer.as_ref().map_or_else(|f| !f.kind.is_outage(), |_| true)
}

fn must_ask_again(b: &Ballot) -> bool {
    b.outcome.as_ref().is_err_and(|f| f.kind.is_outage())
}

async fn panel(cx: &Context, seq: u64, exhibit: &Exhibit, kept: Vec<Ballot>) -> Result<Vec<Ballot>, StoreError> {
    let judges = cx.judges.iter().map(|j| samples(cx, seq, exhibit, j.as_ref(), &kept));
    let mut all = Vec::new();
    for ballots in join_all(judges).await {
        all.extend(ballots?);
    }
    Ok(all)
}

async fn cascade(cx: &Context, seq: u64, exhibit: &Exhibit, kept: Vec<Ballot>) -> Result<Vec<Ballot>, StoreError> {
    let mut all = Vec::new();
    for (i, judge) in cx.judges.iter().enumerate() {
        let ballots = samples(cx, seq, exhibit, judge.as_ref(), &kept).await?;
        // A judge that an earlier attempt has asked already decides: its ballots are there.
        let asked_later = cx.order[i + 1..].iter().any(|later| kept.iter().any(|b| &b.judge == later));
        let settled = !asked_later && settles_alone(&ballots, judge.settles_alone_at());
        all.extend(ballots);
        if settled {
            break;
        }
    }
    Ok(all)
}

/// Every sample of one judge: kept ones as they are, the others asked at the same time, each kept as it arrives.
async fn samples(cx: &Context, seq: u64, exhibit: &Exhibit, judge: &dyn Judge, kept: &[Ballot]) -> Result<Vec<Ballot>, StoreError> {
    let head = judge.head();
    let one = async |sample: u16| {
        let before = kept.iter().find(|b| b.judge == head.name && b.sample == sample);
        if let Some(b) = before.filter(|b| !must_ask_again(b)) {
            return Ok(b.clone());
        }
        let mut ballot = {
            let _call = cx.calls.acquire().await;
            judge.judge(exhibit, sample).await
        };
        if let Some(failed) = before {
            ballot.spend = failed.spend.plus(ballot.spend);
        }
        cx.store.put_ballot(&cx.run, seq, ballot.clone()).await?;
        Ok(ballot)
    };
    if head.samples == 1 {
        return Ok(vec![one(0).await?]);
    }
    join_all((0..head.samples).map(one)).await.into_iter().collect()
}
