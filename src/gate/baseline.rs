//! Another run to compare with: what became of each of its cases.

use std::collections::HashMap;

use super::measure::Measure;
use crate::domain::{AgentName, RunHead, RunId, TrialRow};
use crate::stats::compare::{CaseKey, answer_mark};
use crate::stats::outcome::{Outcome, PassMarks};

/// What became of one agent's trials of one case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CaseOutcome {
    pub passed: u32,
    pub failed: u32,
    /// Split, unscored or unanswered.
    pub open: u32,
    unanswered: u32,
    /// Hash of all answers with their trials.
    answers: u64,
}

impl CaseOutcome {
    pub fn add(&mut self, row: &TrialRow, outcome: Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Split | Outcome::Unscored | Outcome::Unanswered => self.open += 1,
        }
        if let Some(mark) = answer_mark(row) {
            // Adding, so that the order of trials does not matter.
            self.answers = self.answers.wrapping_add(mark);
        } else {
            self.unanswered += 1;
        }
    }

    fn trials(&self) -> u32 {
        self.passed + self.failed + self.open
    }

    /// True if both have the same answers, trial by trial.
    pub fn same_answers(&self, other: &Self) -> bool {
        self.unanswered == 0 && other.unanswered == 0 && self.trials() == other.trials() && self.answers == other.answers
    }

    /// Share of settled trials that pass.
    pub fn settled(&self) -> Option<f64> {
        let settled = self.passed + self.failed;
        (settled > 0).then(|| f64::from(self.passed) / f64::from(settled))
    }

    /// Share that passes if every open trial fails.
    pub fn worst(&self) -> f64 {
        f64::from(self.passed) / f64::from(self.trials().max(1))
    }

    /// Share that passes if every open trial passes.
    pub fn best(&self) -> f64 {
        f64::from(self.passed + self.open) / f64::from(self.trials().max(1))
    }
}

/// A finished baseline: about 50 bytes a case and agent.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineOutcome {
    pub(super) run: RunId,
    pub(super) measure: Measure,
    agents: Vec<(AgentName, HashMap<CaseKey, CaseOutcome>)>,
}

impl BaselineOutcome {
    /// The cases of the agent of this name; of the only agent where there is one.
    pub(super) fn of(&self, agent: &AgentName) -> Option<&HashMap<CaseKey, CaseOutcome>> {
        match self.agents.as_slice() {
            [(_, only)] => Some(only),
            several => several.iter().find(|(name, _)| name == agent).map(|(_, cases)| cases),
        }
    }
}

/// Builds a [`BaselineOutcome`]. Feed it every trial of the baseline run once, in any order.
#[derive(Clone, Debug)]
pub struct BaselineBuilder {
    marks: PassMarks,
    outcome: BaselineOutcome,
}

impl BaselineBuilder {
    /// Nothing fed yet.
    #[must_use]
    pub fn new(head: &RunHead) -> Self {
        let agents = head.agents.iter().map(|a| (a.name.clone(), HashMap::new())).collect();
        Self { marks: PassMarks::of(head), outcome: BaselineOutcome { run: head.id.clone(), measure: Measure::of(head), agents } }
    }

    /// Adds one trial.
    pub fn add(&mut self, row: &TrialRow) {
        let outcome = Outcome::of(row, self.marks.get(&row.key.set));
        if let Some((_, cases)) = self.outcome.agents.iter_mut().find(|(name, _)| *name == row.key.agent) {
            cases.entry(CaseKey::of(row)).or_default().add(row, outcome);
        }
    }

    /// The finished baseline.
    #[must_use]
    pub fn finish(self) -> BaselineOutcome {
        self.outcome
    }
}
