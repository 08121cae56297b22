//! The accuracy and mean score of one group of cases: all of an agent's, or those of a set, a tag or a risk.

use super::super::cluster::CaseMeans;
use super::super::outcome::Outcome;
use super::super::sum::FixedSum;
use super::super::summary::{Interval, Share, TagSummary};

/// One agent's trials of one case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CaseCounts {
    pub trials: u64,
    pub passed: u64,
    pub failed: u64,
    /// Split or unscored.
    pub open: u64,
    /// Sum of the judges' means, over `scored` trials.
    pub score: FixedSum,
    pub scored: u64,
}

impl CaseCounts {
    pub fn add(&mut self, outcome: Outcome, mean: Option<f64>) {
        self.trials += 1;
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Split | Outcome::Unscored => self.open += 1,
            Outcome::Unanswered => {}
        }
        if let Some(mean) = mean {
            self.score.add(mean);
            self.scored += 1;
        }
    }

    /// Share of settled trials that pass.
    pub fn share(&self) -> Option<f64> {
        let settled = self.passed + self.failed;
        (settled > 0).then(|| self.passed as f64 / settled as f64)
    }

    /// Mean over scored trials of the judges' mean.
    pub fn mean_score(&self) -> Option<f64> {
        (self.scored > 0).then(|| self.score.get() / self.scored as f64)
    }
}

/// A group's running totals.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Group {
    pub cases: u64,
    trials: u64,
    passed: u64,
    settled: u64,
    scores: CaseMeans,
    means: CaseMeans,
    /// Case means if every open trial failed, and if every one passed.
    worst: CaseMeans,
    best: CaseMeans,
}

impl Group {
    pub fn add(&mut self, c: &CaseCounts) {
        let settled = c.passed + c.failed;
        let answered = settled + c.open;
        let share = |n: u64, of: u64| n as f64 / of.max(1) as f64;
        self.cases += 1;
        self.trials += c.trials;
        self.passed += c.passed;
        self.settled += settled;
        self.scores.add(c.mean_score().unwrap_or_default(), c.scored);
        self.means.add(c.share().unwrap_or_default(), settled);
        self.worst.add(share(c.passed, answered), answered);
        self.best.add(share(c.passed + c.open, answered), answered);
    }

    pub fn trials(&self) -> u64 {
        self.trials
    }

    pub fn accuracy(&self) -> Share {
        Share { value: self.means.mean(), interval: self.means.share_interval(), passed: self.passed, settled: self.settled }
    }

    pub fn bounds(&self) -> Option<Interval> {
        Some(Interval { low: self.worst.mean()?, high: self.best.mean()? })
    }

    pub fn mean_score(&self) -> Option<f64> {
        self.scores.mean()
    }

    pub fn score_interval(&self) -> Option<Interval> {
        self.scores.interval_95(CaseMeans::score_bound)
    }

    pub fn named(&self, name: String) -> TagSummary {
        TagSummary { name, accuracy: self.accuracy(), mean_score: self.mean_score(), trials: self.trials }
    }
}
