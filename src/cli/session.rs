//! What `run` and `judge` share: record or resume, execute with progress and signals, finish, report, gate.

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::agent::Agent;
use crate::cli::args::RunFormat;
use crate::cli::present::{Graded, blocking, next_steps, rows, watched_rows};
use crate::cli::project::{Project, now_ms, shown};
use crate::cli::shell::Shell;
use crate::cli::{against, audit, gate, trend};
use crate::config;
use crate::domain::{RunHead, RunId, RunStatus, Usd};
use crate::error::{AppError, Exit};
use crate::judge::Judge;
use crate::provider::Provider;
use crate::report::words::counted;
use crate::report::{Format, Look, Report, jsonl};
use crate::runner::event::All;
use crate::runner::feed::{Feed, Rows};
use crate::runner::finish::{Finished, finish};
use crate::runner::{Concurrency, Ending, Job, Listener, Pressure, RunEvent, Stop, execute};
use crate::ui::{Progress, ProgressState};

/// Everything that `run` and `judge` decide before the first call.
pub struct Session<'a> {
    pub project: &'a Project,
    pub head: RunHead,
    pub agents: Vec<Arc<dyn Agent>>,
    pub judges: Vec<Arc<dyn Judge>>,
    pub concurrency: Concurrency,
    pub provider: Arc<Provider>,
    pub fresh: bool,
    pub format: RunFormat,
    pub reports: Vec<Format>,
    pub gate: Option<gate::Wanted>,
}

/// A run that this process has to itself.
pub struct Claimed {
    pub head: RunHead,
    /// The rows of an earlier attempt.
    pub prior: Option<Rows>,
    already: u64,
    _lock: File,
}

/// Finds the unfinished run with the same key, or records a new one, and locks it against other processes.
///
/// # Errors
/// When another process is at the same run, or the store fails.
pub async fn claim(project: &Project, head: RunHead, fresh: bool) -> Result<Claimed, AppError> {
    let store = &project.store;
    if !fresh && let Some(found) = store.unfinished(&head.key).await? {
        let lock = lock(&project.locks(), &found.id)?.ok_or_else(|| {
            AppError::usage(format!("another process is at the same run, {}", found.id))
                .with_help("wait for it, or start a run of its own with `--fresh`")
        })?;
        let already = store.count(&found.id).await?;
        store.set_status(&found.id, RunStatus::Open, None).await?;
        let head = RunHead { status: RunStatus::Open, finished_ms: None, planned: head.planned, ..found };
        project
            .ui
            .say(&format!("resuming run {}: {already} of {} trials are stored; only what is missing is asked for", head.id, head.planned));
        return Ok(Claimed { prior: Some(Rows::new(Arc::clone(store), head.id.clone())), head, already, _lock: lock });
    }
    let lock = lock(&project.locks(), &head.id)?.ok_or_else(|| AppError::usage("a new run's lock is taken"))?;
    store.create_run(&head).await?;
    Ok(Claimed { head, prior: None, already: 0, _lock: lock })
}

/// The lock of a run: held as long as the file is open, gone with the process however it ends.
fn lock(folder: &Path, run: &RunId) -> Result<Option<File>, AppError> {
    let refused = |path: PathBuf| move |e: io::Error| AppError::usage(format!("could not lock {}", path.display())).because(e);
    std::fs::create_dir_all(folder).map_err(refused(folder.to_owned()))?;
    // A run id may come from an imported file: its digest is a safe file name.
    let path = folder.join(crate::domain::Digest::of_bytes(run.as_str().as_bytes()).short());
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(refused(path.clone()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(e)) => Err(refused(path)(e)),
    }
}

