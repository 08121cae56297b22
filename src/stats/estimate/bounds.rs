//! Intervals of a share whose variance is known: Wilson on an effective sample size, and the beta form near 0% and 100%.

use serde::Serialize;

use crate::stats::interval::wilson;
use crate::stats::quantile::{beta, normal, student_t};
use crate::stats::summary::Interval;

/// Which formula gave an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Wilson's score interval with a t quantile.
    Wilson,
    /// Beta quantiles on the effective sample size (Korn and Graubard 1998): fewer than five passes or failures are
    /// expected among the reviewed.
    KornGraubard,
}

/// What an interval of a share is made from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The share, clipped to 0-1.
    pub share: f64,
    /// `p~(1-p~)/V`.
    pub effective: f64,
    /// Degrees of freedom of V.
    pub df: f64,
    /// The formula.
    pub form: Form,
}

impl Bounds {
    /// Chooses the formula: beta when `seen * min(share, 1 - share) < 5`.
    #[must_use]
    pub fn new(theta: f64, effective: f64, df: f64, seen: u64) -> Self {
        let share = theta.clamp(0.0, 1.0);
        let few = seen as f64 * share.min(1.0 - share) < 5.0;
        Self { share, effective, df, form: if few { Form::KornGraubard } else { Form::Wilson } }
    }

    /// The bounds at one-sided probability `q` (0.975 for a two-sided 95% interval).
    #[must_use]
    pub fn at(&self, q: f64) -> Interval {
        let t = student_t(q, self.df);
        match self.form {
            Form::Wilson => wilson(self.share, self.effective, t),
            Form::KornGraubard => {
                let z = normal(q);
                let m = self.effective * (z / t) * (z / t);
                let (hits, misses) = (m * self.share, m * (1.0 - self.share));
                Interval { low: beta(1.0 - q, hits, misses + 1.0), high: beta(q, hits + 1.0, misses) }
            }
        }
    }
}
