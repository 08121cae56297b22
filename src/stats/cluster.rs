//! Means over cases where trials repeat: a case is one question, however often it is asked (Miller 2024, arXiv
//! 2411.00640). The mean is the mean of the cases' own means; its uncertainty comes from the spread between cases.

use super::interval::{exact, wilson, wilson_95};
use super::quantile::student_t;
use super::sum::FixedSum;
use super::summary::Interval;

/// Cases that are imagined beside the real ones, half of them all pass and half all fail, when the spread between
/// cases is estimated: without them a handful of cases that happen to agree would look certain.
const IMAGINED: f64 = 4.0;

/// Prior weight of the least variance in a mean of scores, and that variance on the 1-5 scale (0.02 x 4^2).
const PRIOR_CASES: f64 = 4.0;
const LEAST_VARIANCE: f64 = 0.32;

/// Case means, summed up: constant memory, and the order of cases never matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseMeans {
    cases: u64,
    trials: u64,
    sum: FixedSum,
    squares: FixedSum,
}

impl CaseMeans {
    /// Adds one case: the mean over its trials, and how many there were. A case without a trial is none.
    pub fn add(&mut self, mean: f64, trials: u64) {
        if trials > 0 {
            self.cases += 1;
            self.trials += trials;
            self.sum.add(mean);
            self.squares.add(mean * mean);
        }
    }

    /// Cases added.
    #[must_use]
    pub fn cases(&self) -> u64 {
        self.cases
    }

