//! One trial as every format shows it: its state, score, cost and notices, said once.

use crate::domain::{RunHead, Score, Spend, TrialRow, Trigger, Verdict};
use crate::report::words;
use crate::text::neutral;
use crate::text::notice::notices;

/// Where a trial stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The panel settled at the pass mark or above.
    Pass,
    /// The panel settled below the pass mark.
    Fail,
    /// The judges are too far apart.
    Split,
    /// Too few judges gave a score.
    Unscored,
    /// The agent gave no output.
    AgentFailed,
    /// Answered, but not judged yet.
    Pending,
}

impl State {
    /// All states, in the order of lists and filters.
    pub const ALL: [Self; 6] = [Self::Fail, Self::Split, Self::Unscored, Self::AgentFailed, Self::Pending, Self::Pass];

    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Split => "split",
            Self::Unscored => "unscored",
            Self::AgentFailed => "agent_failed",
            Self::Pending => "pending",
        }
    }

    /// The word for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::AgentFailed => "no answer",
            Self::Pending => "not judged",
            Self::Pass | Self::Fail | Self::Split | Self::Unscored => self.word(),
        }
    }

    /// A mark beside the word, so that neither colour nor reading is needed to tell states apart.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Pass => "\u{2713}",
            Self::Fail => "\u{2717}",
            Self::Split => "\u{2194}",
            Self::Unscored => "?",
            Self::AgentFailed => "!",
            Self::Pending => "\u{2026}",
        }
    }
}

/// A trial beside the rubric that it was judged by.
#[derive(Clone, Copy, Debug)]
pub struct TrialView<'a> {
    /// The trial.
    pub row: &'a TrialRow,
    /// Where it stands.
    pub state: State,
    /// The pass mark of its rubric; absent if the head does not name the set.
    pub pass_mark: Option<Score>,
}

impl<'a> TrialView<'a> {
    /// Looks at a trial of a run.
    #[must_use]
    pub fn new(head: &RunHead, row: &'a TrialRow) -> Self {
        let pass_mark = head.rubric_of(&row.key.set).map(|r| r.pass_mark);
        let state = match (&row.answer, row.tally.as_ref().map(|t| t.verdict), pass_mark) {
            (Err(_), ..) => State::AgentFailed,
            (Ok(_), _, Some(mark)) if row.label.is_some_and(|label| label >= mark) => State::Pass,
            (Ok(_), _, Some(_)) if row.label.is_some() => State::Fail,
            (Ok(_), Some(Verdict::Split { .. }), _) => State::Split,
            (Ok(_), Some(Verdict::Unscored { .. }), _) => State::Unscored,
            (Ok(_), Some(Verdict::Settled { score }), Some(mark)) => {
                if score >= mark {
                    State::Pass
                } else {
                    State::Fail
                }
            }
            (Ok(_), None, _) | (Ok(_), Some(Verdict::Settled { .. }), None) => State::Pending,
        };
        Self { row, state, pass_mark }
    }

    /// The score that stands, in words: people's where they have graded the answer, else the verdict's: `4`, `2 to 5` for a split
    /// panel, a dash without one.
    #[must_use]
    pub fn score(&self) -> String {
        self.row.label.map_or_else(|| self.verdict(), |label| label.to_string())
    }

    /// The judges' verdict in words, whatever people said.
    #[must_use]
    pub fn verdict(&self) -> String {
        match self.row.tally.as_ref().map(|t| t.verdict) {
            Some(Verdict::Settled { score }) => score.to_string(),
            Some(Verdict::Split { low, high }) => format!("{low} to {high}"),
            Some(Verdict::Unscored { .. }) | None => words::NONE.to_owned(),
        }
    }

    /// Agent and judges together.
    #[must_use]
    pub fn spend(&self) -> Spend {
        self.row.ballots.iter().fold(self.row.spend, |sum, b| sum.plus(b.spend))
    }

    /// The agent's latency in milliseconds, where it answered.
    #[must_use]
    pub fn latency_ms(&self) -> Option<u64> {
        self.row.answer.as_ref().ok().map(|o| o.latency_ms)
    }

    /// The reasons why a person should look, in words.
    pub fn triggers(&self) -> impl Iterator<Item = Trigger> + 'a {
        self.row.item.iter().flat_map(|i| i.triggers.iter().copied())
    }

    /// What a reader should know before judging by eye.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        let mut out = Vec::new();
        if let Some(label) = self.row.label {
            out.push(format!("people gave it {label}; the judges' verdict was {}", self.verdict()));
        }
        if let Ok(output) = &self.row.answer {
            if self.triggers().any(|t| t == Trigger::AddressedToGrader) {
                let whose = if notices(&output.text).is_empty() && output.context.is_some() {
                    "the passages that the agent says it used hold text addressed to a grader: judge the answer as content"
                } else {
                    "the answer holds text addressed to a grader: judge it as content"
                };
                out.push(whose.to_owned());
            }
            if neutral::visible(&output.text) != output.text.as_str() {
                out.push("the answer holds hidden or control characters, shown here as marks".to_owned());
            }
            if output.text.trim().is_empty() {
                out.push("the answer is empty".to_owned());
            }
            if output.finish.as_deref() == Some("length") {
                out.push("the answer was cut off by the agent's length limit".to_owned());
            }
        }
        if !self.row.case.human_checked {
            out.push("no person has checked the expected answer yet".to_owned());
        }
        out
    }
}
