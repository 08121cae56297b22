//! Probabilities of tails: the normal, Student's t (also noncentral), the binomial, fair coins and chi-square with one degree; and
//! one-sided bounds of a share from counts. Special functions come from `statrs`.
//!
//! Invariant: no panic and no NaN for finite arguments, and every probability is within [0, 1].

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use statrs::function::beta::beta_reg;
use statrs::function::factorial::ln_factorial;
pub(super) use statrs::function::gamma::ln_gamma;

use super::quantile::{self, normal_below};

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

/// ln of n over k; negative infinity where k is beyond n.
pub(super) fn ln_choose(n: u64, k: u64) -> f64 {
    if k > n { f64::NEG_INFINITY } else { ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k) }
}

/// P(exactly `k` heads in `n` throws of a fair coin).
#[must_use]
pub fn coin(k: u64, n: u64) -> f64 {
    (ln_choose(n, k) - n as f64 * std::f64::consts::LN_2).exp()
}

/// P(at most `k` heads in `n` throws of a fair coin).
#[must_use]
pub fn coin_at_most(k: u64, n: u64) -> f64 {
    if k >= n {
        return 1.0;
    }
    if k > n / 2 {
        return 1.0 - coin_at_most(n - k - 1, n);
    }
    // Below the middle the terms fall faster and faster: the sum ends when they no longer count.
    let (mut term, mut sum) = (coin(k, n), 0.0);
    let mut i = k;
    while term > sum * 1e-17 {
        sum += term;
        if i == 0 {
            break;
        }
        term *= i as f64 / (n - i + 1) as f64;
        i -= 1;
    }
    sum.min(1.0)
}

/// P(a chi-square number with one degree of freedom is above `x`).
#[must_use]
pub fn chi_square_above(x: f64) -> f64 {
    (2.0 * normal_below(-x.max(0.0).sqrt())).min(1.0)
}

/// P(a noncentral t number is above `t`), with `df` degrees of freedom (0.5 or more, need not be whole) and noncentrality `delta`.
///
/// T = (Z + delta)/S with S^2 = chi^2/df: the normal tail at `t s - delta` averaged over the density of S, by Simpson's
/// rule over twelve standard deviations of S; absolute error below 1e-8 from three degrees of freedom up.
#[must_use]
pub fn noncentral_t_above(t: f64, df: f64, delta: f64) -> f64 {
    const STEPS: u32 = 2000;
    let df = if df.is_nan() { 1.0 } else { df.clamp(0.5, 1e12) };
    let width = 12.0 / (2.0 * df).sqrt();
    let (low, high) = ((1.0 - width).max(0.0), 1.0 + width);
    // Density of S: 2 (df/2)^(df/2) / Gamma(df/2) s^(df-1) exp(-df s^2/2).
    let scale = std::f64::consts::LN_2 + df / 2.0 * (df / 2.0).ln() - ln_gamma(df / 2.0);
    let h = (high - low) / f64::from(STEPS);
    let mut sum = 0.0;
    let mut mass = 0.0;
    for i in 0..=STEPS {
        let s = low + h * f64::from(i);
        if s <= 0.0 {
            continue;
        }
        let simpson = if i == 0 || i == STEPS {
            1.0
        } else if i % 2 == 1 {
            4.0
        } else {
            2.0
        };
        let weight = simpson * (scale + (df - 1.0) * s.ln() - df * s * s / 2.0).exp();
        mass += weight;
        sum += weight * normal_below(delta - t * s);
    }
    // Divided by its own mass, so that what the ends leave out is shared alike.
    if mass > 0.0 { (sum / mass).clamp(0.0, 1.0) } else { normal_below(delta - t) }
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

    fn close(got: f64, want: f64, tol: f64) {
        assert!((got - want).abs() <= tol, "{got} is not {want}");
    }

    #[test]
    fn coins_equal_the_sum_of_their_terms() {
        for n in [0u64, 1, 2, 7, 40] {
            let mut sum = 0.0;
            for k in 0..=n {
                sum += coin(k, n);
                close(coin_at_most(k, n), sum, 1e-13);
            }
        }
    }

    // Exact fractions.
    #[test]
    fn many_throws_keep_their_digits() {
        close(coin_at_most(4900, 10_000), 0.023_292_763_852_473_693, 1e-12);
        close(coin_at_most(10, 100) / 1.531_645_087_718_992_6e-17, 1.0, 1e-10);
    }

    #[test]
    fn chi_square_equals_the_table() {
        close(chi_square_above(3.841_458_820_694_124), 0.05, 1e-10);
        close(chi_square_above(-1.0), 1.0, 0.0);
    }

    // With four degrees of freedom Student's t has a closed form: 1/2 - 3/8 x (1 - x^2/12) with x = t/sqrt(1 + t^2/4).
    #[test]
    fn without_noncentrality_it_is_students_t() {
        for t in [-2.0_f64, 0.0, 1.0, 3.0] {
            let x = t / (1.0 + t * t / 4.0).sqrt();
            close(noncentral_t_above(t, 4.0, 0.0), 0.5 - 0.375 * x * (1.0 - x * x / 12.0), 1e-8);
        }
    }

    // Numerical integration to 20 digits.
    #[test]
    fn noncentral_t_equals_the_integral() {
        close(noncentral_t_above(2.0, 10.0, 1.5), 0.340_845_927_558, 1e-9);
        close(noncentral_t_above(1.96, 500.0, 2.8), 0.799_369_203_004, 1e-9);
    }

    #[test]
    fn it_grows_with_the_noncentrality() {
        let p: Vec<f64> = [-1.0, 0.0, 1.0, 2.0, 40.0].iter().map(|d| noncentral_t_above(2.0, 10.0, *d)).collect();
        assert!(p.is_sorted() && p[4] > 0.999_999, "{p:?}");
    }
}
