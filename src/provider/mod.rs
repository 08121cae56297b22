//! One client for every model call: limits, retries, cache, cost. This file is the seam that agents and judges see.

pub mod aimd;
pub mod attempts;
pub mod backoff;
pub mod breaker;
pub mod cache;
mod client;
pub mod fault;
pub mod http;
mod ledger;
pub mod limiter;
pub mod link;
mod openai;
pub mod prices;
pub mod redact;
pub mod reply;
pub mod resolve;
pub mod settings;

use std::fmt;
use std::time::Duration;

use futures::future::BoxFuture;
use secrecy::SecretString;
use serde_json::Value;

pub use client::Provider;
pub use prices::PriceTable;
pub use settings::{CacheMode, Limits, Patience, Settings};

use crate::domain::{AgentFailureKind, JudgeFailureKind, Spend};

/// An OpenAI-compatible server with its key.
#[derive(Clone)]
pub struct Endpoint {
    /// Base URL without a trailing slash, e.g. `https://api.openai.com/v1`.
    pub base_url: String,
    /// The key, if there is one. Never printed: `Debug` shows a placeholder.
    pub key: Option<SecretString>,
    /// One attempt is given up after this time.
    pub timeout: Duration,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A base URL may hold a password or a key, too.
        f.debug_struct("Endpoint")
            .field("base_url", &redact::url(&self.base_url))
            .field("key", &self.key)
            .field("timeout", &self.timeout)
            .finish()
    }
}

/// A chat completion to be had.
#[derive(Clone, Debug)]
pub struct ChatCall {
    /// Whom to ask.
    pub endpoint: Endpoint,
    /// The whole request body but for streaming: `model`, `messages`, `temperature`, `response_format`, ...
    pub body: Value,
    /// What tells calls with equal bodies apart in the cache: judge digest and sample, or agent digest and trial.
    pub salt: String,
}

/// Alternatives of one generated token: `(token, natural log of its probability)`.
pub type TopTokens = Vec<(String, f64)>;

/// What a server replied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chat {
    /// The message's text; empty if there was none.
    pub text: String,
    /// Why generation stopped: `stop`, `length`, `content_filter`, ...
    pub finish: Option<String>,
    /// The server's own refusal field.
    pub refusal: Option<String>,
    /// For each generated token: the token, and the most probable alternatives (itself among them, as a rule). Empty
    /// unless asked for and given.
    pub tokens: Vec<(String, TopTokens)>,
    /// The model that says it answered.
    pub model: Option<String>,
    /// Wall time of the last attempt, in milliseconds.
    pub latency_ms: u64,
}

/// How a call failed after all retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallFailureKind {
    /// No connection, reset, DNS, TLS.
    Unreachable,
    /// No reply in time.
    Timeout,
    /// 429 until the deadline.
    RateLimited,
    /// 5xx until the deadline.
    ServerError,
    /// Another 4xx; `status` says which.
    Refused,
    /// 400, 413 or 422: this request is not taken; `status` says which.
    Rejected,
    /// 2xx with a body that is no chat completion.
    BadReply,
    /// Not asked: the endpoint was plainly down.
    CircuitOpen,
    /// Not asked: the budget was spent.
    BudgetSpent,
}

/// A call that failed after all retries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct CallFailure {
    /// What happened.
    pub kind: CallFailureKind,
    /// HTTP status, where there was one.
    pub status: Option<u16>,
    /// In words, without secrets; hostile text.
    pub detail: String,
}

/// The kinds of calls are kinds of agents and judges, too, under the same names but for a bad reply.
macro_rules! same_kinds {
    ($($theirs:ident: $bad_reply:ident),+) => {$(
        impl From<CallFailureKind> for $theirs {
            fn from(k: CallFailureKind) -> Self {
                match k {
                    CallFailureKind::Unreachable => Self::Unreachable,
                    CallFailureKind::Timeout => Self::Timeout,
                    CallFailureKind::RateLimited => Self::RateLimited,
                    CallFailureKind::ServerError => Self::ServerError,
                    CallFailureKind::Refused => Self::Refused,
                    CallFailureKind::Rejected => Self::Rejected,
                    CallFailureKind::BadReply => Self::$bad_reply,
                    CallFailureKind::CircuitOpen => Self::CircuitOpen,
                    CallFailureKind::BudgetSpent => Self::BudgetSpent,
                }
            }
        }
    )+};
}

same_kinds!(AgentFailureKind: BadReply, JudgeFailureKind: Unreadable);

/// Whoever can complete chats: the provider, or a scripted stand-in in tests.
pub trait Chats: Send + Sync {
    /// Completes a chat, with retries inside. The spend covers every attempt, failed ones included.
    fn chat<'a>(&'a self, call: &'a ChatCall) -> BoxFuture<'a, (Result<Chat, CallFailure>, Spend)>;

    /// The reply to such a call that was kept earlier, if there is one; nobody is asked.
    fn kept(&self, _call: &ChatCall) -> Option<Chat> {
        None
    }
}
