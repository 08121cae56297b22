//! The decision log: who did what to which item, when and how. Append-only; each event holds the digest of the one before it.
//!
//! Invariant: an event is never edited. A later event may void it; texts stand beside the log by digest, so that a text can be
//! erased while the chain still holds.

mod act;
mod chain;
mod void;

use serde::{Deserialize, Serialize};

pub use act::{Act, Cause, Chip, Decision, ItemRef, Ruling, Seat, SkipReason, Via};
pub use chain::{Broken, Head, Link, Verifier, seal};
pub use void::standing;

use super::digest::Digest;
use super::ids::{EventId, GraderName};

/// How far a name can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// A name that somebody typed, or of an unsigned file: self-declared.
    Claimed,
    /// The one person of a local session, by its one-time token.
    Local,
    /// A signed-in user of the server.
    SignedIn,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The name; a pseudonym is fine.
    pub name: GraderName,
    /// How far it can be trusted.
    pub known: Known,
}

/// An event before it has a place in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Identity: sending the same event twice records it once.
    pub id: EventId,
    /// Unix time in milliseconds.
    pub at_ms: i64,
    /// Who did it.
    pub by: Author,
    /// What was done.
    pub act: Act,
}

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Place in the chain, from 0.
    pub position: u64,
    /// Digest of the event before it; of nothing for the first.
    pub prev: Digest,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
}