impl Session<'_> {
    /// Runs it to its end, whatever that is, and says so. `feed` makes the feed from the claimed run.
    ///
    /// # Errors
    /// When the store, the feed or a report fails. What was finished stays kept.
    pub async fn go(self, feed: impl FnOnce(&mut Claimed) -> Result<Feed, AppError>) -> Result<Exit, AppError> {
        self.say_unpriced();
        let Self { project, head, agents, judges, concurrency, provider, fresh, format, reports, gate } = self;
        let mut claimed = claim(project, head, fresh).await?;
        if claimed.prior.is_some() && project.settings.limits.budget_usd.is_some() {
            provider.book(blocking(|| paid(project, &claimed.head.id))?);
        }
        let counts = Arc::clone(&provider);
        let pressure: Option<Pressure> = Some(Arc::new(move || (counts.pressure().successes(), counts.pressure().overloads())));
        let feed = feed(&mut claimed)?;
        let head = claimed.head.clone();
        let store = Arc::clone(&project.store);
        let stop = Stop::default();
        let _signals = AbortOnDrop(tokio::spawn(listen(stop.clone(), project.ui.clone())));
        let mut meter = Meter::new(project, &head);
        let mut lines = Lines { on: format == RunFormat::Jsonl, head: head.clone(), ui: project.ui.clone() };
        let job = Job { head: head.clone(), agents, judges, store: Arc::clone(&store), concurrency, pressure, already: claimed.already };
        let ended = execute(job, feed, &mut All(vec![&mut meter, &mut lines]), &stop).await;
        let ending = match ended {
            Ok(ending) => ending,
            Err(e) => {
                meter.progress.finish();
                return Err(e);
            }
        };
        if stop.hard.is_cancelled() {
            // At once: no report is worth the wait to somebody who asked twice.
            meter.progress.finish();
            project.ui.say(&format!("stopped at once: run {} is kept; the same command goes on where it stopped", head.id));
            return Ok(Exit::Interrupted);
        }

        let finished = finish(&store, &head, project.audit(), now_ms()).await?;
        let interrupted = ending == Ending::Interrupted;
        if interrupted {
            // Open, not incomplete: nothing was wrong, it was only cut short.
            store.set_status(&head.id, RunStatus::Open, None).await?;
        }
        let head = project.run(head.id.as_str()).await?;
        let graded = Graded::read(&store, &head).await?;
        let mut report = Report::new(head.clone(), finished.summary.clone());
        report.honest = graded.honest(&store).await?;
        report.log = Some(graded.log);
        if reports.contains(&Format::Html) {
            report.trend = trend::trend(&store, &report).await?;
        }
        if let Some(before) = gate.as_ref().and_then(gate::Wanted::baseline).filter(|b| b.id != head.id && !reports.is_empty()) {
            report.baseline = Some(against::heads(&store, before, &head).await?);
        }
        let judged = match &gate {
            Some(wanted) => Some((gate::judge(project, &head, wanted).await?, wanted)),
            None => None,
        };
        report.gate = judged.as_ref().map(|(result, wanted)| gate::note(result, wanted));
        report.next = next_steps(&report, finished.first.as_ref());
        let progress = RefCell::new(meter.progress);
        let written = blocking(|| {
            let open = || watched_rows(&store, &graded, &progress);
            crate::report::files(&report, &open, &project.reports(), &reports, Look::default())
        });
        progress.into_inner().finish();
        let written = written?;
        blocking(|| show(project, &report, &graded, format))?;
        audit::write_heads(&written, &graded.log)?;
        for path in &written {
            project.ui.say(&format!("wrote {}", shown(path).display()));
        }
        say_ending(project, &head, &ending, &finished);
        if let Some(fault) = provider.cache_fault() {
            project.ui.say(&format!("the response cache could not be written: {fault}; what was asked will be asked again"));
        }
        if interrupted {
            return Ok(Exit::Interrupted);
        }
        if finished.status != RunStatus::Complete {
            return Ok(Exit::Incomplete);
        }
        Ok(judged.map_or(Exit::Good, |(result, _)| gate::exit(&result)))
    }

    /// Says before the first call whose spending the budget cannot stop.
    fn say_unpriced(&self) {
        let (s, head) = (&self.project.settings, &self.head);
        if s.limits.budget_usd.is_none() {
            return;
        }
        // A run that is judged again asks no agent.
        let asked = head.agents.iter().filter(|_| head.judged_from.is_none());
        let agents = asked.filter_map(|a| s.agents.get_key_value(&a.name));
        let judges = head.judges.iter().filter_map(|j| s.judges.get_key_value(&j.name));
        for unpriced in config::unpriced(agents, judges, self.provider.prices()) {
            self.project.ui.say(&format!("warning: {}", unpriced.message));
            self.project.ui.say(&format!("help: {}", unpriced.help));
        }
    }
}

/// What a run has paid so far.
fn paid(project: &Project, run: &RunId) -> Result<Usd, AppError> {
    rows(&project.store, run).try_fold(Usd(0), |sum, row| {
        let row = row?;
        Ok(sum + row.spend.cost + row.ballots.iter().map(|b| b.spend.cost).sum())
    })
}

