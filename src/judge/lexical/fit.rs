//! Ridge logistic regression by Newton's method (iteratively reweighted least squares). Deterministic; used by the fit program.
//!
//! Source: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 2nd edition, 4.4.1 and 3.4.1.

use super::model::logistic;

/// Feature rows (constant first) with their labels.
#[derive(Clone, Debug, Default)]
pub struct Labelled<'a> {
    /// One row of feature values an item; the first is the constant.
    pub rows: Vec<&'a [f64]>,
    /// Whether people passed it.
    pub labels: Vec<bool>,
}

/// Weights of the features as they are, the constant first. `ridge` penalises the squared weights of the standardised
/// features, never the constant.
///
/// Returns `None` where there is nothing to fit: no rows, or a system that cannot be solved.
#[must_use]
pub fn logistic_ridge(data: &Labelled<'_>, ridge: f64) -> Option<Vec<f64>> {
    let width = data.rows.first()?.len();
    let (mean, spread) = standard(data, width);
    let standardised = |row: &[f64], j: usize| if j == 0 { 1.0 } else { (row[j] - mean[j]) / spread[j] };
    let mut w = vec![0.0; width];
    for _ in 0..50 {
        let mut gradient = vec![0.0; width];
        let mut hessian = vec![vec![0.0; width]; width];
        let mut x = vec![0.0; width];
        for (row, &label) in data.rows.iter().zip(&data.labels) {
            for (j, x) in x.iter_mut().enumerate() {
                *x = standardised(row, j);
            }
            let p = logistic(x.iter().zip(&w).map(|(a, b)| a * b).sum());
            let (error, weight) = (f64::from(u8::from(label)) - p, (p * (1.0 - p)).max(1e-9));
            for j in 0..width {
                gradient[j] += error * x[j];
                for k in 0..=j {
                    hessian[j][k] += weight * x[j] * x[k];
                }
            }
        }
        for j in 1..width {
            gradient[j] -= ridge * w[j];
            hessian[j][j] += ridge;
        }
        let step = solve(hessian, gradient)?;
        for (w, s) in w.iter_mut().zip(&step) {
            *w += s;
        }
        if step.iter().all(|s| s.abs() < 1e-10) {
            break;
        }
    }
    let mut raw: Vec<f64> = w.iter().zip(&spread).map(|(w, s)| w / s).collect();
    raw[0] = w[0] - raw.iter().zip(&mean).skip(1).map(|(w, m)| w * m).sum::<f64>();
    Some(raw)
}

/// Mean and standard deviation of every feature; a constant feature has spread 1.
fn standard(data: &Labelled<'_>, width: usize) -> (Vec<f64>, Vec<f64>) {
    let n = data.rows.len() as f64;
    let column = |j: usize| data.rows.iter().map(move |r| r[j]);
    let mean: Vec<f64> = (0..width).map(|j| if j == 0 { 0.0 } else { column(j).sum::<f64>() / n }).collect();
    let spread = (0..width)
        .map(|j| {
            let variance = column(j).map(|x| (x - mean[j]).powi(2)).sum::<f64>() / n;
            if j == 0 || variance < 1e-12 { 1.0 } else { variance.sqrt() }
        })
        .collect();
    (mean, spread)
}

/// Solves a symmetric positive definite system, of which the lower half is given, by Cholesky's decomposition.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| a[i][k] * a[j][k]).sum();
            let v = a[i][j] - dot;
            if i == j {
                if v <= 0.0 || !v.is_finite() {
                    return None;
                }
                a[i][i] = v.sqrt();
            } else {
                a[i][j] = v / a[j][j];
            }
        }
        b[i] = (b[i] - (0..i).map(|k| a[i][k] * b[k]).sum::<f64>()) / a[i][i];
    }
    for i in (0..n).rev() {
        b[i] = (b[i] - (i + 1..n).map(|k| a[k][i] * b[k]).sum::<f64>()) / a[i][i];
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_of_two_groups_are_their_log_odds() {
        // 3 of 4 pass with the feature, 1 of 4 without.
        let rows: Vec<[f64; 2]> = (0..8).map(|i| [1.0, f64::from(u8::from(i < 4))]).collect();
        let labels = vec![true, true, true, false, true, false, false, false];
        let data = Labelled { rows: rows.iter().map(<[f64; 2]>::as_slice).collect(), labels };
        let w = logistic_ridge(&data, 0.0).unwrap();
        assert!((w[0] - (1.0f64 / 3.0).ln()).abs() < 1e-8, "{w:?}");
        assert!((w[1] - 9.0f64.ln()).abs() < 1e-8, "{w:?}");
    }

    #[test]
    fn a_ridge_shrinks_the_weights_but_not_the_constant() {
        let rows: Vec<[f64; 2]> = (0..8).map(|i| [1.0, f64::from(i)]).collect();
        let data = Labelled { rows: rows.iter().map(<[f64; 2]>::as_slice).collect(), labels: (0..8).map(|i| i >= 4).collect() };
        let w = logistic_ridge(&data, 1e9).unwrap();
        assert!(w[1].abs() < 1e-6);
        assert!(logistic_ridge(&data, 1.0).unwrap()[1] > 0.1);
    }

    #[test]
    fn nothing_gives_no_weights() {
        assert_eq!(logistic_ridge(&Labelled::default(), 1.0), None);
    }
}
