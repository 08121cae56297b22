//! What was spent, and a budget that is never knowingly passed: one ledger over agents, judges and retries.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::domain::Usd;

#[derive(Debug, Default)]
struct Sums {
    spent: Usd,
    held: Usd,
}

/// The ledger of one run.
#[derive(Debug, Default)]
pub struct Ledger {
    budget: Option<Usd>,
    sums: Mutex<Sums>,
    freed: Notify,
}

/// The budget is spent, or what is left does not cover the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// What was spent.
    pub spent: Usd,
    /// What may be spent.
    pub budget: Usd,
}

/// Money set aside for a call in flight. Dropping it frees what was not spent.
#[derive(Debug)]
pub struct Hold<'l> {
    ledger: &'l Ledger,
    amount: Usd,
}

impl Ledger {
    /// An empty ledger.
    #[must_use]
    pub fn new(budget: Option<Usd>) -> Self {
        Self { budget, ..Self::default() }
    }

    /// Books what an earlier attempt of the same run had paid.
    pub fn book(&self, earlier: Usd) {
        self.sums().spent += earlier;
    }

    /// What was spent so far.
    pub fn spent(&self) -> Usd {
        self.sums().spent
    }

    /// Sets money aside for a call that will cost about `estimate`. Near the end of the budget it waits for calls in flight:
    /// they may turn out cheaper than thought, and teach us better estimates.
    ///
    /// # Errors
    /// [`Spent`] when the budget is spent, or when what is left does not cover this call and nothing is in flight.
    pub async fn hold(&self, estimate: impl Fn() -> Usd) -> Result<Hold<'_>, Spent> {
        let Some(budget) = self.budget else { return Ok(Hold { ledger: self, amount: Usd::default() }) };
        loop {
            let mut freed = std::pin::pin!(self.freed.notified());
            freed.as_mut().enable();
            {
                let amount = estimate();
                let mut sums = self.sums();
                let spent = sums.spent;
                if spent >= budget || (sums.held == Usd::default() && spent + amount > budget) {
                    return Err(Spent { spent, budget });
                }
                if spent + sums.held + amount <= budget {
                    sums.held += amount;
                    return Ok(Hold { ledger: self, amount });
                }
            }
            freed.await;
        }
    }

    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hold<'_> {
    /// The call is over; it cost this much.
    pub fn settle(self, cost: Usd) {
        self.ledger.sums().spent += cost;
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        if self.ledger.budget.is_some() {
            let mut sums = self.ledger.sums();
            sums.held = Usd(sums.held.0.saturating_sub(self.amount.0));
            drop(sums);
            self.ledger.freed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn a_call_that_the_rest_does_not_cover_is_refused() {
        let l = Ledger::new(Some(Usd(100)));
        l.book(Usd(60));
        assert_eq!(l.hold(|| Usd(41)).now_or_never().unwrap().unwrap_err(), Spent { spent: Usd(60), budget: Usd(100) });
        l.hold(|| Usd(40)).now_or_never().unwrap().unwrap().settle(Usd(40));
        assert!(l.hold(|| Usd(0)).now_or_never().unwrap().is_err(), "a spent budget refuses even free calls");
    }

    #[test]
    fn near_the_end_a_call_waits_for_those_in_flight() {
        let l = Ledger::new(Some(Usd(100)));
        let first = l.hold(|| Usd(80)).now_or_never().unwrap().unwrap();
        let mut second = Box::pin(l.hold(|| Usd(30)));
        assert!(second.as_mut().now_or_never().is_none());
        first.settle(Usd(70));
        second.now_or_never().unwrap().unwrap().settle(Usd(30));
        assert_eq!(l.spent(), Usd(100));
    }

    #[test]
    fn a_dropped_call_frees_its_hold() {
        let l = Ledger::new(Some(Usd(100)));
        drop(l.hold(|| Usd(100)).now_or_never().unwrap().unwrap());
        assert!(l.hold(|| Usd(100)).now_or_never().unwrap().is_ok());
    }

    #[test]
    fn without_a_budget_spending_is_still_counted() {
        let l = Ledger::new(None);
        l.book(Usd(5));
        l.hold(|| Usd(1)).now_or_never().unwrap().unwrap().settle(Usd(7));
        assert_eq!(l.spent(), Usd(12));
    }
}
