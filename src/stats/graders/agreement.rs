//! One grader beside others and beside the labels in the end: equal, adjacent, same side, milder; a 5x5 table.

use serde::Serialize;

use crate::domain::Score;

/// Grades that pull a severity to zero.
const SHRINK: f64 = 20.0;
/// Imagined grades in each cell of the table: one for each row.
const IMAGINED: f64 = 0.2;

/// Two series of scores of the same outputs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Match {
    /// Pairs.
    pub n: u64,
    /// Share of equal scores.
    pub exact: f64,
    /// Share at most one apart.
    pub adjacent: f64,
    /// Share on the same side of the pass mark.
    pub same_side: f64,
    /// Mean of the first minus the second.
    pub bias: f64,
}

impl Match {
    /// `None` without a pair.
    pub(super) fn of(pairs: impl Iterator<Item = (Score, Score)>, pass: Score) -> Option<Self> {
        let (mut n, mut exact, mut adjacent, mut same, mut difference) = (0u64, 0u64, 0u64, 0u64, 0i64);
        for (a, b) in pairs {
            let apart = i64::from(a.get()) - i64::from(b.get());
            n += 1;
            exact += u64::from(apart == 0);
            adjacent += u64::from(apart.abs() <= 1);
            same += u64::from((a >= pass) == (b >= pass));
            difference += apart;
        }
        let share = |k: u64| k as f64 / n as f64;
        (n > 0).then(|| Self {
            n,
            exact: share(exact),
            adjacent: share(adjacent),
            same_side: share(same),
            bias: difference as f64 / n as f64,
        })
    }
}

/// How mild a grader is: positive is milder than the others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Severity {
    /// Outputs that others graded too.
    pub n: u64,
    /// Mean of own score minus the mean of the others' scores.
    pub raw: f64,
    /// The same, shrunk: `raw n / (n + 20)`.
    pub shrunk: f64,
}

impl Severity {
    /// `None` if nobody else graded any of the outputs.
    pub(super) fn of(rows: impl Iterator<Item = (Score, Vec<Score>)>) -> Option<Self> {
        let gap = |(own, others): (Score, Vec<Score>)| {
            let sum: f64 = others.iter().map(|s| f64::from(s.get())).sum();
            (!others.is_empty()).then(|| f64::from(own.get()) - sum / others.len() as f64)
        };
        let gaps: Vec<f64> = rows.filter_map(gap).collect();
        let n = gaps.len() as f64;
        let raw = gaps.iter().sum::<f64>() / n;
        (!gaps.is_empty()).then(|| Self { n: gaps.len() as u64, raw, shrunk: raw * n / (n + SHRINK) })
    }
}

/// Grades given, by label in the end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Confusion {
    /// `counts[label][given]`, both 0 to 4 for scores 1 to 5.
    pub counts: [[u64; 5]; 5],
    /// The chance of each grade given the label: the mean of a Dirichlet posterior with 0.2 imagined grades in each cell.
    pub chances: [[f64; 5]; 5],
}

impl Confusion {
    /// From pairs (given, label).
    pub(super) fn of(pairs: impl Iterator<Item = (Score, Score)>) -> Self {
        let mut counts = [[0u64; 5]; 5];
        for (given, label) in pairs {
            counts[label.index()][given.index()] += 1;
        }
        let chances = counts.map(|row| {
            let total = row.iter().sum::<u64>() as f64 + 5.0 * IMAGINED;
            row.map(|c| (c as f64 + IMAGINED) / total)
        });
        Self { counts, chances }
    }
}
