//! Quantiles of the normal, Student's t and the beta distribution, from `statrs`; the one place that touches it.
//!
//! Invariant: no panic and no NaN: a probability is clamped into the open interval, degrees of freedom below 1 to 1.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use statrs::function::beta::beta_reg;

/// Two-sided 95%: 1.959964.
pub const Z_TWO_SIDED_95: f64 = 1.959_963_984_540_054;
/// One-sided 95%: 1.644854.
pub const Z_ONE_SIDED_95: f64 = 1.644_853_626_951_472_2;

/// Above this many degrees of freedom `statrs` loses digits (7e-6 at 1e5), and the expansion is exact to 1e-9.
const MANY: f64 = 2000.0;

fn inside(p: f64) -> f64 {
    if p.is_nan() { 0.5 } else { p.clamp(1e-15, 1.0 - 1e-15) }
}

/// The standard normal quantile at probability `p`.
#[must_use]
pub fn normal(p: f64) -> f64 {
    Normal::standard().inverse_cdf(inside(p))
}

/// P(a standard normal number is below `z`); one half where `z` is not a number.
#[must_use]
pub fn normal_below(z: f64) -> f64 {
    if z.is_nan() { 0.5 } else { Normal::standard().cdf(z) }
}

/// Student's t quantile at probability `p` with `df` degrees of freedom (need not be whole).
///
/// Above 2000 degrees of freedom: the Cornish-Fisher expansion (Abramowitz and Stegun 26.7.5).
#[must_use]
pub fn student_t(p: f64, df: f64) -> f64 {
    let df = if df.is_nan() { 1.0 } else { df.max(1.0) };
    if df <= MANY
        && let Ok(t) = StudentsT::new(0.0, 1.0, df)
    {
        return t.inverse_cdf(inside(p));
    }
    let z = normal(p);
    if df.is_infinite() {
        return z;
    }
    z + (z.powi(3) + z) / (4.0 * df) + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * df * df)
}

/// The quantile of Beta(`a`, `b`) at probability `p`; 0 where `a` is not positive (all mass there), 1 where `b` is not.
///
/// Bisection on the regularised incomplete beta function: the inverse that `statrs` offers may hang or panic on extreme
/// arguments (its issue 435).
#[must_use]
pub fn beta(p: f64, a: f64, b: f64) -> f64 {
    if a.is_nan() || a <= 0.0 {
        return 0.0;
    }
    if b.is_nan() || b <= 0.0 {
        return 1.0;
    }
    let p = inside(p);
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if beta_reg(a, b, middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64, tol: f64) {
        assert!((got - want).abs() <= tol, "{got} is not {want}");
    }

    // Values from scipy 1.12 (scipy.stats.norm.ppf, scipy.stats.t.ppf).
    #[test]
    fn quantiles_equal_the_tables() {
        close(normal(0.975), Z_TWO_SIDED_95, 1e-12);
        close(normal(0.95), Z_ONE_SIDED_95, 1e-12);
        close(normal(0.5), 0.0, 1e-12);
        close(student_t(0.975, 1.0), 12.706_204_736_432_095, 1e-7);
        close(student_t(0.975, 10.0), 2.228_138_851_964_938_6, 1e-7);
        close(student_t(0.95, 79.0), 1.664_371_409_362_026_6, 1e-7);
        close(student_t(0.975, 100_000.0), 1.959_987_707_544_313_4, 1e-7);
    }

    // Values from scipy 1.12 (scipy.stats.beta.ppf) and from closed forms: Beta(1, b) and Beta(a, 1).
    #[test]
    fn beta_quantiles_equal_the_tables() {
        close(beta(0.025, 97.0, 4.0), 0.914_823_947_025_72, 1e-9);
        close(beta(0.95, 814.0, 187.0), 0.833_079_311_390_737_4, 1e-9);
        // The share at which 18 or more of 20 come up in 2.5% of samples, by the binomial sum.
        close(beta(0.025, 18.0, 3.0), 0.683_017_285_980_917_6, 1e-9);
        close(beta(0.05, 1.0, 59.0), 1.0 - 0.95_f64.powf(1.0 / 59.0), 1e-12);
        close(beta(0.025, 40.0, 1.0), 0.025_f64.powf(1.0 / 40.0), 1e-12);
        close(beta(0.5, 7.0, 7.0), 0.5, 1e-12);
        close(beta(0.3, 0.0, 5.0), 0.0, 0.0);
        close(beta(0.3, 5.0, 0.0), 1.0, 0.0);
    }

    #[test]
    fn the_two_t_algorithms_meet() {
        close(student_t(0.975, MANY), student_t(0.975, MANY + 1e-6), 1e-6);
    }

    #[test]
    fn impossible_arguments_give_a_finite_number() {
        for p in [f64::NAN, -1.0, 0.0, 1.0, 2.0] {
            assert!(normal(p).is_finite());
            for df in [f64::NAN, -1.0, 0.0, 1.0, 30.0, 1e9, f64::INFINITY] {
                assert!(student_t(p, df).is_finite(), "p {p}, df {df}");
                assert!((0.0..=1.0).contains(&beta(p, df, 2.0)), "p {p}, a {df}");
                assert!((0.0..=1.0).contains(&beta(p, 0.5, df)), "p {p}, b {df}");
            }
        }
    }
}
