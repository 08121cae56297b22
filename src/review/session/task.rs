//! An item on somebody's desk, the stages that it goes through there, and what can be taken back.

use super::draft::Under;
use super::{BlindView, Draft, NotYet, Outgoing, RevealView};
use crate::domain::claim::ANY_SLOTS;
use crate::domain::log::{ItemRef, Seat, Via};
use crate::domain::{Digest, EventId, GraderName, Rubric, Tier, TrialRow};
use crate::review::queue::{Ledger, Level, Pick, Serve};
use crate::routing::tier;

/// An item on somebody's desk. It stays on the server: only its [`BlindView`] is shown.
#[derive(Clone, Debug)]
pub struct Task {
    /// Which output.
    pub on: ItemRef,
    /// In which seat; never shown.
    pub seat: Seat,
    /// How many people may sit in it.
    pub slots: u16,
    /// How much care it wants; never shown.
    pub level: Level,
    /// The person has never seen the other side of this item: false after an undo.
    pub blind: bool,
    /// What is shown.
    pub view: BlindView,
    /// What was entered before.
    pub draft: Draft,
}

impl Task {
    /// What a person has picked, as it lies on their desk. Absent for a failure of the agent.
    #[must_use]
    pub fn of(pick: &Pick<'_>, row: &TrialRow, rubric: &Rubric, ledger: &Ledger, by: &GraderName, draft: Option<&str>) -> Option<Self> {
        let on = pick.item.on().clone();
        Self::make(on, pick.seat, pick.slots, pick.item.level, row, rubric, ledger, by, draft)
    }

    /// An audit item or a warm-up, which looks the same.
    #[must_use]
    pub fn of_gold(
        serve: Serve<'_>,
        row: &TrialRow,
        rubric: &Rubric,
        ledger: &Ledger,
        by: &GraderName,
        draft: Option<&str>,
    ) -> Option<Self> {
        let level = if tier(row.case.risk) == Tier::T2 { Level::T2 } else { Level::T1 };
        Self::make(serve.gold().on.clone(), serve.seat(), ANY_SLOTS, level, row, rubric, ledger, by, draft)
    }

    /// Its draft as a decision on its way into the log.
    ///
    /// # Errors
    /// [`NotYet`]: what is missing.
    pub fn outgoing(&self, via: Via, seconds: u32, place: u32) -> Result<Outgoing, NotYet> {
        let under = Under { on: &self.on, seat: self.seat, blind: self.blind, via, seconds, place, answer: &self.view.answer.text };
        let (decision, texts) = self.draft.decision(&under)?;
        Ok(Outgoing { decision, texts, slots: self.slots })
    }

    #[expect(clippy::too_many_arguments, reason = "private, and called from the two constructors above only")]
    fn make(
        on: ItemRef,
        seat: Seat,
        slots: u16,
        level: Level,
        row: &TrialRow,
        rubric: &Rubric,
        ledger: &Ledger,
        by: &GraderName,
        draft: Option<&str>,
    ) -> Option<Self> {
        let view = BlindView::of(row, rubric).filter(|v| v.item == on.item)?;
        let blind = !ledger.has_seen(&on.item, by);
        Some(Self { on, seat, slots, level, blind, view, draft: draft.map(Draft::of_body).unwrap_or_default() })
    }
}

/// Where a session stands.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Waits for an item.
    Loading,
    /// Looks at an item; nobody's score but the own is there.
    Blind(Box<Task>),
    /// The decision is on its way into the log.
    Sending(Box<Task>),
    /// The decision is in the log; the other side is on its way.
    Opening(Box<Task>),
    /// Looks at the other side.
    Revealed {
        /// The item.
        task: Box<Task>,
        /// The other side.
        view: Box<RevealView>,
        /// The third person has named the cause; true in every other seat.
        settled: bool,
    },
    /// There is nothing, for this reason.
    Empty(String),
    /// The person has left.
    Left,
}

/// Something that can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undoable {
    /// A decision, with what had been entered.
    Decision(Draft),
    /// A skip.
    Skip,
    /// A revision.
    Revision,
    /// The closing of a conflict.
    Settlement,
}

/// An own act, newest last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Its event.
    pub id: EventId,
    /// On which item.
    pub item: Digest,
    /// What it was.
    pub what: Undoable,
}
