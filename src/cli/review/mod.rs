//! `review`, `assign`, `dispute`, `feedback`: the reviewer's side of the command line.

pub mod args;
mod decide;
mod feedback;
mod offline;
mod queue;
mod show;
pub mod who;

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::Arc;

pub use self::queue::queue;

use self::args::{AssignArgs, DisputeArgs, FeedbackArgs, FeedbackVerb, ReviewArgs, ReviewVerb};
use crate::cli::corpus::Corpus;
use crate::cli::project::{Project, now_ms};
use crate::domain::log::{Act, Via};
use crate::domain::{Case, CaseId, Digest, GraderName, RunHead, SetName};
use crate::error::{AppError, Exit};
use crate::review::desk::{Desk, Setup, Who, digest_of, gate_of};
use crate::review::queue::{CaseNow, Filter, Policy};

/// The desk of a run, by the rules of `tribunal.yaml`.
///
/// # Errors
/// When the store fails.
pub async fn desk(project: &Project, head: RunHead) -> Result<Desk, AppError> {
    let review = &project.settings.review;
    let policy = Policy { graders: review.graders, costs: review.costs, seed: head.seed, ..Policy::default() };
    let mut spec = project.settings.gate.clone();
    // Without a baseline there is nothing to compare with.
    if let Some(accuracy) = spec.as_mut().and_then(|s| s.accuracy.as_mut()) {
        accuracy.max_drop = None;
    }
    let gate = spec.filter(|s| !s.is_empty()).map(|s| gate_of(Arc::clone(&project.store), head.clone(), s));
    let setup = Setup { policy, people: Vec::new(), gate, clock: Arc::new(now_ms) };
    let mut desk = Desk::open(Arc::clone(&project.store), head, setup, &|l| l).await?;
    if let Err(e) = today(project, &mut desk) {
        project.ui.say(&format!("the sets cannot be compared with the run ({e}): nothing is withdrawn; `tribunal check` says more"));
    }
    Ok(desk)
}

/// Withdraws what no longer stands in its set as it was looked at. A set that the project does not name withdraws nothing.
fn today(project: &Project, desk: &mut Desk) -> Result<(), AppError> {
    let wanted = desk.cases();
    if wanted.is_empty() {
        return Ok(());
    }
    let corpus = Corpus::load(project, &[], false)?;
    let mut rubrics: HashMap<SetName, Digest> = HashMap::new();
    let mut cases: HashMap<(SetName, CaseId), Case> = HashMap::new();
    for set in &corpus.sets {
        rubrics.insert(set.head.name.clone(), corpus.rubric(set.head.rubric.as_str())?.digest());
        for case in set.all_cases() {
            let case = case?;
            let key = (set.head.name.clone(), case.id.clone());
            if wanted.contains(&key) {
                cases.insert(key, Case::clone(&case));
            }
        }
    }
    desk.withdraw(&|on| {
        let rubric = *rubrics.get(&on.set)?;
        Some(cases.get(&(on.set.clone(), on.case.clone())).map_or(CaseNow::Gone, |case| CaseNow::There { case, rubric }))
    });
    Ok(())
}

/// `review`
pub async fn exec(project: &Project, args: &ReviewArgs) -> Result<Exit, AppError> {
    let head = project.run(&args.run).await?;
    let name = args.name.as_deref();
    let by = |via| who::who(name, via);
    match &args.verb {
        Some(ReviewVerb::Show { item, format }) => {
            show::show(project, &desk(project, head).await?, &by(Via::Command)?, item, *format).await
        }
        Some(ReviewVerb::Decide(a)) => decide::decide(project, &desk(project, head).await?, &by(Via::Command)?, a).await,
        Some(ReviewVerb::Revise { decision, score, why }) => {
            decide::revise(project, &desk(project, head).await?, &by(Via::Command)?, decision, *score, why).await
        }
        Some(ReviewVerb::Undo { decision }) => {
            decide::undo(project, &desk(project, head).await?, &by(Via::Command)?, decision.as_deref()).await
        }
        Some(ReviewVerb::Skip { item, why }) => decide::skip(project, &desk(project, head).await?, &by(Via::Command)?, item, why).await,
        Some(ReviewVerb::Settle { item, score, cause }) => {
            decide::settle(project, &desk(project, head).await?, &by(Via::Command)?, item, *score, cause).await
        }
        Some(ReviewVerb::Export { to, n, out }) => offline::export(project, &desk(project, head).await?, to, *n, out).await,
        Some(ReviewVerb::Import { file, from }) => offline::import(project, &desk(project, head).await?, file, from.as_deref()).await,
        None => sit(project, args, head).await,
    }
}

