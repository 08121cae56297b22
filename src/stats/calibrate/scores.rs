//! How good a probability is: Brier score, log loss, AUROC, calibration error, and the reliability curve. Rows have weights.

use serde::Serialize;

use super::super::interval::wilson_95;
use super::super::summary::Interval;

/// A stated probability beside what happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// The probability of yes, 0 to 1.
    pub p: f64,
    /// What happened.
    pub yes: bool,
    /// How often the row counts (1, or 1 over its probability of having been graded).
    pub weight: f64,
}

/// Why a score does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
pub enum NoScore {
    /// No row has a positive weight.
    #[error("there is no labelled row")]
    NoRows,
    /// AUROC needs at least one yes and one no.
    #[error("all labels are the same")]
    OneClass,
}

/// One bin of the reliability curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Lower edge; the bin is `[low, high)`, the last one closed.
    pub low: f64,
    /// Upper edge.
    pub high: f64,
    /// Weighted mean of what was predicted.
    pub predicted: f64,
    /// Weighted share of yes.
    pub observed: f64,
    /// Wilson's 95% interval of that share, on Kish's effective number of rows.
    pub interval: Interval,
    /// Rows.
    pub n: u64,
    /// Sum of their weights.
    pub weight: f64,
}

fn usable(rows: &[Forecast]) -> impl Iterator<Item = &Forecast> + Clone {
    rows.iter().filter(|r| r.weight.is_finite() && r.weight > 0.0 && r.p.is_finite())
}

fn mean_of(rows: &[Forecast], loss: impl Fn(&Forecast) -> f64) -> Result<f64, NoScore> {
    let (sum, total) = usable(rows).fold((0.0, 0.0), |(s, t), r| (s + r.weight * loss(r), t + r.weight));
    if total > 0.0 { Ok(sum / total) } else { Err(NoScore::NoRows) }
}

/// Brier score: the weighted mean of `(p - y)^2`, from 0 (perfect) to 1 (Brier 1950, equation (2), for two classes, halved).
pub fn brier(rows: &[Forecast]) -> Result<f64, NoScore> {
    mean_of(rows, |r| (r.p - f64::from(u8::from(r.yes))).powi(2))
}

/// Log loss: the weighted mean of `-ln` of the probability given to what happened; p is kept 2^-52 away from 0 and 1.
pub fn log_loss(rows: &[Forecast]) -> Result<f64, NoScore> {
    mean_of(rows, |r| {
        let p = r.p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        if r.yes { -p.ln() } else { -(-p).ln_1p() }
    })
}

/// Area under the ROC curve: the weighted share of (yes, no) pairs in which yes has the higher `p`, ties a half
/// (Mann and Whitney 1947). 0.5 says nothing, 1 orders perfectly. `p` may be any number that orders rows.
pub fn auroc(rows: &[Forecast]) -> Result<f64, NoScore> {
    let mut sorted: Vec<&Forecast> = usable(rows).collect();
    if sorted.is_empty() {
        return Err(NoScore::NoRows);
    }
    sorted.sort_by(|a, b| a.p.total_cmp(&b.p));
    let (mut below, mut yes_total, mut won) = (0.0, 0.0, 0.0);
    // `-0 == 0`, though they sort apart: ties are by value.
    #[expect(clippy::float_cmp, reason = "ties are exact equality")]
    for tied in sorted.chunk_by(|a, b| a.p == b.p) {
        let weigh = |yes: bool| tied.iter().filter(|r| r.yes == yes).map(|r| r.weight).sum::<f64>();
        let (yes, no) = (weigh(true), weigh(false));
        won += yes * (below + no / 2.0);
        below += no;
        yes_total += yes;
    }
    if yes_total > 0.0 && below > 0.0 { Ok((won / (yes_total * below)).clamp(0.0, 1.0)) } else { Err(NoScore::OneClass) }
}

/// Expected calibration error over `bins` bins of equal width: the weighted mean of `|observed - predicted|`
/// (Guo et al. 2017, equation (3)). Show it with 10.
pub fn ece(rows: &[Forecast], bins: usize) -> Result<f64, NoScore> {
    let curve = reliability(rows, bins);
    let total: f64 = curve.iter().map(|b| b.weight).sum();
    if total <= 0.0 {
        return Err(NoScore::NoRows);
    }
    Ok(curve.iter().map(|b| b.weight * (b.observed - b.predicted).abs()).sum::<f64>() / total)
}

