//! What the rest of the program sees of `tribunal.yaml`: typed, checked, defaults filled in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::fault::list;
use super::forms::Auto;
use crate::agent::spec::AgentSpec;
use crate::domain::{AgentName, JudgeName, PanelPolicy};
use crate::error::AppError;
use crate::gate::GateSpec;
use crate::judge::spec::JudgeSpec;
use crate::provider::CacheMode;
use crate::routing::Costs;
use crate::source::did_you_mean;

/// A checked project. Paths are as written, relative to `root` unless absolute; [`Settings::path`] makes them usable.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The folder of `tribunal.yaml`, absolute.
    pub root: PathBuf,
    /// Every agent, by name.
    pub agents: BTreeMap<AgentName, AgentSpec>,
    /// The agents that `run` asks by default: `agent:`, or the only one defined; empty when that is open.
    pub default_agents: Vec<AgentName>,
    /// Every judge, by name; never empty.
    pub judges: BTreeMap<JudgeName, JudgeSpec>,
    /// Which judges sit together.
    pub panel: Panel,
    /// Files and folders of eval sets; never empty.
    pub sets: Vec<PathBuf>,
    /// Folder of rubrics.
    pub rubrics: PathBuf,
    /// Folder of reports.
    pub reports: PathBuf,
    /// What goes to people.
    pub review: Review,
    /// What a run must reach; `None` without a `gate:`.
    pub gate: Option<GateSpec>,
    /// How hard servers may be asked.
    pub limits: Limits,
    /// The embedded store's file.
    pub store: PathBuf,
    /// How the response cache is used.
    pub cache: CacheMode,
    /// A price table in place of the embedded one.
    pub prices: Option<PathBuf>,
    /// Seed of every draw.
    pub seed: u64,
}

/// Which judges sit together, and when they settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// Judges in the order given (the order of a cascade); without an order, by name. Never empty.
    pub judges: Vec<JudgeName>,
    /// Asked one after another, cheap first.
    pub cascade: bool,
    /// When ballots settle.
    pub policy: PanelPolicy,
}

/// What goes to people, and to how many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Review {
    /// Minutes that people have for the review of a run.
    pub minutes: Option<f64>,
    /// Share drawn, from 0 to 1.
    pub audit: f64,
    /// Items drawn at least.
    pub audit_at_least: u32,
    /// How many people grade an item, by risk from low to critical; at least 1.
    pub graders: [u16; 4],
    /// What a wrong verdict costs, by risk from low to critical.
    pub costs: [Costs; 4],
}

/// How hard servers may be asked, and how much may be spent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Calls to agents and judges at once.
    pub concurrency: Auto,
    /// Model calls a minute, for each server and key.
    pub requests_per_minute: Option<u32>,
    /// Tokens a minute, for each server and key.
    pub tokens_per_minute: Option<u64>,
    /// US dollars after which a run stops.
    pub budget_usd: Option<f64>,
    /// Seconds after which one model call is given up, retries and waits included.
    pub deadline_seconds: u32,
}

impl Settings {
    /// A path of these settings as the operating system wants it.
    #[must_use]
    pub fn path(&self, relative: &Path) -> PathBuf {
        self.root.join(relative)
    }

    /// The agents of a `--agent a,b`; the default ones for an empty list. In the order given, each once.
    ///
    /// # Errors
    /// A usage error for a name that is not defined, and when nothing says which agent is meant.
    pub fn agents_named(&self, names: &[String]) -> Result<Vec<(AgentName, &AgentSpec)>, AppError> {
        if !names.is_empty() {
            return pick("agent", names, &self.agents, AgentName::as_str);
        }
        if self.default_agents.is_empty() {
            let known: Vec<&str> = self.agents.keys().map(AgentName::as_str).collect();
            return Err(if known.is_empty() {
                AppError::usage("no agent is defined").with_help("add one under `agents:` in tribunal.yaml, or start with `tribunal init`")
            } else {
                AppError::usage("several agents are defined, and nothing says which to ask")
                    .with_help(format!("give `--agent NAME`, or set `agent:` in tribunal.yaml; defined: {}", list(&known)))
            });
        }
        Ok(self.default_agents.iter().filter_map(|n| self.agents.get_key_value(n)).map(|(n, s)| (n.clone(), s)).collect())
    }

    /// The judges of a `--judge a,b`; the panel's for an empty list. In the order given, each once.
    ///
    /// # Errors
    /// A usage error for a name that is not defined.
    pub fn judges_named(&self, names: &[String]) -> Result<Vec<(JudgeName, &JudgeSpec)>, AppError> {
        if !names.is_empty() {
            return pick("judge", names, &self.judges, JudgeName::as_str);
        }
        Ok(self.panel.judges.iter().filter_map(|n| self.judges.get_key_value(n)).map(|(n, s)| (n.clone(), s)).collect())
    }
}

fn pick<'a, N: Clone + Ord, S>(
    what: &str,
    names: &[String],
    all: &'a BTreeMap<N, S>,
    text: fn(&N) -> &str,
) -> Result<Vec<(N, &'a S)>, AppError> {
    let known: Vec<&str> = all.keys().map(text).collect();
    let mut picked: Vec<(N, &S)> = Vec::new();
    for name in names.iter().flat_map(|n| n.split(',')).map(str::trim).filter(|n| !n.is_empty()) {
        let Some((found, spec)) = all.iter().find(|(n, _)| text(n) == name) else {
            let help = did_you_mean(name, known.iter().copied()).unwrap_or_else(|| format!("add it under `{what}s:` in tribunal.yaml"));
            return Err(AppError::usage(format!("unknown {what} `{name}`")).with_help(help));
        };
        if !picked.iter().any(|(n, _)| n == found) {
            picked.push((found.clone(), spec));
        }
    }
    if picked.is_empty() {
        return Err(AppError::usage(format!("no {what} is named")).with_help(format!("defined: {}", list(&known))));
    }
    Ok(picked)
}
