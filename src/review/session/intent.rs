//! What a person wants, what the world answers, and what the session asks of the world.

use super::{RevealView, RulingKind, Task};
use crate::domain::log::{Act, Cause, Chip, Decision, SkipReason};
use crate::domain::{Digest, EventId, Score, Taken};

/// What a person wants. Nothing here decides but `Submit`, `Skip`, `Revise`, `Settle` and `Undo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Choose a score; the same one again takes the choice back. Never submits.
    Choose(Score),
    /// Choose a reason; the same one again takes it back.
    Chip(Chip),
    /// The case is wrong; the same again takes it back.
    Rule(RulingKind),
    /// The text of that ruling.
    RulingText(String),
    /// Repeats that a flaky case wants.
    RulingTrials(u16),
    /// Lowest and highest score that can be defended.
    RulingRange(Score, Score),
    /// The note.
    Note(String),
    /// What is behind the folds was opened.
    Opened,
    /// Submit what was chosen.
    Submit,
    /// Pass the item on.
    Skip(SkipReason),
    /// Change the score after the reveal, with a reason.
    Revise {
        /// The new score.
        score: Score,
        /// Why.
        why: String,
    },
    /// Close a conflict, as the third person, after seeing both sides.
    Settle {
        /// The final score; absent where none can be given.
        score: Option<Score>,
        /// Why the two differed.
        cause: Cause,
    },
    /// Take back the last own decision, skip or revision; repeatable.
    Undo,
    /// Go on: after the reveal to the next item; before it to another item, with the draft kept.
    Next,
    /// Back to the item before, with the draft kept.
    Previous,
    /// Go to one item, with the draft kept.
    Open(Digest),
    /// Stop, with the draft kept.
    Quit,
}

/// What the world answers to an [`Effect`].
#[derive(Clone, Debug)]
pub enum Answer {
    /// To `Load`: here it is, claimed, with the draft that was kept.
    Loaded(Box<Task>),
    /// To `Load`: there is nothing, for this reason.
    Nothing(String),
    /// To `Submit` and `Append`: it is in the log under this id.
    Recorded {
        /// The id that was used.
        id: EventId,
        /// For a submission, how it was taken.
        taken: Taken,
    },
    /// To `Reveal`: the other side.
    Revealed(Box<RevealView>),
    /// The last effect failed, and those after it were not done. Nothing is lost.
    Failed(String),
}

/// Which item to load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// The best for this person now.
    Next,
    /// The one after this, in the queue's order.
    After(Digest),
    /// The one before this.
    Before(Digest),
    /// This one.
    Item(Digest),
}

/// A decision on its way to `Store::submit`; the face adds id, time and author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The decision.
    pub decision: Decision,
    /// The texts that it names by digest.
    pub texts: Vec<String>,
    /// How many people may sit in its seat.
    pub slots: u16,
}

/// What the session asks of the world. A face carries effects out one after the other, answers those that want an answer, and stops at
/// the first that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Keep a draft. Wants no answer.
    SaveDraft {
        /// On which item.
        item: Digest,
        /// The draft's text.
        body: String,
    },
    /// Drop a draft. Wants no answer.
    DropDraft(Digest),
    /// Submit a decision: answer `Recorded`.
    Submit(Box<Outgoing>),
    /// Put an act into the log: answer `Recorded`.
    Append {
        /// The act; the face adds id, time and author.
        act: Act,
        /// The texts that it names by digest.
        texts: Vec<String>,
    },
    /// Give the slot of an item back. Wants no answer.
    Release(Digest),
    /// Load an item: answer `Loaded` or `Nothing`.
    Load(Load),
    /// Show the other side of an item: answer `Revealed`.
    Reveal(Digest),
    /// Tell the person. Without a full stop; from us, never hostile.
    Say(String),
    /// Leave.
    Leave,
}
