//! From trials to a [`Summary`], one trial at a time.
//!
//! Invariant: memory grows with the numbers of agents (and their pairs), judges, sets and tags, not with the number of cases; neither the
//! order of ballots nor the order of trials within a case changes the result.

mod agent;
mod group;
mod judge;
mod pair;

use std::sync::Arc;

use super::outcome::{Outcome, PassMarks};
use super::summary::Summary;
use crate::domain::{AgentName, Case, ReviewItem, RunHead, SetName, Spend, TrialRow};
use agent::AgentTotals;
use judge::Bench;
use pair::PairTotals;

/// Builds a [`Summary`]. Feed it every trial of a run once, all trials of a case together.
#[derive(Clone, Debug)]
pub struct SummaryBuilder {
    marks: PassMarks,
    agents: Vec<AgentTotals>,
    pairs: Vec<PairTotals>,
    bench: Bench,
    spend: Spend,
    planned: u64,
    done: u64,
    case: Option<(SetName, Arc<Case>)>,
}

impl SummaryBuilder {
    /// Nothing fed yet.
    #[must_use]
    pub fn new(head: &RunHead) -> Self {
        let sets: Vec<SetName> = head.sets.iter().map(|s| s.name.clone()).collect();
        Self {
            marks: PassMarks::of(head),
            agents: head.agents.iter().map(|a| AgentTotals::new(a.name.clone(), &sets)).collect(),
            pairs: PairTotals::of(head.agents.len()),
            bench: Bench::new(head),
            spend: Spend::default(),
            planned: head.planned,
            done: 0,
            case: None,
        }
    }

    /// Adds one trial, and its review item if it carries one. A trial of an agent that the run's head does not name
    /// counts as done, and its ballots count for the judges.
    pub fn add(&mut self, row: &TrialRow) {
        if !self.case.as_ref().is_some_and(|(set, case)| *set == row.key.set && case.id == row.case.id) {
            self.end_case();
            self.case = Some((row.key.set.clone(), Arc::clone(&row.case)));
        }
        self.done += 1;
        self.spend = self.spend.plus(row.spend);
        let outcome = Outcome::of(row, self.marks.get(&row.key.set));
        if let Some(agent) = self.agents.iter_mut().find(|a| a.is(&row.key.agent)) {
            agent.add(row, outcome);
        }
        self.bench.add(row);
        if let Some(item) = &row.item {
            self.add_item(&row.key.agent, item);
        }
    }

    /// Counts an output that goes to people, where its trial was fed before its review item was known.
    pub fn add_item(&mut self, agent: &AgentName, item: &ReviewItem) {
        if let Some(agent) = self.agents.iter_mut().find(|a| a.is(agent)) {
            agent.add_item(item);
        }
    }

    fn end_case(&mut self) {
        if let Some((set, case)) = self.case.take() {
            for pair in &mut self.pairs {
                pair.add(&self.agents);
            }
            self.agents.iter_mut().for_each(|a| a.end_case(&set, &case));
        }
    }

    /// The finished numbers.
    #[must_use]
    pub fn finish(mut self) -> Summary {
        self.end_case();
        let spend = self.spend.plus(self.bench.spend());
        let ballots_saved = self.bench.saved();
        let (judges, agreement) = self.bench.finish();
        Summary {
            agents: self.agents.into_iter().map(AgentTotals::finish).collect(),
            pairs: self.pairs.into_iter().map(PairTotals::finish).collect(),
            judges,
            agreement,
            spend,
            planned: self.planned,
            done: self.done,
            ballots_saved,
        }
    }
}

#[cfg(test)]
mod tests;
