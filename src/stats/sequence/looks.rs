//! Planned looks: how often one may look at a review in progress, which look this is, and how wide its bound must be.

use serde::{Deserialize, Serialize};

use super::super::summary::Interval;
use super::super::tail::normal_cdf;
use super::obrien_fleming::{boundary, constant};

/// How the permitted error is spread over the looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// Strict early, nearly unadjusted at the end: the default.
    OBrienFleming,
    /// The same bound at every look.
    Pocock,
}

/// A plan of looks, fixed before the first one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Looks {
    planned: u8,
    alpha: f64,
    shape: Boundary,
    constant: f64,
}

/// One look.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Look {
    /// Which look this is, from 1.
    pub number: u8,
    /// Of how many.
    pub of: u8,
    /// The bound on z at this look.
    pub z: f64,
    /// The one-sided level that a single look with this bound would have.
    pub level: f64,
}

/// Why there is no look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLook {
    /// More looks than the plan can hold.
    #[error("between 1 and 5 looks can be planned, not {0}")]
    Plan(u8),
    /// The level is no probability below one half.
    #[error("the level of a look must lie between 0 and 0.5")]
    Level,
    /// All planned looks were taken: a further one needs a confidence sequence.
    #[error("all {0} planned looks were taken")]
    Spent(u8),
}

impl Looks {
    /// Plans 1 to 5 looks at a one-sided level (0.05: a 95% bound).
    pub fn plan(planned: u8, alpha: f64, shape: Boundary) -> Result<Self, NoLook> {
        if !(1..=5).contains(&planned) {
            return Err(NoLook::Plan(planned));
        }
        if !(alpha > 0.0 && alpha < 0.5) {
            return Err(NoLook::Level);
        }
        Ok(Self { planned, alpha, shape, constant: constant(shape, planned, alpha) })
    }

    /// The next look, after `taken` looks.
    pub fn next(&self, taken: u8) -> Result<Look, NoLook> {
        if taken >= self.planned {
            return Err(NoLook::Spent(self.planned));
        }
        let number = taken + 1;
        let z = boundary(self.shape, self.constant, number, self.planned);
        Ok(Look { number, of: self.planned, z, level: 1.0 - normal_cdf(z) })
    }

    /// The number of looks that are due when `done` of `wanted` grades are there: looks are equally spaced in grades.
    #[must_use]
    pub fn due(&self, done: u64, wanted: u64) -> u8 {
        if wanted == 0 {
            return self.planned;
        }
        let due = u128::from(self.planned) * u128::from(done.min(wanted)) / u128::from(wanted);
        u8::try_from(due).unwrap_or(self.planned)
    }

    /// The one-sided level of the whole plan.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }
}

impl Look {
    /// The bounds of an estimate with a standard error at this look. Each end is one-sided at the plan's level.
    #[must_use]
    pub fn bounds(&self, estimate: f64, error: f64) -> Interval {
        Interval { low: estimate - self.z * error, high: estimate + self.z * error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn five() -> Looks {
        Looks::plan(5, 0.05, Boundary::OBrienFleming).unwrap()
    }

    #[test]
    fn early_looks_are_strict_and_the_last_is_nearly_free() {
        let looks: Vec<Look> = (0..5).map(|k| five().next(k).unwrap()).collect();
        assert!(looks.windows(2).all(|w| w[0].z > w[1].z && w[0].level < w[1].level));
        assert!((looks[0].z - 1.751 * 5.0_f64.sqrt()).abs() < 5e-3 && (looks[4].z - 1.751).abs() < 1e-3);
        let pocock = Looks::plan(3, 0.05, Boundary::Pocock).unwrap();
        assert!((pocock.next(0).unwrap().z - pocock.next(2).unwrap().z).abs() < 1e-12);
    }

    #[test]
    fn one_look_is_the_plain_bound() {
        let look = Looks::plan(1, 0.05, Boundary::OBrienFleming).unwrap().next(0).unwrap();
        assert!((look.z - 1.644_854).abs() < 1e-5 && (look.level - 0.05).abs() < 1e-6);
        let bounds = look.bounds(0.9, 0.01);
        assert!((bounds.low - 0.883_551).abs() < 1e-5 && bounds.high > 0.9);
    }

    #[test]
    fn a_spent_plan_gives_no_further_look() {
        assert_eq!(five().next(5), Err(NoLook::Spent(5)));
        assert_eq!(Looks::plan(6, 0.05, Boundary::Pocock), Err(NoLook::Plan(6)));
        assert_eq!(Looks::plan(2, 0.5, Boundary::Pocock), Err(NoLook::Level));
    }

    #[test]
    fn looks_fall_due_as_grades_arrive() {
        let due: Vec<u8> = [0, 19, 20, 99, 100, 500].iter().map(|done| five().due(*done, 100)).collect();
        assert_eq!(due, [0, 0, 1, 4, 5, 5]);
    }
}
