//! `check`: everything that is wrong or doubtful about configuration, sets and rubrics, at its place, in one go.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::args::{CheckArgs, ListFormat};
use crate::cli::corpus::gate_faults;
use crate::cli::project;
use crate::cli::shell::Shell;
use crate::config;
use crate::error::{AppError, Exit};
use crate::evalset::lint::{self, GateLine};
use crate::evalset::{EvalSet, read_sets, second_opinion};
use crate::judge::rubrics::read_rubrics;
use crate::source::{self, Diagnostic, Severity};

/// Version of the JSON that `check` prints.
const SCHEMA_VERSION: u32 = 1;

/// `check`
pub fn exec(ui: &Shell, named: Option<&Path>, args: &CheckArgs) -> Result<Exit, AppError> {
    let loaded = project::load(ui, named)?;
    let cwd = std::env::current_dir().map_err(|e| AppError::usage("the working folder cannot be read").because(e))?;
    let s = &loaded.settings;
    let asked: Vec<PathBuf> = args.paths.iter().map(|p| cwd.join(p)).collect();
    for (path, word) in asked.iter().zip(&args.paths) {
        if !path.exists() {
            return Err(AppError::usage(format!("there is no {}", word.display())));
        }
    }
    let (rubrics, mut findings) = read_rubrics(&s.rubrics, &s.root);
    let set_paths: Vec<PathBuf> = if asked.is_empty() {
        s.sets.clone()
    } else {
        asked.iter().filter(|p| !p.starts_with(s.path(&s.rubrics)) && p.file_name() != Some(config::FILE_NAME.as_ref())).cloned().collect()
    };
    let (sets, faults) = read_sets(&set_paths, &s.root, &rubrics);
    let whole = faults.iter().all(|d| d.severity != Severity::Error);
    findings.extend(faults);
    let cases: u64 = sets.iter().map(|set| set.head.cases).sum();
    let mut gate = None;
    if asked.is_empty() {
        // With a set that cannot be read, nobody knows which tags there are.
        if whole {
            findings.extend(gate_faults(&loaded, &sets)?);
        }
        gate = gate_line(&loaded, cases);
    }
    findings.extend(lint::lint(&sets, &rubrics, gate.as_ref())?);
    for set in &sets {
        findings.extend(second_opinion(set, &s.root)?);
    }
    source::sort(&mut findings);
    let at_least = |severity| findings.iter().filter(|d| d.severity == severity).count();
    let (errors, warnings, notes) = (at_least(Severity::Error), at_least(Severity::Warning), at_least(Severity::Note));
    match args.format {
        ListFormat::Json => print_json(ui, &findings, &sets)?,
        ListFormat::Text => {
            if !findings.is_empty() {
                ui.rendered(&source::render(&findings, ui.color()));
            }
            let files = sets.len() + rubrics.names().count() + 1;
            ui.say(&format!("checked {files} files with {cases} active cases: {errors} errors, {warnings} warnings, {notes} notes"));
        }
    }
    Ok(if errors > 0 || (args.strict && warnings > 0) { Exit::Usage } else { Exit::Good })
}

/// The gate's line on the accuracy with its place, for the lint that says how many failures it tolerates.
fn gate_line(loaded: &config::Loaded, cases: u64) -> Option<GateLine> {
    let at_least = loaded.settings.gate.as_ref()?.accuracy?.at_least?;
    let span = loaded.node.span_of("/gate/accuracy", &loaded.source.text);
    Some(GateLine { at_least, cases, path: loaded.source.path.clone(), place: Some(loaded.source.place(span)) })
}

fn print_json(ui: &Shell, findings: &[Diagnostic], sets: &[EvalSet]) -> Result<(), AppError> {
    let list: Vec<_> = findings
        .iter()
        .map(|d| {
            let at = d.line_column();
            json!({
                "severity": d.severity.word(), "code": d.code, "message": d.message, "path": d.path,
                "line": at.map(|a| a.0), "column": at.map(|a| a.1), "help": d.help,
            })
        })
        .collect();
    let sets: Vec<_> = sets.iter().map(|s| json!({"name": s.head.name, "path": s.head.path, "cases": s.head.cases})).collect();
    ui.json(&json!({"schema_version": SCHEMA_VERSION, "findings": list, "sets": sets}))
}
