//! What an agent returned, or how it failed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::digest::{Digest, DigestBuilder};

/// What the agent returned. The text is hostile until rendered by a neutralising writer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// The answer.
    pub text: String,
    /// Passages that the agent says it used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Tool calls or other steps, as the agent reported them (JSON text).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Why generation stopped, as the server says: `stop`, `length`, ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<String>,
    /// Wall time until the answer was whole, in milliseconds, retries and waits excluded.
    #[serde(default)]
    pub latency_ms: u64,
    /// The model or program that says it answered, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl Output {
    /// An output that is nothing but text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Digest over what is judged: the text and the context that the agent names. Latency does not count.
    #[must_use]
    pub fn digest(&self) -> Digest {
        DigestBuilder::new("output/1").text("text", &self.text).maybe("context", self.context.as_deref()).finish()
    }
}

/// How an agent failed to give an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentFailureKind {
    /// No connection, reset, DNS, TLS.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// 429 until the deadline.
    RateLimited,
    /// 5xx until the deadline.
    ServerError,
    /// Another 4xx: the key, the address or the model name is wrong.
    Refused,
    /// 400, 413 or 422: this request is not taken; the same request never will be.
    Rejected,
    /// Answered, but not in the promised form (no such JSON pointer, not UTF-8, over the cap).
    BadReply,
    /// The process ended with a failure.
    Crashed,
    /// The program could not be started.
    NotStarted,
    /// No recorded answer for this case and trial.
    NotRecorded,
    /// Not asked: the endpoint was plainly down.
    CircuitOpen,
    /// Not asked: the budget was spent.
    BudgetSpent,
}

impl AgentFailureKind {
    /// True if the world was at fault rather than the agent: asking again later may succeed, so a resumed run asks again,
    /// and the run is incomplete until then. Anything else is how this agent answers this case: it has no score, it counts
    /// as open in the gate, and it stands.
    #[must_use]
    pub fn is_outage(self) -> bool {
        match self {
            Self::Unreachable
            | Self::Timeout
            | Self::RateLimited
            | Self::ServerError
            | Self::Refused
            | Self::NotStarted
            | Self::NotRecorded
            | Self::CircuitOpen
            | Self::BudgetSpent => true,
            Self::Rejected | Self::BadReply | Self::Crashed => false,
        }
    }

    /// The word used in tables and files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::Refused => "refused",
            Self::Rejected => "rejected",
            Self::BadReply => "bad_reply",
            Self::Crashed => "crashed",
            Self::NotStarted => "not_started",
            Self::NotRecorded => "not_recorded",
            Self::CircuitOpen => "circuit_open",
            Self::BudgetSpent => "budget_spent",
        }
    }
}

impl fmt::Display for AgentFailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A typed failure of the agent, with what is known about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{kind}: {detail}")]
pub struct AgentFailure {
    /// What happened.
    pub kind: AgentFailureKind,
    /// In words, without secrets; hostile text like any other.
    pub detail: String,
}

impl AgentFailure {
    /// A failure of a kind, with a detail.
    pub fn new(kind: AgentFailureKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}