/// The reliability curve: rows by predicted probability in `bins` bins of equal width; empty bins are left out.
#[must_use]
pub fn reliability(rows: &[Forecast], bins: usize) -> Vec<Bin> {
    let bins = bins.max(1);
    let mut sums = vec![Sums::default(); bins];
    for r in usable(rows) {
        sums[place(r.p, bins)].add(r);
    }
    let edge = |k: usize| k as f64 / bins as f64;
    let filled = sums.iter().enumerate().filter(|(_, s)| s.n > 0);
    filled.map(|(k, s)| s.finish(edge(k), edge(k + 1))).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped into the range of bins")]
fn place(p: f64, bins: usize) -> usize {
    ((p.clamp(0.0, 1.0) * bins as f64).floor() as usize).min(bins - 1)
}

#[derive(Clone, Copy, Default)]
struct Sums {
    n: u64,
    weight: f64,
    squares: f64,
    predicted: f64,
    yes: f64,
}

impl Sums {
    fn add(&mut self, r: &Forecast) {
        self.n += 1;
        self.weight += r.weight;
        self.squares += r.weight * r.weight;
        self.predicted += r.weight * r.p;
        self.yes += if r.yes { r.weight } else { 0.0 };
    }

    fn finish(self, low: f64, high: f64) -> Bin {
        let observed = self.yes / self.weight;
        // Kish's effective sample size: what weights cost.
        let effective = self.weight * self.weight / self.squares;
        let interval = wilson_95(observed, effective);
        Bin { low, high, predicted: self.predicted / self.weight, observed, interval, n: self.n, weight: self.weight }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(cells: &[(f64, bool)]) -> Vec<Forecast> {
        cells.iter().map(|&(p, yes)| Forecast { p, yes, weight: 1.0 }).collect()
    }

    #[test]
    fn without_rows_there_is_no_score() {
        for score in [brier(&[]), log_loss(&[]), auroc(&[]), ece(&[], 10)] {
            assert_eq!(score, Err(NoScore::NoRows));
        }
        assert_eq!(auroc(&rows(&[(0.2, true), (0.4, true)])), Err(NoScore::OneClass));
        assert!(reliability(&[], 10).is_empty());
    }

    #[test]
    fn certainty_about_the_wrong_thing_is_finite_but_dear() {
        let loss = log_loss(&rows(&[(1.0, false)])).unwrap();
        assert!(loss.is_finite() && loss > 30.0);
    }

    #[test]
    fn the_last_bin_is_closed_and_the_others_are_not() {
        let curve = reliability(&rows(&[(0.0, false), (0.1, true), (1.0, true)]), 10);
        assert_eq!(curve.iter().map(|b| (b.n, b.low)).collect::<Vec<_>>(), [(1, 0.0), (1, 0.1), (1, 0.9)]);
        assert!(curve.iter().all(|b| b.interval.low <= b.observed && b.observed <= b.interval.high));
    }

    #[test]
    fn unequal_weights_widen_the_interval() {
        let equal = rows(&[(0.5, true), (0.5, false), (0.5, true), (0.5, false)]);
        let mut unequal = equal.clone();
        (unequal[0].weight, unequal[1].weight) = (9.0, 9.0);
        let width = |r: &[Forecast]| reliability(r, 10)[0].interval.high - reliability(r, 10)[0].interval.low;
        assert!(width(&unequal) > width(&equal));
    }

    proptest! {
        #[test]
        fn flipping_labels_mirrors_auroc_and_order_never_matters(
            data in prop::collection::vec((0u8..=10, any::<bool>(), 0.1f64..5.0), 2..60),
        ) {
            let some: Vec<Forecast> = data.iter().map(|&(p, yes, weight)| Forecast { p: f64::from(p) / 10.0, yes, weight }).collect();
            let flip: Vec<Forecast> = some.iter().map(|r| Forecast { yes: !r.yes, ..*r }).collect();
            let back: Vec<Forecast> = some.iter().rev().copied().collect();
            match (auroc(&some), auroc(&flip), auroc(&back)) {
                (Ok(a), Ok(b), Ok(c)) => {
                    prop_assert!((a + b - 1.0).abs() < 1e-9);
                    prop_assert!((a - c).abs() < 1e-9 && (0.0..=1.0).contains(&a));
                }
                (a, b, c) => prop_assert!(a == b && b == c),
            }
        }

        #[test]
        fn the_mean_of_the_bins_is_the_mean_of_the_rows(data in prop::collection::vec((0.0f64..=1.0, any::<bool>()), 1..60)) {
            let rows = rows(&data);
            let curve = reliability(&rows, 10);
            let share = rows.iter().filter(|r| r.yes).count() as f64 / rows.len() as f64;
            let of_bins = curve.iter().map(|b| b.observed * b.n as f64).sum::<f64>() / rows.len() as f64;
            prop_assert!((share - of_bins).abs() < 1e-9);
            prop_assert!(ece(&rows, 1).unwrap() <= ece(&rows, 10).unwrap() + 1e-9);
            prop_assert!(brier(&rows).unwrap() <= log_loss(&rows).unwrap() + 1e-9);
        }
    }
}
