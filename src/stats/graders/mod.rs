//! How people grade: agreement, severity, confusion, drift, pace, fatigue, reliance on what was revealed, hidden gold; and
//! whether a judge may replace one of them.
//!
//! Invariant: nothing is said about a grader with fewer than twenty grades, and no estimate is made from gold.

mod agreement;
mod alt_test;
mod reliance;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use agreement::{Confusion, Match, Severity};
pub use alt_test::{AltOptions, AltTest, LeftOut, Measure, NoAltTest, alt_test};
pub use reliance::{Alarm, Catch, Reliance};
pub use watch::{Drift, Fatigue, Pace};

use crate::domain::Score;

/// Grades below which a grader's numbers stay hidden.
pub const FEWEST_GRADES: u64 = 20;

/// One grade. A grader's records come in the order in which they were given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record<'a> {
    /// Who.
    pub grader: &'a str,
    /// Which output (records of several graders with the same key are compared).
    pub case: &'a str,
    /// The score before anything was shown.
    pub blind: Score,
    /// The same grader's score after the reveal; the blind one where it was not revised.
    pub after: Score,
    /// The output's label in the end (adjudicated), where there is one.
    pub settled: Option<Score>,
    /// The judges' score that was revealed, if any.
    pub shown: Option<Score>,
    /// Time taken, if known.
    pub seconds: Option<f64>,
    /// Place in the session, from 0.
    pub position: u32,
    /// The known right score of a hidden gold item.
    pub gold: Option<Score>,
}

/// What the numbers depend on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The pass mark.
    pub pass: Score,
    /// Share of wrong judge verdicts in this queue, from the audit; `None` if it was never audited.
    pub judge_error: Option<f64>,
}

/// A number that needs a number of observations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Known<T> {
    /// Hidden: too few.
    TooFew {
        /// How many there are.
        n: u64,
        /// How many it takes.
        needed: u64,
    },
    /// Shown.
    Value(T),
}

impl<T> Known<T> {
    /// Shows a value from `needed` observations on.
    fn from(n: u64, needed: u64, value: impl FnOnce() -> Option<T>) -> Self {
        if n < needed {
            return Self::TooFew { n, needed };
        }
        value().map_or(Self::TooFew { n, needed }, Self::Value)
    }

    /// The value, if shown.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::TooFew { .. } => None,
            Self::Value(v) => Some(v),
        }
    }
}

/// One grader.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GraderReport {
    /// Who.
    pub grader: String,
    /// Grades given.
    pub n: u64,
    /// The numbers, from [`FEWEST_GRADES`] grades on.
    pub numbers: Known<Numbers>,
}

/// One grader's numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Numbers {
    /// Blind grades against other graders' blind grades of the same output, pair by pair.
    pub others: Option<Match>,
    /// Blind grades against the label in the end.
    pub settled: Option<Match>,
    /// How mild, against the mean of the others.
    pub severity: Option<Severity>,
    /// Label in the end by grade given.
    pub confusion: Confusion,
    /// Is this grader off gold now?
    pub drift: Known<Drift>,
    /// How fast.
    pub pace: Known<Pace>,
    /// Do gold errors grow within a session?
    pub fatigue: Known<Fatigue>,
    /// What the reveal does.
    pub reliance: Known<Reliance>,
    /// Gold items graded on the right side of the pass mark, blind.
    pub gold: Option<Catch>,
    /// Seeded wrong verdicts that were not followed after the reveal.
    pub seeded: Option<Catch>,
}

/// Reports every grader, by name.
#[must_use]
pub fn report(records: &[Record<'_>], settings: &Settings) -> Vec<GraderReport> {
    let mut by_case: BTreeMap<&str, Vec<&Record<'_>>> = BTreeMap::new();
    for r in records {
        by_case.entry(r.case).or_default().push(r);
    }
    let spread = watch::gold_spread(records);
    let names: BTreeSet<&str> = records.iter().map(|r| r.grader).collect();
    let one = |name: &str| {
        let own: Vec<&Record<'_>> = records.iter().filter(|r| r.grader == name).collect();
        let n = own.len() as u64;
        let numbers = Known::from(n, FEWEST_GRADES, || Some(numbers(&own, &by_case, spread, settings)));
        GraderReport { grader: name.to_owned(), n, numbers }
    };
    names.into_iter().map(one).collect()
}

fn numbers(own: &[&Record<'_>], by_case: &BTreeMap<&str, Vec<&Record<'_>>>, spread: f64, settings: &Settings) -> Numbers {
    let others = |r: &Record<'_>| {
        let same = by_case.get(r.case).map_or(&[][..], Vec::as_slice);
        same.iter().filter(|o| o.grader != r.grader).map(|o| o.blind).collect::<Vec<Score>>()
    };
    let pairs = own.iter().flat_map(|r| others(r).into_iter().map(|o| (r.blind, o)));
    let labels = || own.iter().filter_map(|r| r.settled.map(|s| (r.blind, s)));
    Numbers {
        others: Match::of(pairs, settings.pass),
        settled: Match::of(labels(), settings.pass),
        severity: Severity::of(own.iter().map(|r| (r.blind, others(r)))),
        confusion: Confusion::of(labels()),
        drift: watch::drift(own, spread),
        pace: watch::pace(own, settings.pass),
        fatigue: watch::fatigue(own, settings.pass),
        reliance: reliance::reliance(own, settings),
        gold: reliance::gold(own, settings.pass),
        seeded: reliance::seeded(own, settings.pass),
    }
}
