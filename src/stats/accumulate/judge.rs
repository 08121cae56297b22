//! The judges' running totals: health, cost, agreement with themselves and with each other, and what a cascade saved.

use std::collections::BTreeMap;

use super::super::agreement::{Level, PairTable, Units, alpha, alpha_interval};
use super::super::latency::Latencies;
use super::super::summary::{AgreementSummary, JudgeSummary};
use crate::domain::{JudgeName, RunHead, Score, Spend, TrialRow, Verdict};

#[derive(Clone, Debug)]
struct JudgeTotals {
    name: JudgeName,
    samples: u16,
    ballots: u64,
    scored: u64,
    score: u64,
    failures: BTreeMap<&'static str, u64>,
    repeats: Units<5>,
    spend: Spend,
    latencies: Latencies,
    settled_alone: u64,
}

/// All judges of a run.
#[derive(Clone, Debug)]
pub(super) struct Bench {
    judges: Vec<JudgeTotals>,
    cascade: bool,
    all: Units<5>,
    pairs: PairTable,
    strangers: Spend,
    saved: u64,
}

impl Bench {
    pub fn new(head: &RunHead) -> Self {
        let judges = head.judges.iter().map(|j| JudgeTotals {
            name: j.name.clone(),
            samples: j.samples,
            ballots: 0,
            scored: 0,
            score: 0,
            failures: BTreeMap::new(),
            repeats: Units::of_scores(),
            spend: Spend::default(),
            latencies: Latencies::default(),
            settled_alone: 0,
        });
        Self {
            judges: judges.collect(),
            cascade: head.cascade,
            all: Units::of_scores(),
            pairs: PairTable::new(head.judges.len()),
            strangers: Spend::default(),
            saved: 0,
        }
    }

    /// Counts the ballots of one output. A ballot of a judge that the head does not name counts for agreement and cost only.
    pub fn add(&mut self, row: &TrialRow) {
        let mut all = [0; 5];
        for ballot in &row.ballots {
            if let Some(score) = ballot.score() {
                all[score.index()] += 1;
            }
            if !self.judges.iter().any(|j| j.name == ballot.judge) {
                self.strangers = self.strangers.plus(ballot.spend);
            }
        }
        self.all.add(all);
        for judge in &mut self.judges {
            let asked = judge.add(row);
            if self.cascade && !asked && row.tally.is_some() {
                self.saved += u64::from(judge.samples);
            }
        }
        if self.cascade {
            self.settled_alone(row);
        }
        if let Some(tally) = &row.tally {
            let place = |name: &JudgeName| self.judges.iter().position(|j| j.name == *name);
            let votes: Vec<(usize, Score)> = tally.votes.iter().filter_map(|v| Some((place(&v.judge)?, v.score))).collect();
            self.pairs.add(&votes);
        }
    }

    fn settled_alone(&mut self, row: &TrialRow) {
        let settled = row.tally.as_ref().is_some_and(|t| matches!(t.verdict, Verdict::Settled { .. }));
        let Some(first) = row.ballots.first().filter(|_| settled) else { return };
        if row.ballots.iter().all(|b| b.judge == first.judge)
            && let Some(judge) = self.judges.iter_mut().find(|j| j.name == first.judge)
        {
            judge.settled_alone += 1;
        }
    }

    pub fn spend(&self) -> Spend {
        self.judges.iter().fold(self.strangers, |sum, j| sum.plus(j.spend))
    }

    pub fn saved(&self) -> u64 {
        self.saved
    }

    pub fn finish(self) -> (Vec<JudgeSummary>, AgreementSummary) {
        let units = self.all.count();
        let share = |n: u64| (units > 0).then(|| n as f64 / units as f64);
        let agreement = AgreementSummary {
            alpha: alpha(&self.all, Level::Ordinal).map_err(|why| why.to_string()),
            interval: alpha_interval(&self.all, Level::Ordinal),
            units,
            unanimous: share(units - self.all.wide(1)),
            range_two: share(self.all.wide(2)),
            pairs: self.pairs.finish(),
        };
        (self.judges.into_iter().map(JudgeTotals::finish).collect(), agreement)
    }
}

impl JudgeTotals {
    /// Counts this judge's ballots among those of one output; false if it has none.
    fn add(&mut self, row: &TrialRow) -> bool {
        let mut scores = [0; 5];
        let before = self.ballots;
        for ballot in row.ballots.iter().filter(|b| b.judge == self.name) {
            self.ballots += 1;
            self.spend = self.spend.plus(ballot.spend);
            if ballot.spend.attempts > 0 {
                self.latencies.add(ballot.latency_ms);
            }
            match &ballot.outcome {
                Ok(judgment) => {
                    self.scored += 1;
                    self.score += u64::from(judgment.score.get());
                    scores[judgment.score.index()] += 1;
                }
                Err(failure) => *self.failures.entry(failure.kind.word()).or_default() += 1,
            }
        }
        self.repeats.add(scores);
        self.ballots > before
    }

    fn finish(self) -> JudgeSummary {
        JudgeSummary {
            judge: self.name,
            ballots: self.ballots,
            scored: self.scored,
            failures: self.failures.into_iter().map(|(word, n)| (word.to_owned(), n)).collect(),
            mean_score: (self.scored > 0).then(|| self.score as f64 / self.scored as f64),
            self_alpha: alpha(&self.repeats, Level::Ordinal).ok(),
            spend: self.spend,
            latency_ms: self.latencies.percentile(50),
            settled_alone: self.settled_alone,
        }
    }
}
