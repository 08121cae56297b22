//! Another run to compare with: what became of each of its cases, and what its verdicts depend on.

use std::collections::HashMap;

use crate::domain::panel::PanelPolicy;
use crate::domain::{AgentName, Digest, DigestBuilder, JudgeName, RunHead, RunId, SetName, TrialRow};
use crate::stats::outcome::{Outcome, PassMarks};

/// A case of a set as it stood: an edited case is another one. 128 bits of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PairKey([u8; 16]);

impl PairKey {
    pub fn of(row: &TrialRow) -> Self {
        let whole = DigestBuilder::new("pair/1").text("set", row.key.set.as_str()).digest("case", &row.case_digest).finish();
        let mut head = [0; 16];
        head.copy_from_slice(&whole.bytes()[..16]);
        Self(head)
    }
}

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
        if let Ok(output) = &row.answer {
            let whole =
                DigestBuilder::new("answer/1").bytes("trial", &row.key.trial.to_le_bytes()).digest("output", &output.digest()).finish();
            let mut head = [0; 8];
            head.copy_from_slice(&whole.bytes()[..8]);
            // Adding, so that the order of trials does not matter.
            self.answers = self.answers.wrapping_add(u64::from_le_bytes(head));
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

/// What a run's verdicts depend on beside the answers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Measure {
    rubrics: Vec<(SetName, Digest)>,
    /// In a cascade in the order in which they are asked, else by name; with where one settles alone.
    judges: Vec<(JudgeName, u16, Digest, Option<f64>)>,
    panel: (PanelPolicy, bool),
}

impl Measure {
    pub fn of(head: &RunHead) -> Self {
        let judges = head.judges.iter().map(|j| (j.name.clone(), j.samples, j.digest, j.settles_alone_at));
        let mut judges: Vec<_> = judges.collect();
        if !head.cascade {
            judges.sort_by(|a, b| a.0.cmp(&b.0));
        }
        Self {
            rubrics: head.sets.iter().filter_map(|s| Some((s.name.clone(), head.rubric_of(&s.name)?.digest()))).collect(),
            judges,
            panel: (head.policy, head.cascade),
        }
    }

    /// In words, what differs in the measure of two runs; empty when their verdicts can be compared.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        for (set, rubric) in &self.rubrics {
            if other.rubrics.iter().any(|(name, digest)| name == set && digest != rubric) {
                found.push(format!("the rubric of set `{set}`"));
            }
        }
        for (name, samples, digest, alone) in &self.judges {
            match other.judges.iter().find(|(other, ..)| other == name) {
                Some((_, s, d, a)) if s == samples && d == digest && a == alone => {}
                Some((_, s, d, _)) if s == samples && d == digest => found.push(format!("where judge `{name}` settles alone")),
                Some(_) => found.push(format!("judge `{name}`")),
                None => found.push(format!("judge `{name}`, which only this run has")),
            }
        }
        for (name, ..) in &other.judges {
            if !self.judges.iter().any(|(own, ..)| own == name) {
                found.push(format!("judge `{name}`, which only the baseline has"));
            }
        }
        if self.panel != other.panel {
            found.push("the panel's policy".to_owned());
        }
        if found.is_empty() && self.judges != other.judges {
            found.push("the order of the cascade".to_owned());
        }
        found
    }
}

/// A finished baseline: about 50 bytes a case and agent.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineOutcome {
    pub(super) run: RunId,
    pub(super) measure: Measure,
    agents: Vec<(AgentName, HashMap<PairKey, CaseOutcome>)>,
}

impl BaselineOutcome {
    /// The cases of the agent of this name; of the only agent where there is one.
    pub(super) fn of(&self, agent: &AgentName) -> Option<&HashMap<PairKey, CaseOutcome>> {
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
            cases.entry(PairKey::of(row)).or_default().add(row, outcome);
        }
    }

    /// The finished baseline.
    #[must_use]
    pub fn finish(self) -> BaselineOutcome {
        self.outcome
    }
}
