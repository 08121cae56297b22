//! The hedged-capital confidence sequence: for values in [0, 1], valid at every sample size and every time.
//!
//! Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting", theorem 3 and equation (26):
//! for every candidate mean m two gamblers bet against it, `K+-_t(m) = prod (1 +- l_t (x_t - m))`; m leaves once
//! `max(K+, K-) / 2 > 1/alpha`. Bets are the predictable empirical-Bernstein ones, `l_t = sqrt(2 ln(2/alpha) / (v_(t-1) t ln(1+t)))`,
//! cut at half of what could ruin the gambler. As K+ falls in m and K- grows, the candidates left are an interval.
//!
//! Invariant: the interval never widens (running intersection), and is rounded outward to the grid.

use super::super::summary::Interval;

/// Candidates lie 1/1000 apart.
const GRID: u16 = 1000;
/// The share of the ruinous bet that is placed at most.
const CUT: f64 = 0.5;

/// The sequence so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Betting {
    alpha: f64,
    n: u64,
    sum: f64,
    squares: f64,
    /// Candidates still in, with the logarithms of their two capitals.
    alive: Vec<Candidate>,
    last: Interval,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate {
    mean: f64,
    up: f64,
    down: f64,
}

impl Betting {
    /// Starts a sequence with error probability `alpha`; `None` outside (0, 1).
    #[must_use]
    pub fn new(alpha: f64) -> Option<Self> {
        let candidate = |i: u16| Candidate { mean: f64::from(i) / f64::from(GRID), up: 0.0, down: 0.0 };
        (alpha > 0.0 && alpha < 1.0).then(|| Self {
            alpha,
            n: 0,
            sum: 0.0,
            squares: 0.0,
            alive: (0..=GRID).map(candidate).collect(),
            last: Interval { low: 0.0, high: 1.0 },
        })
    }

    /// Adds a value, in the order of review; one outside [0, 1] is refused (false). Takes time in proportion to the
    /// candidates left, at most 1001.
    pub fn add(&mut self, x: f64) -> bool {
        if !(0.0..=1.0).contains(&x) {
            return false;
        }
        let bet = self.bet();
        for c in &mut self.alive {
            // At the ends nothing can ruin one of the gamblers, and its bet is not cut.
            let up = bet.min(CUT / c.mean);
            let down = bet.min(CUT / (1.0 - c.mean));
            c.up += (up * (x - c.mean)).ln_1p();
            c.down += (-down * (x - c.mean)).ln_1p();
        }
        let limit = (2.0 / self.alpha).ln();
        self.alive.retain(|c| c.up.max(c.down) <= limit);
        if let (Some(first), Some(last)) = (self.alive.first(), self.alive.last()) {
            let step = 1.0 / f64::from(GRID);
            self.last = Interval { low: (first.mean - step).max(0.0), high: (last.mean + step).min(1.0) };
        }
        self.n += 1;
        // One imagined value 1/2 with variance 1/4 keeps the first bets finite.
        self.sum += x;
        let mean = (0.5 + self.sum) / (self.n as f64 + 1.0);
        self.squares += (x - mean).powi(2);
        true
    }

    fn bet(&self) -> f64 {
        let t = self.n as f64 + 1.0;
        let variance = (0.25 + self.squares) / t;
        (2.0 * (2.0 / self.alpha).ln() / (variance * t * t.ln_1p())).sqrt()
    }

    /// The interval. Where every candidate is out (the values cannot have a constant mean), the last one before that.
    #[must_use]
    pub fn interval(&self) -> Interval {
        self.last
    }

    /// Values so far.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// True if no constant mean explains the values: the process drifted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.alive.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn intervals_nest_in_time_and_level(xs in prop::collection::vec(0.0f64..=1.0, 1..80)) {
            let [mut strict, mut loose] = [0.01, 0.2].map(|a| Betting::new(a).unwrap());
            for x in xs {
                let before = strict.interval();
                prop_assert!(strict.add(x) && loose.add(x));
                let (after, narrow) = (strict.interval(), loose.interval());
                prop_assert!(before.low <= after.low && after.high <= before.high);
                prop_assert!(after.low <= after.high && narrow.low <= narrow.high);
            }
        }

        #[test]
        fn mirrored_values_give_the_mirrored_interval(xs in prop::collection::vec(0.0f64..=1.0, 1..60)) {
            let [mut one, mut other] = [0.05, 0.05].map(|a| Betting::new(a).unwrap());
            for x in xs {
                prop_assert!(one.add(x) && other.add(1.0 - x));
            }
            let (a, b) = (one.interval(), other.interval());
            prop_assert!((a.low + b.high - 1.0).abs() < 0.0011 && (a.high + b.low - 1.0).abs() < 0.0011);
        }
    }

    #[test]
    fn all_passes_push_the_lower_end_up_and_leave_the_upper_one() {
        let mut s = Betting::new(0.05).unwrap();
        (0..100).for_each(|_| assert!(s.add(1.0)));
        assert!(s.interval().low > 0.9 && s.interval().high >= 1.0);
    }

    #[test]
    fn what_is_off_the_range_is_refused() {
        let mut s = Betting::new(0.05).unwrap();
        assert!(!s.add(1.1) && !s.add(f64::NAN) && s.n() == 0);
        assert_eq!(Betting::new(1.0), None);
    }

    #[test]
    fn a_drift_empties_the_sequence_and_keeps_the_last_interval() {
        let mut s = Betting::new(0.05).unwrap();
        (0..200).for_each(|_| assert!(s.add(1.0)));
        (0..2000).for_each(|_| assert!(s.add(0.0)));
        assert!(s.is_empty() && s.interval().low < s.interval().high);
    }
}
