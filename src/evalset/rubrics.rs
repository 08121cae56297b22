//! Rubrics: read from their folder, checked, and known by the stem of their file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::domain::{CaseId, Example, Rubric, RubricName, Score};
use crate::source::{Diagnostic, Faults, Node, Schema, Severity, Source, decode, parse_yaml};

use super::load::{files_in, relative};
use super::raw::RawRubric;

/// The rubric that is there even in an empty project.
const CORRECTNESS: &str = include_str!("../../rubrics/correctness.yaml");

/// The pass mark of a rubric that names none.
const PASS_MARK: u8 = 4;

/// The rubrics of a project, sorted by name; `correctness` is always among them.
#[derive(Clone, Debug, Default)]
pub struct Rubrics {
    all: Vec<Rubric>,
    /// Files of those that do not come with the program, by name.
    files: BTreeMap<RubricName, PathBuf>,
    /// Stems of files with faults: a set that names one is not at fault itself.
    broken: Vec<String>,
}

impl Rubrics {
    /// The rubric of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Rubric> {
        self.all.iter().find(|r| r.name.as_str() == name)
    }

    /// Whether there is a file of this name, right or wrong.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.names().any(|n| n == name)
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.all.iter().map(|r| r.name.as_str()).chain(self.broken.iter().map(String::as_str))
    }

    /// The rubrics that are files of the project, with their paths.
    pub fn files(&self) -> impl Iterator<Item = (&RubricName, &Path)> {
        self.files.iter().map(|(n, p)| (n, p.as_path()))
    }

    /// All right rubrics, sorted by name.
    #[must_use]
    pub fn all(&self) -> &[Rubric] {
        &self.all
    }
}

/// Reads every `*.yaml` and `*.yml` of a folder; one that does not exist has none. The embedded `correctness` joins them
/// unless the folder has its own. `folder` and the paths in messages are relative to `root`.
#[must_use]
pub fn read_rubrics(folder: &Path, root: &Path) -> (Rubrics, Vec<Diagnostic>) {
    let mut rubrics = Rubrics::default();
    let mut faults = Vec::new();
    for file in files_in(&root.join(folder), &["yaml", "yml"]).unwrap_or_default() {
        let shown = relative(&file, root);
        match Source::read_as(&file, &shown).and_then(|s| read_rubric(&s)) {
            Ok(rubric) if rubrics.knows(rubric.name.as_str()) => {
                let message = format!("two files are the rubric `{}`", rubric.name);
                faults.push(Diagnostic::new(Severity::Error, "duplicate-name", message, shown).help("remove one of the two"));
            }
            Ok(rubric) => {
                rubrics.files.insert(rubric.name.clone(), shown);
                rubrics.all.push(rubric);
            }
            Err(d) => {
                rubrics.broken.extend(file.file_stem().map(|s| s.to_string_lossy().into_owned()));
                faults.extend(d);
            }
        }
    }
    if !rubrics.knows("correctness") {
        match read_rubric(&Source::new("rubrics/correctness.yaml", CORRECTNESS)) {
            Ok(rubric) => rubrics.all.push(rubric),
            Err(d) => faults.extend(d),
        }
    }
    rubrics.all.sort_by(|a, b| a.name.cmp(&b.name));
    (rubrics, faults)
}

/// [`read_rubrics`], all or nothing.
///
/// # Errors
/// Every fault of every file.
pub fn load_rubrics(folder: &Path, root: &Path) -> Result<Rubrics, Faults> {
    let (rubrics, faults) = read_rubrics(folder, root);
    Faults::gather(faults).map_or(Ok(rubrics), Err)
}

