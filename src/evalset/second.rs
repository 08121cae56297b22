//! A second opinion on YAML sets: does an independent reader see the same texts? Other programs read these files, too.

use std::path::Path;
use std::sync::Arc;

use serde_yaml::Value;

use crate::domain::Case;
use crate::error::AppError;
use crate::source::{Diagnostic, Severity, Source};

use super::EvalSet;

/// At most so many findings a set.
const MOST: usize = 20;
/// Cases read at once.
const PART: usize = 1000;

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
    let cases = set.all_cases().collect::<Result<Vec<_>, _>>()?;
    let found = match in_parts(&source, &cases) {
        Some(found) => found,
        None => match serde_yaml::from_str::<Value>(&source.text) {
            Ok(read) => cases.iter().enumerate().flat_map(|(i, case)| differences(case, &read["cases"][i])).take(MOST).collect(),
            Err(e) => return Ok(vec![whole(format!("another YAML reader cannot read this file: {e}"))]),
        },
    };
    let finding = |(case, key, theirs): Difference<'_>| {
        let seen = serde_yaml::to_string(&theirs).unwrap_or_default();
        let message = format!("another YAML reader takes `{key}` of case `{}` for {}", case.id, kind(&theirs, seen.trim()));
        whole(message).at(source.place(line_span(&source, case.line))).help("write it in quotes")
    };
    Ok(found.into_iter().map(finding).collect())
}

/// A text that the other reader sees otherwise: whose, which, and what it sees.
type Difference<'a> = (&'a Case, &'static str, Value);

fn differences<'a>(case: &'a Case, theirs: &Value) -> Vec<Difference<'a>> {
    let seen = texts(case).map(|(key, ours)| (theirs[key].as_str() != Some(ours)).then(|| (case, key, theirs[key].clone())));
    seen.into_iter().flatten().collect()
}

/// Lets the other reader read some cases at a time: its tree of a whole file takes many times the room of the file. `None` where the
/// file cannot be cut between its cases, or is too small to need it.
fn in_parts<'a>(source: &Source, cases: &'a [Arc<Case>]) -> Option<Vec<Difference<'a>>> {
    if cases.len() <= PART {
        return None;
    }
    let text: &str = &source.text;
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
    let start = |case: &Case| starts.get((case.line? as usize).checked_sub(1)?).copied();
    let mut found = Vec::new();
    let mut parts = cases.chunks(PART).peekable();
    while let Some(part) = parts.next() {
        let end = parts.peek().map_or(Some(text.len()), |next| start(next.first()?))?;
        let read = serde_yaml::from_str(text.get(start(part.first()?)?..end)?).ok()?;
        let Value::Sequence(theirs) = read else { return None };
        if theirs.len() != part.len() {
            return None;
        }
        found.extend(part.iter().zip(&theirs).flat_map(|(case, theirs)| differences(case, theirs)));
        found.truncate(MOST);
    }
    Some(found)
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
    fn a_large_set_is_read_in_parts_and_says_the_same() {
        let many = |form: fn(usize) -> String, end: &str| (0..2 * PART + 7).map(form).collect::<String>() + end;
        let block = |i: usize| {
            format!(
                "  - id: c{i}\n    # a comment\n    question: |\n      what\n      - is it\n    expected: {}\n",
                if i.is_multiple_of(900) { "1.50" } else { "yes, it is" }
            )
        };
        let flow = |i: usize| format!("  - {{id: c{i}, question: q, expected: {}}}\n", if i.is_multiple_of(900) { "1.50" } else { "x" });
        let dashes =
            |i: usize| format!("  -\n    id: c{i}\n    question: q\n    expected: {}\n", if i.is_multiple_of(900) { "1.50" } else { "x" });
        for (form, end) in [(block as fn(usize) -> String, ""), (flow, ""), (dashes, ""), (block, "defaults: {risk: low}\n")] {
            let all = opinion(&many(form, end));
            assert_eq!(all.len(), 3, "{all:?}");
            assert!(all[1].message.contains("case `c900`") && all[2].message.contains("case `c1800`"), "{all:?}");
        }
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
