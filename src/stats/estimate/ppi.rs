//! Prediction-powered inference, for comparison: the mean with a uniform label sample, tuned and untuned, and by strata.
//!
//! Angelopoulos et al., Science 2023; PPI++ arXiv 2311.01453; StratPPI arXiv 2406.04291. Valid only for labels drawn
//! uniformly (within each stratum); its normal interval degenerates near 0% and 100%. A diagnostic, never the headline.

use super::refuse::Refusal;
use crate::stats::quantile::normal;
use crate::stats::summary::Interval;

/// An estimate with its normal interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normal {
    /// The estimate.
    pub estimate: f64,
    /// Its standard error.
    pub error: f64,
}

impl Normal {
    /// The two-sided interval at error `alpha`.
    #[must_use]
    pub fn interval(&self, alpha: f64) -> Interval {
        let half = normal(1.0 - alpha / 2.0) * self.error;
        Interval { low: self.estimate - half, high: self.estimate + half }
    }
}

/// The three classical answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ppi {
    /// The labels alone.
    pub classical: Normal,
    /// Predictions rectified by the labels: lambda = 1.
    pub untuned: Normal,
    /// With the power tuning of PPI++.
    pub tuned: Normal,
    /// Its lambda, clipped to 0-1.
    pub lambda: f64,
}

fn mean(xs: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = xs.len() as f64;
    xs.sum::<f64>() / n
}

/// Variance with `n - ddof` in the divisor.
fn variance(xs: &[f64], ddof: f64) -> f64 {
    let m = mean(xs.iter().copied());
    xs.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / (xs.len() as f64 - ddof)
}

fn covariance(xs: &[f64], ys: &[f64], ddof: f64) -> f64 {
    let (mx, my) = (mean(xs.iter().copied()), mean(ys.iter().copied()));
    xs.iter().zip(ys).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / (xs.len() as f64 - ddof)
}

/// `mean y + lambda (mean f_unlabelled - mean f_labelled)` with variance `var(y - lambda f)/n + lambda^2 var(f)/N`.
fn rectified(y: &[f64], f: &[f64], unlabelled: &[f64], lambda: f64, ddof: f64) -> Normal {
    let errors: Vec<f64> = y.iter().zip(f).map(|(y, f)| y - lambda * f).collect();
    let estimate = mean(errors.iter().copied()) + lambda * mean(unlabelled.iter().copied());
    let (n, m) = (y.len() as f64, unlabelled.len() as f64);
    let spread = variance(&errors, ddof) / n + lambda * lambda * variance(unlabelled, ddof) / m;
    Normal { estimate, error: spread.max(0.0).sqrt() }
}

/// `lambda = cov(y, f)/((1 + n/N) var f)`, the variance over all predictions; 0 without variation.
fn tuning(y: &[f64], f: &[f64], unlabelled: &[f64], ddof: f64) -> f64 {
    let all: Vec<f64> = f.iter().chain(unlabelled).copied().collect();
    let spread = (1.0 + y.len() as f64 / unlabelled.len() as f64) * variance(&all, 1.0);
    let lambda = covariance(y, f, ddof) / spread;
    if lambda.is_finite() { lambda } else { 0.0 }
}

/// The mean of a quantity with `y` seen for the labelled items, predictions `f` for them and `unlabelled` for the rest.
///
/// Conventions of ppi_py 0.2.3: population standard deviations, z interval, clipped lambda.
///
/// # Errors
/// Fewer than two labels, no unlabelled prediction, or lists of unequal length.
pub fn ppi(y: &[f64], f: &[f64], unlabelled: &[f64]) -> Result<Ppi, Refusal> {
    if y.len() < 2 || unlabelled.is_empty() || y.len() != f.len() {
        return Err(Refusal::FewLabels { labels: y.len() as u64, needed: 2 });
    }
    let lambda = tuning(y, f, unlabelled, 0.0).clamp(0.0, 1.0);
    Ok(Ppi {
        classical: Normal { estimate: mean(y.iter().copied()), error: (variance(y, 0.0) / y.len() as f64).sqrt() },
        untuned: rectified(y, f, unlabelled, 1.0, 0.0),
        tuned: rectified(y, f, unlabelled, lambda, 0.0),
        lambda,
    })
}

/// One stratum's labels and predictions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PpiStratum {
    /// What was seen.
    pub y: Vec<f64>,
    /// Predictions of those.
    pub f: Vec<f64>,
    /// Predictions of the rest of the stratum.
    pub unlabelled: Vec<f64>,
}

/// PPI in each stratum, weighted by size; tuned by stratum or not. A stratum without a rest counts by its labels.
///
/// Conventions of GLIDE 0.10: sample variances (n - 1), lambda not clipped.
///
/// # Errors
/// No stratum, or one with fewer than two labels.
pub fn stratified(strata: &[PpiStratum], tuned: bool) -> Result<Normal, Refusal> {
    let size = |s: &PpiStratum| (s.y.len() + s.unlabelled.len()) as f64;
    let total: f64 = strata.iter().map(size).sum();
    if total <= 0.0 {
        return Err(Refusal::NoItems);
    }
    let (mut estimate, mut spread) = (0.0, 0.0);
    for s in strata.iter().filter(|s| size(s) > 0.0) {
        let weight = size(s) / total;
        if s.unlabelled.is_empty() {
            estimate += weight * mean(s.y.iter().copied());
            continue;
        }
        if s.y.len() < 2 || s.y.len() != s.f.len() {
            return Err(Refusal::FewLabels { labels: s.y.len() as u64, needed: 2 });
        }
        let lambda = if tuned { tuning(&s.y, &s.f, &s.unlabelled, 1.0) } else { 1.0 };
        let part = rectified(&s.y, &s.f, &s.unlabelled, lambda, 1.0);
        estimate += weight * part.estimate;
        spread += weight * weight * part.error * part.error;
    }
    Ok(Normal { estimate, error: spread.sqrt() })
}
