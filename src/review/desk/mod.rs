//! One desk over the store for both faces: what waits, whose turn it is, and every effect of a session carried out.
//!
//! Invariant: a face sees an item as a `Task` (blind) or, with the person's own decision in the log as proof, as a `RevealView`.

mod carry;
mod find;
mod known;
mod load;
mod reveal;
mod stop;
mod who;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::domain::log::ItemRef;
use crate::domain::{CaseId, Claim, Digest, EventId, RunHead, Score, SetName, TrialRow};
use crate::error::{AppError, Exit};
use crate::gate::GateVerdict;
use crate::review::queue::{CaseNow, Inputs, Ledger, Listed, Person, Policy, Progress, Queue, Stop};
use crate::store::Store;

pub use known::KnownLog;
pub use load::time_of_day;
pub use stop::gate_of;
pub use who::{Who, name_of};

/// The time now, in Unix milliseconds: the one clock of a face.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The gate's verdict when these trials (by `seq`) have these scores from people, and all others what the judges gave.
/// It may read the store, and is called where blocking is allowed.
pub type Gate = Arc<dyn Fn(&HashMap<u64, Score>) -> Result<GateVerdict, AppError> + Send + Sync>;

/// What a desk needs to know beside the store.
#[derive(Clone)]
pub struct Setup {
    /// The rules of the queue.
    pub policy: Policy,
    /// Everybody known; may be empty.
    pub people: Vec<Person>,
    /// The gate, where there is one.
    pub gate: Option<Gate>,
    /// The clock.
    pub clock: Clock,
}

/// One run's review, for everybody who takes part in it.
pub struct Desk {
    store: Arc<dyn Store>,
    head: RunHead,
    setup: Setup,
    listed: Vec<Listed>,
    known: Mutex<KnownLog>,
    stopped: Mutex<Option<(u64, Stop)>>,
    before: tokio::sync::OnceCell<reveal::Before>,
}

/// What the store said at one time.
pub struct Snapshot {
    /// The queue.
    pub queue: Queue,
    /// The decision log.
    pub known: KnownLog,
    /// Who holds what.
    pub claims: Vec<Claim>,
    /// When.
    pub now_ms: i64,
}

impl Snapshot {
    /// The decision log, by item.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        self.known.ledger()
    }
}

/// Rows read at once.
const PAGE: u32 = 500;

impl Desk {
    /// Reads a run's items. `stale` may withdraw one, see [`Listed::against`].
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(
        store: Arc<dyn Store>,
        head: RunHead,
        setup: Setup,
        stale: &(dyn Fn(Listed) -> Listed + Sync),
    ) -> Result<Self, AppError> {
        let mut known = KnownLog::default();
        known.read(store.as_ref()).await?;
        let mut listed = Vec::new();
        let mut after = None;
        loop {
            let page = store.page(&head.id, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.seq);
            let wanted =
                page.iter().filter_map(|row| Listed::of(row, &head)).filter(|l| !l.triggers.is_empty() || known.ledger().knows(&l.on.item));
            listed.extend(wanted.map(stale));
        }
        let known = Mutex::new(known);
        Ok(Self { store, head, setup, listed, known, stopped: Mutex::new(None), before: tokio::sync::OnceCell::new() })
    }

    /// The cases of its items, each once.
    #[must_use]
    pub fn cases(&self) -> HashSet<(SetName, CaseId)> {
        self.listed.iter().map(|l| (l.on.set.clone(), l.on.case.clone())).collect()
    }

    /// Withdraws items whose case or rubric is no longer what was looked at; `now` says what a case is today, where that is known.
    pub fn withdraw<'a>(&mut self, now: &dyn Fn(&ItemRef) -> Option<CaseNow<'a>>) {
        for l in &mut self.listed {
            if let Some(case) = now(&l.on) {
                *l = l.clone().against(case);
            }
        }
    }

    /// The run.
    #[must_use]
    pub fn head(&self) -> &RunHead {
        &self.head
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The time now.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        (self.setup.clock)()
    }

    /// The rules.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.setup.policy
    }

    /// What the store says now.
    ///
    /// # Errors
    /// When the store fails or the decision log does not hold.
    pub async fn snapshot(&self) -> Result<Snapshot, AppError> {
        let known = {
            let mut known = self.known.lock().await;
            known.read(self.store.as_ref()).await?;
            known.also(self.store.as_ref(), &self.head, &self.listed).await?;
            known.clone()
        };
        let now_ms = self.now_ms();
        let claims = self.store.claims(now_ms).await?;
        let queue = Queue::build(Inputs {
            items: self.listed.iter().cloned().chain(known.more().cloned()).collect(),
            ledger: known.ledger(),
            claims: &claims,
            people: &self.setup.people,
            policy: &self.setup.policy,
            leverage: &|_| 0.0,
            now_ms,
        });
        Ok(Snapshot { queue, known, claims, now_ms })
    }

    /// How far the queue is.
    ///
    /// # Errors
    /// As [`Desk::snapshot`].
    pub async fn progress(&self) -> Result<Progress, AppError> {
        Ok(self.snapshot().await?.queue.progress())
    }

    /// A trial, with the run that it belongs to: an audit item may come from another one.
    async fn row(&self, on: &ItemRef) -> Result<(RunHead, TrialRow), AppError> {
        let head =
            if on.run == self.head.id { Some(self.head.clone()) } else { self.store.runs().await?.into_iter().find(|r| r.id == on.run) };
        let gone = || AppError::new(Exit::Integrity, format!("run {} no longer holds trial {}", on.run, on.seq));
        let head = head.ok_or_else(gone)?;
        let row = self.store.trial(&head.id, on.seq).await?.ok_or_else(gone)?;
        Ok((head, row))
    }
}

/// A new id of a decision: 48 bits of time and 20 of chance in the digits of Crockford's base 32, so that ids sort by time.
#[must_use]
pub fn new_event_id() -> EventId {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bits = uuid::Uuid::now_v7().as_u128();
    let id = ((bits >> 80) << 20) | (bits & 0xF_FFFF);
    let digits: String = (0..14_u32).rev().map(|i| char::from(DIGITS[(id >> (5 * i)) as usize & 31])).collect();
    EventId::new(&format!("d-{digits}")).unwrap_or_else(|_| unreachable!("{digits}"))
}

/// The digest of a text, as the log names it: of the text without white space around it.
#[must_use]
pub fn digest_of(text: &str) -> Digest {
    Digest::of_bytes(text.trim().as_bytes())
}
