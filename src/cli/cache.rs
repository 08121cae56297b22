//! `cache`: what the response cache holds, why a call would hit or miss it, and how to empty it.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;

use crate::agent::Ask;
use crate::agent::spec::AgentSpec;
use crate::cli::args::{CacheArgs, CacheVerb};
use crate::cli::assemble;
use crate::cli::present::{blocking, rows};
use crate::cli::project::{Project, now_ms, shown};
use crate::domain::{Spend, TrialRow};
use crate::error::{AppError, Exit};
use crate::judge::Exhibit;
use crate::judge::spec::JudgeSpec;
use crate::provider::cache::{Cache, CacheFault, Explanation, Parts};
use crate::provider::{CallFailure, CallFailureKind, Chat, ChatCall, Chats};

/// `cache`
pub async fn exec(project: &Project, args: &CacheArgs) -> Result<Exit, AppError> {
    let path = project.cache_file();
    if !path.exists() {
        project.ui.say("the response cache is empty: no model was called yet");
        return Ok(Exit::Good);
    }
    let cache = Arc::new(Cache::open(&path).map_err(fault)?);
    match &args.verb {
        CacheVerb::Show => show(project, &cache),
        CacheVerb::Explain { run, case } => explain(project, &cache, run, case).await,
        CacheVerb::Prune { older_than, .. } => {
            let before = older_than.as_deref().map(age_ms).transpose()?.map(|age| now_ms() - age);
            let gone = cache.prune(before).map_err(fault)?;
            project.ui.say(&format!("removed {gone} replies"));
            Ok(Exit::Good)
        }
    }
}

fn fault(e: CacheFault) -> AppError {
    AppError::usage(e.to_string())
        .because(e)
        .with_help("the file holds nothing but replies that can be had again: remove it, or use `--cache off`")
}

fn age_ms(word: &str) -> Result<i64, AppError> {
    let span: Option<jiff::Span> = word.parse().ok();
    let hours = span.and_then(|s| s.total((jiff::Unit::Millisecond, jiff::SpanRelativeTo::days_are_24_hours())).ok());
    #[expect(clippy::cast_possible_truncation, reason = "an age in milliseconds fits; a larger one saturates, which removes nothing")]
    hours
        .filter(|h| *h >= 0.0)
        .map(|h| h as i64)
        .ok_or_else(|| AppError::usage(format!("`{word}` is no age")).with_help("for example `30d`, `12h` or `90m`"))
}

fn show(project: &Project, cache: &Cache) -> Result<Exit, AppError> {
    let stats = cache.stats().map_err(fault)?;
    let time = |ms: Option<i64>| ms.map_or_else(|| "-".to_owned(), crate::report::words::time);
    let file = project.cache_file();
    let mut lines = vec![
        format!("replies  {}", stats.entries),
        format!("size     {} KiB in {}", stats.file_bytes / 1024, shown(&file).display()),
        format!("oldest   {}", time(stats.oldest_ms)),
        format!("newest   {}", time(stats.newest_ms)),
    ];
    lines.extend(stats.models.iter().map(|(model, n)| format!("model    {} {n}", crate::text::neutral::log_line(model))));
    project.ui.line(lines.join("\n"))?;
    Ok(Exit::Good)
}

/// Stands in for the provider: calls nobody, and asks the cache about the first call of each question put to it.
struct Explainer {
    cache: Arc<Cache>,
    said: Mutex<Option<Result<Explanation, String>>>,
}

impl Explainer {
    fn take(&self) -> Option<Result<Explanation, String>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Chats for Explainer {
    fn chat<'a>(&'a self, call: &'a ChatCall) -> BoxFuture<'a, (Result<Chat, CallFailure>, Spend)> {
        let answer = self.cache.explain(&Parts::of(call)).map_err(|e| e.to_string());
        self.said.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(answer);
        let detail = "not called: only the cache was asked".to_owned();
        Box::pin(async move { (Err(CallFailure { kind: CallFailureKind::BudgetSpent, status: None, detail }), Spend::default()) })
    }
}

async fn explain(project: &Project, cache: &Arc<Cache>, run: &str, case: &str) -> Result<Exit, AppError> {
    let head = project.run(run).await?;
    let found: Vec<TrialRow> = blocking(|| {
        rows(&project.store, &head.id).filter(|r| r.as_ref().map_or(true, |r| r.case.id.as_str() == case)).collect::<Result<_, _>>()
    })?;
    if found.is_empty() {
        return Err(AppError::usage(format!("run {} has no case `{case}`", head.id)));
    }
    let explainer = Arc::new(Explainer { cache: Arc::clone(cache), said: Mutex::default() });
    let chats: Arc<dyn Chats> = Arc::clone(&explainer) as Arc<dyn Chats>;
    let provider = assemble::provider(project, Some("off"))?;
    // What the next run would ask: today's agents, judges and rubrics, for the case as it was stored.
    let s = &project.settings;
    let rubrics = crate::judge::rubrics::load_rubrics(&s.rubrics, &s.root).map_err(|f| f.into_error(project.ui.color()))?;
    let mut lines = Vec::new();
    for row in &found {
        let (name, trial) = (&row.key.agent, row.key.trial);
        if let Some(spec @ AgentSpec::OpenAi(_)) = project.settings.agents.get(name) {
            let agent = assemble::agent(project, &provider, &chats, name.clone(), spec)?;
            agent.answer(&Ask { case: Arc::clone(&row.case), trial }).await;
            lines.push(format!("agent {name}, trial {trial}: {}", words(explainer.take())));
        }
        let (Ok(output), Some(stored)) = (&row.answer, head.rubric_of(&row.key.set)) else { continue };
        let rubric = rubrics.get(stored.name.as_str()).unwrap_or(stored);
        let exhibit = Exhibit { case: Arc::clone(&row.case), rubric: Arc::new(rubric.clone()), output: Arc::new(output.clone()), trial };
        for (name, spec) in project.settings.judges_named(&[])? {
            let JudgeSpec::OpenAi(_) = spec else { continue };
            let judge = assemble::judge(project, &chats, name.clone(), spec)?;
            for sample in 0..judge.head().samples {
                judge.judge(&exhibit, sample).await;
                lines.push(format!(
                    "judge {name}, answer of {}, trial {trial}, sample {sample}: {}",
                    row.key.agent,
                    words(explainer.take())
                ));
            }
        }
    }
    if lines.is_empty() {
        project.ui.say("no model takes part in this case: nothing of it is ever cached");
        return Ok(Exit::Good);
    }
    project.ui.line(lines.join("\n"))?;
    Ok(Exit::Good)
}

fn words(said: Option<Result<Explanation, String>>) -> String {
    match said {
        None => "makes no call".to_owned(),
        Some(Err(e)) => format!("cannot tell: {e}"),
        Some(Ok(Explanation::Empty)) => "miss: the cache is empty".to_owned(),
        Some(Ok(Explanation::Hit { kept_ms })) => format!("hit, kept {}", crate::report::words::time(kept_ms)),
        Some(Ok(Explanation::Miss { nearest, kept_ms, differs })) => format!(
            "miss; the nearest reply (model {}, kept {}) differs in: {}",
            crate::text::neutral::log_line(&nearest.model),
            crate::report::words::time(kept_ms),
            differs.join(", ")
        ),
    }
}
