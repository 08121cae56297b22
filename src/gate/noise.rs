//! What chance alone does to a line: how often the same agent would fail it, and the smallest change that it would show.

use serde::Serialize;

use crate::stats::quantile::{Z_ONE_SIDED_95, normal_below};

/// The noise floor of a line, were the same agent asked questions like these again.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Noise {
    /// P(fail), if the truth is what was measured.
    pub fails: f64,
    /// P(neither pass nor fail), likewise.
    pub undecided: f64,
    /// The smallest true distance from the line that is told from it with 80% power at 5% error: `(1.645 + 0.842) s`
    /// (STATS: MDE = 2.49 sqrt(V)).
    pub detectable: f64,
}

/// 1.645 + 0.842.
const POWER_80: f64 = Z_ONE_SIDED_95 + 0.841_621_233_572_914_2;

impl Noise {
    /// Of a rule that passes when an estimate lies `1.645 at_line` above the line and fails when it lies as far below, with the
    /// estimate normal around `truth` with error `at_truth`. Nothing where an error is no positive number.
    #[must_use]
    pub fn of(truth: f64, at_truth: f64, line: f64, at_line: f64) -> Option<Self> {
        let sound = |s: f64| s.is_finite() && s > 0.0;
        if !(sound(at_truth) && sound(at_line) && truth.is_finite() && line.is_finite()) {
            return None;
        }
        let below = |edge: f64| normal_below((edge - truth) / at_truth);
        let fails = below(line - Z_ONE_SIDED_95 * at_line);
        let not_passed = below(line + Z_ONE_SIDED_95 * at_line);
        Some(Self { fails, undecided: (not_passed - fails).max(0.0), detectable: POWER_80 * at_line })
    }

    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        format!(
            "an agent just as good would fail in {} of such runs and stay undecided in {}; a distance of {} points from the line shows",
            percent(self.fails),
            percent(self.undecided),
            points(self.detectable)
        )
    }
}

fn percent(p: f64) -> String {
    if p > 0.0 && p < 0.001 { "under 0.1%".to_owned() } else { format!("{:.1}%", 100.0 * p) }
}

fn points(x: f64) -> String {
    format!("{:.1}", 100.0 * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_line_one_run_in_twenty_fails() {
        let n = Noise::of(0.9, 0.02, 0.9, 0.02).unwrap();
        assert!((n.fails - 0.05).abs() < 1e-9 && (n.undecided - 0.90).abs() < 1e-9, "{n:?}");
        assert!((n.detectable - 2.486_474_860_524_387 * 0.02).abs() < 1e-12);
    }

    #[test]
    fn far_above_the_line_it_never_fails() {
        let n = Noise::of(0.98, 0.01, 0.9, 0.02).unwrap();
        assert!(n.fails < 1e-9 && n.undecided < 1e-3, "{n:?}");
    }

    #[test]
    fn without_an_error_there_is_no_noise_to_speak_of() {
        assert_eq!(Noise::of(0.9, 0.0, 0.9, 0.02), None);
        assert_eq!(Noise::of(0.9, f64::NAN, 0.9, 0.02), None);
    }
}
