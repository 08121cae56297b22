//! What a case's other outputs (other agents, other trials) tell about one of them: who says the same, and how the judges
//! saw them. Needs no label and no call.

use super::signal::{Features, Signal};
use crate::domain::{Digest, Score, TrialRow};
use crate::text::words::words;

/// What of an answer is compared, in bytes.
const MAX_ANSWER: usize = 2048;

/// One output as its neighbours see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Hash of the answer's folded words; 0 for an answer without words.
    pub answer: u64,
    /// The median judgment passes.
    pub passes: bool,
    /// Judgments stand on both sides of the mark.
    pub straddles: bool,
}

impl Outcome {
    /// A trial's outcome; `None` without an output or a judgment.
    #[must_use]
    pub fn of(row: &TrialRow, mark: Score) -> Option<Self> {
        let output = row.answer.as_ref().ok()?;
        let tally = row.tally.as_ref()?;
        let passes = tally.median? >= mark;
        let straddles = tally.votes.iter().any(|v| v.low < mark) && tally.votes.iter().any(|v| v.high >= mark);
        Some(Self { answer: said(&output.text), passes, straddles })
    }
}

/// The same words in the same order are the same answer.
fn said(answer: &str) -> u64 {
    let folded = words(crate::text::lexical::tokens::head(answer, MAX_ANSWER)).join(" ");
    if folded.is_empty() {
        return 0;
    }
    let bytes = *Digest::of_bytes(folded.as_bytes()).bytes();
    bytes.iter().take(8).fold(0, |n, b| n << 8 | u64::from(*b)).max(1)
}

/// A case's other outputs, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// How many there are.
    pub all: u32,
    /// Those that the judges put on the other side of the mark.
    pub differ: u32,
    /// Those with judgments on both sides.
    pub split: u32,
    /// Those that say the same.
    pub alike: u32,
}

impl Others {
    /// Counts the outcomes of a case for one of them, which may be among `case` and is then left out once.
    #[must_use]
    pub fn count(one: &Outcome, case: &[Outcome]) -> Self {
        let itself = u32::from(case.contains(one));
        let count = |of: &dyn Fn(&Outcome) -> bool| u32::try_from(case.iter().filter(|o| of(o)).count()).unwrap_or(u32::MAX);
        Self {
            all: count(&|_| true) - itself,
            differ: count(&|o| o.passes != one.passes),
            split: count(&|o| o.straddles) - itself * u32::from(one.straddles),
            alike: count(&|o| o.answer == one.answer && o.answer != 0) - itself * u32::from(one.answer != 0),
        }
    }

    pub(super) fn measure(&self, fails: bool, out: &mut Features) {
        if self.all == 0 {
            for s in [Signal::OthersDiffer, Signal::OthersSplit, Signal::AlikeFail, Signal::AlikePass] {
                out.clear(s);
            }
            return;
        }
        let share = |n: u32| f64::from(n) / f64::from(self.all);
        out.set(Signal::OthersDiffer, share(self.differ));
        out.set(Signal::OthersSplit, share(self.split));
        out.set(Signal::AlikeFail, if fails { share(self.alike) } else { 0.0 });
        out.set(Signal::AlikePass, if fails { 0.0 } else { share(self.alike) });
    }
}
