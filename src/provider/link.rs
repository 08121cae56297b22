//! What all calls to one endpoint share: its limits, its breaker, what is known about it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::aimd::Pressure;
use super::breaker::{Breaker, Entry, Failed};
use super::fault::Fault;
use super::limiter::Limiter;
use super::settings::{Limits, Patience};
use crate::domain::Tokens;

/// What the links of one provider share.
#[derive(Debug)]
pub(super) struct Shared {
    pub start: Instant,
    pub limits: Limits,
    pub patience: Patience,
    pub pressure: Pressure,
}

/// The state of one endpoint.
#[derive(Debug)]
pub struct Link {
    label: String,
    shared: Arc<Shared>,
    state: Mutex<State>,
    opened: Notify,
}

#[derive(Debug)]
struct State {
    limiter: Limiter,
    breaker: Breaker,
    completion: f64,
    completions: u32,
    last_error: Option<String>,
}

/// Why an attempt may not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Barred {
    /// The endpoint is plainly down.
    Down,
    /// The server asked for a pause longer than the caller's patience.
    Paused(Duration),
}

/// Leave for one attempt.
#[derive(Debug)]
pub(super) struct Permit<'l> {
    link: &'l Link,
    estimate: u64,
    used: bool,
    pub began: Duration,
    probe: bool,
}

impl Link {
    pub(super) fn new(label: String, shared: Arc<Shared>) -> Self {
        let state = State {
            limiter: Limiter::new(shared.limits.requests_per_minute, shared.limits.tokens_per_minute),
            breaker: Breaker::new(shared.patience.breaker),
            completion: 0.0,
            completions: 0,
            last_error: None,
        };
        Self { label, shared, state: Mutex::new(state), opened: Notify::new() }
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) fn now(&self) -> Duration {
        self.shared.start.elapsed()
    }

    /// The server, without secrets.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The last failure, without secrets; hostile text. Kept after a success.
    pub(super) fn last_error(&self) -> Option<String> {
        self.state().last_error.clone()
    }

    /// Whether the endpoint counts as plainly down.
    #[cfg(test)]
    pub(super) fn is_down(&self) -> bool {
        self.state().breaker.open_since().is_some()
    }

    /// Completion tokens to expect: the mean of what was seen lately, else `asked` (`max_tokens`), else 256.
    pub(crate) fn expected_completion(&self, asked: Option<u64>) -> u64 {
        let state = self.state();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of token counts")]
        if state.completions >= 5 { state.completion.ceil() as u64 } else { asked.unwrap_or(256).min(4096) }
    }

    /// Waits for leave to make an attempt of about `estimate` tokens. Sets the deadline if there is none yet, and moves it by
    /// the time that our own limit costs.
    pub(super) async fn admit(&self, estimate: u64, deadline: &mut Option<Duration>) -> Result<Permit<'_>, Barred> {
        let mut now = self.now();
        let ready = {
            let mut state = self.state();
            if state.breaker.refuses(now) {
                return Err(Barred::Down);
            }
            let wait = state.limiter.take(now, estimate);
            let ready = now.saturating_add(wait);
            *deadline = Some(deadline.map_or(ready.saturating_add(self.shared.limits.deadline), |d| d.saturating_add(wait)));
            ready
        };
        let mut permit = Permit { link: self, estimate, used: false, began: now, probe: false };
        loop {
            let mut opened = std::pin::pin!(self.opened.notified());
            let until = {
                let mut state = self.state();
                let paused = state.limiter.paused_until();
                if deadline.is_some_and(|d| paused >= d) && paused > now {
                    return Err(Barred::Paused(paused.saturating_sub(now)));
                }
                if now >= ready.max(paused) {
                    permit.probe = match state.breaker.enter(now) {
                        Entry::Refused => return Err(Barred::Down),
                        entry => entry == Entry::Probe,
                    };
                    (permit.used, permit.began) = (true, now);
                    return Ok(permit);
                }
                if state.breaker.refuses(now) {
                    return Err(Barred::Down);
                }
                opened.as_mut().enable();
                ready.max(paused)
            };
            // Timers round up to the next millisecond at most: nobody goes early.
            tokio::select! {
                () = sleep_until(self.shared.start + until) => {}
                () = opened => {}
            }
            now = self.now();
        }
    }

    /// Sleeps, unless the endpoint is found to be plainly down meanwhile: then false.
    pub(super) async fn rest(&self, wait: Duration) -> bool {
        let mut opened = std::pin::pin!(self.opened.notified());
        opened.as_mut().enable();
        if self.state().breaker.refuses(self.now()) {
            return false;
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => true,
            () = opened => false,
        }
    }

    /// Nobody asks for this long: the server said so.
    pub(super) fn pause(&self, wait: Duration) {
        let until = self.now().saturating_add(wait);
        self.state().limiter.pause(until);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// The attempt succeeded; the server counted `tokens`, if it counts.
    pub(super) fn succeeded(self, tokens: Option<Tokens>) {
        let mut state = self.link.state();
        state.breaker.answered();
        if let Some(t) = tokens {
            state.limiter.correct(self.estimate, t.input.saturating_add(t.output));
            state.completions = (state.completions + 1).min(50);
            state.completion += (t.output as f64 - state.completion) / f64::from(state.completions);
        }
        self.link.shared.pressure.success();
    }

    /// The attempt failed.
    pub(super) fn failed(self, fault: &Fault) {
        let now = self.link.now();
        let mut state = self.link.state();
        let opened = if fault.is_trouble() {
            state.breaker.failed(now, Failed { began: self.began, unreachable: !fault.connected, probe: self.probe })
        } else {
            state.breaker.answered();
            false
        };
        // A server that answers with an error has generated nothing; after a timeout nobody knows.
        if fault.failure.status.is_some() || !fault.connected {
            state.limiter.correct(self.estimate, fault.tokens.input.saturating_add(fault.tokens.output));
        }
        state.last_error = Some(fault.failure.detail.clone());
        drop(state);
        if fault.is_overload() {
            self.link.shared.pressure.overload();
        }
        if opened {
            self.link.opened.notify_waiters();
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.used {
            self.link.state().limiter.untake(self.estimate);
        }
    }
}
