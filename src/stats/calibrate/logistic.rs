//! Ridge logistic regression by Newton's method: rows with weights, an unpenalised intercept, or a Gaussian prior per
//! coefficient, so that a team's own labels update a fitted model.
//!
//! Invariant: the same rows in the same order give the same model, bit for bit; a prediction is strictly inside (0, 1).

use serde::{Deserialize, Serialize};

use super::newton::{Local, NoFit, minimise};

/// One labelled row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// Features; one that is not finite counts as the average of its column.
    pub x: &'a [f64],
    /// The label: 1 for yes, 0 for no, or a share between.
    pub y: f64,
    /// How often the row counts; rows with weight 0 are left out.
    pub weight: f64,
}

/// What the coefficients are pulled to. All on the scale of the standardised features.
#[derive(Clone, Debug, PartialEq)]
pub enum Penalty {
    /// `lambda / 2 * sum of squared weights`; the intercept is free.
    Ridge(f64),
    /// A Gaussian for each coefficient, intercept first.
    Gaussian {
        /// Its means.
        mean: Vec<f64>,
        /// Its precisions (1 / variance).
        precision: Vec<f64>,
    },
}

/// A fitted model, with the standardisation that it was fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    /// What is subtracted from each feature.
    pub centre: Vec<f64>,
    /// What each feature is then divided by.
    pub scale: Vec<f64>,
    /// Logit at average features.
    pub intercept: f64,
    /// One for each standardised feature.
    pub weights: Vec<f64>,
    /// The diagonal of the penalised information matrix at the optimum, intercept first: how much is known of each coefficient.
    pub information: Vec<f64>,
}

/// `1 / (1 + e^-t)`, without overflow.
#[must_use]
pub fn sigmoid(t: f64) -> f64 {
    if t >= 0.0 { 1.0 / (1.0 + (-t).exp()) } else { t.exp() / (1.0 + t.exp()) }
}

/// `ln(1 + e^t)`, without overflow.
fn softplus(t: f64) -> f64 {
    t.max(0.0) + (-t.abs()).exp().ln_1p()
}

/// Weighted mean and standard deviation of each column; a column that does not vary has deviation 1.
pub(super) fn standardisation<'a>(rows: impl Iterator<Item = (&'a [f64], f64)> + Clone, columns: usize) -> (Vec<f64>, Vec<f64>) {
    let column = |j: usize| {
        let cells = || rows.clone().filter_map(move |(x, w)| x.get(j).filter(|v| v.is_finite()).map(|v| (*v, w)));
        let total: f64 = cells().map(|(_, w)| w).sum();
        if total <= 0.0 {
            return (0.0, 1.0);
        }
        let mean = cells().map(|(v, w)| v * w).sum::<f64>() / total;
        let deviation = (cells().map(|(v, w)| w * (v - mean).powi(2)).sum::<f64>() / total).sqrt();
        (mean, if deviation > 1e-9 * (1.0 + mean.abs()) { deviation } else { 1.0 })
    };
    (0..columns).map(column).unzip()
}

/// One standardised row, led by a 1 for the intercept.
pub(super) fn standardised(x: &[f64], centre: &[f64], scale: &[f64], into: &mut Vec<f64>) {
    into.clear();
    into.push(1.0);
    into.extend(x.iter().zip(centre).zip(scale).map(|((v, c), s)| if v.is_finite() { (v - c) / s } else { 0.0 }));
}

