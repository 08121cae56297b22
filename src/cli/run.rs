//! `run`: ask the agents, judge the answers, route, report.

use std::sync::Arc;

use crate::cli::args::RunArgs;
use crate::cli::corpus::Corpus;
use crate::cli::present::formats;
use crate::cli::project::{Project, new_run_id, now_ms};
use crate::cli::session::Session;
use crate::cli::{assemble, gate};
use crate::domain::run::JudgeHead;
use crate::domain::{DigestBuilder, RunHead, RunStatus};
use crate::error::{AppError, Exit};
use crate::judge::Judge;
use crate::provider::Chats;
use crate::report::words::counted;
use crate::runner::feed::Feed;
use crate::runner::{Plan, PlannedSet};

/// `run`
pub async fn exec(project: &Project, args: &RunArgs) -> Result<Exit, AppError> {
    project.warn();
    let reports = formats(&args.reports)?;
    let concurrency = assemble::concurrency(project, args.concurrency.as_deref())?;
    let gate = if args.gate {
        Some(gate::wanted(project, &args.rules).await?)
    } else if args.rules.given() {
        return Err(AppError::usage("how the gate decides was said, but no gate was asked for").with_help("add --gate"));
    } else {
        None
    };
    let specs = project.settings.agents_named(&args.agents)?;
    let corpus = Corpus::load(project, &args.sets, args.gate)?;
    let selection = Corpus::selection(project, &args.select).await?;
    let words = selection.to_string();
    let (sets, trials) = corpus.plan(selection, args.trials)?;
    let planned = trials * specs.len() as u64;

    let provider = assemble::provider(project, args.cache.as_deref())?;
    let chats: Arc<dyn Chats> = Arc::clone(&provider) as Arc<dyn Chats>;
    let mut agents = Vec::new();
    for (name, spec) in specs {
        agents.push(assemble::agent(project, &provider, &chats, name, spec)?);
    }
    let judges = assemble::judges(project, &chats, &[])?;
    let seed = args.select.seed.unwrap_or(project.settings.seed);
    let selection = match args.trials {
        Some(n) => format!("{words} --trials {n}").trim().to_owned(),
        None => words,
    };
    let mut head = RunHead {
        id: new_run_id(),
        key: crate::domain::Digest::of_bytes(b""),
        created_ms: now_ms(),
        finished_ms: None,
        status: RunStatus::Open,
        agents: agents.iter().map(|a| a.head()).collect(),
        judges: judge_heads(&judges, project.settings.panel.cascade),
        policy: project.settings.panel.policy,
        cascade: project.settings.panel.cascade,
        sets: sets.iter().map(|s| s.head.clone()).collect(),
        rubrics: rubrics(&sets),
        selection,
        planned,
        seed,
        judged_from: None,
        baseline: gate.as_ref().and_then(|g| g.baseline()).map(|run| run.id.clone()),
        agent_version: args.agent_version.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    head.key = key(&head);
    if args.dry_run {
        return dry_run(project, &head);
    }
    let names = head.agents.iter().map(|a| a.name.clone()).collect();
    let session = Session { project, head, agents, judges, concurrency, provider, fresh: args.fresh, format: args.format, reports, gate };
    session.go(|claimed| Ok(Feed::Planned(Box::new(Plan::new(sets, names, args.trials)), claimed.prior.take()))).await
}

/// The rubrics that sets name, each once.
pub fn rubrics(sets: &[PlannedSet]) -> Vec<crate::domain::Rubric> {
    let mut all: Vec<crate::domain::Rubric> = Vec::new();
    for set in sets {
        if !all.iter().any(|r| r.name == set.rubric.name) {
            all.push((*set.rubric).clone());
        }
    }
    all
}

/// The judges as a run uses them: where one settles alone counts in a cascade only.
pub fn judge_heads(judges: &[Arc<dyn Judge>], cascade: bool) -> Vec<JudgeHead> {
    judges.iter().map(|j| JudgeHead { settles_alone_at: j.settles_alone_at().filter(|_| cascade), ..j.head() }).collect()
}

/// Digest of everything that decides what a run does. The same key resumes an unfinished run.
pub fn key(head: &RunHead) -> crate::domain::Digest {
    let mut b = DigestBuilder::new("run/1").text("version", &head.version).text("selection", &head.selection);
    for a in &head.agents {
        b = b.text("agent", a.name.as_str()).digest("", &a.digest);
    }
    for j in &head.judges {
        b = b.text("judge", j.name.as_str()).digest("", &j.digest).bytes("samples", &j.samples.to_le_bytes());
    }
    for s in &head.sets {
        b = b.text("set", s.name.as_str()).digest("", &s.digest);
    }
    for r in &head.rubrics {
        b = b.text("rubric", r.name.as_str()).digest("", &r.digest());
    }
    if head.cascade {
        // Where a judge settles alone is no part of what it is, but of what this run does.
        for j in &head.judges {
            b = b.maybe("alone at", j.settles_alone_at.map(|t| t.to_string()).as_deref());
        }
    }
    if let Some(version) = &head.agent_version {
        b = b.text("agent version", version);
    }
    b.bytes("quorum", &head.policy.quorum.to_le_bytes())
        .bytes("spread", &[head.policy.max_spread, u8::from(head.cascade)])
        .bytes("seed", &head.seed.to_le_bytes())
        .maybe("from", head.judged_from.as_ref().map(crate::domain::RunId::as_str))
        .finish()
}

fn dry_run(project: &Project, head: &RunHead) -> Result<Exit, AppError> {
    let names = |all: Vec<String>| all.join(", ");
    let ballots: u64 = head.judges.iter().map(|j| u64::from(j.samples)).sum::<u64>() * head.planned;
    let at_most = if head.cascade { "at most " } else { "" };
    project.ui.line(format_args!(
        "agents  {}\njudges  {}\nsets    {}\nwould run {} and ask for {at_most}{}; nothing was called",
        names(head.agents.iter().map(|a| format!("{} ({})", a.name, a.kind)).collect()),
        names(head.judges.iter().map(|j| format!("{} ({}, samples: {})", j.name, j.kind, j.samples)).collect()),
        names(head.sets.iter().map(|s| format!("{} ({})", s.name, counted(s.cases, "case", "cases"))).collect()),
        counted(head.planned, "trial", "trials"),
        counted(ballots, "ballot", "ballots")
    ))?;
    Ok(Exit::Good)
}
