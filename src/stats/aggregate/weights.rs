//! Weights of judges learned from human grades: ridge regression of the grade on the judges' scores.
//!
//! The honest way to weigh judges: agreement among themselves says nothing about the truth, human grades do. The ridge pulls
//! every judge to an equal share of the panel's mean, so that few grades change little.

use serde::{Deserialize, Serialize};

use super::super::calibrate::NoFit;
use super::super::calibrate::newton::{Local, minimise};
use crate::domain::Score;

/// Imagined grades behind the prior of equal weights.
const PRIOR: f64 = 20.0;

/// A weighted panel: `intercept + sum weight_j score_j`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JudgeWeights {
    /// What is added.
    pub intercept: f64,
    /// One for each judge.
    pub weights: Vec<f64>,
    /// Each judge's mean score, which stands in where that judge gave none.
    pub centre: Vec<f64>,
}

/// One output: each judge's score, the human grade, and its weight.
pub type Graded<'a> = (&'a [Option<Score>], Score, f64);

fn number(s: Score) -> f64 {
    f64::from(s.get())
}

impl JudgeWeights {
    /// Fits on outputs that people graded blind: the minimum of
    /// `sum w_i (y_i - a - sum_j b_j x_ij)^2 + 20 sum_j var_j (b_j - 1/J)^2`, J judges, var the variance of a judge's scores.
    pub fn fit(rows: &[Graded<'_>]) -> Result<Self, NoFit> {
        let rows: Vec<&Graded<'_>> = rows.iter().filter(|r| r.2.is_finite() && r.2 > 0.0).collect();
        let judges = rows.first().ok_or(NoFit::NoRows)?.0.len();
        if judges == 0 || rows.iter().any(|r| r.0.len() != judges) {
            return Err(NoFit::Ragged);
        }
        let (centre, variance): (Vec<f64>, Vec<f64>) = (0..judges).map(|j| moments(&rows, j)).unzip();
        let even = 1.0 / judges as f64;
        let mean = {
            let (sum, total) = rows.iter().fold((0.0, 0.0), |(s, t), r| (s + r.2 * number(r.1), t + r.2));
            sum / total
        };
        let mut start = vec![even; judges + 1];
        start[0] = mean;
        let at = |theta: &[f64]| {
            let mut l = Local::zero(judges + 1);
            let mut z = vec![1.0; judges + 1];
            for (scores, grade, weight) in rows.iter().copied() {
                for ((cell, s), c) in z[1..].iter_mut().zip(*scores).zip(&centre) {
                    *cell = s.map_or(0.0, |s| number(s) - c);
                }
                let off = z.iter().zip(theta).map(|(z, b)| z * b).sum::<f64>() - number(*grade);
                l.value += 0.5 * weight * off * off;
                l.gradient.iter_mut().zip(&z).for_each(|(g, z)| *g += weight * off * z);
                l.outer(&z, *weight);
            }
            for (j, v) in variance.iter().enumerate() {
                // A judge that never varies still needs a penalty, or its weight would be free.
                l.penalty(j + 1, theta[j + 1], even, PRIOR * v.max(0.05));
            }
            l
        };
        let (theta, _) = minimise(start, at)?;
        let weights = theta[1..].to_vec();
        let shift: f64 = weights.iter().zip(&centre).map(|(b, c)| b * c).sum();
        Ok(Self { intercept: theta[0] - shift, weights, centre })
    }

    /// The grade that people would give, 1 to 5. A judge without a score counts as average.
    #[must_use]
    pub fn predict(&self, scores: &[Option<Score>]) -> f64 {
        let said = |j: usize| scores.get(j).copied().flatten().map(number);
        let terms = self.weights.iter().zip(&self.centre).enumerate();
        (self.intercept + terms.map(|(j, (b, c))| b * said(j).unwrap_or(*c)).sum::<f64>()).clamp(1.0, 5.0)
    }
}

fn moments(rows: &[&Graded<'_>], judge: usize) -> (f64, f64) {
    let said = || rows.iter().filter_map(|r| r.0[judge].map(|s| (number(s), r.2)));
    let total: f64 = said().map(|(_, w)| w).sum();
    if total <= 0.0 {
        return (3.0, 0.0);
    }
    let mean = said().map(|(s, w)| s * w).sum::<f64>() / total;
    (mean, said().map(|(s, w)| w * (s - mean).powi(2)).sum::<f64>() / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: [Score; 5] = Score::ALL;

    /// A judge that is right, one that is one too mild, and one that always says 3.
    fn table(n: usize) -> Vec<([Option<Score>; 3], Score)> {
        (0..n)
            .map(|i| {
                let truth = (i * 7 + i / 5) % 5;
                ([Some(S[truth]), Some(S[(truth + 1).min(4)]), Some(S[2])], S[truth])
            })
            .collect()
    }

    fn fit(table: &[([Option<Score>; 3], Score)]) -> JudgeWeights {
        let rows: Vec<Graded<'_>> = table.iter().map(|(x, y)| (x.as_slice(), *y, 1.0)).collect();
        JudgeWeights::fit(&rows).unwrap()
    }

    #[test]
    fn the_judge_that_people_agree_with_gets_the_weight() {
        let w = fit(&table(400)).weights;
        assert!(w[0] > 1.5 * w[1] && w[0] > 0.6, "{w:?}");
    }

    #[test]
    fn few_grades_leave_the_weights_nearly_equal() {
        let w = fit(&table(4)).weights;
        assert!(w.iter().all(|w| (w - 1.0 / 3.0).abs() < 0.15), "{w:?}");
    }

    #[test]
    fn mildness_is_taken_away_and_a_silent_judge_counts_as_average() {
        let data = table(400);
        let fitted = fit(&data);
        let off: f64 = data.iter().map(|(x, y)| fitted.predict(x) - number(*y)).sum::<f64>() / 400.0;
        assert!(off.abs() < 0.02, "{off}");
        let silent = fitted.predict(&[None, None, None]);
        let mean = data.iter().map(|(_, y)| number(*y)).sum::<f64>() / 400.0;
        assert!((silent - mean).abs() < 1e-9);
    }

    #[test]
    fn nothing_to_learn_from_is_an_error() {
        assert_eq!(JudgeWeights::fit(&[]), Err(NoFit::NoRows));
        assert_eq!(JudgeWeights::fit(&[(&[], S[0], 1.0)]), Err(NoFit::Ragged));
    }
}