    /// The mean of the case means; `None` without a case.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.cases > 0).then(|| self.sum.get() / self.cases as f64)
    }

    /// Sum of squared deviations from a centre.
    fn spread(&self, centre: f64) -> f64 {
        (self.squares.get() - 2.0 * centre * self.sum.get() + self.cases as f64 * centre * centre).max(0.0)
    }

    /// The number of independent observations that the trials of a share are worth; from 1 to the number of trials,
    /// 0 without a case.
    ///
    /// `n = p(1-p)/V` with V the variance between case means over the number of cases G, so that one trial a case gives
    /// exactly G, and repeats count in full only if cases do not differ. Both p and V see four imagined cases, two that
    /// always pass and two that always fail (the pseudo-observations of Agresti and Coull 1998, here as whole cases):
    /// where nothing varies, n stays G rather than jumping to the number of trials.
    #[must_use]
    pub fn effective(&self) -> f64 {
        if self.cases == 0 {
            return 0.0;
        }
        let g = self.cases as f64;
        let p = (self.sum.get() + IMAGINED / 2.0) / (g + IMAGINED);
        let imagined = IMAGINED / 2.0 * (p * p + (1.0 - p) * (1.0 - p));
        let between = (self.spread(p) + imagined) / (g + IMAGINED);
        (g * p * (1.0 - p) / between).clamp(1.0, self.trials as f64)
    }

    /// The two-sided 95% Wilson interval of a share on the effective sample size; `None` without a case.
    #[must_use]
    pub fn share_interval(&self) -> Option<Interval> {
        Some(wilson_95(self.mean()?, self.effective()))
    }

    /// Wilson's interval of a share at normal quantile `z`, on the effective sample size; 0 to 1 without a case.
    #[must_use]
    pub fn wilson(&self, z: f64) -> Interval {
        wilson(self.mean().unwrap_or(f64::NAN), self.effective(), z)
    }

    /// The exact one-sided bounds of a share, each wrong with probability at most `alpha`, on the effective sample size; 0 to 1
    /// without a case.
    #[must_use]
    pub fn exact(&self, alpha: f64) -> Interval {
        exact(self.mean().unwrap_or(f64::NAN), self.effective(), alpha)
    }

    /// Standard error of the mean of case means, CR1 (G - 1 in the divisor); `None` below two cases.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        let mean = self.mean().filter(|_| self.cases > 1)?;
        let g = self.cases as f64;
        Some((self.spread(mean) / (g - 1.0) / g).sqrt())
    }

    /// Variance of a mean difference of shares as [`Self::difference_bound`] sees it, two imagined cases included; `None` below
    /// two cases.
    #[must_use]
    pub fn difference_variance(&self) -> Option<f64> {
        self.mean().filter(|_| self.cases > 1)?;
        let n = self.cases as f64 + 2.0;
        let mean = self.sum.get() / n;
        Some((self.spread(mean) + 2.0 + 2.0 * mean * mean) / (n * n))
    }

    /// A t bound of a mean difference of shares (-1 to 1) at one-sided probability `p`; `None` below two cases.
    ///
    /// Two cases are imagined beside the real ones, one that gained all and one that lost all: the interval of Bonett and
    /// Price 2012 for paired shares, here for case means. Without them a set on which nothing changed would prove that
    /// nothing ever changes.
    #[must_use]
    pub fn difference_bound(&self, p: f64) -> Option<f64> {
        let n = self.cases as f64 + 2.0;
        let mean = self.sum.get() / n;
        Some((mean + student_t(p, n - 3.0) * self.difference_variance()?.sqrt()).clamp(-1.0, 1.0))
    }

    /// A t bound of a mean score (1 to 5) at one-sided probability `p`: below 0.5 a lower bound, above it an upper one;
    /// `None` below two cases.
    ///
    /// The variance is shrunk towards a small one with the weight of four cases, `((G-1) s^2 + 4 x 0.32)/(G+3)`, so that a
    /// few equal scores do not look certain.
    #[must_use]
    pub fn score_bound(&self, p: f64) -> Option<f64> {
        let mean = self.mean().filter(|_| self.cases > 1)?;
        let g = self.cases as f64;
        let variance = (self.spread(mean) + PRIOR_CASES * LEAST_VARIANCE) / (g - 1.0 + PRIOR_CASES);
        Some((mean + student_t(p, g - 1.0) * (variance / g).sqrt()).clamp(1.0, 5.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(cases: &[(u64, u64)]) -> CaseMeans {
        let mut c = CaseMeans::default();
        for &(passed, trials) in cases {
            c.add(passed as f64 / trials as f64, trials);
        }
        c
    }

    #[test]
    fn no_case_has_no_mean() {
        let none = CaseMeans::default();
        assert_eq!((none.mean(), none.share_interval(), none.standard_error(), none.score_bound(0.05)), (None, None, None, None));
    }

    #[test]
    fn repeats_of_a_case_that_never_varies_add_nothing() {
        let cases: Vec<_> = (0..100).map(|i| if i < 80 { (5, 5) } else { (0, 5) }).collect();
        assert!((of(&cases).effective() - 100.0).abs() < 1e-9);
    }

    #[test]
    fn repeats_count_when_cases_do_not_differ() {
        assert!(of(&vec![(1, 2); 1000]).effective() > 1900.0);
    }

    #[test]
    fn one_failure_more_never_raises_the_lower_bound() {
        let all = of(&vec![(3, 3); 100]);
        let mut cases = vec![(3, 3); 99];
        cases.push((2, 3));
        let one = of(&cases);
        assert!(one.wilson(1.645).low < all.wilson(1.645).low);
    }

    /// Bonett and Price 2012 give (f12+1)/(n+2) and (f21+1)/(n+2) as adjusted shares of a gain and of a loss.
    #[test]
    fn a_difference_without_repeats_is_bonett_and_price() {
        let (gained, lost, equal) = (9.0, 4.0, 67.0);
        let n = gained + lost + equal + 2.0;
        let (up, down) = ((gained + 1.0) / n, (lost + 1.0) / n);
        let half = student_t(0.95, n - 3.0) * ((up + down - (up - down) * (up - down)) / n).sqrt();
        let mut c = CaseMeans::default();
        for (difference, times) in [(1.0, 9), (-1.0, 4), (0.0, 67)] {
            (0..times).for_each(|_| c.add(difference, 1));
        }
        assert!((c.difference_bound(0.05).unwrap() - (up - down - half)).abs() < 1e-9);
        assert!((c.difference_bound(0.95).unwrap() - (up - down + half)).abs() < 1e-9);
    }

    #[test]
    fn no_change_on_a_few_cases_does_not_prove_that_nothing_changes() {
        let unchanged = |n| {
            let mut c = CaseMeans::default();
            (0..n).for_each(|_| c.add(0.0, 1));
            c
        };
        assert!(unchanged(20).difference_bound(0.05).unwrap() < -0.05);
        assert!(unchanged(1000).difference_bound(0.05).unwrap() > -0.005);
    }

    #[test]
    fn equal_scores_of_a_few_cases_are_not_certain() {
        let mut few = CaseMeans::default();
        (0..3).for_each(|_| few.add(5.0, 1));
        assert!(few.score_bound(0.05).unwrap() < 4.5);
        assert_eq!(few.score_bound(0.95), Some(5.0));
    }

    proptest! {
        #[test]
        fn one_trial_a_case_is_plain_wilson(passes in prop::collection::vec(0u64..=1, 1..200)) {
            let c = of(&passes.iter().map(|&p| (p, 1)).collect::<Vec<_>>());
            let n = passes.len() as f64;
            prop_assert!((c.effective() - n).abs() < 1e-6 * n);
            let plain = wilson_95(passes.iter().sum::<u64>() as f64 / n, n);
            let got = c.share_interval().unwrap();
            prop_assert!((got.low - plain.low).abs() < 1e-9 && (got.high - plain.high).abs() < 1e-9);
        }

        #[test]
        fn trials_are_worth_at_least_their_cases(cases in prop::collection::vec((0u64..=4).prop_map(|p| (p, 4)), 1..60)) {
            let n = of(&cases).effective();
            prop_assert!(n >= cases.len() as f64 - 1e-6 && n <= 4.0 * cases.len() as f64 + 1e-6);
        }

        /// What the gate relies on: an open trial that turns out well never takes a pass away.
        #[test]
        fn a_better_case_never_lowers_the_lower_bound(cases in prop::collection::vec((0u64..=6).prop_map(|p| (p, 6)), 1..30), which in any::<prop::sample::Index>(), by in 1u64..=6) {
            let mut better = cases.clone();
            let case = which.get_mut(&mut better);
            case.0 = (case.0 + by).min(6);
            prop_assert!(of(&better).wilson(1.645).low >= of(&cases).wilson(1.645).low - 1e-12);
        }
    }
}
