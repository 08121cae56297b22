//! Intervals for a share: Wilson, two-sided and one-sided, on a sample size that need not be whole.

use super::quantile::{Z_ONE_SIDED_95, Z_TWO_SIDED_95};
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::oracle;
    use super::super::quantile::normal;
    use super::*;

    #[test]
    fn wilson_equals_every_oracle() {
        oracle::each("proportion_ci", |o| {
            let [k, n, alpha] = ["k", "n", "alpha"].map(|f| o.input[f].as_f64().unwrap());
            let got = wilson(k / n, n, normal(1.0 - alpha / 2.0));
            o.assert_close("/wilson/0", got.low);
            o.assert_close("/wilson/1", got.high);
        });
    }

    proptest! {
        #[test]
        fn the_interval_holds_its_share_and_narrows_with_more_data(p in 0.0f64..=1.0, n in 1.0f64..1e6) {
            let (few, many) = (wilson_95(p, n), wilson_95(p, n * 2.0));
            prop_assert!(few.low <= p && p <= few.high);
            prop_assert!(many.high - many.low < few.high - few.low);
            prop_assert!(wilson_lower(p, n) >= few.low && wilson_upper(p, n) <= few.high);
        }
    }
}
