//! Robbins' normal mixture: a curved boundary that a sub-Gaussian sum crosses at any time with probability at most alpha.
//!
//! Howard, Ramdas, McAuliffe and Sekhon 2021, "Time-uniform, nonparametric, nonasymptotic confidence sequences",
//! equation (14) (two-sided) and proposition 6 (one-sided); rho by their section 3.5.

use super::super::tail::normal_cdf;

/// The tuning parameter that makes the two-sided boundary tightest at intrinsic time `v_opt`:
/// `v / (2 ln(1/alpha) + ln(1 + 2 ln(1/alpha)))`.
#[must_use]
pub fn rho(v_opt: f64, alpha: f64) -> f64 {
    let l = 2.0 * (1.0 / alpha).ln();
    v_opt / (l + l.ln_1p())
}

/// The two-sided boundary at intrinsic time `v`: `P(exists t: |S_t| >= u(V_t)) <= alpha`.
/// `None` unless `v` and `v_opt` are positive and alpha is in (0, 1).
#[must_use]
pub fn two_sided(v: f64, alpha: f64, v_opt: f64) -> Option<f64> {
    if !usable(v, alpha, v_opt) {
        return None;
    }
    let rho = rho(v_opt, alpha);
    Some(((v + rho) * (2.0 * (1.0 / alpha).ln() + ((v + rho) / rho).ln())).sqrt())
}

/// The one-sided boundary: `P(exists t: S_t >= u(V_t)) <= alpha`. Solves
/// `2 sqrt(rho / (v + rho)) exp(s^2 / (2 (v + rho))) Phi(s / sqrt(v + rho)) = 1 / alpha`.
/// `None` unless `v` and `v_opt` are positive and alpha is in (0, 0.5).
#[must_use]
pub fn one_sided(v: f64, alpha: f64, v_opt: f64) -> Option<f64> {
    if !usable(v, alpha, v_opt) || alpha >= 0.5 {
        return None;
    }
    let rho = rho(v_opt, 2.0 * alpha);
    let wide = v + rho;
    let excess = |s: f64| 0.5 * (4.0 * rho / wide).ln() + s * s / (2.0 * wide) + normal_cdf(s / wide.sqrt()).ln() - (1.0 / alpha).ln();
    let (mut low, mut high) = (0.0, wide.sqrt());
    while excess(high) < 0.0 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if excess(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(high)
}

fn usable(v: f64, alpha: f64, v_opt: f64) -> bool {
    v > 0.0 && v.is_finite() && v_opt > 0.0 && v_opt.is_finite() && alpha > 0.0 && alpha < 1.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn one_side_is_cheaper_and_both_grow_slower_than_time(v in 0.1f64..1e4, alpha in 0.001f64..0.3, v_opt in 1.0f64..1e3) {
            let (one, two) = (one_sided(v, alpha, v_opt).unwrap(), two_sided(v, alpha, v_opt).unwrap());
            prop_assert!(one < two);
            prop_assert!(two_sided(2.0 * v, alpha, v_opt).unwrap() > two);
            prop_assert!(two_sided(2.0 * v, alpha, v_opt).unwrap() / (2.0 * v) < two / v);
        }
    }

    #[test]
    fn nonsense_has_no_boundary() {
        assert_eq!(two_sided(0.0, 0.05, 1.0), None);
        assert_eq!(two_sided(1.0, 1.0, 1.0), None);
        assert_eq!(one_sided(1.0, 0.5, 1.0), None);
        assert_eq!(one_sided(f64::NAN, 0.05, 1.0), None);
    }
}
