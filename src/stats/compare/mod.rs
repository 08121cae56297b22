//! Two runs on the cases that they have in common: what became better or worse, how sure that is, and what could be seen.
//!
//! Invariant: every difference is B minus A: positive where B is better. A case whose answers are the same in both has the
//! difference 0, whatever the judges made of it; the order of cases never matters.

mod runs;
mod tags;

pub use runs::{CaseKey, Changed, RunCases, answer_mark};
pub use tags::{TagChange, TagComparison};

use serde::Serialize;

use super::cluster::CaseMeans;
use super::paired::{PairedShares, SignFlip, sign_flip};
use super::power::Power;
use super::resample::{self, Resampling};
use super::summary::Interval;
use super::undefined::Undefined;

/// What one run made of one case.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Side {
    /// Settled trials.
    pub trials: u32,
    /// Share of them that pass, 0 to 1; absent where none is settled.
    pub pass: Option<f64>,
    /// Mean score, 1 to 5; absent where none is scored.
    pub score: Option<f64>,
}

/// One case of either run; matched by the caller (by set, case id and the digest of the case).
#[derive(Clone, Debug, PartialEq)]
pub struct CasePair<'a> {
    /// What run A made of it; absent where A does not have it.
    pub a: Option<Side>,
    /// What run B made of it.
    pub b: Option<Side>,
    /// True if both gave the same answers, trial by trial.
    pub same_answers: bool,
    /// Its tags.
    pub tags: Vec<&'a str>,
}

/// The test that no case became better or worse on average.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "test", rename_all = "snake_case")]
pub enum Test {
    /// One trial a case: McNemar's.
    McNemar {
        /// Cases by who passed.
        table: PairedShares,
        /// Exact two-sided p-value.
        exact: f64,
        /// Mid-p value, for display.
        mid: f64,
    },
    /// Several trials a case: signs of the cases' differences flipped.
    SignFlip(SignFlip),
}

impl Test {
    /// The two-sided p-value.
    #[must_use]
    pub fn p(&self) -> f64 {
        match self {
            Self::McNemar { exact, .. } => *exact,
            Self::SignFlip(s) => s.two_sided,
        }
    }
}

/// Pass rates of both runs over the compared cases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PassComparison {
    /// Mean over cases of A's share of passing trials.
    pub a: f64,
    /// Of B's.
    pub b: f64,
    /// Mean of the differences of cases, B minus A, same answers as 0 (so not always `b - a`).
    pub difference: f64,
    /// 95% interval of the difference: Bonett and Price 2012, for case means; absent below two cases.
    pub interval: Option<Interval>,
    /// The test, or why there is none.
    pub test: Result<Test, Undefined>,
    /// The least difference that these cases can show (one-sided 5%, power 80%: 2.49 times the standard error); absent below two
    /// cases.
    pub least_difference: Option<f64>,
    /// Variance of one case's difference, two imagined cases included; absent below two cases.
    pub variance: Option<f64>,
}

impl PassComparison {
    /// Cases needed to show a difference (one-sided 5%, power 80%), rounded up; `None` for a difference of 0 or without a variance.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be below 1e15")]
    pub fn cases_needed(&self, difference: f64) -> Option<u64> {
        let n = Power::GATE.pairs(self.variance?.sqrt(), difference).ceil();
        (n.is_finite() && n < 1e15).then_some(n as u64)
    }
}

/// Mean scores of both runs over the cases that both scored.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ScoreComparison {
    /// Cases that both scored.
    pub cases: u64,
    /// Mean over cases of A's mean score.
    pub a: f64,
    /// Of B's.
    pub b: f64,
    /// Mean of the differences of cases, B minus A, same answers as 0.
    pub difference: f64,
    /// 95% BCa bootstrap interval over cases, or why there is none.
    pub interval: Result<Interval, Undefined>,
}

/// What a comparison says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Cases with settled trials in both: what everything below is about.
    pub compared: u64,
    /// Cases in both of which one has no settled trial.
    pub unsettled: u64,
    /// Cases that only A has.
    pub only_a: u64,
    /// Cases that only B has.
    pub only_b: u64,
    /// Compared cases with the same answers in both.
    pub same_answers: u64,
    /// Compared cases that pass more often in B.
    pub better: u64,
    /// Compared cases that pass less often in B.
    pub worse: u64,
    /// Pass rates; absent without a compared case.
    pub pass: Option<PassComparison>,
    /// Mean scores; absent where no case is scored in both.
    pub score: Option<ScoreComparison>,
    /// By tag, in order of the tag.
    pub tags: Vec<TagComparison>,
}

