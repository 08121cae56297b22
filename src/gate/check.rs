//! From trials to a [`GateResult`], one trial at a time.
//!
//! Invariant: memory grows with agents and must-pass groups (and with the baseline), not with the run.

use super::agent::AgentGate;
use super::baseline::BaselineOutcome;
use super::measure::Measure;
use super::{GateLine, GateResult, GateSpec, GateVerdict, lines};
use crate::domain::{AgentName, CaseId, RunHead, SetName, Spend, TrialRow};
use crate::stats::accumulate::SummaryBuilder;
use crate::stats::estimate::Release;
use crate::stats::outcome::{Outcome, PassMarks};

/// Builds a [`GateResult`]. Feed it every trial of a run once, all trials of a case together.
#[derive(Clone, Debug)]
pub struct GateBuilder {
    spec: GateSpec,
    marks: PassMarks,
    measure: Measure,
    agents: Vec<AgentGate>,
    baseline: Option<BaselineOutcome>,
    releases: Vec<(AgentName, Release)>,
    /// Only where the agreement among judges is asked for.
    summary: Option<SummaryBuilder>,
    spend: Spend,
    planned: u64,
    runs: u64,
    done: u64,
    case: Option<(SetName, CaseId)>,
}

impl GateBuilder {
    /// Nothing fed yet.
    #[must_use]
    pub fn new(head: &RunHead, spec: GateSpec) -> Self {
        Self {
            marks: PassMarks::of(head),
            measure: Measure::of(head),
            agents: head.agents.iter().map(|a| AgentGate::new(a.name.clone(), &spec)).collect(),
            baseline: None,
            releases: Vec::new(),
            summary: spec.agreement_at_least.map(|_| SummaryBuilder::new(head)),
            spend: Spend::default(),
            planned: head.planned,
            runs: 1,
            done: 0,
            case: None,
            spec,
        }
    }

    /// Compares with another run; before the first trial.
    #[must_use]
    pub fn with_baseline(mut self, baseline: BaselineOutcome) -> Self {
        self.baseline = Some(baseline);
        self
    }

    /// Takes so many runs of the same plan together: every trial of the plan comes once from each.
    #[must_use]
    pub fn over_runs(mut self, runs: u64) -> Self {
        self.runs = runs.max(1);
        self.planned = self.planned.saturating_mul(self.runs);
        self
    }

    /// Takes the corrected estimates of agents, where there are any.
    #[must_use]
    pub fn with_releases(mut self, releases: Vec<(AgentName, Release)>) -> Self {
        self.releases = releases;
        self
    }

    /// Adds one trial, with the label that people gave it.
    pub fn add(&mut self, row: &TrialRow) {
        if !self.case.as_ref().is_some_and(|(set, case)| *set == row.key.set && *case == row.case.id) {
            self.end_case();
            self.case = Some((row.key.set.clone(), row.case.id.clone()));
        }
        self.done += 1;
        self.spend = row.ballots.iter().fold(self.spend.plus(row.spend), |sum, b| sum.plus(b.spend));
        if let Some(summary) = &mut self.summary {
            summary.add(row);
        }
        let mark = self.marks.get(&row.key.set);
        let (outcome, labelled) = (Outcome::of(row, mark), Outcome::labelled(row, mark));
        if let Some(agent) = self.agents.iter_mut().find(|a| a.name == row.key.agent) {
            agent.add(row, outcome, labelled);
        }
    }

    fn end_case(&mut self) {
        for agent in &mut self.agents {
            let before = self.baseline.as_ref().and_then(|b| b.of(&agent.name));
            agent.end_case(|key| before?.get(key));
        }
    }

    /// What the gate says. An undecided gate becomes what the spec says it becomes; a run that is not finished is undecided.
    #[must_use]
    pub fn finish(mut self) -> GateResult {
        self.end_case();
        let differences = self.baseline.as_ref().map(|b| self.measure.differences(&b.measure)).unwrap_or_default();
        let baseline = self.baseline.as_ref().map(|b| (b, differences.as_slice()));
        let mut found: Vec<GateLine> = Vec::new();
        if self.done < self.planned {
            let why = format!("{} of {} planned trials have not run", self.planned - self.done, self.planned);
            found.push(lines::line("run", GateVerdict::Undecided, why));
        }
        for agent in &self.agents {
            let release = self.releases.iter().find(|(name, _)| *name == agent.name).map(|(_, r)| r);
            found.extend(lines::lines(agent, &self.spec, baseline, release));
        }
        if let (Some(least), Some(summary)) = (self.spec.agreement_at_least, self.summary) {
            found.push(lines::agreement(&summary.finish().agreement, least));
        }
        if let Some(most) = self.spec.cost_at_most {
            found.push(lines::cost(&self.spend, most));
        }
        GateResult { runs: self.runs, ..GateResult::of(found, self.spec.undecided, self.spec.point) }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

#[cfg(test)]
#[path = "aa_tests.rs"]
mod aa_tests;
