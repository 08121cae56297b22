//! One person looking at one item after another: blind first, then the reveal. A pure state machine that terminal and browser share.
//!
//! Invariant: before a person's own decision is in the log there is no value here that holds a judge's score or reason, a colleague's
//! grade, the trigger, or whether the item is an audit: [`BlindView`] cannot hold them, and [`RevealView`] cannot be made.

mod calibration;
mod diff;
mod draft;
mod history;
mod intent;
mod keys;
mod machine;
mod nudge;
mod passage;
mod reveal;
mod task;
mod view;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod keys_tests;
#[cfg(test)]
mod tests;

pub use calibration::{Round, Spread};
pub use diff::{Piece, similarity, word_diff};
pub use draft::{Draft, NotYet, RulingDraft, RulingKind};
pub use history::{history, texts_of, usual_seconds};
pub use intent::{Answer, Effect, Intent, Load, Outgoing};
pub use keys::{KEYS, Key, KeyHelp, Mode, Pressed, Ui, press};
pub use machine::Session;
pub use nudge::{Beat, Nudge, Reliance, median_seconds};
pub use passage::{FOLD_LINES, Passage};
pub use reveal::{JudgeSaid, OtherSaid, Previous, RevealView, Seen};
pub use task::{Done, Stage, Task, Undoable};
pub use view::{BlindView, RubricView};
