//! `gate`: a run's answer, and the exit code that follows from it.

use serde_json::json;

use crate::cli::args::{GateArgs, GateFormat, GateRules, UndecidedArg};
use crate::cli::present::{Graded, blocking, rows};
use crate::cli::project::Project;
use crate::cli::shell::cannot_write;
use crate::domain::{RunHead, RunStatus};
use crate::error::{AppError, Exit};
use crate::gate::{BaselineBuilder, GateBuilder, GateLine, GateResult, GateSpec, GateVerdict};
use crate::report::{GateNote, GateState};
use crate::text::neutral::log_line;

/// Version of the JSON that `gate` prints.
const SCHEMA_VERSION: u32 = 1;

/// A gate to apply, decided before the run.
pub struct Wanted {
    spec: GateSpec,
    baseline: Option<RunHead>,
    /// `max_drop` stands in tribunal.yaml, and there is nothing to compare with.
    drop_untested: bool,
}

impl Wanted {
    /// The run to compare with.
    pub fn baseline(&self) -> Option<&RunHead> {
        self.baseline.as_ref()
    }
}

/// Said where `max_drop` could not be tested.
const UNTESTED: &str = "accuracy drop: not tested: no baseline run was given (`--baseline RUN`)";

/// The gate of tribunal.yaml, with the baseline looked up.
///
/// # Errors
/// A usage error when there is no gate, or no such baseline.
pub async fn wanted(project: &Project, rules: &GateRules) -> Result<Wanted, AppError> {
    let mut spec = project.settings.gate.clone().filter(|g| !g.is_empty()).ok_or_else(|| {
        AppError::usage("tribunal.yaml asks nothing of a run: there is no gate to apply")
            .with_help("for example `gate: {accuracy: {at_least: 0.9}}`; the handbook's page on CI has the rest")
    })?;
    spec.point = rules.point;
    if let Some(undecided) = rules.undecided {
        spec.undecided = match undecided {
            UndecidedArg::Pass => GateVerdict::Pass,
            UndecidedArg::Fail => GateVerdict::Fail,
            UndecidedArg::Undecided => GateVerdict::Undecided,
        };
    }
    let baseline = match rules.baseline.as_deref() {
        Some(word) => Some(project.run(word).await?),
        None => None,
    };
    let drop_untested = baseline.is_none() && take_drop(&mut spec);
    if drop_untested && spec.is_empty() {
        return Err(AppError::usage("the gate asks for nothing but a comparison, and there is no run to compare with")
            .with_help("name one: `--baseline RUN`"));
    }
    Ok(Wanted { spec, baseline, drop_untested })
}

/// Takes `max_drop` out of a gate that has no baseline; whether there was one.
fn take_drop(spec: &mut GateSpec) -> bool {
    spec.accuracy.as_mut().and_then(|a| a.max_drop.take()).is_some()
}

/// Applies a gate to a stored run.
///
/// # Errors
/// When the store fails.
pub async fn judge(project: &Project, head: &RunHead, wanted: &Wanted) -> Result<GateResult, AppError> {
    if wanted.baseline.as_ref().is_some_and(|b| b.id == head.id) {
        return Err(AppError::usage(format!("the baseline is the run itself, {}", head.id)).with_help("`tribunal runs` lists the others"));
    }
    let graded = Graded::read(&project.store, head).await?;
    let same = same_measurement(project, head).await?;
    let releases = graded.honest(&project.store).await?.map(|h| h.releases()).unwrap_or_default();
    blocking(|| {
        let mut builder = GateBuilder::new(head, wanted.spec.clone()).with_releases(releases).over_runs(same.len() as u64 + 1);
        if let Some(before) = &wanted.baseline {
            let mut baseline = BaselineBuilder::new(before);
            for row in rows(&project.store, &before.id) {
                baseline.add(&row?);
            }
            builder = builder.with_baseline(baseline.finish());
        }
        let mut others: Vec<_> = same.iter().map(|run| rows(&project.store, &run.id)).collect();
        for row in graded.rows(&project.store) {
            builder.add(&row?);
            // The same plan: the next row of each is the same trial of the same case.
            for other in &mut others {
                if let Some(row) = other.next() {
                    builder.add(&row?);
                }
            }
        }
        Ok(builder.finish())
    })
}

