//! Who holds an item at the moment, and the draft that they have made of it: the part of reviewing that is not in the log.
//!
//! Invariant: a lease decides nothing. It keeps two people from reading the same item; what counts is in the decision log.

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::ids::{EventId, GraderName};
use super::log::{Author, Decision, Head, Seat};

/// How long a claim holds without a sign of life, in milliseconds: 15 minutes.
pub const LEASE_MS: i64 = 15 * 60 * 1000;

/// How long items of an offline file are reserved, in milliseconds: 72 hours.
pub const OFFLINE_LEASE_MS: i64 = 72 * 3600 * 1000;

/// As many slots as people come: for seats where everybody may sit at once (sessions, gold).
pub const ANY_SLOTS: u16 = u16::MAX;

/// A slot of an item that somebody holds until a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Which item.
    pub item: Digest,
    /// In which seat.
    pub seat: Seat,
    /// Which slot of that seat, from 0.
    pub slot: u16,
    /// Who holds it.
    pub grader: GraderName,
    /// Until when, in Unix milliseconds.
    pub until_ms: i64,
}

impl Claim {
    /// Whether it still holds.
    #[must_use]
    pub fn is_live(&self, now_ms: i64) -> bool {
        self.until_ms > now_ms
    }
}

/// A wish to hold a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimAsk {
    /// Which item.
    pub item: Digest,
    /// In which seat.
    pub seat: Seat,
    /// How many people may sit in it; [`ANY_SLOTS`] for sessions and gold.
    pub slots: u16,
    /// Who asks.
    pub grader: GraderName,
    /// The time now, in Unix milliseconds.
    pub now_ms: i64,
    /// Until when, in Unix milliseconds.
    pub until_ms: i64,
}

/// The answer to a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// It is yours. Asking again for what one holds gives the same slot, for longer.
    Yes(Claim),
    /// Others hold or have filled every slot.
    Full {
        /// When the first lease ends, in Unix milliseconds; absent when every slot is filled for good.
        free_at_ms: Option<i64>,
    },
    /// This person has decided on the item already.
    Done {
        /// Their decision.
        of: EventId,
    },
}

/// A decision on its way into the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Identity: sending it twice records it once.
    pub id: EventId,
    /// The time now, in Unix milliseconds.
    pub at_ms: i64,
    /// Who decides.
    pub by: Author,
    /// What; its slot is set where it is recorded.
    pub decision: Decision,
    /// The texts that the decision names by digest.
    pub texts: Vec<String>,
    /// How many people may sit in the seat.
    pub slots: u16,
}

/// What became of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// How it was taken.
    pub taken: Taken,
    /// The slot that it fills.
    pub slot: u16,
    /// The end of the log.
    pub head: Head,
}

/// How a submission was taken. None is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// Its slot was its own, or free.
    InTime,
    /// The lease had ended and others hold every slot: kept as an extra opinion.
    Extra,
    /// This very event was recorded before.
    Again,
    /// This person's decision on this item stands already; nothing was recorded. A revision or an undo changes it.
    Twice,
}

/// What somebody has entered and not submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDraft {
    /// On which item.
    pub item: Digest,
    /// Whose.
    pub grader: GraderName,
    /// The draft as the session writes it.
    pub body: String,
    /// When it was last changed, in Unix milliseconds.
    pub at_ms: i64,
}
