//! Pass, fail or undecided: what is asked of a run, and what it says. Pure.
//!
//! Invariant: a point estimate alone never passes and never fails a line, unless somebody asked for just that, and then the result
//! says so. A figure is corrected by random blind grades where there are enough of them, else the judges' opinion; each line says
//! which.

mod agent;
mod baseline;
mod check;
mod corrected;
mod lines;
mod measure;
mod noise;
mod spec;
mod tolerance;

pub use baseline::{BaselineBuilder, BaselineOutcome};
pub use check::GateBuilder;
pub use measure::Measure;
pub use noise::Noise;
pub use spec::{AccuracyLine, EachCase, GateSpec, NotAShare, Selector, SelectorFault};
pub use tolerance::{Tolerance, cases_needed, tolerated_failures};

use serde::{Deserialize, Serialize};

use crate::domain::AgentName;
use crate::stats::summary::Interval;

/// Printed with a result that no grade has corrected.
pub const OPINION: &str = "the figures are the judges' opinion, not corrected by people's grades";

/// Printed with a result whose accuracy is corrected.
pub const CORRECTED: &str = "the accuracy is corrected by random blind grades; other figures are the judges' opinion";

/// Printed where points are compared.
pub const POINT: &str = "compared by point estimates, as asked: chance alone may turn this gate";

/// What a line's figure rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The judges' opinion.
    Judges,
    /// Judges, corrected by random blind grades of people.
    People,
    /// A plain count, where people's grades outrank judges.
    Count,
}

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
    /// `run`, `accuracy`, `accuracy tag:eu`, `accuracy drop`, `mean score`, `must pass tag:safety`, `each case 2 of 3`, `unscored`,
    /// `agreement` or `cost`.
    pub name: String,
    /// What the figure rests on.
    pub basis: Basis,
    /// The figure over settled trials; absent when nothing was settled.
    pub value: Option<f64>,
    /// One-sided 95% lower end with every open trial at its worst, one-sided 95% upper end with every open trial at its
    /// best; absent where the line is a count.
    pub interval: Option<Interval>,
    /// What is asked; absent for a line that is no number.
    pub threshold: Option<f64>,
    /// What chance alone does to it; absent where the line is a count.
    pub noise: Option<Noise>,
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
    /// How many runs were taken together: complete runs of one version of the agent, with the same sets, judges and settings.
    pub runs: u64,
    /// What the figures are and are not: [`OPINION`], [`CORRECTED`] or [`POINT`].
    pub note: &'static str,
}

impl GateResult {
    /// Sums up lines under a policy for what is undecided.
    #[must_use]
    pub fn of(lines: Vec<GateLine>, undecided: GateVerdict, point: bool) -> Self {
        let found = lines.iter().map(|l| l.verdict).reduce(GateVerdict::and).unwrap_or(GateVerdict::Undecided);
        let verdict = if found == GateVerdict::Undecided { undecided } else { found };
        let note = match () {
            () if point => POINT,
            () if lines.iter().any(|l| l.basis == Basis::People) => CORRECTED,
            () => OPINION,
        };
        Self { verdict, found, lines, runs: 1, note }
    }
}
