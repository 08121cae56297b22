//! Tells an endpoint that is plainly down from one that stumbles. Pure: the time is passed in.

use std::time::Duration;

/// When an endpoint counts as plainly down.
#[derive(Clone, Copy, Debug)]
pub struct BreakerPolicy {
    /// Failed attempts in a row, without a success between them. A refused connection counts twice.
    pub failures: u32,
    /// ... over at least this time, so that a blip under high concurrency is no outage.
    pub after: Duration,
    /// The same when no connection could be made at all, which is plainer.
    pub after_unreachable: Duration,
    /// How long nobody asks; then one attempt may find out. Doubles up to `longest_cool_down`.
    pub cool_down: Duration,
    /// The longest time between two such attempts.
    pub longest_cool_down: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures: 8,
            after: Duration::from_secs(20),
            after_unreachable: Duration::from_secs(5),
            cool_down: Duration::from_secs(10),
            longest_cool_down: Duration::from_mins(1),
        }
    }
}

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Go ahead.
    Go,
    /// Go ahead, alone: the attempt finds out whether the endpoint is back.
    Probe,
    /// Do not ask.
    Refused,
}

/// A failed attempt, as far as the breaker cares.
#[derive(Clone, Copy, Debug)]
pub struct Failed {
    /// When the attempt began.
    pub began: Duration,
    /// True if no connection could be made.
    pub unreachable: bool,
    /// True if it was let in as a probe.
    pub probe: bool,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    since: Duration,
    probe_at: Duration,
    cool: Duration,
}

/// The breaker of one endpoint.
#[derive(Clone, Debug)]
pub struct Breaker {
    policy: BreakerPolicy,
    weight: u32,
    since: Duration,
    only_unreachable: bool,
    open: Option<Open>,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub fn new(policy: BreakerPolicy) -> Self {
        Self { policy, weight: 0, since: Duration::ZERO, only_unreachable: true, open: None }
    }

    /// Whether an attempt may be made now. A probe that never reports back costs one cool-down, no more.
    pub fn enter(&mut self, now: Duration) -> Entry {
        match &mut self.open {
            None => Entry::Go,
            Some(o) if now >= o.probe_at => {
                o.probe_at = now + o.cool;
                Entry::Probe
            }
            Some(_) => Entry::Refused,
        }
    }

    /// True if nobody but a probe may ask, and none is due at `now`.
    #[must_use]
    pub fn refuses(&self, now: Duration) -> bool {
        self.open.is_some_and(|o| now < o.probe_at)
    }

    /// When it opened, if it is open.
    #[must_use]
    pub fn open_since(&self) -> Option<Duration> {
        self.open.map(|o| o.since)
    }

    /// The endpoint answered: whatever it said, it is there.
    pub fn answered(&mut self) {
        *self = Self::new(self.policy);
    }

    /// An attempt failed. True if this failure opened the breaker.
    pub fn failed(&mut self, now: Duration, f: Failed) -> bool {
        if let Some(o) = &mut self.open {
            if f.probe {
                o.cool = o.cool.saturating_mul(2).min(self.policy.longest_cool_down);
                o.probe_at = now + o.cool;
            }
            return false;
        }
        if self.weight == 0 {
            self.since = f.began;
        }
        self.since = self.since.min(f.began);
        self.only_unreachable &= f.unreachable;
        self.weight = self.weight.saturating_add(if f.unreachable { 2 } else { 1 });
        let enough = if self.only_unreachable { self.policy.after_unreachable } else { self.policy.after };
        let trips = self.weight >= self.policy.failures && now.saturating_sub(self.since) >= enough;
        if trips {
            self.open = Some(Open { since: now, probe_at: now + self.policy.cool_down, cool: self.policy.cool_down });
        }
        trips
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn refused(began: u64) -> Failed {
        Failed { began: s(began), unreachable: true, probe: false }
    }

    fn broken(began: u64) -> Failed {
        Failed { began: s(began), unreachable: false, probe: false }
    }

    #[test]
    fn a_blip_under_high_concurrency_is_no_outage() {
        let mut b = Breaker::new(BreakerPolicy::default());
        assert!((0..256).all(|_| !b.failed(s(1), broken(0))));
        assert_eq!(b.enter(s(1)), Entry::Go);
    }

    #[test]
    fn refused_connections_trip_within_seconds() {
        let mut b = Breaker::new(BreakerPolicy::default());
        let opened = (0..100).find(|&t| b.failed(s(t), refused(t))).unwrap();
        assert_eq!(opened, 5);
        assert_eq!(b.enter(s(6)), Entry::Refused);
        assert_eq!(b.open_since(), Some(s(5)));
    }

    #[test]
    fn a_success_between_failures_starts_the_count_anew() {
        let mut b = Breaker::new(BreakerPolicy::default());
        for t in 0..100 {
            assert!(!b.failed(s(t), broken(t)));
            if t % 7 == 6 {
                b.answered();
            }
        }
    }

    #[test]
    fn one_wave_of_long_timeouts_is_enough() {
        let mut b = Breaker::new(BreakerPolicy::default());
        let opened = (1..=64).find(|_| b.failed(s(120), broken(0)));
        assert_eq!(opened, Some(8), "the failing time counts from the start of the first failed attempt");
    }

    #[test]
    fn after_the_cool_down_one_probe_decides() {
        let mut b = Breaker::new(BreakerPolicy::default());
        let opened = (0..100).find(|&t| b.failed(s(t), refused(t))).unwrap();
        let due = s(opened + 10);
        assert!(!b.refuses(due));
        assert_eq!((b.enter(due), b.enter(due)), (Entry::Probe, Entry::Refused));
        b.failed(due, Failed { began: due, unreachable: true, probe: true });
        assert_eq!(b.enter(due + s(19)), Entry::Refused, "the cool-down has doubled");
        assert_eq!(b.enter(due + s(20)), Entry::Probe);
        b.answered();
        assert_eq!((b.enter(due + s(20)), b.open_since()), (Entry::Go, None));
    }

    #[test]
    fn attempts_that_were_under_way_do_not_prolong_the_cool_down() {
        let mut b = Breaker::new(BreakerPolicy::default());
        let opened = (0..100).find(|&t| b.failed(s(t), refused(t))).unwrap();
        assert!(!b.failed(s(opened + 9), broken(0)));
        assert_eq!(b.enter(s(opened + 10)), Entry::Probe);
    }
}
