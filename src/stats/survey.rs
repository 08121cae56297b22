//! Intervals for a share in a stratified sample drawn without replacement: Korn-Graubard and logit-t.
//!
//! Korn and Graubard 1998 (Survey Methodology 24, 193-201); both as in `svyciprop` of R's survey package.

use super::interval::wilson;
use super::quantile::{beta, normal, student_t};
use super::summary::Interval;

/// One stratum of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Items in the stratum.
    pub size: u64,
    /// Items seen.
    pub seen: u64,
    /// Sum of what was seen: passes, errors, or scores.
    pub sum: f64,
    /// Sum of squares of what was seen.
    pub squares: f64,
}

impl Cell {
    /// A stratum of which `seen` items were seen, `hits` of them with the property.
    #[must_use]
    pub fn of_share(size: u64, seen: u64, hits: u64) -> Self {
        Self { size, seen, sum: hits as f64, squares: hits as f64 }
    }

    /// What was seen with the property, for a share.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of zeros and ones")]
    pub fn hits(&self) -> u64 {
        self.sum.round().max(0.0) as u64
    }

    fn mean(&self) -> f64 {
        self.sum / self.seen as f64
    }

    /// Sample variance (n - 1); 0 for a single item.
    fn variance(&self) -> f64 {
        if self.seen < 2 {
            return 0.0;
        }
        ((self.squares - self.sum * self.mean()) / (self.seen as f64 - 1.0)).max(0.0)
    }
}

/// The mean over a stratified sample, with its design error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StratifiedMean {
    /// Sum over strata of N_k/N times the mean seen.
    pub mean: f64,
    /// Its standard error, with the finite population correction: a stratum seen whole adds nothing.
    pub error: f64,
    /// Items seen.
    pub seen: u64,
    /// Degrees of freedom: items seen minus strata.
    pub df: f64,
    /// `1 / sum (N_k/N)^2/n_k`: what the sample would be worth if strata did not differ; at most `seen`.
    pub worth: f64,
}

/// The mean of a stratified sample; `None` without a stratum, or when one of them was not seen at all.
///
/// `sum W_k mean_k`, variance `sum W_k^2 (1 - n_k/N_k) s_k^2/n_k` (Cochran 1977, 5.6).
#[must_use]
pub fn stratified_mean(cells: &[Cell]) -> Option<StratifiedMean> {
    let total: u64 = cells.iter().map(|c| c.size).sum();
    if total == 0 || cells.iter().any(|c| c.size > 0 && c.seen == 0) {
        return None;
    }
    let mut out = StratifiedMean { mean: 0.0, error: 0.0, seen: 0, df: 0.0, worth: 0.0 };
    let (mut variance, mut squared_weights) = (0.0, 0.0);
    for c in cells.iter().filter(|c| c.size > 0) {
        let (weight, n) = (c.size as f64 / total as f64, c.seen as f64);
        out.mean += weight * c.mean();
        variance += weight * weight * (1.0 - n / c.size as f64).max(0.0) * c.variance() / n;
        squared_weights += weight * weight / n;
        out.seen += c.seen;
        out.df += n - 1.0;
    }
    out.error = variance.sqrt();
    out.worth = 1.0 / squared_weights;
    Some(out)
}

impl StratifiedMean {
    /// Korn and Graubard's effective sample size at probability `q` of the t quantile; `None` without variance.
    fn effective(&self, q: f64) -> Option<f64> {
        let spread = self.mean * (1.0 - self.mean);
        if self.error <= 0.0 || spread <= 0.0 {
            return None;
        }
        let widen = if self.df > 0.0 { student_t(q, self.seen as f64 - 1.0) / student_t(q, self.df) } else { 1.0 };
        Some(spread / (self.error * self.error) * widen * widen)
    }

