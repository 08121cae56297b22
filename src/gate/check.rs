//! From trials to a [`GateResult`], one trial at a time.
//!
//! Invariant: memory grows with agents and must-pass groups (and with the baseline), not with the run.

use super::agent::AgentGate;
use super::baseline::{BaselineOutcome, Measure};
use super::{GateLine, GateResult, GateSpec, GateVerdict, lines};
use crate::domain::{CaseId, RunHead, SetName, TrialRow};
use crate::stats::outcome::{Outcome, PassMarks};

/// Builds a [`GateResult`]. Feed it every trial of a run once, all trials of a case together.
#[derive(Clone, Debug)]
pub struct GateBuilder {
    spec: GateSpec,
    marks: PassMarks,
    measure: Measure,
    agents: Vec<AgentGate>,
    baseline: Option<BaselineOutcome>,
    planned: u64,
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
            planned: head.planned,
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

    /// Adds one trial.
    pub fn add(&mut self, row: &TrialRow) {
        if !self.case.as_ref().is_some_and(|(set, case)| *set == row.key.set && *case == row.case.id) {
            self.end_case();
            self.case = Some((row.key.set.clone(), row.case.id.clone()));
        }
        self.done += 1;
        let outcome = Outcome::of(row, self.marks.get(&row.key.set));
        if let Some(agent) = self.agents.iter_mut().find(|a| a.name == row.key.agent) {
            agent.add(row, outcome);
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
            found.push(GateLine {
                agent: None,
                name: "run".to_owned(),
                value: None,
                interval: None,
                threshold: None,
                verdict: GateVerdict::Undecided,
                why: format!("{} of {} planned trials have not run", self.planned - self.done, self.planned),
            });
        }
        found.extend(self.agents.iter().flat_map(|a| lines::lines(a, &self.spec, baseline)));
        GateResult::of(found, self.spec.undecided)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
