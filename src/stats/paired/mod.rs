//! Tests of paired outcomes: did the same cases become better or worse?

mod mcnemar;
mod signs;

pub use mcnemar::PairedShares;
pub use signs::{SignFlip, sign_flip};

use super::quantile::student_t;
use super::summary::Interval;
use super::undefined::Undefined;

/// Student's t interval of a mean paired difference at level `1 - alpha`: `mean -+ t_{n-1} s / sqrt(n)`, s with n - 1.
///
/// # Errors
/// [`Undefined`] below two differences, or where they are all equal: that is not certainty.
pub fn t_interval(differences: &[f64], alpha: f64) -> Result<Interval, Undefined> {
    let n = differences.len() as f64;
    match differences.len() {
        0 => return Err(Undefined::NoData),
        1 => return Err(Undefined::OneObservation),
        _ => {}
    }
    let mean = differences.iter().sum::<f64>() / n;
    let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
    if squares.is_nan() || squares <= n * (1e-14 * mean).powi(2) {
        return Err(Undefined::NoVariation);
    }
    let half = student_t(1.0 - alpha / 2.0, n - 1.0) * (squares / (n - 1.0) / n).sqrt();
    Ok(Interval { low: mean - half, high: mean + half })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Student's sleep data (1908): the interval that R's t.test(paired = TRUE) prints, 0.7001142 to 2.4598858.
    #[test]
    fn the_t_interval_equals_the_textbook() {
        let d = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4];
        let got = t_interval(&d, 0.05).unwrap();
        assert!((got.low - 0.700_114_2).abs() < 1e-6 && (got.high - 2.459_885_8).abs() < 1e-6, "{got:?}");
    }

    #[test]
    fn equal_differences_are_no_certainty() {
        assert_eq!(t_interval(&[0.1; 7], 0.05), Err(Undefined::NoVariation));
        assert_eq!(t_interval(&[0.1], 0.05), Err(Undefined::OneObservation));
        assert_eq!(t_interval(&[], 0.05), Err(Undefined::NoData));
    }
}