/// A compared case: the difference of pass shares and whether each side is one trial.
struct Settled<'a> {
    difference: f64,
    single: Option<(bool, bool)>,
    tags: &'a [&'a str],
}

/// Compares two runs; see the [module](self). Seed and number of resamples serve the bootstrap and large permutation tests.
#[must_use]
pub fn compare(pairs: &[CasePair<'_>], how: Resampling) -> Comparison {
    let mut said = Comparison {
        compared: 0,
        unsettled: 0,
        only_a: 0,
        only_b: 0,
        same_answers: 0,
        better: 0,
        worse: 0,
        pass: None,
        score: None,
        tags: Vec::new(),
    };
    let (mut of_a, mut of_b) = (CaseMeans::default(), CaseMeans::default());
    let mut settled = Vec::new();
    let mut scores = Vec::new();
    for pair in pairs {
        let (a, b) = match (pair.a, pair.b) {
            (Some(a), Some(b)) => (a, b),
            (a, b) => {
                said.only_a += u64::from(a.is_some());
                said.only_b += u64::from(b.is_some());
                continue;
            }
        };
        let difference = |a: f64, b: f64| if pair.same_answers { 0.0 } else { b - a };
        if let Some((x, y)) = a.score.zip(b.score) {
            scores.push((x, y, difference(x, y)));
        }
        let Some((x, y)) = a.pass.zip(b.pass) else {
            said.unsettled += 1;
            continue;
        };
        said.same_answers += u64::from(pair.same_answers);
        of_a.add(x, 1);
        of_b.add(y, 1);
        let single = (a.trials == 1 && b.trials == 1).then_some((x > 0.5, if pair.same_answers { x > 0.5 } else { y > 0.5 }));
        settled.push(Settled { difference: difference(x, y), single, tags: &pair.tags });
    }
    said.compared = settled.len() as u64;
    said.better = settled.iter().filter(|s| s.difference > 0.0).count() as u64;
    said.worse = settled.iter().filter(|s| s.difference < 0.0).count() as u64;
    said.pass = of_a.mean().zip(of_b.mean()).and_then(|(a, b)| passes(a, b, &settled, how));
    said.score = score(&scores, how);
    said.tags = tags::by_tag(&settled, how);
    said
}

fn passes(a: f64, b: f64, settled: &[Settled<'_>], how: Resampling) -> Option<PassComparison> {
    let differences = means(settled.iter().map(|s| s.difference));
    let variance = differences.difference_variance();
    Some(PassComparison {
        a,
        b,
        difference: differences.mean()?,
        interval: interval(&differences),
        test: test(settled, how),
        least_difference: variance.map(|v| Power::GATE.least_difference(v)),
        variance: variance.map(|v| v * (settled.len() as f64 + 2.0)),
    })
}

fn means(differences: impl Iterator<Item = f64>) -> CaseMeans {
    let mut means = CaseMeans::default();
    for d in differences {
        means.add(d, 1);
    }
    means
}

fn interval(differences: &CaseMeans) -> Option<Interval> {
    let (low, high) = differences.difference_bound(0.025).zip(differences.difference_bound(0.975))?;
    Some(Interval { low, high })
}

fn test(settled: &[Settled<'_>], how: Resampling) -> Result<Test, Undefined> {
    let singles: Option<Vec<(bool, bool)>> = settled.iter().map(|s| s.single).collect();
    if let Some(singles) = singles.filter(|s| !s.is_empty()) {
        let mut table = PairedShares::default();
        for (a, b) in singles {
            table.add(a, b);
        }
        return Ok(Test::McNemar { table, exact: table.exact(), mid: table.mid() });
    }
    let differences: Vec<f64> = settled.iter().map(|s| s.difference).collect();
    sign_flip(&differences, how).map(Test::SignFlip)
}

fn score(scores: &[(f64, f64, f64)], how: Resampling) -> Option<ScoreComparison> {
    let mean = |which: fn(&(f64, f64, f64)) -> f64| means(scores.iter().map(which)).mean();
    let differences: Vec<f64> = scores.iter().map(|s| s.2).collect();
    Some(ScoreComparison {
        cases: scores.len() as u64,
        a: mean(|s| s.0)?,
        b: mean(|s| s.1)?,
        difference: mean(|s| s.2)?,
        interval: resample::mean(&differences, how).and_then(|b| b.bca(0.05)),
    })
}

#[cfg(test)]
mod tests;
