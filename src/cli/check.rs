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
use crate::evalset::{EvalSet, Rubrics, read_sets, second_opinion};
use crate::judge::rubrics::read_rubrics;
use crate::report::words::counted;
use crate::source::{self, Diagnostic, Severity};

/// Version of the JSON that `check` prints.
const SCHEMA_VERSION: u32 = 1;

/// `check`
pub fn exec(ui: &Shell, named: Option<&Path>, args: &CheckArgs) -> Result<Exit, AppError> {
    let loaded = project::load(ui, named)?;
    let cwd = std::env::current_dir().map_err(|e| AppError::usage("the working folder cannot be read").because(e))?;
    let s = &loaded.settings;
    let asked = Asked::new(&args.paths, &s.root, &cwd)?;
    let (rubrics, mut findings) = read_rubrics(&s.rubrics, &s.root);
    findings.extend(loaded.warnings.iter().cloned());
    let set_paths: Vec<PathBuf> = if asked.is_all() {
        s.sets.clone()
    } else {
        let rubrics = same(&s.path(&s.rubrics));
        asked.paths.iter().filter(|p| !p.starts_with(&rubrics) && p.file_name() != Some(config::FILE_NAME.as_ref())).cloned().collect()
    };
    let (sets, faults) = read_sets(&set_paths, &s.root, &rubrics);
    let whole = faults.iter().all(|d| d.severity != Severity::Error);
    findings.extend(faults);
    let cases: u64 = sets.iter().map(|set| set.head.cases).sum();
    let mut gate = None;
    if asked.is_all() {
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
    // With a part of the sets, nobody knows which rubrics are in use.
    findings.retain(|d| asked.is_all() || d.code != "unused-rubric");
    findings.retain(|d| asked.covers(&d.path) || asked.judges(&d.path, &sets, &s.path(&s.rubrics)));
    source::sort(&mut findings);
    let at_least = |severity| findings.iter().filter(|d| d.severity == severity).count();
    let (errors, warnings, notes) = (at_least(Severity::Error), at_least(Severity::Warning), at_least(Severity::Note));
    match args.format {
        ListFormat::Json => print_json(ui, &findings, &sets)?,
        ListFormat::Text => {
            if !findings.is_empty() {
                ui.rendered(&source::render(&findings, ui.color()));
            }
            let files = sets.len() + asked.count(&rubrics) + 1;
            ui.say(&format!(
                "checked {} with {}: {}, {}, {}",
                counted(files as u64, "file", "files"),
                counted(cases, "active case", "active cases"),
                counted(errors as u64, "error", "errors"),
                counted(warnings as u64, "warning", "warnings"),
                counted(notes as u64, "note", "notes")
            ));
        }
    }
    Ok(if errors > 0 || (args.strict && warnings > 0) { Exit::Usage } else { Exit::Good })
}

/// What the command line asks about.
struct Asked {
    /// As the file system knows them; none for the whole project.
    paths: Vec<PathBuf>,
    root: PathBuf,
    cwd: PathBuf,
}

impl Asked {
    fn new(words: &[PathBuf], root: &Path, cwd: &Path) -> Result<Self, AppError> {
        let one = |word: &PathBuf| {
            let path = cwd.join(word);
            if path.exists() { Ok(same(&path)) } else { Err(AppError::usage(format!("there is no {}", word.display()))) }
        };
        let paths = words.iter().map(one).collect::<Result<_, _>>()?;
        Ok(Self { paths, root: root.to_owned(), cwd: cwd.to_owned() })
    }

    fn is_all(&self) -> bool {
        self.paths.is_empty()
    }

    /// Whether a file is asked about. A finding names it relative to the project or, for tribunal.yaml, to the working folder.
    fn covers(&self, shown: &Path) -> bool {
        self.is_all()
            || [&self.root, &self.cwd].iter().map(|f| same(&f.join(shown))).any(|file| self.paths.iter().any(|p| file.starts_with(p)))
    }

    /// Whether a file is the rubric of a set that is asked about.
    fn judges(&self, shown: &Path, sets: &[EvalSet], rubrics: &Path) -> bool {
        let stem = shown.file_stem().map(|s| s.to_string_lossy().into_owned());
        same(&self.root.join(shown)).starts_with(same(rubrics)) && sets.iter().any(|s| Some(s.head.rubric.as_str()) == stem.as_deref())
    }

    /// How many rubrics are asked about.
    fn count(&self, rubrics: &Rubrics) -> usize {
        if self.is_all() { rubrics.names().count() } else { rubrics.files().filter(|(_, path)| self.covers(path)).count() }
    }
}

/// A path as the file system knows it, where it does.
fn same(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
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
