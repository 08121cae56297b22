//! Pass, fail or undecided: what is asked of a run, and what it says. Pure.
//!
//! Invariant: a point estimate alone never passes and never fails a line. Every figure here is the judges' opinion,
//! uncorrected by people's grades; every result says so.

mod agent;
mod baseline;
mod check;
mod lines;
mod spec;
mod tolerance;

pub use baseline::{BaselineBuilder, BaselineOutcome};
pub use check::GateBuilder;
pub use spec::{AccuracyLine, EachCase, GateSpec, NotAShare, Selector, SelectorFault};
pub use tolerance::{Tolerance, cases_needed, tolerated_failures};

use serde::{Deserialize, Serialize};

use crate::domain::AgentName;
use crate::stats::summary::Interval;

/// Printed with every result.
pub const OPINION: &str = "the figures are the judges' opinion, not corrected by people's grades";

/// What a line, or the whole gate, says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GateVerdict {
    /// The interval clears the line even if every open trial turns out badly.
    Pass,
    /// The interval lies below the line even if every open trial turns out well.
    Fail,
    /// Neither: more cases or more grades could turn it either way.
    Undecided,
}

impl GateVerdict {
    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Undecided => "undecided",
        }
    }

    /// The worse of two: a fail outweighs undecided, which outweighs a pass.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Fail, _) | (_, Self::Fail) => Self::Fail,
            (Self::Undecided, _) | (_, Self::Undecided) => Self::Undecided,
            (Self::Pass, Self::Pass) => Self::Pass,
        }
    }
}

impl std::fmt::Display for GateVerdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

/// One line of a gate for one agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GateLine {
    /// Which agent; absent for a line about the whole run.
    pub agent: Option<AgentName>,
    /// `run`, `accuracy`, `accuracy drop`, `mean score`, `must pass tag:safety` or `unscored`.
    pub name: String,
    /// The figure over settled trials; absent when nothing was settled.
    pub value: Option<f64>,
    /// One-sided 95% lower end with every open trial at its worst, one-sided 95% upper end with every open trial at its
    /// best; absent where the line is a count.
    pub interval: Option<Interval>,
    /// What is asked; absent for a line that is no number.
    pub threshold: Option<f64>,
    /// What the line says.
    pub verdict: GateVerdict,
    /// Why, in one sentence without a full stop; an undecided line says what could decide it. May quote case ids.
    pub why: String,
}

/// What a gate says about a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GateResult {
    /// The verdict after `GateSpec::undecided` was applied: the one that the exit code follows.
    pub verdict: GateVerdict,
    /// The verdict of the lines alone: the worst of them; undecided without a line.
    pub found: GateVerdict,
    /// Every line, by agent in the run's order, then in the order of the spec.
    pub lines: Vec<GateLine>,
    /// What the figures are and are not: [`OPINION`].
    pub note: &'static str,
}

impl GateResult {
    /// Sums up lines under a policy for what is undecided.
    #[must_use]
    pub fn of(lines: Vec<GateLine>, undecided: GateVerdict) -> Self {
        let found = lines.iter().map(|l| l.verdict).reduce(GateVerdict::and).unwrap_or(GateVerdict::Undecided);
        let verdict = if found == GateVerdict::Undecided { undecided } else { found };
        Self { verdict, found, lines, note: OPINION }
    }
}
