//! Proportional-odds logistic regression: the chance of each of the five grades from a row of features.
//!
//! McCullagh 1980, "Regression models for ordinal data", equation (2.2): `P(Y <= k | x) = sigmoid(c_k - b'z)`, z standardised.
//! Weights have a ridge; one imagined label, spread evenly over the five grades at average features, keeps a grade that nobody
//! gave possible and the cut points finite.
//!
//! Invariant: the five probabilities are positive and sum to 1, whatever the features.

use serde::{Deserialize, Serialize};

use super::logistic::{sigmoid, standardisation, standardised};
use super::newton::{Local, NoFit, minimise};
use crate::domain::Score;

/// Cut points between five levels.
const CUTS: usize = 4;
/// The imagined label's weight, per level.
const IMAGINED: f64 = 0.2;

/// One labelled row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// Features; one that is not finite counts as the average of its column.
    pub x: &'a [f64],
    /// The grade.
    pub y: Score,
    /// How often the row counts; rows with weight 0 are left out.
    pub weight: f64,
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ordinal {
    /// What is subtracted from each feature.
    pub centre: Vec<f64>,
    /// What each feature is then divided by.
    pub scale: Vec<f64>,
    /// The cut points, increasing.
    pub cuts: [f64; CUTS],
    /// One weight for each standardised feature; positive moves grades up.
    pub weights: Vec<f64>,
}

