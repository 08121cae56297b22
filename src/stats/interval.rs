//! Intervals for a share: Wilson, on a sample size that need not be whole, and Clopper-Pearson.

use super::quantile::{Z_ONE_SIDED_95, Z_TWO_SIDED_95, beta};
use super::summary::Interval;

/// Wilson's score interval for a share `p` (0 to 1) seen in `n` observations, at normal quantile `z`.
/// Without data it is the whole unit interval.
///
/// Wilson 1927, equation (8): `(p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)`.
#[must_use]
pub fn wilson(p: f64, n: f64, z: f64) -> Interval {
    if n.is_nan() || n <= 0.0 || p.is_nan() {
        return Interval { low: 0.0, high: 1.0 };
    }
    let p = p.clamp(0.0, 1.0);
    let zz = z * z;
    let centre = p + zz / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + zz / (4.0 * n * n)).sqrt();
    let scale = 1.0 + zz / n;
    // At 0 and 1 the ends are exact; rounding must not say otherwise.
    let low = if p <= 0.0 { 0.0 } else { ((centre - half) / scale).clamp(0.0, 1.0) };
    let high = if p >= 1.0 { 1.0 } else { ((centre + half) / scale).clamp(0.0, 1.0) };
    Interval { low, high }
}

/// The two-sided 95% interval.
#[must_use]
pub fn wilson_95(p: f64, n: f64) -> Interval {
    wilson(p, n, Z_TWO_SIDED_95)
}

/// The one-sided 95% lower bound.
#[must_use]
pub fn wilson_lower(p: f64, n: f64) -> f64 {
    wilson(p, n, Z_ONE_SIDED_95).low
}

/// The one-sided 95% upper bound.
#[must_use]
pub fn wilson_upper(p: f64, n: f64) -> f64 {
    wilson(p, n, Z_ONE_SIDED_95).high
}

/// The exact bounds of Clopper and Pearson 1934 for a share `p` seen in `n` observations, each wrong with probability at most `alpha`:
/// quantiles of Beta(x, n - x + 1) and Beta(x + 1, n - x). `n` need not be whole. Wilson's one-sided bounds are wrong more often than
/// they say near 0 and 1 (25 passes of 25 clear a line at 90%, and a 90% agent has 7% of such runs), which a gate must not be.
#[must_use]
pub fn exact(p: f64, n: f64, alpha: f64) -> Interval {
    if n.is_nan() || n <= 0.0 || p.is_nan() {
        return Interval { low: 0.0, high: 1.0 };
    }
    let x = p.clamp(0.0, 1.0) * n;
    // A mean over cases may miss a whole number by rounding.
    let x = if (x - x.round()).abs() < 1e-9 { x.round() } else { x };
    let low = if x <= 0.0 { 0.0 } else { beta(alpha, x, n - x + 1.0) };
    let high = if x >= n { 1.0 } else { beta(1.0 - alpha, x + 1.0, n - x) };
    Interval { low, high }
}

/// Clopper and Pearson's exact two-sided interval for `k` hits in `n` at level `1 - alpha`; 0 to 1 without data.
///
/// Clopper and Pearson 1934 in the beta form: the `alpha/2` quantile of Beta(k, n-k+1), the `1 - alpha/2` quantile of
/// Beta(k+1, n-k). Covers at least `1 - alpha`, usually more.
#[must_use]
pub fn clopper_pearson(k: u64, n: u64, alpha: f64) -> Interval {
    Interval { low: clopper_pearson_lower(k, n, alpha / 2.0), high: clopper_pearson_upper(k, n, alpha / 2.0) }
}

/// The exact one-sided lower bound at level `1 - alpha`; 0 without a hit.
#[must_use]
pub fn clopper_pearson_lower(k: u64, n: u64, alpha: f64) -> f64 {
    let k = k.min(n);
    if k == 0 { 0.0 } else { beta(alpha, k as f64, (n - k + 1) as f64) }
}

/// The exact one-sided upper bound at level `1 - alpha`; 1 without a miss.
#[must_use]
pub fn clopper_pearson_upper(k: u64, n: u64, alpha: f64) -> f64 {
    let k = k.min(n);
    if k == n { 1.0 } else { beta(1.0 - alpha, (k + 1) as f64, (n - k) as f64) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_exact_bounds_are_those_of_the_tables() {
        // The share at which 77 or more of 80 come up in 5% of samples, by the binomial sum; and the closed forms at the ends.
        let got = exact(77.0 / 80.0, 80.0, 0.05);
        assert!((got.low - 0.905_925_453_474).abs() < 1e-9, "{}", got.low);
        assert!((exact(1.0, 25.0, 0.05).low - 0.05_f64.powf(1.0 / 25.0)).abs() < 1e-9);
        assert!((exact(0.0, 25.0, 0.05).high - (1.0 - 0.05_f64.powf(1.0 / 25.0))).abs() < 1e-9);
        assert_eq!(exact(0.5, 0.0, 0.05), Interval { low: 0.0, high: 1.0 });
    }

    proptest! {
        #[test]
        fn the_interval_holds_its_share_and_narrows_with_more_data(p in 0.0f64..=1.0, n in 1.0f64..1e6) {
            let (few, many) = (wilson_95(p, n), wilson_95(p, n * 2.0));
            prop_assert!(few.low <= p && p <= few.high);
            prop_assert!(many.high - many.low < few.high - few.low);
            prop_assert!(wilson_lower(p, n) >= few.low && wilson_upper(p, n) <= few.high);
        }

        #[test]
        fn the_exact_interval_holds_its_share_and_mirrors(n in 1u64..3000, hits in any::<prop::sample::Index>()) {
            let k = hits.index(usize::try_from(n).unwrap() + 1) as u64;
            let (own, mirrored) = (clopper_pearson(k, n, 0.05), clopper_pearson(n - k, n, 0.05));
            let p = k as f64 / n as f64;
            prop_assert!(own.low <= p && p <= own.high);
            prop_assert!((own.low - (1.0 - mirrored.high)).abs() < 1e-9 && (own.high - (1.0 - mirrored.low)).abs() < 1e-9);
        }
    }
}
