//! How well a signal orders wrong verdicts before right ones: AUROC with an interval that knows which items belong together,
//! the difference of two, and the share of errors found within a budget.

use std::collections::BTreeMap;

use super::signal::{Features, Signal};
use crate::stats::quantile::Z_TWO_SIDED_95;
use crate::stats::summary::Interval;

/// An output that people graded, as a signal sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Graded {
    /// The signal, higher being more suspicious.
    pub suspicion: f64,
    /// People overruled the verdict.
    pub wrong: bool,
    /// 1 over its probability of being graded, or 1 throughout.
    pub weight: f64,
    /// What belongs together: all outputs of a case have the same number.
    pub cluster: u64,
}

/// AUROC with what it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Weighted share of (wrong, right) pairs in which the wrong one is more suspicious, ties a half.
    pub value: f64,
    /// 95%, by cluster, on the logit scale.
    pub interval: Interval,
    /// Graded outputs that have the signal.
    pub n: u64,
    /// Those that people overruled.
    pub wrong: u64,
}

/// For each row its influence on the AUROC: its mean comparison with the other kind, less the AUROC, times its share.
/// `None` unless there is something wrong and something right.
fn influences(rows: &[Graded]) -> Option<(f64, Vec<f64>)> {
    let weight = |i: usize| rows[i].weight;
    let mut order: Vec<usize> = (0..rows.len()).filter(|&i| rows[i].weight > 0.0 && rows[i].suspicion.is_finite()).collect();
    order.sort_by(|&a, &b| rows[a].suspicion.total_cmp(&rows[b].suspicion));
    let sum = |wrong: bool| order.iter().filter(|&&i| rows[i].wrong == wrong).map(|&i| weight(i)).sum::<f64>();
    let (wrong, right) = (sum(true), sum(false));
    if wrong <= 0.0 || right <= 0.0 {
        return None;
    }
    let mut place = vec![0.0; rows.len()];
    let (mut wrong_below, mut right_below, mut area) = (0.0, 0.0, 0.0);
    #[expect(clippy::float_cmp, reason = "ties are exact equality")]
    for tied in order.chunk_by(|&a, &b| rows[a].suspicion == rows[b].suspicion) {
        let of = |w: bool| tied.iter().filter(|&&i| rows[i].wrong == w).map(|&i| weight(i)).sum::<f64>();
        let (wrong_here, right_here) = (of(true), of(false));
        for &i in tied {
            place[i] =
                if rows[i].wrong { (right_below + right_here / 2.0) / right } else { (wrong - wrong_below - wrong_here / 2.0) / wrong };
        }
        area += wrong_here * (right_below + right_here / 2.0);
        wrong_below += wrong_here;
        right_below += right_here;
    }
    let area = area / (wrong * right);
    let mut influence = vec![0.0; rows.len()];
    for &i in &order {
        influence[i] = weight(i) * (place[i] - area) / if rows[i].wrong { wrong } else { right };
    }
    Some((area, influence))
}

/// Variance of a sum of influences whose clusters are drawn together: `C/(C-1) sum_c (sum_{i in c} influence_i)^2`.
/// `None` with fewer than two clusters.
fn clustered(rows: &[Graded], influence: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sums: BTreeMap<u64, f64> = BTreeMap::new();
    for (row, x) in rows.iter().zip(influence) {
        *sums.entry(row.cluster).or_default() += x;
    }
    let c = sums.len() as f64;
    (c > 1.0).then(|| c / (c - 1.0) * sums.values().map(|s| s * s).sum::<f64>())
}

/// AUROC with its interval (DeLong's placements, DeLong et al. 1988; clusters as in Obuchowski 1997, as an influence
/// function; the interval on the logit scale). `None` unless something is wrong, something right, and two clusters are there.
#[must_use]
pub fn area(rows: &[Graded]) -> Option<Area> {
    let (value, influence) = influences(rows)?;
    let variance = clustered(rows, influence.into_iter())?;
    // A sum of weights may miss a whole by rounding.
    let value = if value < 1e-9 {
        0.0
    } else if value > 1.0 - 1e-9 {
        1.0
    } else {
        value
    };
    let usable = || rows.iter().filter(|r| r.weight > 0.0 && r.suspicion.is_finite());
    let interval = if value <= 0.0 || value >= 1.0 {
        Interval { low: value, high: value }
    } else {
        let (logit, half) = ((value / (1.0 - value)).ln(), Z_TWO_SIDED_95 * variance.sqrt() / (value * (1.0 - value)));
        let back = |t: f64| 1.0 / (1.0 + (-t).exp());
        Interval { low: back(logit - half), high: back(logit + half) }
    };
    Some(Area { value, interval, n: usable().count() as u64, wrong: usable().filter(|r| r.wrong).count() as u64 })
}

/// The first AUROC less the second, of two signals on the same rows in the same order, with its 95% interval. `None` like
/// [`area`], and when the rows differ.
#[must_use]
pub fn difference(first: &[Graded], second: &[Graded]) -> Option<(f64, Interval)> {
    let same = |(a, b): (&Graded, &Graded)| a.wrong == b.wrong && a.cluster == b.cluster;
    if first.len() != second.len() || !first.iter().zip(second).all(same) {
        return None;
    }
    let ((a, of_a), (b, of_b)) = (influences(first)?, influences(second)?);
    let variance = clustered(first, of_a.iter().zip(&of_b).map(|(x, y)| x - y))?;
    let half = Z_TWO_SIDED_95 * variance.sqrt();
    Some((a - b, Interval { low: a - b - half, high: a - b + half }))
}

/// Share of the wrong verdicts among the most suspicious `budget` (a share of all outputs, 0 to 1): ties count with the
/// share of them that fits, which is what drawing lots among them finds on average. `None` when nothing is wrong.
#[must_use]
pub fn found(rows: &[Graded], budget: f64) -> Option<f64> {
    let mut order: Vec<&Graded> = rows.iter().filter(|r| r.weight > 0.0 && r.suspicion.is_finite()).collect();
    order.sort_by(|a, b| b.suspicion.total_cmp(&a.suspicion));
    let all: f64 = order.iter().map(|r| r.weight).sum();
    let wrong: f64 = order.iter().filter(|r| r.wrong).map(|r| r.weight).sum();
    let (mut left, mut hits) = (budget.clamp(0.0, 1.0) * all, 0.0);
    #[expect(clippy::float_cmp, reason = "ties are exact equality")]
    for tied in order.chunk_by(|a, b| a.suspicion == b.suspicion) {
        let here: f64 = tied.iter().map(|r| r.weight).sum();
        let share = (left / here).clamp(0.0, 1.0);
        hits += share * tied.iter().filter(|r| r.wrong).map(|r| r.weight).sum::<f64>();
        left -= here;
        if left <= 0.0 {
            break;
        }
    }
    (wrong > 0.0).then(|| hits / wrong)
}

/// The AUROC of every signal against people's grades, in the order of [`Signal::ALL`]; `None` for one that no graded output
/// has, or that cannot be told for want of errors. Rows: signals, wrong, weight, cluster.
#[must_use]
pub fn table(rows: &[(Features, bool, f64, u64)]) -> Vec<(Signal, Option<Area>)> {
    let of = |signal: Signal| {
        let seen = rows.iter().filter_map(|(f, wrong, weight, cluster)| {
            Some(Graded { suspicion: f.get(signal)?, wrong: *wrong, weight: *weight, cluster: *cluster })
        });
        area(&seen.collect::<Vec<_>>())
    };
    Signal::ALL.into_iter().map(|s| (s, of(s))).collect()
}
