//! What a line on the accuracy allows: how many failures a set of a given size tolerates, and how many cases it takes.

use crate::stats::interval::exact;
use crate::stats::quantile::Z_ONE_SIDED_95;

/// How many failures a line tolerates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// By the point estimate alone, as other tools gate; not how this gate decides.
    pub by_point: u64,
    /// By the rule of this gate: the exact one-sided 95% lower bound must reach the line. Absent when not even a set without a
    /// failure passes.
    pub by_interval: Option<u64>,
    /// The cases that a set without a failure needs to pass; absent when no number is enough (a line at 100%).
    pub needed: Option<u64>,
}

/// How many of `n` cases, each tried once, may fail under a line at `at_least` (0 to 1).
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and n")]
pub fn tolerated_failures(at_least: f64, n: u64) -> Tolerance {
    let size = n as f64;
    let passes = |failures: u64| n > 0 && exact((size - failures as f64) / size, size, ALPHA).low >= at_least;
    let by_interval = passes(0).then(|| {
        // The most failures that pass lie in [low, high).
        let (mut low, mut high) = (0, n + 1);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if middle <= n && passes(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    });
    // A hair of slack: 100 x (1 - 0.9) is a little below 10.
    let by_point = (size * (1.0 - at_least) + 1e-9).floor().clamp(0.0, size) as u64;
    Tolerance { by_point, by_interval, needed: clean_cases(at_least) }
}

/// How often a bound may be wrong.
const ALPHA: f64 = 0.05;

/// How many cases without a failure put the exact lower bound, `alpha^(1/n)`, on the line.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a million")]
fn clean_cases(line: f64) -> Option<u64> {
    let n = (ALPHA.ln() / line.ln() - 1e-9).ceil();
    if line <= 0.0 { Some(1) } else { (0.0..=1e6).contains(&n).then_some((n as u64).max(1)) }
}

/// About how many cases, each tried once, put the one-sided 95% bound of a share `p` on the line; absent when the share is so near
/// the line that a million would not.
///
/// Wilson's interval inverts the score test, so that the bound is at the line when `n = z^2 line (1 - line) / (p - line)^2`.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a million")]
pub fn cases_needed(p: f64, line: f64) -> Option<u64> {
    let n = (Z_ONE_SIDED_95.powi(2) * line * (1.0 - line) / (p - line).powi(2) - 1e-9).ceil();
    (0.0..=1e6).contains(&n).then_some((n as u64).max(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn eighty_cases_at_ninety_percent_tolerate_three_failures_rather_than_eight() {
        let t = tolerated_failures(0.90, 80);
        assert_eq!((t.by_point, t.by_interval, t.needed), (8, Some(3), Some(29)));
    }

    #[test]
    fn a_set_that_is_too_small_cannot_pass_even_without_a_failure() {
        assert_eq!(tolerated_failures(0.95, 11), Tolerance { by_point: 0, by_interval: None, needed: Some(59) });
        assert_eq!(tolerated_failures(0.95, 59).by_interval, Some(0));
        assert_eq!(tolerated_failures(0.95, 58).by_interval, None);
    }

    #[test]
    fn a_line_at_one_hundred_percent_is_out_of_reach_and_one_at_zero_asks_nothing() {
        assert_eq!(tolerated_failures(1.0, 1000), Tolerance { by_point: 0, by_interval: None, needed: None });
        assert_eq!(tolerated_failures(0.0, 10).by_interval, Some(10));
        assert_eq!(tolerated_failures(0.9, 0).by_interval, None);
    }

    proptest! {
        #[test]
        fn one_failure_more_than_tolerated_does_not_pass(at_least in 0.01f64..0.999, n in 1u64..3000) {
            let lower = |k: u64| exact((n - k) as f64 / n as f64, n as f64, ALPHA).low;
            match tolerated_failures(at_least, n).by_interval {
                Some(k) => prop_assert!(lower(k) >= at_least && (k == n || lower(k + 1) < at_least)),
                None => prop_assert!(lower(0) < at_least),
            }
        }
    }
}
