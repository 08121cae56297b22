//! The system under test behind one method.

pub mod command;
pub mod http;
pub mod openai;
pub mod replay;
pub mod retrieval;
pub mod spec;

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::domain::run::AgentHead;
use crate::domain::{AgentFailure, Case, Output, Spend};

/// What an agent is asked: a case, and which repeat of it.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The case; an agent sees the question, the turns and, if configured, the context. Never the expected answer.
    pub case: Arc<Case>,
    /// Repeat number, from 0.
    pub trial: u16,
}

/// What came back, and what it cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The output, or a typed failure.
    pub result: Result<Output, AgentFailure>,
    /// What it cost over all attempts.
    pub spend: Spend,
}

impl Answered {
    /// An answer or failure that cost nothing.
    #[must_use]
    pub fn free(result: Result<Output, AgentFailure>) -> Self {
        Self { result, spend: Spend::default() }
    }
}

/// The system under test.
pub trait Agent: Send + Sync {
    /// Name, kind, model and digest, for the run's head.
    fn head(&self) -> AgentHead;

    /// Asks the agent. Retries happen inside; failures are values.
    fn answer<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Answered>;
}
