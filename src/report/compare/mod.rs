//! Runs beside a baseline run: one model, every format. Renderers compute nothing.
//!
//! Invariant: A is the baseline, and every difference is B minus A; figures are the judges' opinion unless they say otherwise.

mod json;
mod markdown;
mod said;
mod terminal;

use std::io::Write;

pub use json::SCHEMA_VERSION;
pub use said::points;

use super::view::{State, TrialView};
use super::{Look, RenderError};
use crate::domain::{AgentName, CaseId, RunHead, SetName, TrialRow};
use crate::stats::compare::{Changed, Comparison, Side};
use crate::stats::estimate::Corrected;
use crate::text::diff::{self, Diff};

/// The most changed cases that are listed of an agent, each way.
pub const LISTED: usize = 100;
/// Answers that share at least this much are shown word by word.
const SIMILAR: f64 = 0.6;

/// Runs compared with a baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparisons {
    /// Run A.
    pub baseline: RunHead,
    /// What is compared with it, in the order given.
    pub others: Vec<Against>,
}

/// One run against the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Against {
    /// Run A.
    pub baseline: RunHead,
    /// Run B.
    pub run: RunHead,
    /// What differs in how the two were judged: any of it may explain a difference as well as the agent does.
    pub differences: Vec<String>,
    /// What else is worth knowing: sets that were edited, agents without a partner.
    pub notes: Vec<String>,
    /// Agents that have a partner.
    pub agents: Vec<AgentAgainst>,
}

/// One agent of both runs.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentAgainst {
    /// Its name in A.
    pub a: AgentName,
    /// Its name in B.
    pub b: AgentName,
    /// The numbers.
    pub numbers: Comparison,
    /// Changed cases, losses first, at most [`LISTED`] each way.
    pub changes: Vec<Change>,
    /// Changed cases that are not listed.
    pub left_out: u64,
    /// Pass rates corrected by people's grades in A and in B, where both have one.
    pub corrected: Option<[Corrected; 2]>,
}

/// A case that passes more or less often in B.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its set.
    pub set: SetName,
    /// Its id.
    pub case: CaseId,
    /// What is asked.
    pub question: String,
    /// What is expected.
    pub expected: String,
    /// B's share of passing trials minus A's.
    pub difference: f64,
    /// What A did.
    pub a: Told,
    /// What B did.
    pub b: Told,
    /// The answers word by word, where they are similar.
    pub diff: Option<Diff>,
}

/// One side of a changed case.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Share of settled trials that pass.
    pub side: Side,
    /// Where the trial that is shown stands.
    pub state: State,
    /// Its score in words.
    pub score: String,
    /// Its answer, or how the agent failed.
    pub answer: Result<String, String>,
}

impl Told {
    fn of(head: &RunHead, row: &TrialRow, side: Side) -> Self {
        // The judges' view, like every figure of a comparison.
        let mut judged = row.clone();
        judged.label = None;
        let v = TrialView::new(head, &judged);
        let answer = row.answer.as_ref().map(|o| o.text.clone()).map_err(ToString::to_string);
        Self { side, state: v.state, score: v.score(), answer }
    }

    /// The answer, or that there is none, as one text.
    #[must_use]
    pub fn text(&self) -> String {
        self.answer.clone().unwrap_or_else(|why| format!("(no answer: {why})"))
    }
}

impl Change {
    /// A changed case with a trial of each run.
    #[must_use]
    pub fn of(changed: &Changed, a: (&RunHead, &TrialRow), b: (&RunHead, &TrialRow)) -> Self {
        let diff = match (&a.1.answer, &b.1.answer) {
            (Ok(x), Ok(y)) => diff::words(&x.text, &y.text).filter(|d| d.similarity > SIMILAR && x.text != y.text),
            _ => None,
        };
        Self {
            set: b.1.key.set.clone(),
            case: b.1.case.id.clone(),
            question: b.1.case.question.clone(),
            expected: b.1.case.expected.clone(),
            difference: changed.difference,
            a: Told::of(a.0, a.1, changed.a),
            b: Told::of(b.0, b.1, changed.b),
            diff,
        }
    }

    /// `fixed`, `broken`, or `better` and `worse` where only some of the trials turned.
    #[must_use]
    pub fn word(&self) -> &'static str {
        let whole = self.difference.abs() > 1.0 - 1e-9;
        match (self.difference > 0.0, whole) {
            (true, true) => "fixed",
            (true, false) => "better",
            (false, true) => "broken",
            (false, false) => "worse",
        }
    }
}

/// The changed cases to list: the first [`LISTED`] losses and gains.
pub fn listed(changed: &[Changed]) -> impl Iterator<Item = &Changed> {
    let losses = changed.iter().filter(|c| c.difference < 0.0).take(LISTED);
    losses.chain(changed.iter().filter(|c| c.difference > 0.0).take(LISTED))
}

/// The formats of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareFormat {
    /// For a person at a terminal.
    Terminal,
    /// For pull requests.
    Markdown,
    /// A self-contained page.
    Html,
    /// One versioned document.
    Json,
}

/// Writes a comparison in one format.
///
/// # Errors
/// [`RenderError`] when the writer fails.
pub fn write(format: CompareFormat, all: &Comparisons, look: Look, out: &mut dyn Write) -> Result<(), RenderError> {
    match format {
        CompareFormat::Terminal => Ok(terminal::render(all, look, out)?),
        CompareFormat::Markdown => markdown::render(all, out),
        CompareFormat::Html => super::html::compare(all, out),
        CompareFormat::Json => json::render(all, out),
    }
}

pub(super) use markdown::inside as markdown_against;
pub(super) use said::{counts, headline, power, probability, tag_says, test};
