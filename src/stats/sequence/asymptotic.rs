//! The asymptotic confidence sequence: an interval of a mean that stays valid however often, and whenever, one looks.
//!
//! Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024, theorem 2.2: `m_t -+ s_t sqrt(2 (t r + 1) / (t^2 r) ln(sqrt(t r + 1) / a))`,
//! with `r = (-2 ln a + ln(-2 ln a + 1)) / t*` tightest near `t*` values. About 1.55 times as wide there as a single look's interval.

use super::super::summary::Interval;

/// Values before which the theorem's "asymptotic" means nothing: no interval is offered.
pub const FEWEST: u64 = 20;

/// The sequence so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asymptotic {
    alpha: f64,
    rho: f64,
    n: u64,
    mean: f64,
    squares: f64,
}

impl Asymptotic {
    /// Starts a sequence with error probability `alpha` (0 to 1), tightest near `t_opt` values.
    /// `None` for an alpha outside (0, 1) or a `t_opt` that is not positive.
    #[must_use]
    pub fn new(alpha: f64, t_opt: f64) -> Option<Self> {
        let good = alpha > 0.0 && alpha < 1.0 && t_opt > 0.0 && t_opt.is_finite();
        let l = -2.0 * alpha.ln();
        good.then(|| Self { alpha, rho: (l + l.ln_1p()) / t_opt, n: 0, mean: 0.0, squares: 0.0 })
    }

    /// Adds a value, in the order of review; a value that is not finite is refused (false).
    pub fn add(&mut self, x: f64) -> bool {
        if !x.is_finite() {
            return false;
        }
        self.n += 1;
        // Welford: the running mean and sum of squares about it.
        let before = x - self.mean;
        self.mean += before / self.n as f64;
        self.squares += before * (x - self.mean);
        true
    }

    /// Values so far.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The mean so far; `None` without a value.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then_some(self.mean)
    }

    /// The interval by the formula, at any number of values (the deviation has divisor n). `None` without a value.
    /// A handful of equal values has no width: use [`Self::interval`] for decisions.
    #[must_use]
    pub fn formula(&self) -> Option<Interval> {
        let t = self.n as f64;
        let tr = t * self.rho + 1.0;
        let half = (self.squares / t).sqrt() * (2.0 * tr / (t * t * self.rho) * (tr.sqrt() / self.alpha).ln()).sqrt();
        (self.n > 0).then_some(Interval { low: self.mean - half, high: self.mean + half })
    }

    /// The interval, from [`FEWEST`] values on that are not all equal.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        if self.n < FEWEST || self.squares <= 0.0 { None } else { self.formula() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(n: usize, alpha: f64) -> Asymptotic {
        let mut s = Asymptotic::new(alpha, 100.0).unwrap();
        (0..n).for_each(|i| assert!(s.add(f64::from(u8::from(i % 3 > 0)))));
        s
    }

    fn width(s: &Asymptotic) -> f64 {
        s.interval().map(|i| i.high - i.low).unwrap()
    }

    #[test]
    fn few_or_equal_values_have_no_interval() {
        assert_eq!(after(19, 0.05).interval(), None);
        assert!(after(20, 0.05).interval().is_some());
        let mut equal = Asymptotic::new(0.05, 10.0).unwrap();
        (0..50).for_each(|_| assert!(equal.add(1.0)));
        assert_eq!(equal.interval(), None);
    }

    #[test]
    fn sequences_nest_by_level_and_narrow_with_data() {
        assert!(width(&after(100, 0.1)) < width(&after(100, 0.05)));
        assert!(width(&after(300, 0.05)) < width(&after(100, 0.05)));
        // A single look's interval with the same data.
        let plain = 2.0 * 1.96 * (2.0 / 9.0 / 100.0_f64).sqrt();
        let ratio = width(&after(100, 0.05)) / plain;
        assert!((ratio - 1.55).abs() < 0.03, "{ratio}");
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        let mut s = Asymptotic::new(0.05, 10.0).unwrap();
        assert!(!s.add(f64::NAN) && s.n() == 0 && s.mean().is_none() && s.formula().is_none());
        assert_eq!(Asymptotic::new(0.0, 10.0), None);
    }
}
