//! How long to wait before the next attempt. Pure: time and chance are passed in.

use std::time::Duration;

use http::HeaderMap;

/// Exponential backoff with full jitter: a wait drawn evenly from 0 to a bound that doubles up to a cap.
/// Source: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The bound after the first failure.
    pub base: Duration,
    /// The bound never grows past this.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Duration::from_millis(500), cap: Duration::from_secs(30) }
    }
}

impl Backoff {
    /// The wait after `failures` failures in a row (from 1); `chance` is drawn from `[0, 1)`.
    #[must_use]
    pub fn wait(&self, failures: u32, chance: f64) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let bound = self.base.saturating_mul(1 << doublings).min(self.cap);
        bound.mul_f64(chance.clamp(0.0, 1.0))
    }
}

/// A server that asks for more than a day is taken to ask for a day.
const LONGEST: f64 = 86_400.0;

/// How long the server asks us to wait: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date.
/// `now_unix` is the time of day in seconds since 1970.
#[must_use]
pub fn asked_wait(headers: &HeaderMap, now_unix: i64) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim);
    if let Some(ms) = text("retry-after-ms").and_then(|t| t.parse::<f64>().ok()) {
        return seconds(ms / 1000.0);
    }
    let value = text("retry-after")?;
    if let Ok(s) = value.parse::<f64>() {
        return seconds(s);
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    seconds(at.as_second().saturating_sub(now_unix).max(0) as f64)
}

fn seconds(s: f64) -> Option<Duration> {
    (s >= 0.0).then(|| Duration::from_secs_f64(s.min(LONGEST)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())])
    }

    #[test]
    fn the_bound_doubles_up_to_the_cap() {
        let b = Backoff::default();
        let bounds: Vec<_> = (1..=9).map(|n| b.wait(n, 1.0).as_millis()).collect();
        assert_eq!(bounds, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(b.wait(u32::MAX, 1.0), b.cap);
    }

    #[test]
    fn a_server_may_ask_in_seconds_in_milliseconds_or_by_date() {
        assert_eq!(asked_wait(&headers("retry-after", "7"), 0), Some(Duration::from_secs(7)));
        assert_eq!(asked_wait(&headers("retry-after", " 0.5 "), 0), Some(Duration::from_millis(500)));
        assert_eq!(asked_wait(&headers("retry-after-ms", "250"), 0), Some(Duration::from_millis(250)));
        // 6 November 1994, 08:49:37 UTC is 784111777.
        let date = headers("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(asked_wait(&date, 784_111_770), Some(Duration::from_secs(7)));
        assert_eq!(asked_wait(&date, 784_111_800), Some(Duration::ZERO), "a date in the past asks for no wait");
        assert_eq!(asked_wait(&date, i64::MIN), Some(Duration::from_hours(24)), "a clock that is off overflows nothing");
    }

    #[test]
    fn nonsense_asks_for_nothing() {
        for v in ["", "soon", "-3", "NaN", "Someday, 99 Foo 2020"] {
            assert_eq!(asked_wait(&headers("retry-after", v), 0), None, "{v:?}");
        }
        assert_eq!(asked_wait(&headers("retry-after", "1e300"), 0), Some(Duration::from_hours(24)));
    }

    proptest! {
        #[test]
        fn a_wait_lies_between_nothing_and_the_cap(n in 0u32.., chance in 0.0f64..1.0) {
            prop_assert!(Backoff::default().wait(n, chance) <= Backoff::default().cap);
        }
    }
}
