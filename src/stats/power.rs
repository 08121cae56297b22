//! How many pairs a comparison needs, and the least difference that it can see.

use super::quantile::{normal, student_t};
use super::tail::noncentral_t_above;

/// How sure a comparison must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    /// Probability of seeing a difference that is not there; 0 to 1.
    pub alpha: f64,
    /// Probability of seeing one that is; above `alpha`, below 1.
    pub power: f64,
    /// True: a difference of either sign counts. False: of one only.
    pub two_sided: bool,
}

impl Power {
    /// What the gate prints: one-sided 5%, power 80%; the factor below is 2.4865.
    pub const GATE: Self = Self { alpha: 0.05, power: 0.8, two_sided: false };

    fn tail(self) -> f64 {
        if self.two_sided { self.alpha / 2.0 } else { self.alpha }
    }

    /// z at 1 - alpha plus z at the power (alpha halved where two-sided).
    #[must_use]
    pub fn factor(self) -> f64 {
        normal(1.0 - self.tail()) + normal(self.power)
    }

    /// The least difference that a comparison with variance `variance` of its estimate sees: `factor * sqrt(V)`.
    #[must_use]
    pub fn least_difference(self, variance: f64) -> f64 {
        self.factor() * variance.max(0.0).sqrt()
    }

    /// Pairs needed (not rounded) to see a mean difference `difference` where differences have standard deviation `sd`:
    /// `(factor * sd / difference)^2`. Infinite for a difference of 0.
    #[must_use]
    pub fn pairs(self, sd: f64, difference: f64) -> f64 {
        (self.factor() * sd / difference).powi(2)
    }

    /// The same for a paired t test: the n at which P(|T| > t quantile) of the noncentral t with n - 1 degrees of freedom and
    /// noncentrality `sqrt(n) difference/sd` is the power (Cohen 1988, chapter 2). `None` where the search finds no n from 2
    /// to 1e9.
    #[must_use]
    pub fn pairs_t(self, sd: f64, difference: f64) -> Option<f64> {
        let effect = (difference / sd).abs();
        if !effect.is_finite() || effect <= 0.0 {
            return None;
        }
        let (mut low, mut high) = (2.0, 1e9);
        if self.reached(low, effect) >= self.power {
            return Some(low);
        }
        if self.reached(high, effect) < self.power {
            return None;
        }
        while high - low > 1e-9 * high {
            let middle = (low * high).sqrt();
            if middle <= low || middle >= high {
                break;
            }
            if self.reached(middle, effect) < self.power { low = middle } else { high = middle }
        }
        Some(high)
    }

    /// The power that `n` pairs reach for a standardised effect.
    fn reached(self, n: f64, effect: f64) -> f64 {
        let (df, delta) = (n - 1.0, n.sqrt() * effect);
        let bar = student_t(1.0 - self.tail(), df);
        let other = if self.two_sided { 1.0 - noncentral_t_above(-bar, df, delta) } else { 0.0 };
        noncentral_t_above(bar, df, delta) + other
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_factor_of_the_gate_is_2_49() {
        assert!((Power::GATE.factor() - 2.4865).abs() < 5e-5);
    }

    #[test]
    fn no_difference_is_never_seen() {
        assert_eq!(Power::GATE.pairs_t(1.0, 0.0), None);
        assert!(Power::GATE.pairs(1.0, 0.0).is_infinite());
    }

    proptest! {
        #[test]
        fn the_least_difference_of_the_needed_pairs_is_the_difference(sd in 0.05f64..3.0, d in 0.001f64..1.0) {
            let n = Power::GATE.pairs(sd, d);
            prop_assert!((Power::GATE.least_difference(sd * sd / n) - d).abs() < 1e-9);
        }
    }

    #[test]
    fn a_t_test_needs_more_pairs_than_the_normal_formula() {
        for d in [0.1, 0.3, 0.8] {
            assert!(Power::GATE.pairs_t(1.0, d).unwrap() > Power::GATE.pairs(1.0, d));
        }
    }
}
