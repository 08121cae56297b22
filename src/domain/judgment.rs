//! What a judge sample gave: a judgment or a failure. Every sample casts one ballot; a failure is never a score.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::ids::JudgeName;
use super::money::Spend;
use super::score::Score;

/// A score with its reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgment {
    /// The score.
    pub score: Score,
    /// Why; hostile text.
    pub reason: String,
    /// How sure, from 0 to 1, where the judge can tell (probability of the chosen score).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Probability of each of 1..5 (sums to 1), where the judge can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<[f64; 5]>,
}

impl Judgment {
    /// A judgment with nothing but score and reason.
    #[must_use]
    pub fn new(score: Score, reason: impl Into<String>) -> Self {
        Self { score, reason: reason.into(), confidence: None, probabilities: None }
    }

    /// Expected score: the probability-weighted mean where probabilities are known, else the score.
    #[must_use]
    pub fn expected_score(&self) -> f64 {
        self.probabilities
            .map_or_else(|| f64::from(self.score.get()), |p| p.iter().zip(Score::ALL).map(|(p, s)| p * f64::from(s.get())).sum())
    }
}

/// Why a judge sample gave no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgeFailureKind {
    /// A number that is not on the scale (0, 6, 4.5).
    OffScale,
    /// A reply without a score.
    MissingScore,
    /// Reason and score contradict each other.
    Contradictory,
    /// The judge declined to judge.
    Refusal,
    /// The reply was cut off.
    Truncated,
    /// The reply was empty.
    Empty,
    /// The reply could not be read: not JSON, or several different scores.
    Unreadable,
    /// The case gives this judge nothing to hold on to.
    Abstained,
    /// No recorded ballot.
    NotRecorded,
    /// The prompt template failed.
    BadTemplate,
    /// The server refuses us (401, 403, 404): the key, the address or the model name is wrong.
    Refused,
    /// 400, 413 or 422: this request is not taken; the same request never will be.
    Rejected,
    /// No connection, reset, DNS, TLS.
    Unreachable,
    /// No reply in time.
    Timeout,
    /// 429 until the deadline.
    RateLimited,
    /// 5xx until the deadline.
    ServerError,
    /// Not asked: the endpoint was plainly down.
    CircuitOpen,
    /// Not asked: the budget was spent.
    BudgetSpent,
}

impl JudgeFailureKind {
    /// The word used in tables and files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OffScale => "off_scale",
            Self::MissingScore => "missing_score",
            Self::Contradictory => "contradictory",
            Self::Refusal => "refusal",
            Self::Truncated => "truncated",
            Self::Empty => "empty",
            Self::Unreadable => "unreadable",
            Self::Abstained => "abstained",
            Self::NotRecorded => "not_recorded",
            Self::BadTemplate => "bad_template",
            Self::Refused => "refused",
            Self::Rejected => "rejected",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::CircuitOpen => "circuit_open",
            Self::BudgetSpent => "budget_spent",
        }
    }

    /// True if the world was at fault rather than the judge's reply: asking again later may succeed, so a resumed run
    /// asks again, and the run is incomplete until then.
    #[must_use]
    pub fn is_outage(self) -> bool {
        matches!(
            self,
            Self::Refused
                | Self::Unreachable
                | Self::Timeout
                | Self::RateLimited
                | Self::ServerError
                | Self::CircuitOpen
                | Self::BudgetSpent
        )
    }
}

impl fmt::Display for JudgeFailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A judge sample that gave no score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{kind}: {detail}")]
pub struct JudgeFailure {
    /// What happened.
    pub kind: JudgeFailureKind,
    /// In words; hostile text.
    pub detail: String,
    /// The reply as it came, cut to a few thousand characters, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

impl JudgeFailure {
    /// A failure of a kind, with a detail.
    pub fn new(kind: JudgeFailureKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), raw: None }
    }

    /// Keeps the reply beside the failure, cut at `RAW_KEPT` characters.
    #[must_use]
    pub fn with_raw(mut self, raw: &str) -> Self {
        self.raw = Some(raw.chars().take(RAW_KEPT).collect());
        self
    }
}

/// How much of an unreadable reply is kept, in characters.
pub const RAW_KEPT: usize = 4000;

/// What one sample of one judge cast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ballot {
    /// Which judge.
    pub judge: JudgeName,
    /// Model + parameters + prompt + examples of that judge.
    pub judge_digest: Digest,
    /// Which sample of this judge, from 0.
    pub sample: u16,
    /// A judgment, or why there is none.
    pub outcome: Result<Judgment, JudgeFailure>,
    /// What it cost.
    #[serde(default)]
    pub spend: Spend,
    /// Wall time of the call, in milliseconds.
    #[serde(default)]
    pub latency_ms: u64,
}

impl Ballot {
    /// The score, if there is one.
    #[must_use]
    pub fn score(&self) -> Option<Score> {
        self.outcome.as_ref().ok().map(|j| j.score)
    }
}
