//! Probabilities of the normal, Student's t and the binomial distribution, and one-sided bounds of a share from counts.
//!
//! Invariant: every result is within [0, 1], whatever the arguments.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use statrs::function::beta::beta_reg;

use super::quantile;

/// `P(Z <= z)` for a standard normal Z.
#[must_use]
pub fn normal_cdf(z: f64) -> f64 {
    if z.is_nan() { 0.5 } else { Normal::standard().cdf(z).clamp(0.0, 1.0) }
}

/// `P(T <= t)` for Student's t with `df` degrees of freedom, at least 1.
#[must_use]
pub fn student_t_cdf(t: f64, df: f64) -> f64 {
    if t.is_nan() {
        return 0.5;
    }
    if t.is_infinite() {
        return if t > 0.0 { 1.0 } else { 0.0 };
    }
    match StudentsT::new(0.0, 1.0, if df.is_nan() { 1.0 } else { df.max(1.0) }) {
        Ok(d) => d.cdf(t).clamp(0.0, 1.0),
        Err(_) => normal_cdf(t),
    }
}

/// `P(Bin(n, p) <= k)`, as the regularised incomplete beta function `I_(1-p)(n - k, k + 1)`.
#[must_use]
pub fn binomial_cdf(k: u64, n: u64, p: f64) -> f64 {
    if k >= n || p.is_nan() || p <= 0.0 {
        return 1.0;
    }
    if p >= 1.0 {
        return 0.0;
    }
    beta_reg((n - k) as f64, k as f64 + 1.0, 1.0 - p).clamp(0.0, 1.0)
}

/// Clopper and Pearson's one-sided upper bound for a share seen `k` times in `n`: the largest p with
/// `P(Bin(n, p) <= k) >= 1 - confidence`. Without data it is 1.
#[must_use]
pub fn share_at_most(k: u64, n: u64, confidence: f64) -> f64 {
    if k >= n { 1.0 } else { quantile::beta(confidence, k as f64 + 1.0, (n - k) as f64) }
}

/// Clopper and Pearson's one-sided lower bound. Without data it is 0.
#[must_use]
pub fn share_at_least(k: u64, n: u64, confidence: f64) -> f64 {
    if k == 0 || n == 0 { 0.0 } else { quantile::beta(1.0 - confidence, k.min(n) as f64, (n - k.min(n)) as f64 + 1.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // Values of scipy 1.12 (binom.cdf, t.cdf) and of closed forms.
    #[test]
    fn probabilities_equal_the_tables() {
        assert!((binomial_cdf(0, 10, 0.1) - 0.9_f64.powi(10)).abs() < 1e-14);
        assert!((binomial_cdf(9, 10, 0.1) - (1.0 - 0.1_f64.powi(10))).abs() < 1e-14);
        assert!((student_t_cdf(1.0, 1.0) - 0.75).abs() < 1e-9, "Cauchy");
        assert!((normal_cdf(1.959_963_984_540_054) - 0.975).abs() < 1e-10);
    }

    #[test]
    fn eighteen_of_twenty_is_at_least_seventy_two_per_cent() {
        assert!((share_at_least(18, 20, 0.95) - 0.717).abs() < 1e-3);
    }

    #[test]
    fn a_98_per_cent_approval_says_nothing_or_everything() {
        let chance = |error| binomial_cdf(4, 200, error);
        assert!((chance(0.15) / 5e-10 - 1.0).abs() < 0.1 && (chance(0.02) - 0.63).abs() < 0.005);
    }

    proptest! {
        #[test]
        fn bounds_solve_their_equation(n in 1u64..500, k in 0u64..500, confidence in 0.6f64..0.999) {
            prop_assume!(k < n);
            let upper = share_at_most(k, n, confidence);
            prop_assert!((binomial_cdf(k, n, upper) - (1.0 - confidence)).abs() < 1e-7);
            let lower = share_at_least(n - k, n, confidence);
            prop_assert!((upper + lower - 1.0).abs() < 1e-9, "mirror images");
        }
    }
}
