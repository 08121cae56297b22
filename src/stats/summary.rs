//! What a run says: the finished numbers that every report and table renders. Built by feeding trials in order.

use serde::Serialize;

use crate::domain::{AgentName, JudgeName, Spend};

/// A two-sided interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A share with what it is a share of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// The share, from 0 to 1; absent when nothing was scored.
    pub value: Option<f64>,
    /// 95% interval (Wilson; with repeated trials on the effective number of cases); absent when nothing was scored.
    pub interval: Option<Interval>,
    /// Trials that pass.
    pub passed: u64,
    /// Trials with a settled verdict.
    pub settled: u64,
}

/// One agent's numbers. All are the judges' opinion, uncorrected: `stats::estimate` is what corrects them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgentSummary {
    /// Which agent.
    pub agent: AgentName,
    /// Trials with a stored output or failure.
    pub trials: u64,
    /// Distinct cases among them.
    pub cases: u64,
    /// Share of settled trials that pass (case means first where trials repeat).
    pub accuracy: Share,
    /// The accuracy if every split or unscored trial failed, and if every one passed.
    pub accuracy_bounds: Option<Interval>,
    /// Mean over trials of the judges' mean; absent when nothing was scored.
    pub mean_score: Option<f64>,
    /// Trials by median score, 1 to 5.
    pub histogram: [u64; 5],
    /// Trials whose panel was split.
    pub split: u64,
    /// Trials that too few judges scored.
    pub unscored: u64,
    /// Agent failures by kind word, in order of the word.
    pub failures: Vec<(String, u64)>,
    /// By tag, in order of the tag.
    pub tags: Vec<TagSummary>,
    /// By risk, from critical to low; only those present.
    pub risks: Vec<TagSummary>,
    /// By set, in order of the run.
    pub sets: Vec<TagSummary>,
    /// Agent's latency, ms: median, 95th percentile, maximum; absent without an output.
    pub latency_ms: Option<[u64; 3]>,
    /// The slowest cases: case id and milliseconds, slowest first, at most five.
    pub slowest: Vec<(String, u64)>,
    /// What the agent's answers cost.
    pub spend: Spend,
    /// Trials that go to people.
    pub review: u64,
    /// Trials by trigger word, most first; one trial may have several.
    pub triggers: Vec<(String, u64)>,
}

/// Numbers of one group of cases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TagSummary {
    /// The tag, risk or set.
    pub name: String,
    /// Its accuracy.
    pub accuracy: Share,
    /// Mean over trials of the judges' mean.
    pub mean_score: Option<f64>,
    /// Trials in it.
    pub trials: u64,
}

/// One judge's health and cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgeSummary {
    /// Which judge.
    pub judge: JudgeName,
    /// Ballots cast.
    pub ballots: u64,
    /// Ballots with a score.
    pub scored: u64,
    /// Failures by kind word, in order of the word.
    pub failures: Vec<(String, u64)>,
    /// Mean score.
    pub mean_score: Option<f64>,
    /// Krippendorff's alpha (ordinal) among this judge's own samples; absent with one sample or without variation.
    pub self_alpha: Option<f64>,
    /// What its ballots cost.
    pub spend: Spend,
    /// Median latency in ms of ballots that called a server.
    pub latency_ms: Option<u64>,
    /// Trials that it settled alone in a cascade.
    pub settled_alone: u64,
}

/// Agreement among judges ("consistency": judges sharing an error agree without being right).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgreementSummary {
    /// Krippendorff's alpha, ordinal, over all ballots; or why it is undefined.
    pub alpha: Result<f64, String>,
    /// 95% interval of alpha by the delete-one jackknife; absent when undefined.
    pub interval: Option<Interval>,
    /// Outputs with two or more scored ballots.
    pub units: u64,
    /// Share of those on which all ballots are equal.
    pub unanimous: Option<f64>,
    /// Share of those whose ballots differ by two or more.
    pub range_two: Option<f64>,
    /// For each pair of judges by index into `Summary::judges` (first < second): outputs both scored, share equal,
    /// share within one, mean of (first - second), by their votes.
    pub pairs: Vec<JudgePair>,
}

/// Agreement of two judges' votes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct JudgePair {
    /// Index of the first judge.
    pub first: usize,
    /// Index of the second judge.
    pub second: usize,
    /// Outputs that both scored.
    pub units: u64,
    /// Share with equal votes.
    pub exact: f64,
    /// Share with votes at most one apart.
    pub adjacent: f64,
    /// Mean of first minus second.
    pub bias: f64,
}

/// Everything that a run says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// One column an agent, in the run's order.
    pub agents: Vec<AgentSummary>,
    /// One row a judge, in the run's order.
    pub judges: Vec<JudgeSummary>,
    /// Agreement among the judges.
    pub agreement: AgreementSummary,
    /// Agent and judges together.
    pub spend: Spend,
    /// Trials planned.
    pub planned: u64,
    /// Trials with a stored output or failure.
    pub done: u64,
    /// Ballots that a cascade did not have to ask for.
    pub ballots_saved: u64,
}
