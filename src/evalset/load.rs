//! From paths to checked sets: files and folders, in a stable order, with names that are unique across files.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::domain::{Digest, RubricName, SetHead, SetName};
use crate::source::{Diagnostic, Faults, Node, Severity, Source};

use super::check::{self, Defaults};
use super::raw::RawHead;
use super::yaml::{self, place, unknown_rubric};
use super::{Body, Counts, EvalSet, Rubrics, csv_set, jsonl};

/// What the file of a set may end in.
const ENDINGS: [&str; 4] = ["yaml", "yml", "jsonl", "csv"];

/// The rubric of a JSONL or CSV set that names none.
const RUBRIC: &str = "correctness";

/// Whether a path looks like a set: `*.yaml`, `*.yml`, `*.jsonl` or `*.csv`.
#[must_use]
pub fn is_set_file(path: &Path) -> bool {
    ENDINGS.contains(&ending(path).as_str())
}

/// Reads sets. A folder stands for every set file in it, sorted. Paths are relative to `root`, and shown so. What can be read
/// comes with the faults of the rest.
#[must_use]
pub fn read_sets(paths: &[PathBuf], root: &Path, rubrics: &Rubrics) -> (Vec<EvalSet>, Vec<Diagnostic>) {
    let mut sets: Vec<EvalSet> = Vec::new();
    let mut faults = Vec::new();
    let mut names: HashMap<SetName, PathBuf> = HashMap::new();
    let mut seen = Vec::new();
    for path in paths {
        for file in files_of(&root.join(path), root, &mut faults) {
            let same = file.canonicalize().unwrap_or_else(|_| file.clone());
            if seen.contains(&same) {
                continue;
            }
            seen.push(same);
            match read_set(&file, root, rubrics) {
                Ok(set) => {
                    if let Some(other) = names.get(&set.head.name) {
                        let message = format!("two sets have the name `{}`: this one and {}", set.head.name, other.display());
                        faults.push(
                            Diagnostic::new(Severity::Error, "duplicate-name", message, &set.head.path).help("rename one of the two"),
                        );
                    } else {
                        names.insert(set.head.name.clone(), set.head.path.clone());
                        sets.push(set);
                    }
                }
                Err(d) => faults.extend(d),
            }
        }
    }
    (sets, faults)
}

/// [`read_sets`], all or nothing.
///
/// # Errors
/// Every fault of every file.
pub fn load_sets(paths: &[PathBuf], root: &Path, rubrics: &Rubrics) -> Result<Vec<EvalSet>, Faults> {
    let (sets, faults) = read_sets(paths, root, rubrics);
    Faults::gather(faults).map_or(Ok(sets), Err)
}

/// Reads a YAML set out of a text that is in memory; the set is digested as that text.
///
/// # Errors
/// Every fault, at its place.
pub fn read_yaml_set(source: &Source, rubrics: &Rubrics) -> Result<EvalSet, Vec<Diagnostic>> {
    of_yaml(source, Digest::of_bytes(source.text.as_bytes()), &source.path, rubrics)
}

fn of_yaml(source: &Source, digest: Digest, file: &Path, rubrics: &Rubrics) -> Result<EvalSet, Vec<Diagnostic>> {
    let loaded = yaml::load(source, rubrics)?;
    let cases = loaded.counts.active;
    let head = SetHead { name: loaded.name, rubric: loaded.rubric, path: source.path.clone(), digest, cases };
    Ok(EvalSet { head, file: file.to_owned(), counts: loaded.counts, body: Body::Memory(loaded.cases.into()) })
}

fn read_set(file: &Path, root: &Path, rubrics: &Rubrics) -> Result<EvalSet, Vec<Diagnostic>> {
    let shown = relative(file, root);
    match ending(file).as_str() {
        "jsonl" => jsonl::load(file, &shown, rubrics),
        "csv" => csv_set::load(file, &shown, rubrics),
        "yaml" | "yml" => {
            let (source, digest) = Source::read_with_digest(file, &shown)?;
            of_yaml(&source, digest, file, rubrics)
        }
        _ => {
            let d = Diagnostic::new(Severity::Error, "unknown-format", "not a kind of file that sets come in", shown);
            Err(vec![d.help("a set is a .yaml, .jsonl or .csv file")])
        }
    }
}

/// The files that a path stands for.
fn files_of(path: &Path, root: &Path, faults: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    match files_in(path, &ENDINGS) {
        Ok(files) => {
            if files.is_empty() {
                let d = Diagnostic::new(Severity::Error, "no-sets", "there is no eval set in this folder", relative(path, root));
                faults.push(d.help("a set is a .yaml, .jsonl or .csv file"));
            }
            files
        }
        Err(e) => {
            faults.push(Diagnostic::new(Severity::Error, "unreadable", format!("cannot be read: {e}"), relative(path, root)));
            Vec::new()
        }
    }
}

/// Files of a folder with one of the endings, sorted by name; hidden files are left out.
pub(super) fn files_in(folder: &Path, endings: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if !hidden && endings.contains(&ending(&path).as_str()) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A path as messages show it.
pub(super) fn relative(path: &Path, root: &Path) -> PathBuf {
    let short = path.strip_prefix(root).unwrap_or(path);
    short.strip_prefix(".").unwrap_or(short).to_owned()
}

fn ending(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// The head of a streamed set; without name or rubric when those are at fault.
pub(super) struct Head {
    name: Option<SetName>,
    rubric: Option<RubricName>,
    pub defaults: Defaults,
    shown: PathBuf,
}

/// Checks a head, or makes one out of the file's name. `at` is where it stands in the file.
pub(super) fn head_of(raw: RawHead, shown: &Path, at: Option<(&Node, &Source)>, rubrics: &Rubrics, faults: &mut Vec<Diagnostic>) -> Head {
    let mut say = |c: check::Complaint| {
        faults.push(match at {
            Some((node, source)) => place(c, node, source),
            None => c.diagnostic(shown),
        });
    };
    let stem = shown.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let name = SetName::new(raw.name.as_deref().unwrap_or(&stem)).map_err(|e| {
        let help = if raw.name.is_some() { "use letters, digits, `-`, `_` or `.`" } else { "rename the file: the set is called after it" };
        say(check::Complaint::new("/name", "bad-name", e.to_string(), "not a name").help(help));
    });
    let rubric = RubricName::new(raw.rubric.as_deref().unwrap_or(RUBRIC))
        .map_err(|e| say(check::Complaint::new("/rubric", "bad-name", e.to_string(), "not a name")));
    if let Some(mut c) = rubric.as_ref().ok().and_then(|r| unknown_rubric(r, rubrics)) {
        "/rubric".clone_into(&mut c.pointer);
        say(c);
    }
    let defaults = check::defaults(raw.defaults).unwrap_or_else(|all| {
        for mut c in all {
            c.pointer = format!("/defaults{}", c.pointer);
            say(c);
        }
        Defaults::default()
    });
    Head { name: name.ok(), rubric: rubric.ok(), defaults, shown: shown.to_owned() }
}

impl Head {
    /// The set, unless something is wrong.
    pub fn finish(
        self,
        file: &Path,
        digest: Digest,
        counts: Counts,
        body: Body,
        faults: Vec<Diagnostic>,
    ) -> Result<EvalSet, Vec<Diagnostic>> {
        match (self.name, self.rubric) {
            (Some(name), Some(rubric)) if faults.is_empty() => {
                let head = SetHead { name, rubric, path: self.shown, digest, cases: counts.active };
                Ok(EvalSet { head, file: file.to_owned(), counts, body })
            }
            _ => Err(faults),
        }
    }
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
