//! Reviewing without a network: items go out as one page or one sheet, decisions come back as a file and are taken once.
//!
//! Invariant: what goes out holds the blind side only, no audit, and no character that acts; what comes back is a claim by name, and
//! each line of it is applied, a duplicate, stale or a conflict.

mod out;
mod sheet;
mod take;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::domain::log::Chip;
use crate::domain::{Digest, EventId, GraderName, RunId, Score};
use crate::review::session::RulingDraft;

pub use out::{Parcel, html, pack};
pub use sheet::{read as read_sheet, write as write_sheet};
pub use take::{Fate, take};

/// Version of the file of decisions.
pub const VERSION: u32 = 1;

/// A decision that was made elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Made {
    /// The score.
    pub score: Option<Score>,
    /// The one-key reason.
    pub chip: Option<Chip>,
    /// What is wrong with the case.
    pub ruling: Option<RulingDraft>,
    /// The note.
    pub note: String,
    /// Seconds that it took.
    pub seconds: u32,
}

/// One line of the file that comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Back {
    /// The id under which it is recorded: given out with the item, so that the same file taken twice is taken once.
    pub id: EventId,
    /// The item.
    pub item: Digest,
    /// What was decided.
    #[serde(flatten)]
    pub made: Made,
}

/// The file that comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// [`VERSION`].
    pub tribunal_decisions: u32,
    /// The run.
    pub run: RunId,
    /// Whose decisions.
    pub by: GraderName,
    /// The decisions.
    pub decisions: Vec<Back>,
}
