//! How many calls at once: additive increase, multiplicative decrease on signs of overload. Also the signs themselves.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of good and bad signs since the start: what `--concurrency auto` steers by.
#[derive(Debug, Default)]
pub struct Pressure {
    overloads: AtomicU64,
    successes: AtomicU64,
}

impl Pressure {
    pub(crate) fn overload(&self) {
        self.overloads.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn success(&self) {
        self.successes.fetch_add(1, Ordering::Relaxed);
    }

    /// Attempts that met 429, 503, 529 or a timeout.
    pub fn overloads(&self) -> u64 {
        self.overloads.load(Ordering::Relaxed)
    }

    /// Attempts that succeeded.
    pub fn successes(&self) -> u64 {
        self.successes.load(Ordering::Relaxed)
    }
}

/// A pure controller of concurrency. It doubles a round until the first overload (slow start), then adds one a round; an
/// overload halves it, at most once a round, since all calls in flight tend to fail together.
/// Source: D. Chiu and R. Jain, "Analysis of the increase and decrease algorithms ...", 1989; RFC 5681 for slow start.
#[derive(Clone, Debug)]
pub struct Aimd {
    limit: f64,
    most: f64,
    slow_start: bool,
    /// Results still to come from calls that were in flight at the last decrease.
    deaf_for: u64,
}

impl Aimd {
    /// Starts at `start` calls at once and never passes `most` (both at least 1).
    #[must_use]
    pub fn new(start: u32, most: u32) -> Self {
        let most = f64::from(most.max(1));
        Self { limit: f64::from(start.max(1)).min(most), most, slow_start: true, deaf_for: 0 }
    }

    /// Calls at once, at least 1.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a u32")]
    pub fn limit(&self) -> usize {
        self.limit as usize
    }

    /// A call went well; the new limit.
    pub fn on_success(&mut self) -> usize {
        self.deaf_for = self.deaf_for.saturating_sub(1);
        let step = if self.slow_start { 1.0 } else { 1.0 / self.limit };
        self.limit = (self.limit + step).min(self.most);
        self.limit()
    }

    /// A call met an overload; the new limit.
    pub fn on_pressure(&mut self) -> usize {
        self.slow_start = false;
        if self.deaf_for > 0 {
            self.deaf_for -= 1;
        } else {
            self.deaf_for = self.limit() as u64;
            self.limit = (self.limit / 2.0).max(1.0);
        }
        self.limit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_doubles_a_round_until_the_first_overload_then_adds_one_a_round() {
        let mut a = Aimd::new(4, 1000);
        (0..4).for_each(|_| _ = a.on_success());
        assert_eq!(a.limit(), 8);
        assert_eq!(a.on_pressure(), 4);
        (0..5).for_each(|_| _ = a.on_success());
        assert_eq!(a.limit(), 5);
    }

    #[test]
    fn calls_that_fail_together_halve_it_once() {
        let mut a = Aimd::new(64, 64);
        (0..64).for_each(|_| _ = a.on_pressure());
        assert_eq!(a.limit(), 32);
        a.on_pressure();
        (0..64).for_each(|_| _ = a.on_pressure());
        assert!(a.limit() < 32);
    }

    proptest! {
        #[test]
        fn the_limit_stays_between_one_and_the_most(start in 0u32..100, most in 0u32..100, signs in proptest::collection::vec(any::<bool>(), 0..500)) {
            let mut a = Aimd::new(start, most);
            for good in signs {
                let limit = if good { a.on_success() } else { a.on_pressure() };
                prop_assert!((1..=most.max(1) as usize).contains(&limit));
            }
        }
    }
}
