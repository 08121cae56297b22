//! The retry loop that every call runs in, whatever it calls: every attempt goes through the endpoint's limiter and breaker.

use std::time::Duration;

use tokio::time::timeout;

use super::fault::{Fault, Retry};
use super::link::{Barred, Link};
use super::{CallFailure, CallFailureKind};
use crate::domain::Tokens;

/// What one call needs.
#[derive(Clone, Copy)]
pub struct Plan<'p> {
    /// One attempt is given up after this time.
    pub timeout: Duration,
    /// Tokens that an attempt will take, as far as one can tell; asked before each.
    pub expected: &'p (dyn Fn() -> Tokens + Sync),
}

/// An attempt that succeeded.
#[derive(Debug)]
pub struct Success<T> {
    /// What it gave.
    pub value: T,
    /// What the server counted, if it counts.
    pub tokens: Option<Tokens>,
}

/// A call after all its attempts.
#[derive(Debug)]
pub struct Tried<T> {
    /// What it gave, or why nothing.
    pub result: Result<T, CallFailure>,
    /// Attempts made.
    pub attempts: u32,
    /// Tokens over all attempts.
    pub tokens: Tokens,
    /// True if an attempt succeeded and its tokens were not counted by the server.
    pub uncounted: bool,
    /// Wall time of the last attempt, in milliseconds.
    pub latency_ms: u64,
}

