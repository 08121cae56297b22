//! What can be done to an item: the vocabulary of the decision log. Only whole numbers and words, so that JSON of it is canonical.

use serde::{Deserialize, Serialize};

use crate::domain::digest::Digest;
use crate::domain::ids::{CaseId, EventId, GraderName, RunId, SetName};
use crate::domain::score::Score;

/// Which output, and what exactly was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ItemRef {
    /// Digest of case, output and rubric: an unchanged one is never graded twice.
    pub item: Digest,
    /// The run in which it was looked at.
    pub run: RunId,
    /// The trial's position in that run.
    pub seq: u64,
    /// The set.
    pub set: SetName,
    /// The case.
    pub case: CaseId,
    /// Digest of the case as it stood: tells a fold whether the case has changed since.
    pub case_digest: Digest,
}

/// In which seat a person decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seat {
    /// One of the graders of the item.
    #[default]
    Grader,
    /// The third person on a conflict.
    Adjudicator,
    /// In a calibration session: everyone grades the same items. Never a label.
    Session,
    /// A hidden audit with a known answer. Never a label.
    Gold,
}

impl Seat {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Grader, Self::Adjudicator, Self::Session, Self::Gold];

    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Grader => "grader",
            Self::Adjudicator => "adjudicator",
            Self::Session => "session",
            Self::Gold => "gold",
        }
    }

    /// The seat of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// True if what is decided in it labels the item.
    #[must_use]
    pub fn labels(self) -> bool {
        matches!(self, Self::Grader | Self::Adjudicator)
    }
}

/// How a decision came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// `tribunal review`.
    Terminal,
    /// `tribunal serve`.
    Web,
    /// `tribunal review decide`.
    Command,
    /// A file that came back from an offline reviewer.
    File,
    /// Grades from elsewhere (`tribunal grades import`).
    Import,
}

/// A one-key reason for a score; asked for high and low scores alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chip {
    /// All that was asked, and right.
    Complete,
    /// Right, with a small gap.
    MinorGap,
    /// A part of the answer is missing.
    MissingPart,
    /// States something false.
    WrongFact,
    /// States something that nothing supports.
    Unsupported,
    /// Answers another question, or none.
    OffTopic,
    /// Hard to understand, or the wrong tone.
    Wording,
    /// Could do harm.
    Unsafe,
}

impl Chip {
    /// All, in the order in which screens show them.
    pub const ALL: [Self; 8] = [
        Self::Complete,
        Self::MinorGap,
        Self::MissingPart,
        Self::WrongFact,
        Self::Unsupported,
        Self::OffTopic,
        Self::Wording,
        Self::Unsafe,
    ];

    /// The word used in files and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::MinorGap => "minor_gap",
            Self::MissingPart => "missing_part",
            Self::WrongFact => "wrong_fact",
            Self::Unsupported => "unsupported",
            Self::OffTopic => "off_topic",
            Self::Wording => "wording",
            Self::Unsafe => "unsafe",
        }
    }

    /// The chip of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.word() == word)
    }
}

/// The case, the rubric or the question is wrong, rather than the answer. Texts stand beside the log by digest.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ruling {
    /// The expected answer is wrong or incomplete; this is the right one.
    ExpectedWrong {
        /// The text that it should be.
        expected: Digest,
    },
    /// This answer is right too.
    Accept {
        /// The alternative to accept.
        text: Digest,
    },
    /// The question can be read in several ways.
    Ambiguous {
        /// The question as it should be, where the person has one.
        question: Option<Digest>,
    },
    /// The rubric does not say what to do here.
    RubricUnclear {
        /// What it should say.
        note: Digest,
    },
    /// One case asks two things: two cases should.
    Split {
        /// What the two are.
        note: Digest,
    },
    /// The agent answers this case differently from time to time.
    Flaky {
        /// Repeats to run from now on.
        trials: u16,
    },
    /// The case should no longer run.
    Retire {
        /// Why.
        reason: Digest,
    },
    /// A good example for the judge.
    Example {
        /// What it shows.
        why: Digest,
    },
    /// Several scores can be defended.
    NoSingleAnswer {
        /// The lowest.
        low: Score,
        /// The highest.
        high: Score,
    },
}

impl Ruling {
    /// The word used in files and on the command line.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::ExpectedWrong { .. } => "expected_wrong",
            Self::Accept { .. } => "accept",
            Self::Ambiguous { .. } => "ambiguous",
            Self::RubricUnclear { .. } => "rubric_unclear",
            Self::Split { .. } => "split",
            Self::Flaky { .. } => "flaky",
            Self::Retire { .. } => "retire",
            Self::Example { .. } => "example",
            Self::NoSingleAnswer { .. } => "no_single_answer",
        }
    }

    /// True if it says that the case (and not the answer) is at fault: a colleague's score then conflicts with it.
    #[must_use]
    pub fn blames_the_case(&self) -> bool {
        matches!(self, Self::ExpectedWrong { .. } | Self::Ambiguous { .. } | Self::Split { .. } | Self::Retire { .. })
    }
}