    /// The two-sided Korn-Graubard interval of a share at error `alpha`: Clopper-Pearson on an effective sample size
    /// `p(1-p)/se^2 (t_{n-1}/t_df)^2`. `None` where nothing varied: the effective size does not exist.
    #[must_use]
    pub fn korn_graubard(&self, alpha: f64) -> Option<Interval> {
        let n = self.effective(1.0 - alpha / 2.0)?;
        let (hits, misses) = (n * self.mean, n * (1.0 - self.mean));
        Some(Interval { low: beta(alpha / 2.0, hits, misses + 1.0), high: beta(1.0 - alpha / 2.0, hits + 1.0, misses) })
    }

    /// The two-sided interval of a share on the logit scale with a t quantile. `None` where nothing varied.
    #[must_use]
    pub fn logit_t(&self, alpha: f64) -> Option<Interval> {
        let spread = self.mean * (1.0 - self.mean);
        if self.error <= 0.0 || spread <= 0.0 {
            return None;
        }
        let centre = (self.mean / (1.0 - self.mean)).ln();
        let half = student_t(1.0 - alpha / 2.0, self.df) * self.error / spread;
        let expit = |x: f64| 1.0 / (1.0 + (-x).exp());
        Some(Interval { low: expit(centre - half), high: expit(centre + half) })
    }

    /// A one-sided upper bound of a rare share at error `alpha`, also when none was seen: Clopper-Pearson on the smaller
    /// of the Korn-Graubard size and [`Self::worth`]. Without an event in n items of one stratum it is `1 - alpha^(1/n)`:
    /// 59 clean audits bound the rate at 5%, 299 at 1%.
    #[must_use]
    pub fn rare_upper(&self, alpha: f64) -> f64 {
        let n = self.effective(1.0 - alpha).unwrap_or(f64::INFINITY).min(self.worth);
        beta(1.0 - alpha, n * self.mean + 1.0, n * (1.0 - self.mean))
    }

    /// Wilson's two-sided 95% interval on the effective sample size; on [`Self::worth`] where nothing varied.
    #[must_use]
    pub fn wilson(&self) -> Interval {
        wilson(self.mean, self.effective(0.975).unwrap_or(self.worth), normal(0.975))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_stratum_that_nobody_saw_has_no_mean() {
        assert_eq!(stratified_mean(&[]), None);
        assert_eq!(stratified_mean(&[Cell::of_share(10, 5, 5), Cell::of_share(10, 0, 0)]), None);
    }

    #[test]
    fn a_sample_of_everything_has_no_error() {
        let all = stratified_mean(&[Cell::of_share(10, 10, 7), Cell::of_share(30, 30, 3)]).unwrap();
        assert!((all.mean - 0.25).abs() < 1e-12 && all.error.abs() < 1e-12);
        assert_eq!((all.korn_graubard(0.05), all.logit_t(0.05)), (None, None));
    }

    #[test]
    fn clean_audits_bound_the_rate_as_the_handbook_says() {
        for (audits, rate) in [(59, 0.05), (149, 0.02), (299, 0.01)] {
            let clean = stratified_mean(&[Cell::of_share(100_000, audits, 0)]).unwrap();
            let bound = clean.rare_upper(0.05);
            assert!(bound <= rate && bound > rate * 0.98, "{audits}: {bound}");
        }
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_share_and_narrows_with_alpha(
            cells in prop::collection::vec((2u64..40, 0u64..40, 1u64..50), 1..5)
        ) {
            let cells: Vec<Cell> = cells.iter().map(|&(n, hits, more)| Cell::of_share(n + more, n, hits.min(n))).collect();
            let m = stratified_mean(&cells).unwrap();
            prop_assert!(m.worth <= m.seen as f64 + 1e-9);
            prop_assert!(m.rare_upper(0.05) >= m.mean - 1e-9);
            if let (Some(wide), Some(narrow), Some(logit)) = (m.korn_graubard(0.05), m.korn_graubard(0.2), m.logit_t(0.05)) {
                prop_assert!(wide.low <= m.mean && m.mean <= wide.high && wide.low <= narrow.low && narrow.high <= wide.high);
                prop_assert!(logit.low <= m.mean && m.mean <= logit.high);
            }
        }
    }
}
