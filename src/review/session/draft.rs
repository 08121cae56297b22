//! What a person has entered and not submitted, and the decision that it becomes.

use serde::{Deserialize, Serialize};

use crate::domain::log::{Chip, Decision, ItemRef, Ruling, Seat, Via};
use crate::domain::{Digest, Score};

/// What can be wrong with a case, or be asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RulingKind {
    /// The expected answer is wrong or incomplete.
    ExpectedWrong,
    /// This answer is right too.
    Accept,
    /// The question can be read in several ways.
    Ambiguous,
    /// The rubric does not say what to do here.
    RubricUnclear,
    /// One case asks two things.
    Split,
    /// The agent answers differently from time to time.
    Flaky,
    /// The case should no longer run.
    Retire,
    /// A good example for the judge.
    Example,
    /// Several scores can be defended.
    NoSingleAnswer,
}

impl RulingKind {
    /// All, in the order in which screens show them.
    pub const ALL: [Self; 9] = [
        Self::ExpectedWrong,
        Self::Accept,
        Self::Ambiguous,
        Self::RubricUnclear,
        Self::Split,
        Self::Flaky,
        Self::Retire,
        Self::Example,
        Self::NoSingleAnswer,
    ];

    /// Its key in the menu.
    #[must_use]
    pub fn key(self) -> char {
        match self {
            Self::ExpectedWrong => 'e',
            Self::Accept => 'a',
            Self::Ambiguous => 'q',
            Self::RubricUnclear => 'u',
            Self::Split => 'p',
            Self::Flaky => 'f',
            Self::Retire => 'r',
            Self::Example => 'm',
            Self::NoSingleAnswer => 'n',
        }
    }

    /// The word used in files and on the command line; the same as [`Ruling::word`].
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ExpectedWrong => "expected_wrong",
            Self::Accept => "accept",
            Self::Ambiguous => "ambiguous",
            Self::RubricUnclear => "rubric_unclear",
            Self::Split => "split",
            Self::Flaky => "flaky",
            Self::Retire => "retire",
            Self::Example => "example",
            Self::NoSingleAnswer => "no_single_answer",
        }
    }

    /// The kind of a key of the menu.
    #[must_use]
    pub fn of_key(key: char) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.key() == key)
    }

    /// The kind of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.word() == word)
    }

    /// In words, for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ExpectedWrong => "expected answer is wrong or incomplete",
            Self::Accept => "accept this answer too",
            Self::Ambiguous => "question is ambiguous",
            Self::RubricUnclear => "rubric is unclear",
            Self::Split => "two questions in one: split",
            Self::Flaky => "agent is flaky here: repeat",
            Self::Retire => "retire the case",
            Self::Example => "good example for the judge",
            Self::NoSingleAnswer => "no single right score",
        }
    }

    /// What its text is, for a prompt; absent where none is asked for.
    #[must_use]
    pub fn asks(self) -> Option<&'static str> {
        match self {
            Self::ExpectedWrong => Some("the right expected answer"),
            Self::Accept => Some("the answer to accept (empty: this answer)"),
            Self::Ambiguous => Some("a better question (may be empty)"),
            Self::RubricUnclear => Some("what the rubric should say"),
            Self::Split => Some("what the two questions are"),
            Self::Retire => Some("why it should be retired"),
            Self::Example => Some("what it shows"),
            Self::Flaky | Self::NoSingleAnswer => None,
        }
    }

    /// True if a score has to be given with it: the answer can be judged whatever becomes of the case.
    #[must_use]
    pub fn needs_score(self) -> bool {
        matches!(self, Self::Accept | Self::RubricUnclear | Self::Flaky | Self::Example)
    }
}

/// A ruling with its text, not submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulingDraft {
    /// Which.
    pub kind: RulingKind,
    /// Its text; may be empty while it is written.
    #[serde(default)]
    pub text: String,
    /// For a flaky agent: repeats from now on.
    #[serde(default = "repeats")]
    pub trials: u16,
    /// For no single answer: lowest and highest score that can be defended.
    #[serde(default)]
    pub range: Option<(Score, Score)>,
}

fn repeats() -> u16 {
    5
}

impl RulingDraft {
    /// A ruling without its text.
    #[must_use]
    pub fn new(kind: RulingKind) -> Self {
        Self { kind, text: String::new(), trials: repeats(), range: None }
    }
}