/// Calls `attempt` until it succeeds, fails for good, the deadline passes or the endpoint is plainly down.
pub async fn attempts<T, F, Fut>(link: &Link, plan: Plan<'_>, mut attempt: F) -> Tried<T>
where
    F: FnMut() -> Fut + Send,
    Fut: Future<Output = Result<Success<T>, Fault>> + Send,
{
    let patience = link.shared().patience;
    let mut count = Count::default();
    let mut last = None;
    let mut deadline = None;
    loop {
        let permit = match link.admit(total((plan.expected)()), &mut deadline).await {
            Ok(permit) => permit,
            // After an attempt of its own, a call says how that attempt failed.
            Err(barred) => return count.over(Err(last.unwrap_or_else(|| not_asked(link, barred)))),
        };
        count.attempts += 1;
        let began = permit.began;
        let limit = deadline.map_or(plan.timeout, |d| plan.timeout.min(d.saturating_sub(began)));
        let outcome = timeout(limit, attempt()).await.unwrap_or_else(|_| Err(Fault::timeout(limit)));
        let now = link.now();
        count.latency_ms = u64::try_from(now.saturating_sub(began).as_millis()).unwrap_or(u64::MAX);
        let fault = match outcome {
            Ok(success) => {
                permit.succeeded(success.tokens);
                count.uncounted = success.tokens.is_none();
                count.add(success.tokens.unwrap_or_default());
                return count.over(Ok(success.value));
            }
            Err(fault) => fault,
        };
        permit.failed(&fault);
        count.add(fault.tokens);
        let backoff = patience.backoff.wait(count.attempts, (patience.chance)());
        let wait = match fault.retry {
            Retry::Never => Duration::ZERO,
            Retry::Soon => backoff,
            Retry::After(wait) => {
                link.pause(wait);
                // A little more than told, so that not everybody comes back at the same instant; and more each time, since a
                // server that asks for no wait at all may still be overloaded.
                backoff.max(wait + patience.backoff.wait(1, (patience.chance)()))
            }
        };
        let too_late = deadline.is_some_and(|d| now + wait >= d);
        // Cut short by the deadline, an attempt says less than the one before it.
        let cut_short = limit < plan.timeout && fault.failure.kind == CallFailureKind::Timeout;
        let failure = last.take().filter(|_| cut_short).unwrap_or(fault.failure);
        if fault.retry == Retry::Never || too_late || !link.rest(wait).await {
            return count.over(Err(failure));
        }
        last = Some(failure);
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    attempts: u32,
    tokens: Tokens,
    uncounted: bool,
    latency_ms: u64,
}

impl Count {
    fn add(&mut self, t: Tokens) {
        self.tokens = Tokens { input: self.tokens.input.saturating_add(t.input), output: self.tokens.output.saturating_add(t.output) };
    }

    fn over<T>(self, result: Result<T, CallFailure>) -> Tried<T> {
        let Self { attempts, tokens, uncounted, latency_ms } = self;
        Tried { result, attempts, tokens, uncounted, latency_ms }
    }
}

fn total(t: Tokens) -> u64 {
    t.input.saturating_add(t.output)
}

fn not_asked(link: &Link, why: Barred) -> CallFailure {
    let (kind, detail) = match why {
        Barred::Down => {
            let last = link.last_error().unwrap_or_default();
            (CallFailureKind::CircuitOpen, format!("{} is down ({last})", link.label()))
        }
        Barred::Paused(wait) => {
            let wait = wait.as_secs_f64();
            let detail = format!("the server wants no request for another {wait:.0} s, longer than a call may take");
            (CallFailureKind::RateLimited, detail)
        }
    };
    CallFailure { kind, status: None, detail: format!("not asked: {detail}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use crate::provider::aimd::Pressure;
    use crate::provider::link::Shared;
    use crate::provider::settings::{Limits, Patience};
    use http::{HeaderMap, StatusCode};
    use tokio::time::Instant;

    fn link(limits: Limits) -> Link {
        let patience = Patience { chance: || 0.5, ..Patience::default() };
        let shared = Shared { start: Instant::now(), limits, patience, pressure: Pressure::default() };
        Link::new("http://test".into(), Arc::new(shared))
    }

    const PLAN: Plan<'_> = Plan { timeout: Duration::from_mins(1), expected: &|| Tokens { input: 5, output: 5 } };

    fn status(code: u16, retry_after: Option<&str>) -> Fault {
        let mut headers = HeaderMap::new();
        if let Some(v) = retry_after {
            headers.insert("retry-after", v.parse().unwrap());
        }
        Fault::status(StatusCode::from_u16(code).unwrap(), &headers, b"", 0)
    }

    #[expect(clippy::unnecessary_wraps, reason = "an entry of a script of results")]
    fn fine() -> Result<Success<&'static str>, Fault> {
        Ok(Success { value: "fine", tokens: Some(Tokens { input: 5, output: 5 }) })
    }

    async fn scripted(link: &Link, script: Vec<Result<Success<&'static str>, Fault>>) -> Tried<&'static str> {
        let mut script = script.into_iter();
        attempts(link, PLAN, || {
            let next = script.next().unwrap();
            async { next }
        })
        .await
    }

    #[tokio::test(start_paused = true)]
    async fn passing_trouble_is_ridden_out_and_every_attempt_is_counted() {
        let link = link(Limits::default());
        let start = Instant::now();
        let t = scripted(&link, vec![Err(status(500, None)), Err(status(503, None)), Err(Fault::broke_off()), fine()]).await;
        assert_eq!((t.result.unwrap(), t.attempts, t.tokens), ("fine", 4, Tokens { input: 5, output: 5 }));
        assert_eq!(start.elapsed().as_millis(), 250 + 500 + 1000, "backoff doubles; the jitter is fixed to a half here");
    }

    #[tokio::test(start_paused = true)]
    async fn a_mistake_is_not_repeated() {
        let t = scripted(&link(Limits::default()), vec![Err(status(401, None))]).await;
        assert_eq!((t.result.unwrap_err().status, t.attempts), (Some(401), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn when_the_server_asks_for_a_pause_the_whole_endpoint_pauses() {
        let link = link(Limits::default());
        let start = Instant::now();
        let first = scripted(&link, vec![Err(status(429, Some("20"))), fine()]);
        let second = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let t = scripted(&link, vec![fine()]).await;
            (t, start.elapsed())
        };
        let (first, (second, at)) = tokio::join!(first, second);
        assert_eq!((first.attempts, second.attempts), (2, 1));
        assert_eq!(at, Duration::from_secs(20), "a call that comes later waits too");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_asks_for_no_wait_is_not_hammered() {
        let link = link(Limits { deadline: Duration::from_mins(10), ..Limits::default() });
        let t: Tried<()> = attempts(&link, PLAN, || async { Err(status(429, Some("0"))) }).await;
        assert!(t.attempts < 60, "{}", t.attempts);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_beyond_the_deadline_fails_at_once() {
        let link = link(Limits { deadline: Duration::from_secs(100), ..Limits::default() });
        let start = Instant::now();
        let first = scripted(&link, vec![Err(status(429, Some("3600")))]).await.result.unwrap_err();
        let second = scripted(&link, vec![]).await;
        assert_eq!((first.kind, second.attempts), (CallFailureKind::RateLimited, 0));
        assert_eq!(second.result.unwrap_err().kind, CallFailureKind::RateLimited);
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_ends_the_attempts() {
        let link = link(Limits { deadline: Duration::from_secs(10), ..Limits::default() });
        let start = Instant::now();
        let t: Tried<()> = attempts(&link, PLAN, || async { Err(status(429, None)) }).await;
        assert_eq!(t.result.unwrap_err().kind, CallFailureKind::RateLimited);
        assert!(t.attempts > 3 && start.elapsed() <= Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_hangs_is_given_up_and_the_last_one_ends_with_the_deadline() {
        let link = link(Limits { deadline: Duration::from_secs(90), ..Limits::default() });
        let start = Instant::now();
        let t: Tried<()> = attempts(&link, PLAN, std::future::pending).await;
        assert_eq!((t.result.unwrap_err().kind, t.attempts), (CallFailureKind::Timeout, 2));
        assert_eq!(start.elapsed(), Duration::from_secs(90));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_our_own_limit_does_not_use_up_the_deadline() {
        let link = link(Limits { requests_per_minute: Some(1), deadline: Duration::from_secs(30), ..Limits::default() });
        let start = Instant::now();
        for _ in 0..5 {
            assert!(scripted(&link, vec![fine()]).await.result.is_ok());
        }
        assert!(start.elapsed() >= Duration::from_mins(4));
    }

    #[tokio::test(start_paused = true)]
    async fn every_retry_takes_a_place_of_its_own_under_the_limit() {
        let link = link(Limits { requests_per_minute: Some(2), ..Limits::default() });
        let start = Instant::now();
        let t = scripted(&link, vec![Err(status(500, None)), Err(status(500, None)), fine()]).await;
        assert_eq!(t.attempts, 3);
        assert!(start.elapsed() >= Duration::from_secs(59), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn counted_tokens_replace_the_estimate() {
        let link = link(Limits { tokens_per_minute: Some(6000), ..Limits::default() });
        let start = Instant::now();
        let heavy = || Ok(Success { value: (), tokens: Some(Tokens { input: 600, output: 600 }) });
        assert!(attempts(&link, PLAN, || async { heavy() }).await.result.is_ok());
        assert!(attempts(&link, PLAN, || async { heavy() }).await.result.is_ok());
        assert!(start.elapsed() > Duration::from_secs(8), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_endpoint_ends_ten_thousand_calls_within_a_minute() {
        let link = link(Limits::default());
        let start = Instant::now();
        let asked = AtomicU32::new(0);
        for chunk in 0..40 {
            let calls = (0..250).map(|_| async {
                let refused = || {
                    asked.fetch_add(1, Ordering::Relaxed);
                    let fault = Fault::new(CallFailureKind::Unreachable, "connection refused").retry(Retry::Soon);
                    async move { Err::<Success<()>, _>(Fault { connected: false, ..fault }) }
                };
                attempts(&link, PLAN, refused).await
            });
            let kind = if chunk == 0 { CallFailureKind::Unreachable } else { CallFailureKind::CircuitOpen };
            assert!(futures::future::join_all(calls).await.into_iter().all(|t| t.result.unwrap_err().kind == kind));
        }
        assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
        assert!(asked.into_inner() < 2500);
        assert!(link.is_down());
        assert_eq!(link.last_error().as_deref(), Some("connection refused"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_endpoint_that_comes_back_is_asked_again_after_the_cool_down() {
        let link = link(Limits::default());
        let refused = || async { Err::<Success<()>, _>(status(500, None)) };
        while !link.is_down() {
            _ = attempts(&link, PLAN, refused).await;
        }
        assert_eq!(scripted(&link, vec![]).await.result.unwrap_err().kind, CallFailureKind::CircuitOpen);
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert!(scripted(&link, vec![fine()]).await.result.is_ok());
        assert!(!link.is_down());
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_dropped_while_it_waits_gives_its_place_back() {
        let link = link(Limits { requests_per_minute: Some(1), ..Limits::default() });
        assert!(scripted(&link, vec![fine()]).await.result.is_ok());
        let start = Instant::now();
        for _ in 0..10 {
            assert!(timeout(Duration::from_secs(1), scripted(&link, vec![])).await.is_err());
        }
        assert!(scripted(&link, vec![fine()]).await.result.is_ok());
        assert_eq!(start.elapsed().as_secs(), 60, "as if the ten had never asked");
    }
}
