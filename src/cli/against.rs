//! Two stored runs side by side: rows are read once a run, then the changed cases that are listed are fetched one by one.

use std::sync::Arc;

use crate::cli::present::{Graded, blocking, rows};
use crate::cli::project::Project;
use crate::domain::{RunHead, TrialRow};
use crate::error::AppError;
use crate::gate::Measure;
use crate::report::compare::{Against, AgentAgainst, Change, listed};
use crate::stats::compare::{Changed, RunCases};
use crate::stats::honest::Honest;
use crate::stats::resample::Resampling;
use crate::store::Store;

/// One side, read: its cases, and what people's grades make of it.
pub struct Side {
    pub head: RunHead,
    cases: RunCases,
    honest: Option<Honest>,
}

impl Side {
    /// Reads a run.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn read(store: &Arc<dyn Store>, head: &RunHead) -> Result<Self, AppError> {
        let mut cases = RunCases::new(head);
        blocking(|| rows(store, &head.id).try_for_each(|row| row.map(|r| cases.add(&r))))?;
        let honest = Graded::read(store, head).await?.honest(store).await?;
        Ok(Self { head: head.clone(), cases, honest })
    }
}

/// What differs in how two runs were judged; empty where their verdicts can be compared.
pub fn differences(a: &RunHead, b: &RunHead) -> Vec<String> {
    let words = Measure::of(b).differences(&Measure::of(a));
    words
        .into_iter()
        .map(|w| w.replace("which only this run has", "which only B has").replace("which only the baseline has", "which only A has"))
        .collect()
}

/// Compares B with A.
///
/// # Errors
/// When the store fails.
pub async fn compare(store: &Arc<dyn Store>, a: &Side, b: &Side) -> Result<Against, AppError> {
    let partners = a.cases.pairs(&b.cases);
    let mut notes = notes(&a.head, &b.head);
    if partners.is_empty() {
        let names = |h: &RunHead| h.agents.iter().map(|x| x.name.to_string()).collect::<Vec<_>>().join(", ");
        notes.push(format!("no agent is in both: A has {}, B has {}", names(&a.head), names(&b.head)));
    }
    for x in b.head.agents.iter().filter(|x| !partners.iter().any(|(_, name)| **name == x.name)) {
        notes.push(format!("agent {} is in B only and is not compared", x.name));
    }
    let mut agents = Vec::new();
    for (x, y) in partners {
        let (numbers, changed) = blocking(|| a.cases.against(x, &b.cases, y, Resampling::of(b.head.seed)));
        let mut changes = Vec::new();
        for c in listed(&changed) {
            if let Some(change) = change(store, a, b, c).await? {
                changes.push(change);
            }
        }
        let corrected = |side: &Side, name| {
            let honest = side.honest.as_ref()?.agents.iter().find(|h| h.agent == name)?;
            honest.release.estimated().map(|e| e.pass_rate)
        };
        agents.push(AgentAgainst {
            left_out: (changed.len() - changes.len()) as u64,
            corrected: corrected(a, x.clone()).zip(corrected(b, y.clone())).map(|(p, q)| [p, q]),
            a: x.clone(),
            b: y.clone(),
            numbers,
            changes,
        });
    }
    Ok(Against { baseline: a.head.clone(), run: b.head.clone(), differences: differences(&a.head, &b.head), notes, agents })
}

/// A run against a baseline that was named, for its report.
///
/// # Errors
/// A usage error when there is no such run or it is the same one; when the store fails.
pub async fn named(project: &Project, word: &str, head: &RunHead) -> Result<Against, AppError> {
    let baseline = project.run(word).await?;
    if baseline.id == head.id {
        return Err(AppError::usage(format!("the baseline is the run itself, {}", head.id)).with_help("`tribunal runs` lists the others"));
    }
    heads(&project.store, &baseline, head).await
}

/// Reads both runs and compares them.
///
/// # Errors
/// When the store fails.
pub async fn heads(store: &Arc<dyn Store>, a: &RunHead, b: &RunHead) -> Result<Against, AppError> {
    compare(store, &Side::read(store, a).await?, &Side::read(store, b).await?).await
}

async fn change(store: &Arc<dyn Store>, a: &Side, b: &Side, changed: &Changed) -> Result<Option<Change>, AppError> {
    let before = row(store, a, changed.a_seq).await?;
    let now = row(store, b, changed.b_seq).await?;
    Ok(before.zip(now).map(|(before, now)| Change::of(changed, (&a.head, &before), (&b.head, &now))))
}

async fn row(store: &Arc<dyn Store>, side: &Side, seq: Option<u64>) -> Result<Option<TrialRow>, AppError> {
    match seq {
        Some(seq) => Ok(store.trial(&side.head.id, seq).await?),
        None => Ok(None),
    }
}

/// Sets that were edited, and runs that are not whole: no reason not to compare, since cases are paired as they stood.
fn notes(a: &RunHead, b: &RunHead) -> Vec<String> {
    let mut out = Vec::new();
    for set in &b.sets {
        match a.sets.iter().find(|s| s.name == set.name) {
            Some(before) if before.digest != set.digest => {
                out.push(format!("set {} was edited between the runs: only the cases that stayed as they were are compared", set.name));
            }
            Some(_) => {}
            None => out.push(format!("set {} is in B only", set.name)),
        }
    }
    out.extend(a.sets.iter().filter(|s| !b.sets.iter().any(|t| t.name == s.name)).map(|s| format!("set {} is in A only", s.name)));
    for (letter, run) in [("A", a), ("B", b)] {
        if run.status != crate::domain::RunStatus::Complete {
            out.push(format!("run {letter} is {}: cases without an answer are left out", run.status));
        }
    }
    out
}
