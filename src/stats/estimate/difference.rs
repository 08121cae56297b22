//! The stratified difference estimator: the mean of the predictions plus the mean error seen in each stratum.
//!
//! Unbiased over the random draws whatever the predictions are, since the inclusion probabilities are known (GREG/AIPW
//! form). Generic in what is predicted: passes, scores, or differences between two runs.

use super::refuse::Refusal;

/// One item of the target population, in the terms of one quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Index of its stratum.
    pub stratum: u32,
    /// Which items look alike: the same document, template, conversation, or case.
    pub cluster: u64,
    /// The frozen prediction `f`.
    pub predicted: f64,
    /// The variance that the frozen calibrator expects of the quantity given what judges say: `p(1-p)` of a pass.
    pub expected_variance: f64,
    /// What was seen, for items that were drawn and graded.
    pub seen: Option<f64>,
}

/// How variances are kept from looking too small.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shrinkage {
    /// Weight of the prior variance, in observations.
    pub nu: f64,
    /// Distrust of the calibrator: added to the mean expected variance of a stratum.
    pub eps: f64,
}

impl Default for Shrinkage {
    fn default() -> Self {
        Self { nu: 4.0, eps: 0.02 }
    }
}

/// One stratum, summed up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Items in it.
    pub size: u64,
    /// Items seen.
    pub seen: u64,
    /// Mean error of the predictions, seen minus predicted.
    pub mean_error: f64,
    /// Sample variance of the errors (n - 1); 0 for a single one.
    pub variance: f64,
    /// Mean expected variance over all of its items, without the distrust.
    pub expected_variance: f64,
}

/// A stratum's contribution to the design variance, with its degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// `W_k^2 (1 - n_k/N_k) s_k^2/n_k`.
    pub variance: f64,
    /// Observations behind it, minus one, and the prior's.
    pub df: f64,
}

/// The estimate of one quantity's mean over the items given.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The estimate. May fall a little outside the scale by chance: clip it for display only.
    pub theta: f64,
    /// Items.
    pub size: u64,
    /// Items seen.
    pub seen: u64,
    /// By stratum index; an index without items has size 0.
    pub parts: Vec<Part>,
}

impl Difference {
    /// Sums up the rows of `items`, in one pass.
    ///
    /// `theta = mean f + sum_k N_k/N mean_{seen in k}(y - f)`.
    ///
    /// # Errors
    /// No item, a stratum that nobody saw, or a number that is none.
    pub fn of<T>(items: &[T], row: impl Fn(&T) -> Row) -> Result<Self, Refusal> {
        let mut parts: Vec<Part> = Vec::new();
        // Errors seen, with their stratum: as many as there are grades, not as there are items.
        let mut errors: Vec<(u32, f64)> = Vec::new();
        let mut predicted = 0.0;
        for (position, item) in (0_u64..).zip(items) {
            let r = row(item);
            if !(r.predicted.is_finite() && r.expected_variance.is_finite() && r.seen.is_none_or(f64::is_finite)) {
                return Err(Refusal::OffScale { item: position });
            }
            let at = r.stratum as usize;
            if at >= parts.len() {
                // An index far beyond the number of items is a mistake, not a stratum.
                if at > items.len() + 4096 {
                    return Err(Refusal::DesignChanged);
                }
                parts.resize(at + 1, Part::default());
            }
            if let Some(part) = parts.get_mut(at) {
                part.size += 1;
                part.expected_variance += r.expected_variance;
                if let Some(y) = r.seen {
                    part.seen += 1;
                    part.mean_error += y - r.predicted;
                    errors.push((r.stratum, y - r.predicted));
                }
            }
            predicted += r.predicted;
        }
        let size = items.len() as u64;
        Self::finish(size, predicted, parts, &errors)
    }

    fn finish(size: u64, predicted: f64, mut parts: Vec<Part>, errors: &[(u32, f64)]) -> Result<Self, Refusal> {
        if size == 0 {
            return Err(Refusal::NoItems);
        }
        if errors.is_empty() {
            return Err(Refusal::NothingDrawn);
        }
        let blind = |p: &&Part| p.size > 0 && p.seen == 0;
        if let Some((stratum, _)) = (0_u32..).zip(&parts).find(|(_, p)| blind(p)) {
            return Err(Refusal::Unreviewed { stratum, items: parts.iter().filter(blind).map(|p| p.size).sum() });
        }
        let mut theta = predicted / size as f64;
        for p in parts.iter_mut().filter(|p| p.size > 0) {
            p.expected_variance /= p.size as f64;
            p.mean_error /= p.seen as f64;
            theta += p.size as f64 / size as f64 * p.mean_error;
        }
        for &(stratum, e) in errors {
            if let Some(p) = parts.get_mut(stratum as usize) {
                p.variance += (e - p.mean_error) * (e - p.mean_error);
            }
        }
        for p in parts.iter_mut().filter(|p| p.seen > 1) {
            p.variance /= p.seen as f64 - 1.0;
        }
        Ok(Self { theta, size, seen: errors.len() as u64, parts })
    }

    /// Each incomplete stratum's share of the design variance, its variance shrunk towards what the calibrator expects:
    /// `((n-1) s^2 + nu m)/(n-1+nu)`. Strata seen whole add none.
    #[must_use]
    pub fn shares(&self, shrinkage: Shrinkage) -> Vec<Share> {
        let share = |p: &Part| {
            let (n, of) = (p.seen as f64, p.size as f64);
            let df = n - 1.0 + shrinkage.nu;
            let prior = p.expected_variance + shrinkage.eps;
            let variance = if df > 0.0 { ((n - 1.0) * p.variance + shrinkage.nu * prior) / df } else { 0.0 };
            let weight = of / self.size as f64;
            Share { variance: weight * weight * (1.0 - n / of) * variance / n, df }
        };
        self.parts.iter().filter(|p| p.size > 0 && p.seen < p.size).map(share).collect()
    }

    /// The design variance without any prior: what a textbook prints, and 0 where no error was seen.
    #[must_use]
    pub fn plain_variance(&self) -> f64 {
        self.shares(Shrinkage { nu: 0.0, eps: 0.0 }).iter().map(|s| s.variance).sum()
    }

    /// P(an item of this stratum is seen), as it came out.
    #[must_use]
    pub fn inclusion(&self, stratum: u32) -> f64 {
        self.parts.get(stratum as usize).map_or(1.0, |p| p.seen as f64 / p.size as f64)
    }
}

/// Degrees of freedom of a sum of variances (Satterthwaite 1946): `V^2 / sum c^2/df`. Infinite without variance.
#[must_use]
pub fn satterthwaite(shares: &[Share]) -> f64 {
    let total: f64 = shares.iter().map(|s| s.variance).sum();
    let weight: f64 = shares.iter().filter(|s| s.df > 0.0).map(|s| s.variance * s.variance / s.df).sum();
    if weight > 0.0 { total * total / weight } else { f64::INFINITY }
}
