//! One agent's running totals.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::latency::Latencies;
use super::super::outcome::Outcome;
use super::super::summary::AgentSummary;
use super::group::{CaseCounts, Group};
use crate::domain::{AgentName, Case, ReviewItem, Risk, SetName, Spend, TrialRow, Trigger, Verdict};

/// How many of the slowest cases are kept.
const SLOWEST: usize = 5;

#[derive(Clone, Debug)]
pub(super) struct AgentTotals {
    name: AgentName,
    all: Group,
    sets: Vec<(SetName, Group)>,
    risks: BTreeMap<Reverse<Risk>, Group>,
    tags: BTreeMap<String, Group>,
    histogram: [u64; 5],
    split: u64,
    unscored: u64,
    failures: BTreeMap<&'static str, u64>,
    latencies: Latencies,
    /// Slowest first.
    slowest: Vec<(String, u64)>,
    spend: Spend,
    review: u64,
    triggers: BTreeMap<Trigger, u64>,
    /// The case being fed, and its slowest output.
    case: CaseCounts,
    case_ms: Option<u64>,
}

impl AgentTotals {
    pub fn new(name: AgentName, sets: &[SetName]) -> Self {
        Self {
            name,
            all: Group::default(),
            sets: sets.iter().map(|s| (s.clone(), Group::default())).collect(),
            risks: BTreeMap::new(),
            tags: BTreeMap::new(),
            histogram: [0; 5],
            split: 0,
            unscored: 0,
            failures: BTreeMap::new(),
            latencies: Latencies::default(),
            slowest: Vec::new(),
            spend: Spend::default(),
            review: 0,
            triggers: BTreeMap::new(),
            case: CaseCounts::default(),
            case_ms: None,
        }
    }

    pub fn is(&self, name: &AgentName) -> bool {
        self.name == *name
    }

    pub fn add(&mut self, row: &TrialRow, outcome: Outcome) {
        // Too few judges for a verdict are too few for a mean.
        let enough = |v: &Verdict| !matches!(v, Verdict::Unscored { .. });
        let tally = row.tally.as_ref().filter(|t| row.answer.is_ok() && enough(&t.verdict));
        self.case.add(outcome, tally.and_then(|t| t.mean));
        if let Some(median) = tally.and_then(|t| t.median) {
            self.histogram[median.index()] += 1;
        }
        match outcome {
            Outcome::Split => self.split += 1,
            Outcome::Unscored => self.unscored += 1,
            Outcome::Passed | Outcome::Failed | Outcome::Unanswered => {}
        }
        match &row.answer {
            Ok(output) => {
                self.latencies.add(output.latency_ms);
                self.case_ms = self.case_ms.max(Some(output.latency_ms));
            }
            Err(failure) => *self.failures.entry(failure.kind.word()).or_default() += 1,
        }
        self.spend = self.spend.plus(row.spend);
    }

    pub fn add_item(&mut self, item: &ReviewItem) {
        self.review += 1;
        for t in &item.triggers {
            *self.triggers.entry(*t).or_default() += 1;
        }
    }

    /// The case being fed.
    pub fn counts(&self) -> &CaseCounts {
        &self.case
    }

    pub fn end_case(&mut self, set: &SetName, case: &Case) {
        let counts = std::mem::take(&mut self.case);
        if counts.trials == 0 {
            return;
        }
        self.all.add(&counts);
        self.risks.entry(Reverse(case.risk)).or_default().add(&counts);
        if let Some((_, group)) = self.sets.iter_mut().find(|(name, _)| name == set) {
            group.add(&counts);
        }
        for tag in &case.tags {
            match self.tags.get_mut(tag) {
                Some(group) => group.add(&counts),
                None => self.tags.entry(tag.clone()).or_default().add(&counts),
            }
        }
        if let Some(ms) = self.case_ms.take() {
            let place = self.slowest.partition_point(|(_, slower)| *slower >= ms);
            if place < SLOWEST {
                self.slowest.insert(place, (case.id.as_str().to_owned(), ms));
                self.slowest.truncate(SLOWEST);
            }
        }
    }

    pub fn finish(self) -> AgentSummary {
        let mut triggers: Vec<(String, u64)> = self.triggers.iter().map(|(t, n)| (t.word().to_owned(), *n)).collect();
        triggers.sort_by_key(|(_, n)| Reverse(*n));
        AgentSummary {
            agent: self.name,
            trials: self.all.trials(),
            cases: self.all.cases,
            accuracy: self.all.accuracy(),
            accuracy_bounds: self.all.bounds(),
            mean_score: self.all.mean_score(),
            score_interval: self.all.score_interval(),
            histogram: self.histogram,
            split: self.split,
            unscored: self.unscored,
            failures: self.failures.into_iter().map(|(word, n)| (word.to_owned(), n)).collect(),
            tags: self.tags.into_iter().map(|(tag, g)| g.named(tag)).collect(),
            risks: self.risks.into_iter().map(|(Reverse(risk), g)| g.named(risk.word().to_owned())).collect(),
            sets: self.sets.into_iter().filter(|(_, g)| g.cases > 0).map(|(set, g)| g.named(set.as_str().to_owned())).collect(),
            latency_ms: self.latencies.summary(),
            slowest: self.slowest,
            spend: self.spend,
            review: self.review,
            triggers,
        }
    }
}