fn show(project: &Project, report: &Report, graded: &Graded, format: RunFormat) -> Result<(), AppError> {
    let open = || graded.rows(&project.store);
    let look = project.ui.look();
    match format {
        RunFormat::Text => project.ui.data(|out| crate::report::write(Format::Terminal, report, &open, look, out)),
        RunFormat::Json => project.ui.data(|out| crate::report::write(Format::Json, report, &open, Look::default(), out)),
        RunFormat::Jsonl => Ok(()),
    }
}

/// A task that ends with its owner.
struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn say_ending(project: &Project, head: &RunHead, ending: &Ending, f: &Finished) {
    let ui = &project.ui;
    let mut missing: Vec<String> = Vec::new();
    if f.not_run > 0 {
        missing.push(format!("{} not run", counted(f.not_run, "trial", "trials")));
    }
    missing.extend(f.agent_outages.iter().map(|(kind, n)| format!("{n} without an answer ({kind})")));
    missing.extend(f.judge_outages.iter().map(|(kind, n)| format!("{} lost ({kind})", counted(*n, "ballot", "ballots"))));
    match ending {
        Ending::Interrupted => ui.say(&format!("interrupted: run {} is kept; the same command goes on where it stopped", head.id)),
        Ending::BudgetSpent => ui.say("stopped: the budget is spent; raise `limits.budget_usd`, and the same command goes on"),
        Ending::Down(why) => ui.say(&format!("stopped: {why}")),
        Ending::Whole => {}
    }
    if !missing.is_empty() && *ending != Ending::Interrupted {
        ui.say(&format!("the run is incomplete: {}", missing.join(", ")));
        if let Some(example) = &f.example {
            ui.say(&format!("for example {example}"));
        }
        ui.say("help: once the cause is gone, the same command asks only for what is missing");
    }
}

/// How long a second interrupt waits for the run's own end.
const AT_ONCE: std::time::Duration = std::time::Duration::from_secs(1);

/// First Ctrl-C or TERM: finish what is in flight. Second: at once.
async fn listen(stop: Stop, ui: Shell) {
    if signal().await.is_ok() {
        ui.say("stopping: work in flight finishes; once more stops at once");
        stop.soft.cancel();
    }
    if signal().await.is_ok() {
        stop.soft.cancel();
        stop.hard.cancel();
        // The run's own end takes a moment; whatever else is going on (a large report) is not waited for.
        tokio::time::sleep(AT_ONCE).await;
        crate::agent::command::kill_all();
        std::process::exit(i32::from(Exit::Interrupted.code()));
    }
}

#[cfg(unix)]
async fn signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate())?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done,
        _ = term.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Progress from events.
struct Meter {
    progress: Progress,
    state: ProgressState,
}

impl Meter {
    fn new(project: &Project, head: &RunHead) -> Self {
        Self { progress: project.ui.progress(head.planned), state: ProgressState { total: Some(head.planned), ..ProgressState::default() } }
    }
}

impl Listener for Meter {
    fn on_event(&mut self, event: &RunEvent<'_>) -> io::Result<()> {
        if let RunEvent::TrialDone { row, fresh, in_flight } = event {
            let s = &mut self.state;
            s.done += 1;
            s.in_flight = *in_flight as u64;
            s.failed += u64::from(row.answer.is_err());
            match row.tally.as_ref().map(|t| t.verdict) {
                Some(crate::domain::Verdict::Split { .. }) => s.split += 1,
                Some(crate::domain::Verdict::Unscored { .. }) => s.unscored += 1,
                _ => {}
            }
            if *fresh {
                s.cost += row.spend.cost + row.ballots.iter().map(|b| b.spend.cost).sum();
            }
            self.progress.update(s);
        }
        Ok(())
    }
}

/// `--format jsonl`: one line a trial as it finishes.
struct Lines {
    on: bool,
    head: RunHead,
    ui: Shell,
}

impl Listener for Lines {
    fn on_event(&mut self, event: &RunEvent<'_>) -> io::Result<()> {
        let (true, RunEvent::TrialDone { row, .. }) = (self.on, event) else { return Ok(()) };
        self.ui.data(|out| jsonl::line(&self.head, row, out)).map_err(io::Error::other)
    }
}
