//! What waits for people, for whom, in which order, and why. Pure: time and claims are passed in.
//!
//! Invariant: states are derived from the decision log, the run's items, the claims and the time, and never stored; the order in which
//! claims and items are given never matters.

mod cluster;
mod empty;
mod filter;
mod gold;
mod ledger;
mod line;
mod listed;
mod order;
mod people;
mod pick;
mod policy;
mod state;
mod stop;

#[cfg(test)]
mod gold_tests;
#[cfg(test)]
mod legal_tests;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde::Serialize;

use crate::domain::log::ItemRef;
use crate::domain::{Claim, Digest};

pub use empty::{Empty, Group};
pub use filter::{Filter, FilterFault};
pub use gold::{AuditResult, Gold, GoldFacts, GoldPool, Serve, WARM_UPS};
pub use ledger::{Dispute, Ledger, Skip};
pub use line::Line;
pub use listed::{CaseNow, Judged, Listed, Stale};
pub use order::{Band, Terms};
pub use people::{Fields, Person, Role};
pub use pick::{Bar, Pick};
pub use policy::{Minutes, Policy};
pub use state::{Item, Level, State};
pub use stop::{Assume, Stop};

/// Everything that a queue is made of.
pub struct Inputs<'a> {
    /// The outputs that may want a person. Of equal items (an answer given twice) one is kept.
    pub items: Vec<Listed>,
    /// What has been decided so far.
    pub ledger: &'a Ledger,
    /// Who holds what; ended leases count as none.
    pub claims: &'a [Claim],
    /// Everybody known; may be empty.
    pub people: &'a [Person],
    /// The rules.
    pub policy: &'a Policy,
    /// How much an item alone can move the gate: 1 if flipping it can change the verdict, else the share of flips, from 0.
    pub leverage: &'a dyn Fn(&ItemRef) -> f64,
    /// The time now, in Unix milliseconds.
    pub now_ms: i64,
}

/// The queue of one run at one time.
#[derive(Clone, Debug)]
pub struct Queue {
    items: Vec<Item>,
    at: HashMap<Digest, usize>,
    policy: Policy,
    now_ms: i64,
}

/// How far the queue is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// Items that nobody has to look at any more.
    pub done: usize,
    /// Items in all, those withdrawn left out.
    pub of: usize,
    /// Minutes that the rest is expected to take.
    pub minutes_left: f64,
}

impl Queue {
    /// Derives every state and orders the items.
    #[must_use]
    pub fn build(inputs: Inputs<'_>) -> Self {
        let items = order::ordered(state::derive(&inputs), &inputs);
        let at = items.iter().enumerate().map(|(i, item)| (item.digest(), i)).collect();
        Self { items, at, policy: inputs.policy.clone(), now_ms: inputs.now_ms }
    }

    /// All items, the most urgent first; done and withdrawn ones at the end.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// One item.
    #[must_use]
    pub fn get(&self, item: &Digest) -> Option<&Item> {
        self.items.get(*self.at.get(item)?)
    }

    /// The items whose digest starts with these hexadecimal digits, for `review show 3fa9`.
    #[must_use]
    pub fn starting_with(&self, digits: &str) -> Vec<&Item> {
        let digits = digits.to_ascii_lowercase();
        self.items.iter().filter(|i| i.digest().to_string().starts_with(&digits)).collect()
    }

    /// The items that a filter lets through, in order.
    pub fn filtered<'a>(&'a self, filter: &'a Filter) -> impl Iterator<Item = &'a Item> {
        self.items.iter().filter(|i| filter.lets(i))
    }

    /// How far the queue is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let counted = || self.items.iter().filter(|i| !matches!(i.state, State::Withdrawn { .. }));
        let open = counted().filter(|i| i.state.is_open());
        Progress {
            done: counted().filter(|i| i.state.is_done()).count(),
            of: counted().count(),
            minutes_left: open.map(|i| i.terms.minutes * f64::from(i.wanted.saturating_sub(i.given).max(1))).sum(),
        }
    }
}
