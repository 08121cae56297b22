//! What a run's verdicts depend on beside the answers: where it differs, two runs cannot be compared.

use crate::domain::panel::PanelPolicy;
use crate::domain::{Digest, JudgeName, RunHead, SetName};

/// What a run's verdicts depend on beside the answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    rubrics: Vec<(SetName, Digest)>,
    /// In a cascade in the order in which they are asked, else by name; with where one settles alone.
    judges: Vec<(JudgeName, u16, Digest, Option<f64>)>,
    panel: (PanelPolicy, bool),
}

impl Measure {
    /// Of a run.
    #[must_use]
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
    #[must_use]
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
