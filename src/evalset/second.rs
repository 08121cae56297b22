//! A second opinion on YAML sets: does an independent reader see the same texts? Other programs read these files, too.

use std::path::Path;

use serde_yaml::Value;

use crate::domain::Case;
use crate::error::AppError;
use crate::source::{Diagnostic, Severity, Source};

use super::EvalSet;

/// At most so many findings a set.
const MOST: usize = 20;

/// A warning for every text that another YAML reader takes for something else, e.g. `expected: no` for false. Sets in other
/// formats have none.
///
/// # Errors
/// When the set's cases cannot be read again.
pub fn second_opinion(set: &EvalSet, root: &Path) -> Result<Vec<Diagnostic>, AppError> {
    let is_yaml = set.head.path.extension().is_some_and(|e| e == "yaml" || e == "yml");
    let Some(source) = is_yaml.then(|| Source::read_as(&root.join(&set.head.path), &set.head.path).ok()).flatten() else {
        return Ok(Vec::new());
    };
    let whole = |message: String| Diagnostic::new(Severity::Warning, "second-reader", message, &set.head.path);
    let read: Value = match serde_yaml::from_str(&source.text) {
        Ok(read) => read,
        Err(e) => return Ok(vec![whole(format!("another YAML reader cannot read this file: {e}"))]),
    };
    let mut found = Vec::new();
    for (i, case) in set.all_cases().enumerate() {
        let case = case?;
        for (key, ours) in texts(&case) {
            let theirs = &read["cases"][i][key];
            if theirs.as_str() != Some(ours) && found.len() < MOST {
                let seen = serde_yaml::to_string(theirs).unwrap_or_default();
                let message = format!("another YAML reader takes `{key}` of case `{}` for {}", case.id, kind(theirs, seen.trim()));
                found.push(whole(message).at(source.place(line_span(&source, case.line))).help("write it in quotes"));
            }
        }
    }
    Ok(found)
}

fn texts(case: &Case) -> [(&'static str, &str); 3] {
    [("id", case.id.as_str()), ("question", &case.question), ("expected", &case.expected)]
}

fn kind(value: &Value, seen: &str) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(b) => format!("the truth value {b}"),
        Value::Number(n) => format!("the number {n}"),
        _ => format!("another text: {}", crate::text::neutral::log_line(seen).chars().take(80).collect::<String>()),
    }
}

/// The line of a case, or the start of the file.
fn line_span(source: &Source, line: Option<u32>) -> std::ops::Range<usize> {
    let skip = line.map_or(0, |l| l.saturating_sub(1) as usize);
    let start: usize = source.text.split_inclusive('\n').take(skip).map(str::len).sum();
    let end = source.text[start..].find(['\r', '\n']).map_or(source.text.len(), |n| start + n);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evalset::{load_rubrics, load_sets};

    fn opinion(cases: &str) -> Vec<Diagnostic> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("s.yaml"), format!("name: s\nrubric: correctness\ncases:\n{cases}")).unwrap();
        let rubrics = load_rubrics(Path::new("rubrics"), dir.path()).unwrap();
        let sets = load_sets(&["s.yaml".into()], dir.path(), &rubrics).unwrap();
        second_opinion(&sets[0], dir.path()).unwrap()
    }

    #[test]
    fn plain_scalars_that_are_no_text_elsewhere_are_named_with_their_line() {
        let found = opinion(
            "  - {id: a, question: q, expected: text}\n  - {id: b, question: q, expected: 1.10}\n  - {id: 12, question: q, expected: 'true'}\n",
        );
        let lines: Vec<_> = found.iter().map(|d| (d.line_column().unwrap().0, d.message.clone())).collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].0 == 5 && lines[0].1.contains("the number 1.1"), "{lines:?}");
        assert!(lines[1].0 == 6 && lines[1].1.contains("`id`"), "{lines:?}");
    }

    #[test]
    fn quoted_and_folded_texts_are_the_same_to_everybody() {
        assert!(opinion("  - id: a\n    question: >\n      two\n      lines\n    expected: \"no\"\n").is_empty());
    }
}
