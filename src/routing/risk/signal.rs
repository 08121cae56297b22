//! The signals by name, and their values for one output.

use super::evidence::Words;
use super::others::Others;
use super::panel;
use crate::domain::{Score, TrialRow};

/// One thing that may tell a wrong verdict from a right one. Higher is meant to be more suspicious, where a direction is
/// plain; the model learns the direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// The panel's mean probability of the other side of the pass mark.
    Against,
    /// Highest minus lowest judgment, in fourths of the scale: 0 to 1.
    Spread,
    /// Nearness of the panel's mean to the line between fail and pass: 1 on it, 0 from 2.5 points on.
    NearMark,
    /// Mean entropy of the judges' own probabilities, over that of even odds among five. Absent where no judge tells.
    Unsure,
    /// Mean standard deviation of the samples within a judge, in points. Absent where every judge has one sample.
    SamplesDisagree,
    /// 1 for a verdict of fail.
    Fails,
    /// Share of ballots that hold no score.
    LostBallots,
    /// Mean of ln(1 + words) of the reasons given: who explains at length is less sure. Absent without reasons.
    ReasonLength,
    /// P(the other side) by the words of answer and expected answer. Absent where nothing is expected.
    WordsAgainst,
    /// How undecided the words are: 1 at even odds, 0 at certainty.
    WordsUnsure,
    /// Numbers or dates conflict although it passes, or all agree although it fails.
    NumbersAgainst,
    /// One of answer and expectation is negated, and it passes.
    Negation,
    /// ln(1 + content words of the answer).
    AnswerLength,
    /// The same for a verdict of fail, else 0.
    LongFail,
    /// The question asks for a person.
    AsksWho,
    /// The question asks for a time.
    AsksWhen,
    /// The question asks for a place.
    AsksWhere,
    /// The question asks for a number.
    AsksHowMany,
    /// Share of the case's other outputs that the judges put on the other side. Absent without other outputs.
    OthersDiffer,
    /// Share of the case's other outputs on which judgments stood on both sides.
    OthersSplit,
    /// For a fail: share of the other outputs that say the same; else 0.
    AlikeFail,
    /// For a pass: share of the other outputs that say the same; else 0.
    AlikePass,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::Against,
        Self::Spread,
        Self::NearMark,
        Self::Unsure,
        Self::SamplesDisagree,
        Self::Fails,
        Self::LostBallots,
        Self::ReasonLength,
        Self::WordsAgainst,
        Self::WordsUnsure,
        Self::NumbersAgainst,
        Self::Negation,
        Self::AnswerLength,
        Self::LongFail,
        Self::AsksWho,
        Self::AsksWhen,
        Self::AsksWhere,
        Self::AsksHowMany,
        Self::OthersDiffer,
        Self::OthersSplit,
        Self::AlikeFail,
        Self::AlikePass,
    ];

    /// Its name in files and tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Against => "against",
            Self::Spread => "spread",
            Self::NearMark => "near_mark",
            Self::Unsure => "unsure",
            Self::SamplesDisagree => "samples_disagree",
            Self::Fails => "fails",
            Self::LostBallots => "lost_ballots",
            Self::ReasonLength => "reason_length",
            Self::WordsAgainst => "words_against",
            Self::WordsUnsure => "words_unsure",
            Self::NumbersAgainst => "numbers_against",
            Self::Negation => "negation",
            Self::AnswerLength => "answer_length",
            Self::LongFail => "long_fail",
            Self::AsksWho => "asks_who",
            Self::AsksWhen => "asks_when",
            Self::AsksWhere => "asks_where",
            Self::AsksHowMany => "asks_how_many",
            Self::OthersDiffer => "others_differ",
            Self::OthersSplit => "others_split",
            Self::AlikeFail => "alike_fail",
            Self::AlikePass => "alike_pass",
        }
    }

    /// The signal of a name.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }
}

/// The signals of one output beside its verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Features([Option<f64>; Signal::ALL.len()]);

impl Features {
    /// Measures a trial. `None` where there is no verdict to doubt: no output, or no judgment.
    ///
    /// Costs about the reading of answer and expected answers once; nothing is asked of a model.
    #[must_use]
    pub fn of(row: &TrialRow, mark: Score, words: &Words) -> Option<Self> {
        let output = row.answer.as_ref().ok()?;
        let passes = row.tally.as_ref()?.median? >= mark;
        let mut out = Self::default();
        panel::measure(&row.ballots, mark, passes, &mut out)?;
        words.measure(&row.case, &output.text, mark, passes, &mut out);
        Some(out)
    }

    /// Adds what the case's other outputs say.
    #[must_use]
    pub fn beside(mut self, others: &Others) -> Self {
        others.measure(self.fails(), &mut self);
        self
    }

    /// The value of a signal, where it has one.
    #[must_use]
    pub fn get(&self, signal: Signal) -> Option<f64> {
        self.0.get(signal as usize).copied().flatten()
    }

    /// Whether the verdict is a fail.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.get(Signal::Fails).is_some_and(|f| f > 0.5)
    }

    /// Sets a signal; a value that is no number is left out.
    pub fn set(&mut self, signal: Signal, value: f64) {
        if let Some(slot) = self.0.get_mut(signal as usize) {
            *slot = value.is_finite().then_some(value);
        }
    }

    /// Leaves a signal out.
    pub fn clear(&mut self, signal: Signal) {
        if let Some(slot) = self.0.get_mut(signal as usize) {
            *slot = None;
        }
    }
}
