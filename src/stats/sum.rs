//! A sum of small numbers that does not depend on their order: fixed point, 60 binary digits after the point.

/// Binary digits after the point.
const SHIFT: f64 = (1u64 << 60) as f64;

/// An order-free sum. Each number is rounded once, to 2^-60; adding is exact.
///
/// Numbers beyond +-1e6 are clamped, not-a-number counts as 0: the numbers summed here are shares, scores, and their
/// squares. 1e12 of the largest fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FixedSum(i128);

impl FixedSum {
    /// Adds a number.
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the range first")]
    pub fn add(&mut self, x: f64) {
        self.0 = self.0.saturating_add((x.clamp(-1e6, 1e6) * SHIFT).round() as i128);
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }

    /// The sum.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0 as f64 / SHIFT
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn order_never_matters(mut xs in prop::collection::vec(-25.0f64..25.0, 0..50)) {
            let sum = |xs: &[f64]| xs.iter().fold(FixedSum::default(), |mut s, x| { s.add(*x); s });
            let forward = sum(&xs);
            xs.reverse();
            prop_assert_eq!(forward, sum(&xs));
            prop_assert!((forward.get() - xs.iter().sum::<f64>()).abs() < 1e-9);
        }
    }

    #[test]
    fn absurd_numbers_do_not_overflow() {
        let mut s = FixedSum::default();
        for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
            s.add(x);
        }
        assert!((s.get() - 1e6).abs() < 1e-6);
    }
}
