//! A judge's pass rate corrected by its known errors (Rogan and Gladen 1978; interval of Lee et al., arXiv 2511.21140).
//!
//! Valid when the judge's two error rates are the same in the audit and here; explodes as the judge nears blindness. Only
//! to carry an old audit to a run without labels, and labelled so.

use super::refuse::Refusal;
use crate::stats::quantile::normal;
use crate::stats::summary::Interval;

/// What is known of the judge, and what it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JudgeRates {
    /// Share that the judge passes.
    pub passes: f64,
    /// Items that it judged.
    pub items: f64,
    /// P(it fails a failure).
    pub specificity: f64,
    /// Failures among the labelled items.
    pub failures: f64,
    /// P(it passes a pass).
    pub sensitivity: f64,
    /// Passes among the labelled items.
    pub successes: f64,
}

impl JudgeRates {
    /// From counts: passes of the judge among `items`, and the labelled items by what people (row) and judge (column) say.
    #[must_use]
    pub fn from_counts(passes: u64, items: u64, fail_fail: u64, fail_pass: u64, pass_fail: u64, pass_pass: u64) -> Self {
        let (failures, successes) = ((fail_fail + fail_pass) as f64, (pass_fail + pass_pass) as f64);
        Self {
            passes: passes as f64 / items as f64,
            items: items as f64,
            specificity: fail_fail as f64 / failures,
            failures,
            sensitivity: pass_pass as f64 / successes,
            successes,
        }
    }

    /// `theta = (p + q0 - 1)/(q0 + q1 - 1)`, clipped to 0-1.
    ///
    /// # Errors
    /// [`Refusal::BlindJudge`] unless specificity + sensitivity is over 1; [`Refusal::FewLabels`] where a rate is no number.
    pub fn estimate(&self) -> Result<f64, Refusal> {
        let power = self.specificity + self.sensitivity - 1.0;
        if !power.is_finite() || !self.passes.is_finite() {
            return Err(Refusal::FewLabels { labels: 0, needed: 1 });
        }
        if power <= 0.0 {
            return Err(Refusal::BlindJudge);
        }
        Ok(((self.passes + self.specificity - 1.0) / power).clamp(0.0, 1.0))
    }

    /// The two-sided interval at error `alpha`: smoothed rates (Agresti-Coull for the judge's share, one pass and one
    /// failure added to the labels), a bias shift, and the delta method.
    ///
    /// # Errors
    /// As [`Self::estimate`], also after smoothing.
    pub fn interval(&self, alpha: f64) -> Result<Interval, Refusal> {
        self.estimate()?;
        let z = normal(1.0 - alpha / 2.0);
        let zz = z * z;
        let smooth = Self {
            passes: (self.items * self.passes + zz / 2.0) / (self.items + zz),
            items: self.items + zz,
            specificity: (self.failures * self.specificity + 1.0) / (self.failures + 2.0),
            failures: self.failures + 2.0,
            sensitivity: (self.successes * self.sensitivity + 1.0) / (self.successes + 2.0),
            successes: self.successes + 2.0,
        };
        let power = smooth.specificity + smooth.sensitivity - 1.0;
        if power <= 0.0 {
            return Err(Refusal::BlindJudge);
        }
        // Unclipped: the shift and the error need the slope.
        let theta = (smooth.passes + smooth.specificity - 1.0) / power;
        let of = |rate: f64, n: f64| rate * (1.0 - rate) / n;
        let (v0, v1) = (of(smooth.specificity, smooth.failures), of(smooth.sensitivity, smooth.successes));
        let centre = theta + 2.0 * zz * (theta * v1 - (1.0 - theta) * v0);
        let variance = of(smooth.passes, smooth.items) + (1.0 - theta).powi(2) * v0 + theta * theta * v1;
        let half = z * variance.sqrt() / power;
        Ok(Interval { low: (centre - half).clamp(0.0, 1.0), high: (centre + half).clamp(0.0, 1.0) })
    }
}
