//! The decision log as a desk knows it: read on from where it was, with the chain walked, and what only the log makes worth listing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::domain::log::{Act, Event, ItemRef, Verifier, standing};
use crate::domain::{Digest, EventId, RunHead};
use crate::error::AppError;
use crate::review::queue::{GoldFacts, GoldPool, Ledger, Listed};
use crate::store::Store;

/// What the log said when it was last read.
#[derive(Clone, Default)]
pub struct KnownLog {
    walk: Verifier,
    events: Arc<Vec<Event>>,
    ledger: Arc<Ledger>,
    more: Arc<Vec<Listed>>,
    seen: usize,
    gold: Arc<GoldPool>,
}

/// Links read at once.
const PAGE: u32 = 1000;

impl KnownLog {
    /// Reads on.
    ///
    /// # Errors
    /// When the store fails or the chain does not hold.
    pub async fn read(&mut self, store: &dyn Store) -> Result<(), AppError> {
        let before = self.events.len();
        loop {
            let links = store.log(self.events.len() as u64, PAGE).await?;
            if links.is_empty() {
                break;
            }
            let events = Arc::make_mut(&mut self.events);
            for link in &links {
                events.push(self.walk.next(link).map_err(crate::store::StoreError::from)?);
            }
        }
        if self.events.len() != before {
            self.ledger = Arc::new(Ledger::of(&self.events));
        }
        Ok(())
    }

    /// Looks up what new events name and the run's items do not hold: disputed answers, and hidden audits.
    pub(super) async fn also(&mut self, store: &dyn Store, head: &RunHead, listed: &[Listed]) -> Result<(), AppError> {
        if self.seen == self.events.len() {
            return Ok(());
        }
        let there: HashSet<Digest> = listed.iter().chain(self.more.iter()).map(|l| l.on.item).collect();
        let mut wanted: HashMap<Digest, u64> = HashMap::new();
        for e in &self.events[self.seen..] {
            if let Some(on) = e.entry.act.item()
                && on.run == head.id
                && !there.contains(&on.item)
            {
                wanted.insert(on.item, on.seq);
            }
        }
        for (item, seq) in wanted {
            let row = store.trial(&head.id, seq).await?;
            if let Some(l) = row.and_then(|r| Listed::of(&r, head)).filter(|l| l.on.item == item) {
                Arc::make_mut(&mut self.more).push(l);
            }
        }
        if self.events[self.seen..].iter().any(|e| matches!(e.entry.act, Act::Gold { .. })) {
            self.gold = Arc::new(self.pool(store).await?);
        }
        self.seen = self.events.len();
        Ok(())
    }

    async fn pool(&self, store: &dyn Store) -> Result<GoldPool, AppError> {
        let keys: HashSet<&EventId> = standing(&self.events)
            .filter_map(|e| match &e.entry.act {
                Act::Gold { of, on: true } => Some(of),
                _ => None,
            })
            .collect();
        let heads = store.runs().await?;
        let mut facts: HashMap<Digest, GoldFacts> = HashMap::new();
        for g in self.ledger.grades().all().iter().filter(|g| keys.contains(&g.id)) {
            let on = &g.decision.on;
            let Some(head) = heads.iter().find(|h| h.id == on.run) else { continue };
            if let Some(l) = store.trial(&on.run, on.seq).await?.and_then(|r| Listed::of(&r, head)) {
                facts.insert(on.item, GoldFacts { mark: l.mark, judged: l.judged, tags: l.tags });
            }
        }
        Ok(GoldPool::of(&self.ledger, &|on: &ItemRef| facts.get(&on.item).cloned()))
    }

    /// Every event, in order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The log, by item.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Hidden audits.
    pub(super) fn gold(&self) -> &GoldPool {
        &self.gold
    }

    /// What only the log makes worth listing.
    pub(super) fn more(&self) -> impl Iterator<Item = &Listed> {
        self.more.iter()
    }
}
