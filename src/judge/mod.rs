//! Grader models and rules behind one method. A judge never sees the pass mark and never says pass.

pub mod facts;
pub mod lexical;
pub mod llm;
pub mod parse;
pub mod prompt;
pub mod replay;
pub mod rubrics;
pub mod spec;

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::domain::run::JudgeHead;
use crate::domain::{Ballot, Case, Output, Rubric};

/// What a judge is shown.
#[derive(Clone, Debug)]
pub struct Exhibit {
    /// The case with its expectations.
    pub case: Arc<Case>,
    /// What to judge by.
    pub rubric: Arc<Rubric>,
    /// What the agent returned; hostile.
    pub output: Arc<Output>,
    /// Repeat number of the trial, from 0 (a replay judge looks its ballot up by it).
    pub trial: u16,
}

/// One grader.
pub trait Judge: Send + Sync {
    /// Name, kind, model, samples and digest, for the run's head.
    fn head(&self) -> JudgeHead;

    /// Confidence at or above which this judge may settle alone in a cascade; `None` if it never may.
    fn settles_alone_at(&self) -> Option<f64>;

    /// Casts one ballot. Retries and the one repair happen inside; failures are values.
    fn judge<'a>(&'a self, exhibit: &'a Exhibit, sample: u16) -> BoxFuture<'a, Ballot>;
}