/// Item by item: full screen, line by line, or (without a terminal) the commands that do the same.
async fn sit(project: &Project, args: &ReviewArgs, head: RunHead) -> Result<Exit, AppError> {
    let mut filter = Filter::default();
    for word in &args.only {
        filter.add(word).map_err(|e| AppError::usage(e.to_string()))?;
    }
    if !filter.is_blind() {
        return Err(AppError::usage("a filter by trigger or band would tell a grader why an item is here")
            .with_help("`tribunal queue` takes it; graders choose by tag, risk, set or case"));
    }
    let id = head.id.clone();
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !terminal && !args.plain {
        project.ui.line(format!(
            "there is no terminal here; these commands do the same:\n  tribunal queue {id}\n  tribunal review show ITEM --run {id} --as NAME\n  \
             tribunal review decide ITEM --run {id} --score 2 --chip wrong_fact --note TEXT --as NAME\n  tribunal review undo --as NAME\n\
             or line by line: tribunal review --plain --as NAME"
        ))?;
        return Ok(Exit::Good);
    }
    let who = who::who(args.name.as_deref(), Via::Terminal)?;
    let desk = desk(project, head).await?;
    let dumb = std::env::var_os("TERM").is_none_or(|t| t == "dumb");
    if args.plain || dumb {
        return crate::review::terminal::plain(&desk, &who, &filter).await;
    }
    crate::review::terminal::screen(&desk, &who, &filter, project.ui.look().color).await
}

/// `assign`
pub async fn assign(project: &Project, args: &AssignArgs) -> Result<Exit, AppError> {
    let desk = desk(project, project.run(&args.run).await?).await?;
    let by = who::who(args.name.as_deref(), Via::Command)?;
    let to = grader(&args.to)?;
    let now = desk.snapshot().await?;
    let item = desk.find(&now, &args.item)?;
    if !item.state.is_open() {
        return Err(AppError::usage(format!("item {} is {}: nobody has to look at it", item.on().seq, item.state.word())));
    }
    desk.append(&by, Act::Assigned { on: item.on().clone(), to: to.clone() }, vec![]).await?;
    project.ui.say(&format!("item {} (case {}) is given to {to}", item.on().seq, item.on().case));
    Ok(Exit::Good)
}

/// `dispute`
pub async fn dispute(project: &Project, args: &DisputeArgs) -> Result<Exit, AppError> {
    let desk = desk(project, project.run(&args.run).await?).await?;
    let by = who::who(args.name.as_deref(), Via::Command)?;
    if args.why.trim().is_empty() {
        return Err(AppError::usage("say why the verdict is wrong").with_help("`--why TEXT`"));
    }
    let answers = desk.answers_of(&args.case).await?;
    let n = disputed(&desk, &by, answers, &args.why).await?;
    project.ui.say(&format!("{n} of the case's answers now wait for people"));
    project.ui.next(&[format!("tribunal queue {}", desk.head().id)]);
    Ok(Exit::Good)
}

/// Disputes answers, each once for a person and a reason. Gives how many were new.
///
/// # Errors
/// When the store fails.
async fn disputed(desk: &Desk, by: &Who, answers: Vec<crate::domain::log::ItemRef>, why: &str) -> Result<usize, AppError> {
    let now = desk.snapshot().await?;
    let digest = digest_of(why);
    let mut seen = std::collections::HashSet::new();
    let mut n = 0;
    for on in answers {
        let again = now.ledger().disputes(&on.item).iter().any(|d| d.by == *by.name() && d.why == digest);
        if !again && seen.insert(on.item) {
            desk.append(by, Act::Disputed { on, why: digest }, vec![why.trim().to_owned()]).await?;
            n += 1;
        }
    }
    Ok(n)
}

/// `feedback`
pub async fn feedback(project: &Project, args: &FeedbackArgs) -> Result<Exit, AppError> {
    let FeedbackVerb::Import { file, run, name } = &args.verb;
    let desk = desk(project, project.run(run).await?).await?;
    feedback::import(project, &desk, &who::who(name.as_deref(), Via::Import)?, file).await
}

/// A grader's name as it was typed.
fn grader(name: &str) -> Result<GraderName, AppError> {
    GraderName::new(name.trim()).map_err(|e| AppError::usage(e.to_string()))
}
