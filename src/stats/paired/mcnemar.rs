//! McNemar's test: of the cases on which two agents differ, do more favour the one?

use serde::Serialize;

use super::super::tail::{chi_square_above, coin, coin_at_most};

/// Cases by which of two agents, A and B, passed them. Only the cases on which they differ tell them apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PairedShares {
    /// Both passed.
    pub both: u64,
    /// A passed, B failed.
    pub only_a: u64,
    /// B passed, A failed.
    pub only_b: u64,
    /// Both failed.
    pub neither: u64,
}

impl PairedShares {
    /// Adds a case.
    pub fn add(&mut self, a: bool, b: bool) {
        let cell = match (a, b) {
            (true, true) => &mut self.both,
            (true, false) => &mut self.only_a,
            (false, true) => &mut self.only_b,
            (false, false) => &mut self.neither,
        };
        *cell += 1;
    }

    /// All cases.
    #[must_use]
    pub fn cases(&self) -> u64 {
        self.both + self.only_a + self.only_b + self.neither
    }

    /// Cases on which the two differ.
    #[must_use]
    pub fn discordant(&self) -> u64 {
        self.only_a + self.only_b
    }

    /// B's pass rate minus A's; `None` without a case.
    #[must_use]
    pub fn difference(&self) -> Option<f64> {
        let n = self.cases();
        (n > 0).then(|| (self.only_b as f64 - self.only_a as f64) / n as f64)
    }

    fn fewer(&self) -> u64 {
        self.only_a.min(self.only_b)
    }

    /// The exact two-sided p-value, twice the smaller tail of the fair coin (McNemar 1947; Agresti 2013, section 11.1.4).
    #[must_use]
    pub fn exact(&self) -> f64 {
        (2.0 * coin_at_most(self.fewer(), self.discordant())).min(1.0)
    }

    /// The mid-p value: the exact one less the probability of what was seen; less conservative, about right on average
    /// (Fagerland, Lydersen and Laake 2013, BMC Medical Research Methodology 13).
    #[must_use]
    pub fn mid(&self) -> f64 {
        if self.discordant() == 0 {
            return 1.0;
        }
        (2.0 * coin_at_most(self.fewer(), self.discordant()) - coin(self.fewer(), self.discordant())).clamp(0.0, 1.0)
    }

    /// The exact one-sided p-value that B is worse than A: P(B wins so few of the cases on which they differ).
    #[must_use]
    pub fn b_worse(&self) -> f64 {
        coin_at_most(self.only_b, self.discordant())
    }

    /// Chi-square with Edwards' continuity correction, `(|b - c| - 1)^2 / (b + c)` (Edwards 1948), and its p-value; `None` where
    /// the two never differ.
    #[must_use]
    pub fn corrected(&self) -> Option<(f64, f64)> {
        let n = self.discordant();
        let chi = (self.only_a.abs_diff(self.only_b) as f64 - 1.0).powi(2) / n as f64;
        (n > 0).then(|| (chi, chi_square_above(chi)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sign_flip;
    use super::*;
    use crate::stats::resample::Resampling;

    proptest! {
        #[test]
        fn the_two_agents_are_alike_to_it(a in 0u64..60, b in 0u64..60, both in 0u64..9) {
            let t = PairedShares { both, only_a: a, only_b: b, neither: 3 };
            let mirrored = PairedShares { both, only_a: b, only_b: a, neither: 3 };
            prop_assert_eq!((t.exact(), t.mid(), t.corrected()), (mirrored.exact(), mirrored.mid(), mirrored.corrected()));
            prop_assert!(t.mid() <= t.exact());
        }

        /// On shares the sign-flip test is McNemar's.
        #[test]
        fn flipping_signs_of_shares_is_mcnemar(a in 0u64..30, b in 0u64..30) {
            let t = PairedShares { both: 4, only_a: a, only_b: b, neither: 1 };
            let mut d = vec![0.0; 5];
            d.extend((0..a).map(|_| -1.0));
            d.extend((0..b).map(|_| 1.0));
            let flipped = sign_flip(&d, Resampling::of(1)).unwrap();
            prop_assert!(flipped.exact && (flipped.two_sided - t.exact()).abs() < 1e-10);
            prop_assert!((flipped.less - t.b_worse()).abs() < 1e-10);
        }
    }

    #[test]
    fn cells_count_who_passed() {
        let mut t = PairedShares::default();
        for (a, b) in [(true, true), (true, false), (false, true), (false, true), (false, false)] {
            t.add(a, b);
        }
        assert_eq!((t.cases(), t.discordant(), t.difference()), (5, 3, Some(0.2)));
        assert_eq!(PairedShares::default().difference(), None);
        assert_eq!((PairedShares::default().exact(), PairedShares::default().mid(), PairedShares::default().corrected()), (1.0, 1.0, None));
    }
}
