//! Requests and tokens a minute, and pauses that a server asks for. Pure: the time is passed in, as time since some start.
//!
//! Invariant: in any 60 s no more requests begin than the limit says, however they arrive.

use std::time::Duration;

/// A token bucket that hands out places in a queue: whoever takes learns at once how long to wait, so order is kept and
/// nobody polls. Its level may fall below zero; what was taken too much can be given back.
#[derive(Clone, Debug)]
struct Bucket {
    capacity: f64,
    per_second: f64,
    level: f64,
    at: Duration,
}

impl Bucket {
    /// A full bucket. A twentieth of the minute's share may go at once; the rest of the share flows in evenly, so that
    /// burst and flow together stay within the share in any minute.
    fn per_minute(share: u32) -> Self {
        let share = f64::from(share.max(1));
        let capacity = (share / 20.0).max(1.0);
        Self { capacity, per_second: (share + 1.0 - capacity) / 60.0, level: capacity, at: Duration::ZERO }
    }

    fn refill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.level = (self.level + passed * self.per_second).min(self.capacity);
        self.at = self.at.max(now);
    }

    /// Takes `n` and says how long the taker must wait. More than the bucket holds is served from a full bucket, on credit.
    fn take(&mut self, now: Duration, n: f64) -> Duration {
        self.refill(now);
        let missing = (n.min(self.capacity) - self.level).max(0.0);
        self.level -= n;
        Duration::try_from_secs_f64(missing / self.per_second).unwrap_or(Duration::MAX)
    }

    /// Gives back `n`; a negative `n` charges more.
    fn give(&mut self, n: f64) {
        self.level = (self.level + n).min(self.capacity);
    }
}

/// The limits of one endpoint.
#[derive(Clone, Debug, Default)]
pub struct Limiter {
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    paused_until: Duration,
}

impl Limiter {
    /// A limiter; `None` stands for no limit.
    #[must_use]
    pub fn new(requests_per_minute: Option<u32>, tokens_per_minute: Option<u32>) -> Self {
        Self {
            requests: requests_per_minute.map(Bucket::per_minute),
            tokens: tokens_per_minute.map(Bucket::per_minute),
            paused_until: Duration::ZERO,
        }
    }

    /// Takes a place for one request of about `tokens` tokens; the wait until it may go, pauses excluded.
    pub fn take(&mut self, now: Duration, tokens: u64) -> Duration {
        let requests = self.requests.as_mut().map_or(Duration::ZERO, |b| b.take(now, 1.0));
        let tokens = self.tokens.as_mut().map_or(Duration::ZERO, |b| b.take(now, tokens as f64));
        requests.max(tokens)
    }

    /// Gives back the place of a request that was never sent.
    pub fn untake(&mut self, tokens: u64) {
        if let Some(b) = &mut self.requests {
            b.give(1.0);
        }
        self.correct(tokens, 0);
    }

    /// Replaces an estimate by what the server counted.
    pub fn correct(&mut self, estimated: u64, counted: u64) {
        if let Some(b) = &mut self.tokens {
            b.give(estimated as f64 - counted as f64);
        }
    }

    /// Nobody goes before `until`.
    pub fn pause(&mut self, until: Duration) {
        self.paused_until = self.paused_until.max(until);
    }

    /// The end of the longest pause asked for.
    #[must_use]
    pub fn paused_until(&self) -> Duration {
        self.paused_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn without_limits_nobody_waits() {
        let mut l = Limiter::new(None, None);
        assert!((0..1000).all(|_| l.take(Duration::ZERO, 1_000_000) == Duration::ZERO));
    }

    #[test]
    fn sixty_a_minute_is_one_a_second_after_the_burst() {
        let mut l = Limiter::new(Some(60), None);
        let waits: Vec<_> = (0..6).map(|_| l.take(Duration::ZERO, 0).as_secs_f64()).collect();
        assert_eq!(&waits[..3], [0.0, 0.0, 0.0]);
        assert!(waits[3] > 1.0 && waits[4] - waits[3] > 1.0, "{waits:?}");
    }

    #[test]
    fn a_refund_lets_the_next_one_go() {
        let mut l = Limiter::new(None, Some(6000));
        assert_eq!(l.take(Duration::ZERO, 300), Duration::ZERO);
        let mut pessimist = l.clone();
        assert!(pessimist.take(Duration::ZERO, 300) > Duration::ZERO);
        l.correct(300, 0);
        assert_eq!(l.take(Duration::ZERO, 300), Duration::ZERO);
    }

    #[test]
    fn an_extra_charge_makes_the_next_one_wait() {
        let mut l = Limiter::new(None, Some(6000));
        l.take(Duration::ZERO, 10);
        l.correct(10, 1010);
        assert!(l.take(Duration::ZERO, 1) > 5 * S);
    }

    #[test]
    fn a_request_larger_than_the_bucket_goes_on_credit_and_the_next_pays() {
        let mut l = Limiter::new(None, Some(600));
        assert_eq!(l.take(Duration::ZERO, 100_000), Duration::ZERO);
        assert!(l.take(Duration::ZERO, 1) > 9000 * S);
    }

    #[test]
    fn a_place_that_was_not_used_is_given_back() {
        let mut l = Limiter::new(Some(1), Some(100));
        l.take(Duration::ZERO, 5);
        l.untake(5);
        assert_eq!(l.take(Duration::ZERO, 5), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn no_minute_holds_more_requests_than_the_limit(limit in 1u32..300, gaps in proptest::collection::vec(0u64..3000, 1..400)) {
            let mut l = Limiter::new(Some(limit), None);
            let mut now = Duration::ZERO;
            let mut starts = Vec::new();
            for g in gaps {
                now += Duration::from_millis(g);
                starts.push(now + l.take(now, 0));
            }
            prop_assert!(starts.is_sorted());
            for (i, s) in starts.iter().enumerate() {
                // A microsecond's grace for the rounding of waits.
                let end = *s + Duration::from_micros(59_999_999);
                prop_assert!(starts[i..].iter().filter(|t| **t < end).count() <= limit as usize);
            }
        }
    }
}