/// Why two graders differed, in the adjudicator's judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// One of them slipped.
    Slip,
    /// The rubric has a gap.
    GuidelineGap,
    /// The case is ambiguous.
    AmbiguousCase,
    /// The expected answer is wrong.
    ExpectedWrong,
    /// Both views can be held.
    RealDifference,
}

impl Cause {
    /// All, in the order in which screens show them.
    pub const ALL: [Self; 5] = [Self::Slip, Self::GuidelineGap, Self::AmbiguousCase, Self::ExpectedWrong, Self::RealDifference];

    /// The word used in files and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Slip => "slip",
            Self::GuidelineGap => "guideline_gap",
            Self::AmbiguousCase => "ambiguous_case",
            Self::ExpectedWrong => "expected_wrong",
            Self::RealDifference => "real_difference",
        }
    }

    /// The cause of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.word() == word)
    }
}

/// Why a person passed an item on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// Not my field.
    NotMyField,
    /// The context does not suffice.
    NeedContext,
    /// I would rather not read this.
    Sensitive,
    /// The item itself is broken.
    BrokenItem,
}

impl SkipReason {
    /// All, in the order of their keys.
    pub const ALL: [Self; 4] = [Self::NotMyField, Self::NeedContext, Self::Sensitive, Self::BrokenItem];

    /// The word used in files and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotMyField => "not_my_field",
            Self::NeedContext => "need_context",
            Self::Sensitive => "sensitive",
            Self::BrokenItem => "broken_item",
        }
    }

    /// The reason of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.word() == word)
    }
}

/// A score, a ruling about the case, or both, given by one person on one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// On what.
    pub on: ItemRef,
    /// In which seat.
    pub seat: Seat,
    /// Which of the item's grader slots, from 0.
    pub slot: u16,
    /// The score; absent where the case is so wrong that no score makes sense.
    pub score: Option<Score>,
    /// A one-key reason.
    pub chip: Option<Chip>,
    /// What is wrong with the case, if something is.
    pub ruling: Option<Ruling>,
    /// A note, by the digest of its text.
    pub note: Option<Digest>,
    /// Seconds from first sight to submission.
    pub seconds: u32,
    /// Given before any judge's or colleague's score was shown. Only such scores feed estimates, agreement and calibration.
    pub blind: bool,
    /// How it came in.
    pub via: Via,
    /// How many decisions this person had made in this sitting.
    pub place: u32,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// A design was frozen: which outputs of a run people grade, and with which probability.
    Planned {
        /// The run.
        run: RunId,
        /// Digest of the whole design.
        design: Digest,
        /// Outputs drawn.
        drawn: u64,
    },
    /// A person decided.
    Decided(Decision),
    /// The same person changed the score after the reveal.
    Revised {
        /// Their decision.
        of: EventId,
        /// The new score.
        score: Score,
        /// Why, by the digest of its text.
        why: Digest,
    },
    /// The adjudicator closed a conflict after seeing both sides.
    Settled {
        /// On what.
        on: ItemRef,
        /// The final score; absent where no score can be given.
        score: Option<Score>,
        /// Why the two differed.
        cause: Cause,
    },
    /// Passed on.
    Skipped {
        /// What.
        on: ItemRef,
        /// Why.
        why: SkipReason,
    },
    /// An engineer disputes a verdict.
    Disputed {
        /// Which.
        on: ItemRef,
        /// Why, by the digest of its text.
        why: Digest,
    },
    /// Given to a person.
    Assigned {
        /// What.
        on: ItemRef,
        /// To whom.
        to: GraderName,
    },
    /// Taken back, by its author.
    Voided {
        /// What is void.
        of: EventId,
    },
    /// An owner's consent, where a fold needs one.
    Approved {
        /// To what.
        of: EventId,
    },
    /// Written into a set or rubric.
    Folded {
        /// The decision.
        of: EventId,
        /// The file, relative to the project.
        file: String,
        /// Digest of the file's bytes before.
        before: Digest,
        /// Digest of the file's bytes after.
        after: Digest,
    },
    /// The reverse of a fold.
    Unfolded {
        /// The decision.
        of: EventId,
    },
    /// A hidden audit item was made of a decided one, or withdrawn.
    Gold {
        /// The decision whose score is the key.
        of: EventId,
        /// False withdraws it.
        on: bool,
    },
    /// A text was erased; its digest stays.
    Erased {
        /// The text's digest.
        text: Digest,
    },
}

impl Act {
    /// The item that it is about, where it names one itself.
    #[must_use]
    pub fn item(&self) -> Option<&ItemRef> {
        match self {
            Self::Decided(d) => Some(&d.on),
            Self::Settled { on, .. } | Self::Skipped { on, .. } | Self::Disputed { on, .. } | Self::Assigned { on, .. } => Some(on),
            _ => None,
        }
    }
}
