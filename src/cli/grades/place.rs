//! From "the answer of agent x to case y" to the trial of a run that is meant.

use std::collections::HashMap;

use super::file::Line;
use crate::domain::log::ItemRef;
use crate::domain::{CaseId, RunHead, TrialRow};

/// The answered trials of the cases that are named, with what identifies each.
#[derive(Default)]
pub struct Places(HashMap<CaseId, Vec<Place>>);

struct Place {
    agent: String,
    trial: u16,
    on: ItemRef,
}

impl Places {
    /// Nothing found yet; these cases are looked for.
    pub fn looking_for<'a>(cases: impl Iterator<Item = &'a CaseId>) -> Self {
        Self(cases.map(|c| (c.clone(), Vec::new())).collect())
    }

    /// Adds a trial, if its case is looked for.
    pub fn add(&mut self, head: &RunHead, row: &TrialRow) {
        let Some(places) = self.0.get_mut(&row.case.id) else { return };
        let item = head.rubric_of(&row.key.set).and_then(|r| row.item_digest(r));
        if let Some(item) = item {
            let on = ItemRef {
                item,
                run: head.id.clone(),
                seq: row.key.seq,
                set: row.key.set.clone(),
                case: row.case.id.clone(),
                case_digest: row.case_digest,
            };
            places.push(Place { agent: row.key.agent.to_string(), trial: row.key.trial, on });
        }
    }

    /// The one trial that a line means; in words why there is none or no single one.
    pub fn find(&self, line: &Line) -> Result<&ItemRef, String> {
        let found: Vec<&Place> = self
            .0
            .get(&line.case)
            .into_iter()
            .flatten()
            .filter(|p| line.set.as_ref().is_none_or(|s| *s == p.on.set))
            .filter(|p| line.agent.as_ref().is_none_or(|a| a.as_str() == p.agent))
            .filter(|p| line.trial.is_none_or(|t| t == p.trial))
            .collect();
        match found.as_slice() {
            [one] => Ok(&one.on),
            [] => Err(format!("the run has no such answer to case `{}`", line.case)),
            [first, ..] => {
                let missing = if found.iter().any(|p| p.on.set != first.on.set) {
                    "set"
                } else if found.iter().any(|p| p.agent != first.agent) {
                    "agent"
                } else {
                    "trial"
                };
                Err(format!("case `{}` has {} answers in the run: say which `{missing}`", line.case, found.len()))
            }
        }
    }
}
