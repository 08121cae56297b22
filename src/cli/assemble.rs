//! From settings to working parts: provider, agents, judges.

use std::sync::Arc;

use clap::ValueEnum as _;

use crate::agent::Agent;
use crate::agent::command::CommandAgent;
use crate::agent::http::HttpAgent;
use crate::agent::openai::OpenAiAgent;
use crate::agent::replay::ReplayAgent;
use crate::agent::retrieval::RetrievalAgent;
use crate::agent::spec::AgentSpec;
use crate::cli::project::Project;
use crate::config;
use crate::domain::{AgentName, JudgeName, Usd};
use crate::error::AppError;
use crate::judge::Judge;
use crate::judge::facts::FactsJudge;
use crate::judge::lexical::LexicalJudge;
use crate::judge::llm::LlmJudge;
use crate::judge::replay::ReplayJudge;
use crate::judge::spec::JudgeSpec;
use crate::provider::{CacheMode, Chats, Endpoint, Limits, PriceTable, Provider, Settings};
use crate::runner::Concurrency;

/// Looks a variable of the environment up. An empty one counts as absent.
pub fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}

/// The provider of a project. `cache` is what the command line says.
///
/// # Errors
/// When the cache or the price table cannot be read, or a word is wrong.
pub fn provider(project: &Project, cache: Option<&str>) -> Result<Arc<Provider>, AppError> {
    let s = &project.settings;
    let prices = s.prices.as_ref().map(|p| s.path(p));
    Provider::new(Settings {
        limits: Limits {
            requests_per_minute: s.limits.requests_per_minute,
            tokens_per_minute: s.limits.tokens_per_minute.map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
            budget: s.limits.budget_usd.map(Usd::from_dollars),
            deadline: std::time::Duration::from_secs(u64::from(s.limits.deadline_seconds)),
        },
        cache: cache_mode(project, cache)?,
        cache_path: Some(project.cache_file()),
        prices: PriceTable::load(prices.as_deref())?,
        ..Settings::default()
    })
}

/// How the cache is used: the command line wins over tribunal.yaml.
fn cache_mode(project: &Project, word: Option<&str>) -> Result<CacheMode, AppError> {
    match word {
        None => Ok(project.settings.cache),
        Some(word) => CacheMode::from_str(word, false).map_err(|_| {
            AppError::usage(format!("unknown cache mode `{word}`")).with_help("on, read (never written), refresh (never read) or off")
        }),
    }
}

/// How many calls at once: the command line wins over tribunal.yaml.
///
/// # Errors
/// A usage error for a word that is neither `auto` nor a number from 1 on.
pub fn concurrency(project: &Project, word: Option<&str>) -> Result<Concurrency, AppError> {
    match word {
        Some("auto") => Ok(Concurrency::Auto),
        Some(n) => n
            .parse()
            .ok()
            .filter(|n| (1..=10_000).contains(n))
            .map(Concurrency::Fixed)
            .ok_or_else(|| AppError::usage(format!("`--concurrency {n}` is neither `auto` nor a number from 1 to 10000"))),
        None => Ok(match project.settings.limits.concurrency {
            config::Auto::Auto => Concurrency::Auto,
            config::Auto::Fixed(n) => Concurrency::Fixed(usize::from(n.get())),
        }),
    }
}

/// An agent that works.
///
/// # Errors
/// When a key is not set, a file cannot be read or a template is wrong.
pub fn agent(
    project: &Project,
    provider: &Arc<Provider>,
    chats: &Arc<dyn Chats>,
    name: AgentName,
    spec: &AgentSpec,
) -> Result<Arc<dyn Agent>, AppError> {
    let root = &project.settings.root;
    Ok(match spec {
        AgentSpec::OpenAi(s) => Arc::new(OpenAiAgent::new(name, s, Arc::clone(chats), &env)?),
        AgentSpec::Http(s) => Arc::new(HttpAgent::new(name, s, Arc::clone(provider), &env)?),
        AgentSpec::Command(s) => Arc::new(CommandAgent::new(name, s, root, &env)?),
        AgentSpec::Replay(s) => Arc::new(ReplayAgent::new(name, s, root)?),
        AgentSpec::Retrieval(s) => Arc::new(RetrievalAgent::new(name, s, root)?),
    })
}

/// A judge that works.
///
/// # Errors
/// When a key is not set, or a file cannot be read.
pub fn judge(project: &Project, chats: &Arc<dyn Chats>, name: JudgeName, spec: &JudgeSpec) -> Result<Arc<dyn Judge>, AppError> {
    let root = &project.settings.root;
    Ok(match spec {
        JudgeSpec::OpenAi(s) => {
            let owner = format!("judge `{name}`");
            let endpoint = Endpoint::resolve(&owner, s.base_url.as_deref(), s.api_key_env.as_deref(), s.timeout_seconds, &env)?;
            let template = s.template.as_ref().map(|t| {
                let path = project.settings.path(t);
                crate::source::read_small(&path)
                    .map_err(|e| AppError::usage(format!("could not read the template {} of {owner}", path.display())).because(e))
            });
            Arc::new(LlmJudge::new(name, s.clone(), endpoint, Arc::clone(chats), template.transpose()?))
        }
        JudgeSpec::Lexical(s) => Arc::new(LexicalJudge::new(name, s, root)?),
        JudgeSpec::Facts(_) => Arc::new(FactsJudge::new(name)),
        JudgeSpec::Replay(s) => Arc::new(ReplayJudge::open(name, s, root)?),
    })
}

/// The judges named; the panel of tribunal.yaml for none.
///
/// # Errors
/// When a name is unknown, or a judge cannot be made.
pub fn judges(project: &Project, chats: &Arc<dyn Chats>, named: &[String]) -> Result<Vec<Arc<dyn Judge>>, AppError> {
    let specs = project.settings.judges_named(named)?;
    specs.into_iter().map(|(name, spec)| judge(project, chats, name, spec)).collect()
}