/// Reads one rubric out of a text that is in memory; its name is the stem of the path.
///
/// # Errors
/// Every fault, at its place.
pub fn read_rubric(source: &Source) -> Result<Rubric, Vec<Diagnostic>> {
    let node = parse_yaml(source)?;
    let text: &str = &source.text;
    let mut faults = Schema::of::<RawRubric>().check(&node, source);
    let stem = source.path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let name =
        RubricName::new(&stem).map_err(|e| faults.push(Diagnostic::new(Severity::Error, "bad-name", e.to_string(), &source.path))).ok();
    if let Some(at) = node.get("name", text).filter(|n| n.text(text).is_some_and(|t| t != stem) && !n.is_null(text)) {
        let d = Diagnostic::error("name-is-not-the-file", "a rubric has the name of its file", source, at.span());
        faults.push(d.label(format!("the file is called `{stem}`")).help("remove `name`, or rename the file"));
    }
    let raw: RawRubric = match decode(&node, source) {
        Ok(raw) => raw,
        Err(d) if faults.is_empty() => return Err(d),
        Err(_) => return Err(faults),
    };
    let examples = raw.examples.iter().enumerate().filter_map(|(i, e)| {
        let at = node.pointer(&format!("/examples/{i}"), text)?;
        example(e, at, source, &mut faults)
    });
    let examples = examples.collect();
    let pass_mark = Score::try_from(raw.pass_mark.unwrap_or(PASS_MARK)).ok();
    match (name, pass_mark) {
        (Some(name), Some(pass_mark)) if faults.is_empty() => Ok(Rubric {
            name,
            criteria: raw.criteria,
            anchors: [raw.anchors.one, raw.anchors.two, raw.anchors.three, raw.anchors.four, raw.anchors.five],
            pass_mark,
            notes: raw.notes,
            examples,
            template: raw.template,
        }),
        _ => Err(faults),
    }
}

fn example(raw: &super::raw::RawExample, at: &Node, source: &Source, faults: &mut Vec<Diagnostic>) -> Option<Example> {
    let case = match raw.case.as_deref().map(CaseId::new).transpose() {
        Ok(case) => case,
        Err(e) => {
            faults.push(Diagnostic::error("bad-id", e.to_string(), source, at.span_of("/case", &source.text)).label("not a case id"));
            return None;
        }
    };
    let score = Score::try_from(raw.score).ok()?; // The schema has said it.
    Some(Example {
        case,
        question: raw.question.clone(),
        expected: raw.expected.clone(),
        answer: raw.answer.clone(),
        score,
        why: raw.why.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str, text: &str) -> Vec<String> {
        read_rubric(&Source::new(name, text)).map_or_else(|all| all.iter().map(Diagnostic::line_form).collect(), |_| Vec::new())
    }

    const ANCHORS: &str = "criteria: c\nanchors: {1: a, 2: b, 3: c, 4: d, 5: e}\n";

    #[test]
    fn the_embedded_rubric_is_right() {
        let r = load_rubrics(Path::new("no such folder"), Path::new("")).unwrap();
        let r = r.get("correctness").unwrap();
        assert_eq!(r.pass_mark, Score::ALL[3]);
        assert!(r.anchors.iter().all(|a| a.len() > 10));
    }

    #[test]
    fn a_rubric_is_read_whole() {
        let text = format!(
            "{ANCHORS}pass_mark: 3\nname: tone\nnotes: [n]\ntemplate: t\nexamples:\n  - {{case: a, answer: x, score: 2, why: w, decision: d7}}\n"
        );
        let r = read_rubric(&Source::new("rubrics/tone.yaml", text)).unwrap();
        assert_eq!((r.pass_mark.get(), r.anchors[4].as_str(), r.examples[0].score.get()), (3, "e", 2));
    }

    #[test]
    fn every_fault_of_a_rubric_is_at_its_place() {
        let text = "name: other\ncriteria: c\nanchors: {1: a, 2: b, 4: '', 5: e, 6: f}\npass_mark: 6\nexamples:\n  - {case: a b, answer: x, score: 7, why: w}\n";
        insta::assert_snapshot!(said("rubrics/tone.yaml", text).join("\n"));
        insta::assert_snapshot!(
            said("tone.yaml", &format!("name: other\n{ANCHORS}examples: [{{case: a b, answer: x, score: 1, why: w}}]\n")).join("\n")
        );
    }

    #[test]
    fn a_folder_of_rubrics_wins_over_the_embedded_one() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("correctness.yaml"), format!("{ANCHORS}pass_mark: 5\n")).unwrap();
        std::fs::write(dir.path().join("tone.yml"), ANCHORS).unwrap();
        let r = load_rubrics(dir.path(), dir.path()).unwrap();
        assert_eq!(r.names().collect::<Vec<_>>(), ["correctness", "tone"]);
        assert_eq!(r.get("correctness").unwrap().pass_mark.get(), 5);
        assert_eq!(load_rubrics(&dir.path().join("none"), dir.path()).unwrap().names().count(), 1);
    }
}
