//! The loop: trials start while there are slots, finish in any order, and every end is one event.
//!
//! Invariant: work in flight is bounded, owned and stoppable; nothing is spawned that is not joined or aborted here.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::event::{Ending, Listener, RunEvent};
use super::feed::Feed;
use super::trial::{Context, Done, run_trial};
use crate::agent::Agent;
use crate::domain::{JudgeName, RunHead};
use crate::error::{AppError, Exit};
use crate::judge::Judge;
use crate::provider::aimd::Aimd;
use crate::store::{Store, StoreError};

/// Calls at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concurrency {
    /// So many.
    Fixed(usize),
    /// Grows while all is well, halves when servers push back.
    Auto,
}

/// Where `auto` starts and how far it goes, in calls at once.
pub const AUTO_START: u32 = 16;
/// See [`AUTO_START`].
pub const AUTO_MOST: u32 = 512;

/// Signs since the run began, by whoever makes the calls: (calls that went well, signs of overload).
pub type Pressure = Arc<dyn Fn() -> (u64, u64) + Send + Sync>;

/// Two ways to stop.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// Start no more; what is in flight finishes.
    pub soft: CancellationToken,
    /// Drop what is in flight; it is repeated on resume.
    pub hard: CancellationToken,
}

/// A run to execute.
pub struct Job {
    /// The head, recorded already.
    pub head: RunHead,
    /// In the head's order.
    pub agents: Vec<Arc<dyn Agent>>,
    /// In the head's order.
    pub judges: Vec<Arc<dyn Judge>>,
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Calls at once.
    pub concurrency: Concurrency,
    /// For `auto`.
    pub pressure: Option<Pressure>,
    /// Trials found whole in the store.
    pub already: u64,
}

/// Executes a job: every finished trial is durable and announced in the order of finishing.
///
/// # Errors
/// When the store fails, the feed fails, or a listener fails. What was finished stays kept.
pub async fn execute(job: Job, mut feed: Feed, listener: &mut dyn Listener, stop: &Stop) -> Result<Ending, AppError> {
    let mut limit = Limit::new(job.concurrency);
    let cx = Arc::new(Context {
        run: job.head.id.clone(),
        order: job.head.judges.iter().map(|j| JudgeName::clone(&j.name)).collect(),
        policy: job.head.policy,
        cascade: job.head.cascade,
        agents: job.agents,
        judges: job.judges,
        store: job.store,
        calls: Arc::clone(&limit.calls),
    });
    tell(listener, &RunEvent::Started { head: &job.head, already: job.already })?;
    let mut trials: JoinSet<Result<Done, StoreError>> = JoinSet::new();
    let mut ending = Ending::Whole;
    let mut feeding = true;
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        // Twice as many trials as calls: some wait for the disk while others call.
        while feeding && trials.len() < limit.now * 2 {
            match feed.next().await? {
                Some(fed) => {
                    let cx = Arc::clone(&cx);
                    trials.spawn(async move { run_trial(&cx, fed).await });
                }
                None => feeding = false,
            }
            if stop.soft.is_cancelled() {
                break;
            }
        }
        if trials.is_empty() && !feeding {
            break;
        }
        let draining = ending != Ending::Whole;
        let mut turn = None;
        tokio::select! {
            biased;
            () = stop.hard.cancelled() => {
                trials.shutdown().await;
                ending = Ending::Interrupted;
                break;
            }
            () = stop.soft.cancelled(), if !draining => turn = Some(Ending::Interrupted),
            Some(done) = trials.join_next() => {
                let done = done.map_err(|e| AppError::new(Exit::Incomplete, "a trial ended without a result").because(e))??;
                tell(listener, &RunEvent::TrialDone { row: &done.row, fresh: done.fresh, in_flight: limit.in_flight() })?;
                if done.budget_spent() {
                    turn = Some(Ending::BudgetSpent);
                } else if let Some(why) = done.circuit_open().or_else(|| done.fresh.then(|| done.refused()).flatten()) {
                    turn = Some(Ending::Down(why));
                }
            }
            _ = tick.tick(), if job.pressure.is_some() => {
                if let Some(p) = &job.pressure {
                    limit.adjust(p());
                }
            }
        }
        if let (Some(new), false) = (turn, draining) {
            feeding = false;
            tell(listener, &RunEvent::Draining(&new))?;
            ending = new;
        }
    }
    tell(listener, &RunEvent::Ended(&ending))?;
    Ok(ending)
}

fn tell(listener: &mut dyn Listener, event: &RunEvent<'_>) -> Result<(), AppError> {
    listener.on_event(event).map_err(|e| AppError::new(Exit::Incomplete, "could not write the run's progress").because(e))
}

/// The number of calls at once, and the permits that enforce it.
struct Limit {
    now: usize,
    auto: Option<Aimd>,
    calls: Arc<Semaphore>,
    seen: (u64, u64),
}

impl Limit {
    fn new(c: Concurrency) -> Self {
        let (now, auto) = match c {
            Concurrency::Fixed(n) => (n.max(1), None),
            Concurrency::Auto => (AUTO_START as usize, Some(Aimd::new(AUTO_START, AUTO_MOST))),
        };
        Self { now, auto, calls: Arc::new(Semaphore::new(now)), seen: (0, 0) }
    }

    /// Calls in flight now.
    fn in_flight(&self) -> usize {
        self.now.saturating_sub(self.calls.available_permits())
    }

    /// Follows the signs since the last tick. Successes only count while every slot is taken: a limit that nobody
    /// reaches says nothing about what a server bears.
    fn adjust(&mut self, counts: (u64, u64)) {
        let (good, bad) = (counts.0.saturating_sub(self.seen.0), counts.1.saturating_sub(self.seen.1));
        self.seen = counts;
        let Some(aimd) = &mut self.auto else { return };
        for _ in 0..bad {
            aimd.on_pressure();
        }
        if self.calls.available_permits() == 0 {
            for _ in 0..good {
                aimd.on_success();
            }
        }
        let wanted = aimd.limit().max(1);
        if wanted > self.now {
            self.calls.add_permits(wanted - self.now);
            self.now = wanted;
        } else if wanted < self.now {
            // Only free permits can be taken back at once; the rest follows at the next ticks.
            self.now -= self.calls.forget_permits(self.now - wanted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn auto_grows_when_every_slot_is_taken_and_shrinks_on_overload() {
        let mut l = Limit::new(Concurrency::Auto);
        let held = Arc::clone(&l.calls).acquire_many_owned(AUTO_START).await.unwrap();
        l.adjust((16, 0));
        let grown = l.now;
        assert!(grown > 16);
        drop(held);
        assert_eq!(l.calls.available_permits(), grown);
        l.adjust((16, 1));
        assert!(l.now < grown);
        assert_eq!(l.calls.available_permits(), l.now);
    }

    #[test]
    fn auto_does_not_grow_while_slots_are_free() {
        let mut l = Limit::new(Concurrency::Auto);
        l.adjust((100, 0));
        assert_eq!(l.now, 16);
    }

    #[test]
    fn a_fixed_limit_stays() {
        let mut l = Limit::new(Concurrency::Fixed(3));
        l.adjust((100, 100));
        assert_eq!(l.now, 3);
    }
}
