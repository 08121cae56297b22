//! `gate`: a run's answer, and the exit code that follows from it.

use serde_json::json;

use crate::cli::args::{GateArgs, ListFormat};
use crate::cli::present::{blocking, rows};
use crate::cli::project::Project;
use crate::domain::RunHead;
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
}

/// The gate of tribunal.yaml, with the baseline looked up.
///
/// # Errors
/// A usage error when there is no gate, or no such baseline.
pub async fn wanted(project: &Project, baseline: Option<&str>) -> Result<Wanted, AppError> {
    let spec = project.settings.gate.clone().filter(|g| !g.is_empty()).ok_or_else(|| {
        AppError::usage("tribunal.yaml asks nothing of a run: there is no gate to apply")
            .with_help("for example `gate: {accuracy: {at_least: 0.9}}`; the handbook's page on CI has the rest")
    })?;
    let baseline = match baseline {
        Some(word) => Some(project.run(word).await?),
        None => None,
    };
    Ok(Wanted { spec, baseline })
}

/// Applies a gate to a stored run.
///
/// # Errors
/// When the store fails.
#[expect(clippy::unused_async, reason = "the caller is asynchronous, and a shared store will be")]
pub async fn judge(project: &Project, head: &RunHead, wanted: &Wanted) -> Result<GateResult, AppError> {
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
pub fn note(result: &GateResult) -> GateNote {
    let state = match result.verdict {
        GateVerdict::Pass => GateState::Pass,
        GateVerdict::Fail => GateState::Fail,
        GateVerdict::Undecided => GateState::Undecided,
    };
    let mut reasons: Vec<String> = result.lines.iter().map(line).collect();
    if result.found != result.verdict {
        reasons.push(format!("undecided counts as {} (`gate.undecided` in tribunal.yaml)", result.verdict));
    }
    GateNote { state, reasons }
}

/// The configured gate's answer for a report; nothing without a gate.
///
/// # Errors
/// When the store fails.
pub async fn note_if_configured(project: &Project, head: &RunHead) -> Result<Option<GateNote>, AppError> {
    match project.settings.gate.clone().filter(|g| !g.is_empty()) {
        Some(spec) => Ok(Some(note(&judge(project, head, &Wanted { spec, baseline: None }).await?))),
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
        ListFormat::Json => project.ui.line(format_args!(
            "{:#}",
            json!({
                "schema_version": SCHEMA_VERSION, "run": head.id, "verdict": result.verdict, "found": result.found,
                "lines": result.lines, "note": result.note,
            })
        ))?,
        ListFormat::Text => {
            let n = note(&result);
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
    Ok(exit(&result))
}