/// What a person has entered on an item. Nothing is preset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// The score chosen.
    pub choice: Option<Score>,
    /// The one-key reason.
    pub chip: Option<Chip>,
    /// What is wrong with the case.
    pub ruling: Option<RulingDraft>,
    /// The note.
    pub note: String,
    /// Everything behind a fold was opened.
    pub opened: bool,
    /// Seconds spent in earlier sittings.
    pub seconds: u32,
}

/// Why a draft cannot be submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotYet {
    /// Neither a score nor a ruling that can stand without one.
    #[error("choose a score from 1 to 5, or say that the case is wrong")]
    Nothing,
    /// The ruling wants a score beside it.
    #[error("choose a score as well")]
    Score,
    /// The ruling wants its text.
    #[error("write {0}")]
    Text(&'static str),
    /// No range, or one that is upside down.
    #[error("give the lowest and the highest score that can be defended")]
    Range,
    /// Fewer than two repeats tell nothing.
    #[error("ask for at least 2 repeats")]
    Repeats,
}

/// Where and how a draft is submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Under<'a> {
    pub on: &'a ItemRef,
    pub seat: Seat,
    pub blind: bool,
    pub via: Via,
    pub seconds: u32,
    pub place: u32,
    pub answer: &'a str,
}

impl Draft {
    /// True if nothing was entered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.choice.is_none() && self.chip.is_none() && self.ruling.is_none() && self.note.trim().is_empty()
    }

    /// As text for the store.
    #[must_use]
    pub fn to_body(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From the store's text. A draft that cannot be read is an empty one: nothing was decided.
    #[must_use]
    pub fn of_body(body: &str) -> Self {
        serde_json::from_str(body).unwrap_or_default()
    }

    /// Whether it can be submitted.
    ///
    /// # Errors
    /// [`NotYet`]: what is missing.
    pub fn check(&self) -> Result<(), NotYet> {
        let Some(r) = &self.ruling else { return if self.choice.is_some() { Ok(()) } else { Err(NotYet::Nothing) } };
        if r.kind.needs_score() && self.choice.is_none() {
            return Err(NotYet::Score);
        }
        match r.kind {
            RulingKind::NoSingleAnswer => r.range.filter(|(low, high)| low < high).map(|_| ()).ok_or(NotYet::Range),
            RulingKind::Flaky => {
                if r.trials >= 2 {
                    Ok(())
                } else {
                    Err(NotYet::Repeats)
                }
            }
            RulingKind::Accept | RulingKind::Ambiguous => Ok(()),
            kind => match kind.asks() {
                Some(what) if r.text.trim().is_empty() => Err(NotYet::Text(what)),
                _ => Ok(()),
            },
        }
    }

    /// The decision, and the texts that it names by digest.
    pub(super) fn decision(&self, under: &Under<'_>) -> Result<(Decision, Vec<String>), NotYet> {
        self.check()?;
        let mut texts = Vec::new();
        let mut keep = |text: &str| {
            texts.push(text.trim().to_owned());
            Digest::of_bytes(text.trim().as_bytes())
        };
        let ruling = match &self.ruling {
            Some(r) => Some(match r.kind {
                RulingKind::ExpectedWrong => Ruling::ExpectedWrong { expected: keep(&r.text) },
                RulingKind::Accept if r.text.trim().is_empty() => Ruling::Accept { text: keep(under.answer) },
                RulingKind::Accept => Ruling::Accept { text: keep(&r.text) },
                RulingKind::Ambiguous => Ruling::Ambiguous { question: (!r.text.trim().is_empty()).then(|| keep(&r.text)) },
                RulingKind::RubricUnclear => Ruling::RubricUnclear { note: keep(&r.text) },
                RulingKind::Split => Ruling::Split { note: keep(&r.text) },
                RulingKind::Flaky => Ruling::Flaky { trials: r.trials },
                RulingKind::Retire => Ruling::Retire { reason: keep(&r.text) },
                RulingKind::Example => Ruling::Example { why: keep(&r.text) },
                RulingKind::NoSingleAnswer => {
                    let (low, high) = r.range.ok_or(NotYet::Range)?;
                    Ruling::NoSingleAnswer { low, high }
                }
            }),
            None => None,
        };
        let note = (!self.note.trim().is_empty()).then(|| keep(&self.note));
        let decision = Decision {
            on: under.on.clone(),
            seat: under.seat,
            slot: 0,
            score: self.choice,
            chip: self.chip,
            ruling,
            note,
            seconds: under.seconds,
            blind: under.blind,
            via: under.via,
            place: under.place,
        };
        Ok((decision, texts))
    }
}
