//! `judge`: a run's stored outputs, scored again by another panel or rubric. No agent is called.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::agent::{Agent, Answered, Ask};
use crate::cli::args::JudgeArgs;
use crate::cli::corpus::Corpus;
use crate::cli::present::formats;
use crate::cli::project::{Project, new_run_id, now_ms};
use crate::cli::session::Session;
use crate::cli::{assemble, run};
use crate::domain::run::AgentHead;
use crate::domain::{AgentFailure, AgentFailureKind, PanelPolicy, Rubric, RunHead, RunStatus, SetName};
use crate::error::{AppError, Exit};
use crate::provider::Chats;
use crate::runner::feed::{Feed, Rows, Stored};

/// `judge`
pub async fn exec(project: &Project, args: &JudgeArgs) -> Result<Exit, AppError> {
    let reports = formats(&args.reports)?;
    let concurrency = assemble::concurrency(project, args.concurrency.as_deref())?;
    let from = project.run(&args.run).await?;
    let provider = assemble::provider(project, args.cache.as_deref())?;
    let chats: Arc<dyn Chats> = Arc::clone(&provider) as Arc<dyn Chats>;
    let judges = assemble::judges(project, &chats, &args.judges)?;
    let rubrics = rubrics(project, args.rubric.as_deref(), &from)?;
    let (policy, cascade) = if args.judges.is_empty() {
        (project.settings.panel.policy, project.settings.panel.cascade)
    } else {
        // Judges named on the command line are a panel of their own: the configured quorum speaks of other judges.
        let majority = u16::try_from(judges.len() / 2 + 1).unwrap_or(u16::MAX);
        (PanelPolicy { quorum: majority, max_spread: project.settings.panel.policy.max_spread }, false)
    };
    let mut head = RunHead {
        id: new_run_id(),
        created_ms: now_ms(),
        finished_ms: None,
        status: RunStatus::Open,
        judges: run::judge_heads(&judges, cascade),
        policy,
        cascade,
        sets: from
            .sets
            .iter()
            .map(|s| {
                let rubric = rubrics.iter().find(|(set, _)| *set == s.name).map(|(_, r)| r.name.clone());
                crate::domain::SetHead { rubric: rubric.unwrap_or_else(|| s.rubric.clone()), ..s.clone() }
            })
            .collect(),
        rubrics: distinct(&rubrics),
        planned: project.store.count(&from.id).await?,
        judged_from: Some(from.id.clone()),
        baseline: None,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..from.clone()
    };
    head.key = run::key(&head);
    let agents: Vec<Arc<dyn Agent>> = head.agents.iter().map(|a| Arc::new(Absent(a.clone())) as Arc<dyn Agent>).collect();
    let store = Arc::clone(&project.store);
    let session =
        Session { project, head, agents, judges, concurrency, provider, fresh: args.fresh, format: args.format, reports, gate: None };
    session
        .go(|claimed| {
            let rows = Rows::new(store, from.id.clone());
            Ok(Feed::Stored(Box::new(Stored { rows, rubrics, head: claimed.head.clone(), prior: claimed.prior.take() })))
        })
        .await
}

/// The rubric of each set of the stored run: the one named, else the project's of the same name, else the stored one.
fn rubrics(project: &Project, named: Option<&str>, from: &RunHead) -> Result<Vec<(SetName, Arc<Rubric>)>, AppError> {
    let s = &project.settings;
    let all = crate::judge::rubrics::load_rubrics(&s.rubrics, &s.root).map_err(|f| f.into_error(project.ui.color()))?;
    let corpus = Corpus { sets: Vec::new(), rubrics: all };
    from.sets
        .iter()
        .map(|set| {
            let rubric = match (named, corpus.rubrics.get(set.rubric.as_str()), from.rubric_of(&set.name)) {
                (Some(name), _, _) => corpus.rubric(name)?,
                (None, Some(now), _) => Arc::new(now.clone()),
                (None, None, Some(stored)) => Arc::new(stored.clone()),
                (None, None, None) => corpus.rubric(set.rubric.as_str())?,
            };
            Ok((set.name.clone(), rubric))
        })
        .collect()
}

fn distinct(rubrics: &[(SetName, Arc<Rubric>)]) -> Vec<Rubric> {
    let mut all: Vec<Rubric> = Vec::new();
    for (_, r) in rubrics {
        if !all.iter().any(|a| a.name == r.name) {
            all.push((**r).clone());
        }
    }
    all
}

/// Stands where the agent of a stored run stood. It is asked only for outputs that the run does not have.
struct Absent(AgentHead);

impl Agent for Absent {
    fn head(&self) -> AgentHead {
        self.0.clone()
    }

    fn answer<'a>(&'a self, _: &'a Ask) -> BoxFuture<'a, Answered> {
        let detail = "the run that was judged again has no output for this trial";
        Box::pin(async move { Answered::free(Err(AgentFailure::new(AgentFailureKind::NotRecorded, detail))) })
    }
}