impl Logistic {
    /// Fits a model by maximum penalised likelihood: the minimum of
    /// `sum w_i (ln(1 + e^t_i) - y_i t_i) + penalty`, `t_i = b0 + b'z_i`, z the standardised features
    /// (le Cessie and van Houwelingen 1992, equation (1)).
    pub fn fit(rows: &[Row<'_>], penalty: &Penalty) -> Result<Self, NoFit> {
        let columns = rows.first().map_or(0, |r| r.x.len());
        let (centre, scale) = standardisation(rows.iter().filter(|r| r.weight > 0.0).map(|r| (r.x, r.weight)), columns);
        Self::fit_on(rows, centre, scale, penalty)
    }

    /// Updates this model with a team's own rows: its coefficients become the mean of a Gaussian prior whose precision is
    /// `strength` times what this model knows of each (1: its rows count fully; 0.1: as a tenth). Keeps the standardisation.
    pub fn update(&self, rows: &[Row<'_>], strength: f64) -> Result<Self, NoFit> {
        let mean: Vec<f64> = std::iter::once(self.intercept).chain(self.weights.iter().copied()).collect();
        let precision = self.information.iter().map(|i| i * strength).collect();
        self.update_with(rows, &Penalty::Gaussian { mean, precision })
    }

    /// Fits on this model's standardisation, with any penalty.
    pub fn update_with(&self, rows: &[Row<'_>], penalty: &Penalty) -> Result<Self, NoFit> {
        Self::fit_on(rows, self.centre.clone(), self.scale.clone(), penalty)
    }

    fn fit_on(rows: &[Row<'_>], centre: Vec<f64>, scale: Vec<f64>, penalty: &Penalty) -> Result<Self, NoFit> {
        let dimension = centre.len() + 1;
        let mut z = Vec::with_capacity(rows.len() * dimension);
        let mut labels = Vec::with_capacity(rows.len());
        let mut row = Vec::with_capacity(dimension);
        for r in rows.iter().filter(|r| r.weight.is_finite() && r.weight > 0.0) {
            if r.x.len() != centre.len() {
                return Err(NoFit::Ragged);
            }
            if !(0.0..=1.0).contains(&r.y) {
                return Err(NoFit::OutOfRange);
            }
            standardised(r.x, &centre, &scale, &mut row);
            z.extend_from_slice(&row);
            labels.push((r.y, r.weight));
        }
        let (mean, precision) = prior(penalty, dimension)?;
        let (total, yes) = labels.iter().fold((0.0, 0.0), |(t, s), (y, w)| (t + w, s + w * y));
        if total <= 0.0 {
            return Err(NoFit::NoRows);
        }
        if precision[0] <= 0.0 && (yes <= 0.0 || yes >= total) {
            return Err(NoFit::OneClass);
        }
        let at = |theta: &[f64]| {
            let mut l = Local::zero(dimension);
            for (row, (y, w)) in z.chunks_exact(dimension).zip(&labels) {
                let t: f64 = row.iter().zip(theta).map(|(z, b)| z * b).sum();
                let p = sigmoid(t);
                l.value += w * (softplus(t) - y * t);
                for (g, z) in l.gradient.iter_mut().zip(row) {
                    *g += w * (p - y) * z;
                }
                l.outer(row, w * p * (1.0 - p));
            }
            for (i, ((t, m), s)) in theta.iter().zip(&mean).zip(&precision).enumerate() {
                l.penalty(i, *t, *m, *s);
            }
            l
        };
        let mut start = mean.clone();
        if precision[0] <= 0.0 {
            start[0] = (yes / (total - yes)).ln();
        }
        let (theta, hessian) = minimise(start, at)?;
        let information = (0..dimension).map(|i| hessian[i * dimension + i]).collect();
        Ok(Self { centre, scale, intercept: theta[0], weights: theta[1..].to_vec(), information })
    }

    /// The logit at a row of features. A feature that is missing or not finite counts as average.
    #[must_use]
    pub fn logit(&self, x: &[f64]) -> f64 {
        let terms = x.iter().zip(&self.centre).zip(&self.scale).zip(&self.weights);
        terms.fold(self.intercept, |t, (((v, c), s), b)| if v.is_finite() { t + b * (v - c) / s } else { t })
    }

    /// The probability of yes at a row of features, within (0, 1).
    #[must_use]
    pub fn predict(&self, x: &[f64]) -> f64 {
        sigmoid(self.logit(x)).clamp(1e-12, 1.0 - 1e-12)
    }

    /// What each feature adds to the logit, in order: for saying why.
    #[must_use]
    pub fn contributions(&self, x: &[f64]) -> Vec<f64> {
        let terms = x.iter().zip(&self.centre).zip(&self.scale).zip(&self.weights);
        terms.map(|(((v, c), s), b)| if v.is_finite() { b * (v - c) / s } else { 0.0 }).collect()
    }
}

fn prior(penalty: &Penalty, dimension: usize) -> Result<(Vec<f64>, Vec<f64>), NoFit> {
    let (mean, precision) = match penalty {
        Penalty::Ridge(lambda) => {
            let mut precision = vec![*lambda; dimension];
            precision[0] = 0.0;
            (vec![0.0; dimension], precision)
        }
        Penalty::Gaussian { mean, precision } => (mean.clone(), precision.clone()),
    };
    if mean.len() != dimension || precision.len() != dimension {
        return Err(NoFit::Ragged);
    }
    let good = mean.iter().all(|m| m.is_finite()) && precision.iter().all(|p| p.is_finite() && *p >= 0.0);
    if good { Ok((mean, precision)) } else { Err(NoFit::OutOfRange) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows<'a>(xs: &'a [Vec<f64>], ys: &[f64]) -> Vec<Row<'a>> {
        xs.iter().zip(ys).map(|(x, y)| Row { x, y: *y, weight: 1.0 }).collect()
    }

    fn columns(cells: &[&[f64]]) -> Vec<Vec<f64>> {
        cells.iter().map(|c| c.to_vec()).collect()
    }

    #[test]
    fn without_features_it_is_the_share() {
        let xs = vec![vec![]; 10];
        let model = Logistic::fit(&rows(&xs, &[1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]), &Penalty::Ridge(1.0)).unwrap();
        assert!((model.predict(&[]) - 0.3).abs() < 1e-12);
    }

    #[test]
    fn one_binary_feature_without_a_penalty_is_the_two_shares() {
        let xs = columns(&[&[0.0], &[0.0], &[0.0], &[0.0], &[1.0], &[1.0], &[1.0], &[1.0], &[1.0]]);
        let model = Logistic::fit(&rows(&xs, &[1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0]), &Penalty::Ridge(0.0)).unwrap();
        assert!((model.predict(&[0.0]) - 0.25).abs() < 1e-9 && (model.predict(&[1.0]) - 0.8).abs() < 1e-9);
    }

    #[test]
    fn separable_labels_need_a_penalty_and_then_have_a_finite_fit() {
        let xs = columns(&[&[0.0], &[1.0], &[2.0], &[3.0]]);
        let labelled = rows(&xs, &[0.0, 0.0, 1.0, 1.0]);
        let model = Logistic::fit(&labelled, &Penalty::Ridge(1.0)).unwrap();
        assert!(model.predict(&[0.0]) < 0.5 && model.predict(&[3.0]) > 0.5 && model.weights[0].is_finite());
    }

    #[test]
    fn labels_of_one_kind_are_refused_unless_a_prior_holds_the_intercept() {
        let xs = columns(&[&[0.0], &[1.0]]);
        let labelled = rows(&xs, &[1.0, 1.0]);
        assert_eq!(Logistic::fit(&labelled, &Penalty::Ridge(1.0)), Err(NoFit::OneClass));
        assert_eq!(Logistic::fit(&[], &Penalty::Ridge(1.0)), Err(NoFit::NoRows));
        let held = Penalty::Gaussian { mean: vec![0.0; 2], precision: vec![1.0; 2] };
        assert!(Logistic::fit(&labelled, &held).unwrap().predict(&[0.5]) > 0.5);
    }

    #[test]
    fn impossible_input_is_refused() {
        let (a, b) = ([1.0], [1.0, 2.0]);
        let ragged = [Row { x: &a, y: 0.0, weight: 1.0 }, Row { x: &b, y: 1.0, weight: 1.0 }];
        assert_eq!(Logistic::fit(&ragged, &Penalty::Ridge(1.0)), Err(NoFit::Ragged));
        let off = [Row { x: &a, y: 2.0, weight: 1.0 }];
        assert_eq!(Logistic::fit(&off, &Penalty::Ridge(1.0)), Err(NoFit::OutOfRange));
        let fine = [Row { x: &a, y: 1.0, weight: 1.0 }, Row { x: &a, y: 0.0, weight: 1.0 }];
        assert_eq!(Logistic::fit(&fine, &Penalty::Ridge(f64::NAN)), Err(NoFit::OutOfRange));
    }

    #[test]
    fn a_weight_of_two_is_the_row_twice() {
        let xs = columns(&[&[0.1, 3.0], &[0.4, 1.0], &[0.9, 2.0], &[0.3, 2.0]]);
        let mut weighted = rows(&xs, &[0.0, 1.0, 1.0, 0.0]);
        weighted[1].weight = 2.0;
        let mut doubled = rows(&xs, &[0.0, 1.0, 1.0, 0.0]);
        doubled.insert(2, doubled[1]);
        let [a, b] = [weighted, doubled].map(|r| Logistic::fit(&r, &Penalty::Ridge(1.0)).unwrap());
        for (x, y) in a.weights.iter().zip(&b.weights) {
            assert!((x - y).abs() < 1e-12);
        }
    }

    #[test]
    fn an_update_moves_a_strong_prior_little_and_a_weak_one_far() {
        let xs: Vec<Vec<f64>> = (0..40).map(|i| vec![f64::from(i % 10)]).collect();
        let ys: Vec<f64> = (0..40).map(|i| f64::from(u8::from(i % 10 >= 5) ^ u8::from(i % 7 == 0))).collect();
        let before = Logistic::fit(&rows(&xs, &ys), &Penalty::Ridge(1.0)).unwrap();
        let flipped: Vec<f64> = ys.iter().map(|y| 1.0 - y).collect();
        let [strong, weak] = [100.0, 0.001].map(|s| before.update(&rows(&xs, &flipped), s).unwrap());
        assert!(before.weights[0] > 0.0 && strong.weights[0] > 0.0 && weak.weights[0] < 0.0);
        assert!((strong.weights[0] - before.weights[0]).abs() < 0.1);
    }

    #[test]
    fn a_model_survives_json_bit_for_bit() {
        let xs = columns(&[&[0.1], &[0.7], &[0.4]]);
        let model = Logistic::fit(&rows(&xs, &[0.0, 1.0, 1.0]), &Penalty::Ridge(0.3)).unwrap();
        let back: Logistic = serde_json::from_str(&serde_json::to_string(&model).unwrap()).unwrap();
        assert_eq!(model, back);
    }

    proptest! {
        #[test]
        fn the_gradient_is_zero_and_predictions_are_probabilities(
            data in prop::collection::vec(((-5.0f64..5.0, -1e3f64..1e3), any::<bool>(), 0.1f64..10.0), 4..40),
            lambda in 0.01f64..10.0,
        ) {
            let xs: Vec<Vec<f64>> = data.iter().map(|((a, b), ..)| vec![*a, *b, f64::NAN]).collect();
            let rows: Vec<Row<'_>> =
                xs.iter().zip(&data).map(|(x, (_, y, weight))| Row { x, y: f64::from(u8::from(*y)), weight: *weight }).collect();
            prop_assume!(data.iter().any(|d| d.1) && data.iter().any(|d| !d.1));
            let model = Logistic::fit(&rows, &Penalty::Ridge(lambda)).unwrap();
            let residual = |r: &Row<'_>| r.weight * (model.predict(r.x) - r.y);
            prop_assert!(rows.iter().map(residual).sum::<f64>().abs() < 1e-6, "the mean prediction is the share");
            let z = |x: &[f64], j: usize| (x[j] - model.centre[j]) / model.scale[j];
            for j in 0..2 {
                let slope: f64 = rows.iter().map(|r| residual(r) * z(r.x, j)).sum::<f64>() + lambda * model.weights[j];
                prop_assert!(slope.abs() < 1e-6, "{slope}");
            }
            prop_assert!(rows.iter().all(|r| (0.0..=1.0).contains(&model.predict(r.x))));
            prop_assert_eq!(&model, &Logistic::fit(&rows, &Penalty::Ridge(lambda)).unwrap());
        }
    }
}
