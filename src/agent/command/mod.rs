//! The `command` agent: a program on this machine, one process a question or kept alive.
//!
//! Processes run in the project's folder and inherit our environment, API keys included: agents need them. Invariant: no
//! process of the program outlives its call (`per_call`), the agent (`lines`) or a dropped future.

mod group;
mod identity;
mod lines;
mod per_call;
mod setup;

use std::path::Path;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;

use self::lines::Pool;
use self::setup::Setup;
use super::spec::{CommandAgentSpec, CommandMode};
use super::{Agent, Answered, Ask};
use crate::domain::run::AgentHead;
use crate::domain::{AgentFailure, AgentName, Digest, Output, Spend};
use crate::error::AppError;

pub use group::kill_all;

/// How long a pipe may stay open after the process that we started has ended, and how long a killed one may take to go.
const GRACE: Duration = Duration::from_secs(1);

/// A program on this machine.
pub struct CommandAgent {
    name: AgentName,
    digest: Digest,
    setup: Setup,
    /// In `lines` mode.
    pool: Option<Pool>,
}

impl CommandAgent {
    /// Prepares the agent; starts nothing. `root` is the project's folder, `env` reads our environment.
    ///
    /// # Errors
    /// A usage error when `run` is empty, or a `${NAME}` in `env` is not set.
    pub fn new(name: AgentName, spec: &CommandAgentSpec, root: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, AppError> {
        let setup = Setup::new(&name, spec, root, env)?;
        let pool = (spec.mode == CommandMode::Lines).then(|| Pool::new(spec.processes.unwrap_or(4)));
        let written = serde_json::to_string(spec).map_err(|e| AppError::usage(format!("agent `{name}` cannot be written")).because(e))?;
        Ok(Self { name, digest: identity::digest(spec, &written, root), setup, pool })
    }

    async fn ask(&self, ask: &Ask) -> (Result<Output, AgentFailure>, u32) {
        match &self.pool {
            None => (per_call::answer(&self.setup, ask).await, 1),
            Some(pool) => pool.answer(&self.setup, ask).await,
        }
    }
}

impl Agent for CommandAgent {
    fn head(&self) -> AgentHead {
        AgentHead { name: self.name.clone(), kind: "command".to_owned(), model: None, digest: self.digest }
    }

    fn answer<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Answered> {
        async move {
            let (result, attempts) = self.ask(ask).await;
            let result = result.map(|output| self.setup.hide_in(output));
            Answered { result, spend: Spend { attempts, ..Spend::default() } }
        }
        .boxed()
    }
}

/// Milliseconds since a moment.
fn since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