/// Other complete runs of the same version of the agent, with the same sets, judges and settings: a rerun adds data and is no second
/// chance. Without a version nothing says that the agent behind a configuration is still the same.
async fn same_measurement(project: &Project, head: &RunHead) -> Result<Vec<RunHead>, AppError> {
    if head.agent_version.is_none() {
        return Ok(Vec::new());
    }
    let same = |run: &RunHead| run.key == head.key && run.id != head.id && run.status == RunStatus::Complete;
    Ok(project.store.runs().await?.into_iter().filter(same).collect())
}

/// The exit code that a result means.
pub fn exit(result: &GateResult) -> Exit {
    match result.verdict {
        GateVerdict::Pass => Exit::Good,
        GateVerdict::Fail => Exit::GateFailed,
        GateVerdict::Undecided => Exit::Undecided,
    }
}

/// The result as reports show it.
pub fn note(result: &GateResult, wanted: &Wanted) -> GateNote {
    let state = match result.verdict {
        GateVerdict::Pass => GateState::Pass,
        GateVerdict::Fail => GateState::Fail,
        GateVerdict::Undecided => GateState::Undecided,
    };
    let mut reasons: Vec<String> = result.lines.iter().flat_map(line).collect();
    reasons.extend(policy(result, wanted));
    GateNote { state, reasons }
}

/// What is to be said of the gate as a whole.
fn policy(result: &GateResult, wanted: &Wanted) -> Vec<String> {
    let mut reasons = Vec::new();
    if result.runs > 1 {
        reasons.push(format!(
            "{} runs of this version of the agent are taken together: a rerun adds data and is no second chance",
            result.runs
        ));
    }
    if result.found != result.verdict {
        reasons.push(format!("undecided counts as {} (`gate.undecided` in tribunal.yaml, or --undecided)", result.verdict));
    }
    if wanted.drop_untested {
        reasons.push(UNTESTED.to_owned());
    }
    reasons
}

/// The configured gate's answer for a report; nothing without a gate.
///
/// # Errors
/// When the store fails.
pub async fn note_if_configured(project: &Project, head: &RunHead) -> Result<Option<GateNote>, AppError> {
    match project.settings.gate.clone().filter(|g| !g.is_empty()) {
        Some(mut spec) => {
            // The run that it was compared with when it ended; on another machine it may not be there.
            let all = if head.baseline.is_some() { project.store.runs().await? } else { Vec::new() };
            let baseline = all.into_iter().find(|run| Some(&run.id) == head.baseline.as_ref());
            let drop_untested = baseline.is_none() && take_drop(&mut spec);
            let wanted = Wanted { spec, baseline, drop_untested };
            if wanted.spec.is_empty() {
                return Ok(None);
            }
            Ok(Some(note(&judge(project, head, &wanted).await?, &wanted)))
        }
        None => Ok(None),
    }
}

fn line(l: &GateLine) -> Vec<String> {
    let whose = l.agent.as_ref().map(|a| format!("{a}: ")).unwrap_or_default();
    let says = log_line(&format!("{whose}{}: {}: {}", l.name, l.verdict, l.why));
    let chance = l.noise.map(|n| log_line(&format!("{whose}{}: {}", l.name, n.words())));
    std::iter::once(says).chain(chance).collect()
}

/// `gate`
pub async fn exec(project: &Project, args: &GateArgs) -> Result<Exit, AppError> {
    let wanted = wanted(project, &args.rules).await?;
    let head = project.run(&args.run).await?;
    let result = judge(project, &head, &wanted).await?;
    let state = note(&result, &wanted).state;
    match args.format {
        GateFormat::Json => project.ui.json(&json!({
            "schema_version": SCHEMA_VERSION, "run": head.id, "verdict": result.verdict, "found": result.found,
            "lines": result.lines, "runs": result.runs, "note": result.note, "run_status": head.status,
            "not_tested": if wanted.drop_untested { vec!["max_drop"] } else { vec![] },
        }))?,
        GateFormat::Line => {
            project.ui.data(|out| crate::report::gate::line(&result, state, head.id.as_str(), out).map_err(cannot_write))?;
        }
        GateFormat::Text => {
            let (look, extra) = (project.ui.look(), policy(&result, &wanted));
            project.ui.data(|out| crate::report::gate::terminal(&result, state, &extra, look, out).map_err(cannot_write))?;
        }
    }
    if result.found == GateVerdict::Undecided && result.verdict != GateVerdict::Pass {
        project.ui.next(&[format!("tribunal queue {}", head.id)]);
    }
    if head.status != RunStatus::Complete {
        project.ui.say(&format!("run {} is {}: whatever the gate says, nothing may ship on it", head.id, head.status));
        return Ok(Exit::Incomplete);
    }
    Ok(exit(&result))
}
