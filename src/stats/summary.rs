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
    /// The judges' mean, 1 to 5, as a mean of case means; absent when nothing was scored.
    pub mean_score: Option<f64>,
    /// Its 95% interval, from the spread between cases (Student's t); absent below two scored cases.
    pub score_interval: Option<Interval>,
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
    /// The judges' mean, 1 to 5, as a mean of case means; absent when nothing was scored.
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

/// Two agents on the cases that both were asked. Differences are second minus first, of case means.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AgentPair {
    /// Index of the first agent into `Summary::agents`.
    pub first: usize,
    /// Index of the second agent.
    pub second: usize,
    /// Cases with a trial of both.
    pub cases: u64,
    /// Those of them with a settled trial of both; the four counts below add up to it. A case passes for an agent when more
    /// than half of the agent's settled trials of it pass.
    pub settled: u64,
    /// Cases that pass for both.
    pub both: u64,
    /// Cases that pass only for the first.
    pub only_first: u64,
    /// Cases that pass only for the second.
    pub only_second: u64,
    /// Cases that pass for neither.
    pub neither: u64,
    /// Mean difference of the cases' pass shares, -1 to 1, over the settled cases; absent without one.
    pub share: Option<f64>,
    /// Its 95% interval (Bonett and Price 2012, on case means); absent below two settled cases.
    pub share_interval: Option<Interval>,
    /// Cases with a score of both.
    pub scored: u64,
    /// Mean difference of the cases' mean scores, -4 to 4, over the scored cases; absent without one.
    pub score: Option<f64>,
    /// Its 95% interval (Student's t over cases); absent below two scored cases.
    pub score_interval: Option<Interval>,
}

/// Everything that a run says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// One column an agent, in the run's order.
    pub agents: Vec<AgentSummary>,
    /// Agents compared case by case: each with each up to four agents, else each with the first; empty with one agent.
    pub pairs: Vec<AgentPair>,
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
