//! The same idea under Poisson sampling, where every item is drawn on its own: AIPW, Horvitz-Thompson, Hajek.
//!
//! Active inference (Zrnic and Candes, arXiv 2403.03208) and its relatives; equal to GLIDE's estimators. Our designs draw
//! fixed numbers by stratum, so this serves imported runs and as a second computation.

use super::ppi::Normal;
use super::refuse::Refusal;

/// One item: what was seen of it, its prediction, and its inclusion probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// What was seen; absent where it was not drawn.
    pub seen: Option<f64>,
    /// The prediction.
    pub predicted: f64,
    /// P(drawn): over 0, at most 1.
    pub inclusion: f64,
}

/// The estimates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Poisson {
    /// Mean of `f + R/pi (y - f)`, error by the spread of its terms.
    pub aipw: Normal,
    /// The same with `lambda f` for `f`, lambda = cov/var of the weighted terms.
    pub tuned: Normal,
    /// Mean of `R y/pi`, error by the spread of its terms.
    pub horvitz_thompson: Normal,
    /// `sum R y/pi / sum R/pi`; absent where nothing was drawn.
    pub hajek: Option<f64>,
    /// Design variance of AIPW: `sum R (1-pi) e^2/pi^2 / N^2`.
    pub design_variance: f64,
}

/// Estimates the mean over all items.
///
/// # Errors
/// Fewer than two items, or one with inclusion probability 0 (to leave it out would change what is estimated).
pub fn poisson(items: &[Drawn]) -> Result<Poisson, Refusal> {
    if let Some((item, _)) = (0_u64..).zip(items).find(|(_, i)| !(i.inclusion > 0.0 && i.inclusion <= 1.0)) {
        return Err(Refusal::NoChance { item });
    }
    if items.len() < 2 {
        return Err(Refusal::FewLabels { labels: items.len() as u64, needed: 2 });
    }
    let n = items.len() as f64;
    let weight = |i: &Drawn| if i.seen.is_some() { 1.0 / i.inclusion } else { 0.0 };
    let seen = |i: &Drawn| i.seen.unwrap_or(0.0) * weight(i);
    // The part of a prediction that its own weight does not cancel.
    let slack = |i: &Drawn| i.predicted * (1.0 - weight(i));
    let terms = |lambda: f64| items.iter().map(move |i| seen(i) + lambda * slack(i));
    let (ht, left) = (spread(terms(0.0), n), spread(items.iter().map(slack), n));
    let joint = items.iter().map(|i| (seen(i) - ht.estimate) * (slack(i) - left.estimate)).sum::<f64>() / (n - 1.0);
    let lambda = -joint / (left.error * left.error * n);
    let weights: f64 = items.iter().map(weight).sum();
    Ok(Poisson {
        aipw: spread(terms(1.0), n),
        tuned: spread(terms(if lambda.is_finite() { lambda } else { 0.0 }), n),
        horvitz_thompson: ht,
        hajek: (weights > 0.0).then(|| items.iter().map(seen).sum::<f64>() / weights),
        design_variance: items
            .iter()
            .filter_map(|i| Some((1.0 - i.inclusion) * ((i.seen? - i.predicted) / i.inclusion).powi(2)))
            .sum::<f64>()
            / (n * n),
    })
}

/// Mean and its standard error, n - 1 in the divisor.
fn spread(xs: impl Iterator<Item = f64> + Clone, n: f64) -> Normal {
    let estimate = xs.clone().sum::<f64>() / n;
    let error = (xs.map(|x| (x - estimate) * (x - estimate)).sum::<f64>() / (n - 1.0) / n).sqrt();
    Normal { estimate, error }
}
