//! `gate`: a run's answer, and the exit code that follows from it.

use serde_json::json;

use crate::cli::args::{GateArgs, ListFormat};
use crate::cli::present::{blocking, rows};
use crate::cli::project::Project;
use crate::domain::{RunHead, RunId, RunStatus};
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
    pub fn baseline(&self) -> Option<&RunId> {
        self.baseline.as_ref().map(|b| &b.id)
    }
}

/// Said where `max_drop` could not be tested.
const UNTESTED: &str = "accuracy drop: not tested: no baseline run was given (`--baseline RUN`)";

/// The gate of tribunal.yaml, with the baseline looked up.
///
/// # Errors
/// A usage error when there is no gate, or no such baseline.
pub async fn wanted(project: &Project, baseline: Option<&str>) -> Result<Wanted, AppError> {
    let mut spec = project.settings.gate.clone().filter(|g| !g.is_empty()).ok_or_else(|| {
        AppError::usage("tribunal.yaml asks nothing of a run: there is no gate to apply")
            .with_help("for example `gate: {accuracy: {at_least: 0.9}}`; the handbook's page on CI has the rest")
    })?;
    let baseline = match baseline {
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
#[expect(clippy::unused_async, reason = "the caller is asynchronous, and a shared store will be")]
pub async fn judge(project: &Project, head: &RunHead, wanted: &Wanted) -> Result<GateResult, AppError> {
    if wanted.baseline.as_ref().is_some_and(|b| b.id == head.id) {
        return Err(AppError::usage(format!("the baseline is the run itself, {}", head.id)).with_help("`tribunal runs` lists the others"));
    }
    blocking(|| {
        let mut builder = GateBuilder::new(head, wanted.spec.clone());
        if let Some(before) = &wanted.baseline {
            let mut baseline = BaselineBuilder::new(before);
            for row in rows(&project.store, &before.id) {
                baseline.add(&row?);
            }
            builder = builder.with_baseline(baseline.finish());
        }
        for row in rows(&project.store, &head.id) {
            builder.add(&row?);
        }
        Ok(builder.finish())
    })
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
    let mut reasons: Vec<String> = result.lines.iter().map(line).collect();
    if result.found != result.verdict {
        reasons.push(format!("undecided counts as {} (`gate.undecided` in tribunal.yaml)", result.verdict));
    }
    if wanted.drop_untested {
        reasons.push(UNTESTED.to_owned());
    }
    GateNote { state, reasons }
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

fn line(l: &GateLine) -> String {
    let whose = l.agent.as_ref().map(|a| format!("{a}: ")).unwrap_or_default();
    log_line(&format!("{whose}{}: {}: {}", l.name, l.verdict, l.why))
}

/// `gate`
pub async fn exec(project: &Project, args: &GateArgs) -> Result<Exit, AppError> {
    let wanted = wanted(project, args.baseline.as_deref()).await?;
    let head = project.run(&args.run).await?;
    let result = judge(project, &head, &wanted).await?;
    match args.format {
        ListFormat::Json => project.ui.json(&json!({
            "schema_version": SCHEMA_VERSION, "run": head.id, "verdict": result.verdict, "found": result.found,
            "lines": result.lines, "note": result.note, "run_status": head.status,
            "not_tested": if wanted.drop_untested { vec!["max_drop"] } else { vec![] },
        }))?,
        ListFormat::Text => {
            let n = note(&result, &wanted);
            let reasons = n.reasons.iter().map(|r| format!("  {r}"));
            let lines: Vec<String> = std::iter::once(format!("gate: {}", n.state.word().to_uppercase()))
                .chain(reasons)
                .chain([format!("  ({})", result.note)])
                .collect();
            project.ui.line(lines.join("\n"))?;
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