impl Ordinal {
    /// Fits by maximum penalised likelihood, with `lambda / 2 * sum of squared weights`.
    pub fn fit(rows: &[Row<'_>], lambda: f64) -> Result<Self, NoFit> {
        if !(lambda.is_finite() && lambda >= 0.0) {
            return Err(NoFit::OutOfRange);
        }
        let kept: Vec<&Row<'_>> = rows.iter().filter(|r| r.weight.is_finite() && r.weight > 0.0).collect();
        let columns = kept.first().ok_or(NoFit::NoRows)?.x.len();
        if kept.iter().any(|r| r.x.len() != columns) {
            return Err(NoFit::Ragged);
        }
        let (centre, scale) = standardisation(kept.iter().map(|r| (r.x, r.weight)), columns);
        let mut z = Vec::with_capacity(columns + 1);
        let mut data: Vec<(Vec<f64>, usize, f64)> = Vec::with_capacity(kept.len() + 5);
        for r in kept {
            standardised(r.x, &centre, &scale, &mut z);
            data.push((z[1..].to_vec(), r.y.index(), r.weight));
        }
        data.extend((0..=CUTS).map(|level| (vec![0.0; columns], level, IMAGINED)));
        let (theta, _) = minimise(start(&data, columns), |theta| local(theta, &data, lambda))?;
        let mut cuts = [0.0; CUTS];
        cuts.copy_from_slice(&theta[..CUTS]);
        Ok(Self { centre, scale, cuts, weights: theta[CUTS..].to_vec() })
    }

    /// The chance of each grade, 1 to 5. A feature that is missing or not finite counts as average.
    #[must_use]
    pub fn predict(&self, x: &[f64]) -> [f64; 5] {
        let terms = x.iter().zip(&self.centre).zip(&self.scale).zip(&self.weights);
        let score = terms.fold(0.0, |t, (((v, c), s), b)| if v.is_finite() { t + b * (v - c) / s } else { t });
        let mut chances = [0.0; 5];
        for (level, chance) in chances.iter_mut().enumerate() {
            *chance = between(&self.cuts, level, score).max(1e-12);
        }
        let total: f64 = chances.iter().sum();
        chances.map(|c| c / total)
    }
}

/// The expected grade, 1 to 5, of five chances.
#[must_use]
pub fn expected(chances: &[f64; 5]) -> f64 {
    chances.iter().zip(1u8..).map(|(c, k)| c * f64::from(k)).sum()
}

/// `sigmoid(high) - sigmoid(low)` for the cuts about a level, without cancellation.
fn between(cuts: &[f64], level: usize, score: f64) -> f64 {
    let low = level.checked_sub(1).map(|k| cuts[k] - score);
    let high = cuts.get(level).map(|c| c - score);
    match (low, high) {
        (None, Some(h)) => sigmoid(h),
        (Some(l), None) => sigmoid(-l),
        (Some(l), Some(h)) => sigmoid(h) * sigmoid(-l) * -(l - h).exp_m1(),
        (None, None) => 1.0,
    }
}

/// The cuts of the plain shares, and no effect of any feature.
fn start(data: &[(Vec<f64>, usize, f64)], columns: usize) -> Vec<f64> {
    let mut mass = [0.0; CUTS + 1];
    for (_, level, weight) in data {
        mass[*level] += weight;
    }
    let total: f64 = mass.iter().sum();
    let mut below = 0.0;
    let cuts = mass[..CUTS].iter().map(|m| {
        below += m;
        (below / (total - below)).ln()
    });
    cuts.chain(std::iter::repeat_n(0.0, columns)).collect()
}

fn local(theta: &[f64], data: &[(Vec<f64>, usize, f64)], lambda: f64) -> Local {
    let mut l = Local::zero(theta.len());
    let (cuts, weights) = theta.split_at(CUTS);
    if cuts.windows(2).any(|w| w[0] >= w[1]) {
        l.value = f64::INFINITY;
        return l;
    }
    // d(cut - score) / d(theta), for the cut above and the cut below.
    let (mut above, mut under) = (vec![0.0; theta.len()], vec![0.0; theta.len()]);
    for (z, level, weight) in data {
        let score: f64 = z.iter().zip(weights).map(|(z, b)| z * b).sum();
        let chance = between(cuts, *level, score).max(1e-300);
        l.value -= weight * chance.ln();
        let slope = |k: Option<usize>| k.and_then(|k| cuts.get(k)).map_or((0.0, 0.0), |c| density(c - score));
        let ((fh, dh), (fl, dl)) = (slope(Some(*level)), slope(level.checked_sub(1)));
        for (row, cut) in [(&mut above, Some(*level)), (&mut under, level.checked_sub(1))] {
            row[..CUTS].fill(0.0);
            if let Some(cell) = cut.and_then(|k| row[..CUTS].get_mut(k)) {
                *cell = 1.0;
            }
            row[CUTS..].iter_mut().zip(z).for_each(|(cell, z)| *cell = -z);
        }
        let (h, lo) = (fh / chance, fl / chance);
        for (g, (a, u)) in l.gradient.iter_mut().zip(above.iter().zip(&under)) {
            *g += weight * (lo * u - h * a);
        }
        l.outer(&above, weight * (h * h - dh / chance));
        l.outer(&under, weight * (lo * lo + dl / chance));
        l.cross(&above, &under, -weight * h * lo);
    }
    for (i, b) in theta.iter().enumerate().skip(CUTS) {
        l.penalty(i, *b, 0.0, lambda);
    }
    l
}

/// The logistic density and its derivative.
fn density(t: f64) -> (f64, f64) {
    let p = sigmoid(t);
    let f = p * (1.0 - p);
    (f, f * (1.0 - 2.0 * p))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::newton::Local;
    use super::*;

    fn rows(data: &[(f64, usize)]) -> Vec<([f64; 1], Score)> {
        data.iter().map(|(x, y)| ([*x], Score::ALL[*y])).collect()
    }

    fn fit(data: &[([f64; 1], Score)], lambda: f64) -> Result<Ordinal, NoFit> {
        let rows: Vec<Row<'_>> = data.iter().map(|(x, y)| Row { x, y: *y, weight: 1.0 }).collect();
        Ordinal::fit(&rows, lambda)
    }

    #[test]
    fn a_higher_feature_means_a_higher_grade() {
        let data: Vec<(f64, usize)> = (0..100u8).map(|i| (f64::from(i), usize::from(i / 20))).collect();
        let model = fit(&rows(&data), 1.0).unwrap();
        let grades: Vec<f64> = [0.0, 30.0, 60.0, 99.0].iter().map(|x| expected(&model.predict(&[*x]))).collect();
        assert!(grades.windows(2).all(|w| w[0] < w[1]), "{grades:?}");
        assert!(grades[0] < 1.7 && grades[3] > 4.3);
    }

    #[test]
    fn one_grade_only_is_likely_and_the_others_stay_possible() {
        let model = fit(&rows(&[(0.0, 4); 30]), 1.0).unwrap();
        let chances = model.predict(&[0.0]);
        assert!(chances[4] > 0.95 && chances.iter().all(|c| *c > 0.001), "{chances:?}");
        assert_eq!(fit(&[], 1.0), Err(NoFit::NoRows));
    }

    #[test]
    fn without_a_useful_feature_it_is_the_shares() {
        let data: Vec<(f64, usize)> = (0..500u16).map(|i| (1.0, usize::from(i % 5).min(3))).collect();
        let chances = fit(&rows(&data), 1.0).unwrap().predict(&[1.0]);
        for (c, want) in chances.iter().zip([100.2, 100.2, 100.2, 200.2, 0.2]) {
            assert!((c - want / 501.0).abs() < 1e-6, "{chances:?}");
        }
    }

    #[test]
    fn derivatives_equal_differences() {
        let data: Vec<(Vec<f64>, usize, f64)> =
            vec![(vec![0.3, -1.0], 0, 1.0), (vec![1.2, 0.4], 2, 2.0), (vec![-0.7, 0.1], 4, 0.5), (vec![0.0, 2.0], 3, 1.5)];
        let theta = [-1.0, -0.2, 0.5, 1.4, 0.3, -0.6];
        let at = |t: &[f64]| -> Local { local(t, &data, 0.7) };
        let here = at(&theta);
        for i in 0..theta.len() {
            let nudge = |by: f64| {
                let mut t = theta;
                t[i] += by;
                at(&t)
            };
            let (up, down) = (nudge(1e-5), nudge(-1e-5));
            assert!(((up.value - down.value) / 2e-5 - here.gradient[i]).abs() < 1e-6);
            for j in 0..theta.len() {
                let second = (up.gradient[j] - down.gradient[j]) / 2e-5;
                assert!((second - here.hessian[i * theta.len() + j]).abs() < 1e-5, "{i} {j}");
            }
        }
    }

    proptest! {
        #[test]
        fn chances_are_chances(data in prop::collection::vec((-3.0f64..3.0, 0usize..5), 1..40), x in -100.0f64..100.0) {
            let model = fit(&rows(&data), 0.5).unwrap();
            for x in [x, f64::NAN, f64::INFINITY] {
                let chances = model.predict(&[x]);
                prop_assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-9 && chances.iter().all(|c| *c > 0.0));
                prop_assert!((1.0..=5.0).contains(&expected(&chances)));
            }
            prop_assert!(model.cuts.windows(2).all(|w| w[0] < w[1]));
        }
    }
}
