//! What is well formed and yet weak: cases that cannot be judged, cannot pass or stand twice, and what nobody has checked.

use std::path::PathBuf;

use crate::domain::{Case, Status};
use crate::error::AppError;
use crate::source::{Diagnostic, Node, Place, Severity, Source, parse_yaml};
use crate::text::words::{fold, words};

use super::looks::{Looks, Pair};
use super::{EvalSet, Rubrics};

/// Findings of one kind shown a set; the rest are counted.
const MAX_OF_A_KIND: usize = 20;
/// Words that answer without saying what.
const FILLER: [&str; 46] = [
    "yes",
    "no",
    "maybe",
    "perhaps",
    "ok",
    "okay",
    "true",
    "false",
    "correct",
    "incorrect",
    "right",
    "wrong",
    "sure",
    "possible",
    "possibly",
    "it",
    "is",
    "does",
    "do",
    "can",
    "not",
    "the",
    "a",
    "an",
    "this",
    "that",
    "of",
    "course",
    "depends",
    "on",
    "above",
    "below",
    "see",
    "same",
    "as",
    "before",
    "answer",
    "expected",
    "good",
    "bad",
    "well",
    "all",
    "none",
    "some",
    "both",
    "there",
];
/// Texts that hold a place for an answer.
const PLACEHOLDER: [&str; 10] = ["tbd", "todo", "n a", "na", "xxx", "fixme", "unknown", "to be defined", "to do", "lorem ipsum"];

/// An accuracy that the gate asks for, over so many cases.
#[derive(Clone, Debug)]
pub struct GateLine {
    /// From 0 to 1.
    pub at_least: f64,
    /// Cases that it is measured over.
    pub cases: u64,
    /// The file that says so.
    pub path: PathBuf,
    /// Where it says so.
    pub place: Option<Place>,
}

/// Lints sets, rubrics and the gate's accuracy line; nothing found is an error. Sorted by file and place.
///
/// # Errors
/// A streamed set changed since it was checked.
pub fn lint(sets: &[EvalSet], rubrics: &Rubrics, gate: Option<&GateLine>) -> Result<Vec<Diagnostic>, AppError> {
    let mut all = Vec::new();
    for set in sets {
        all.extend(lint_set(set)?);
    }
    for (name, path) in rubrics.files().filter(|(name, _)| sets.iter().all(|s| s.head.rubric != **name)) {
        let message = format!("no set is judged by the rubric `{name}`");
        all.push(
            Diagnostic::new(Severity::Note, "unused-rubric", message, path)
                .help(format!("write `rubric: {name}` in a set, or remove the file")),
        );
    }
    all.extend(gate.and_then(tolerates_nothing));
    crate::source::sort(&mut all);
    Ok(all)
}

/// A line that looks as if it left room for a failure, and leaves none at this number of cases.
fn tolerates_nothing(line: &GateLine) -> Option<Diagnostic> {
    let n = line.cases as f64;
    let room = (n * (1.0 - line.at_least) + 1e-9).floor();
    if line.cases == 0 || line.at_least >= 1.0 || room >= 1.0 {
        return None;
    }
    let needed = (1.0 / (1.0 - line.at_least) - 1e-9).ceil();
    let message =
        format!("an accuracy of {} over {} cases tolerates no failure: one failure leaves {:.3}", line.at_least, line.cases, (n - 1.0) / n);
    let help = format!("write 1.0 if that is meant; else lower the line, or add cases: from {needed} cases on it tolerates one");
    let d = Diagnostic::new(Severity::Warning, "gate-tolerates-nothing", message, &line.path).label("no failure passes").help(help);
    Some(match &line.place {
        Some(place) => d.at(place.clone()),
        None => d,
    })
}

/// A finding about one case: its place is looked up only if it is shown.
struct Finding {
    index: usize,
    line: Option<u32>,
    pointer: String,
    code: &'static str,
    message: String,
    label: &'static str,
    help: &'static str,
    also: Option<usize>,
}

fn lint_set(set: &EvalSet) -> Result<Vec<Diagnostic>, AppError> {
    let mut looks = Looks::default();
    let mut active = Vec::new();
    let mut found = Vec::new();
    for (index, case) in set.all_cases().enumerate() {
        let case = case?;
        if case.status == Status::Active {
            found.extend(thin(&case, index));
            found.extend(impossible(&case, index));
            looks.add(&case);
            active.push(u32::try_from(index).unwrap_or(u32::MAX));
        }
    }
    found.extend(look_alikes(set, &looks.pairs(), &active)?);
    let mut out = of_the_whole(set);
    out.extend(placed(set, found));
    Ok(out)
}

/// Findings about a set as a whole.
fn of_the_whole(set: &EvalSet) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    if set.unchecked() > 0 {
        let message = format!("{} of {} expected answers have not been checked by a person", set.unchecked(), set.head.cases);
        let help = "let a second person check them, and write `reviewed: {by: ann, on: 2026-03-31}` into each case";
        out.push(Diagnostic::new(Severity::Note, "never-checked", message, &set.head.path).help(help));
    }
    if set.derives_ids() {
        let message = "the ids of this set are row numbers: a row put in between gives later cases the history of others";
        out.push(Diagnostic::new(Severity::Note, "row-numbers-as-ids", message, &set.head.path).help("give the file a column `id`"));
    }
    out
}

/// Whether an answer says nothing to judge by.
fn is_thin(answer: &str) -> bool {
    let words = words(answer);
    words.iter().all(|w| FILLER.contains(&w.as_str())) || PLACEHOLDER.contains(&words.join(" ").as_str())
}

fn thin(case: &Case, index: usize) -> Option<Finding> {
    let judged_by_more = !case.must_mention.is_empty() || case.context.is_some();
    (!judged_by_more && case.references().all(is_thin)).then(|| Finding {
        index,
        line: case.line,
        pointer: "/expected".to_owned(),
        code: "thin-expected",
        message: format!("the expected answer of case `{}` says too little to judge by", case.id),
        label: "a judge who does not know your product cannot tell right from wrong by this",
        help: "write it for a stranger: what holds, and the one fact that decides it; or add `must_mention` or `context`",
        also: None,
    })
}

fn impossible(case: &Case, index: usize) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut say = |pointer: String, message: String, label, help| {
        out.push(Finding { index, line: case.line, pointer, code: "impossible", message, label, help, also: None });
    };
    let id = &case.id;
    for (i, must) in case.must_mention.iter().enumerate() {
        if let Some(not) = case.must_not_mention.iter().find(|not| holds_words(must, not)) {
            let message = format!("case `{id}` wants `{must}` mentioned and `{not}` not mentioned");
            say(format!("/must_mention/{i}"), message, "holds what must not be mentioned", "no answer can do both: remove one of the two");
        } else if !case.references().any(|r| holds(r, must)) {
            let message = format!("the expected answer of case `{id}` lacks `{must}`, which an answer must mention");
            let help = "write the fact as the expected answer has it, word for word, or put it into the expected answer";
            say(format!("/must_mention/{i}"), message, "not in `expected`, nor in any of `accept`", help);
        }
    }
    for (i, not) in case.must_not_mention.iter().enumerate().filter(|(_, not)| holds_words(&case.expected, not)) {
        let message = format!("the expected answer of case `{id}` holds `{not}`, which an answer must not mention");
        say(format!("/must_not_mention/{i}"), message, "stands in `expected`", "make it longer, so that only a wrong answer holds it");
    }
    out
}

/// Whether a text holds a fact as whole words in a row, or letter by letter where the fact has no words.
fn holds_words(text: &str, fact: &str) -> bool {
    let (text_words, fact_words) = (words(text), words(fact));
    if fact_words.is_empty() {
        return fold(text).contains(fold(fact).trim());
    }
    text_words.windows(fact_words.len()).any(|w| w == fact_words)
}

/// As [`holds_words`], or with an ending (`refund` in `refunds`).
fn holds(text: &str, fact: &str) -> bool {
    holds_words(text, fact) || words(text).join(" ").contains(&words(fact).join(" "))
}

/// Puts names to pairs, in a second pass over the cases, so that a large set costs no memory for names.
fn look_alikes(set: &EvalSet, pairs: &[Pair], active: &[u32]) -> Result<Vec<Finding>, AppError> {
    let index = |i: usize| active[i] as usize;
    let shown = &pairs[..pairs.len().min(MAX_OF_A_KIND + 1)];
    let wanted: std::collections::HashSet<usize> = shown.iter().flat_map(|p| [index(p.first), index(p.second)]).collect();
    let mut named = std::collections::HashMap::new();
    if !wanted.is_empty() {
        for (i, case) in set.all_cases().enumerate() {
            let case = case?;
            if wanted.contains(&i) {
                named.insert(i, (case.id.clone(), case.line));
            }
        }
    }
    let finding = |p: &Pair| {
        let (first, second) = (named.get(&index(p.first))?, named.get(&index(p.second))?);
        let and = if p.same_answer { "" } else { ", and expects another answer" };
        let help = if p.same_answer {
            "remove one of the two, or retire it if it was run before: the same question twice counts twice"
        } else {
            "say in the question what makes the difference, or retire the one that is wrong"
        };
        Some(Finding {
            index: index(p.second),
            line: second.1,
            pointer: "/question".to_owned(),
            code: "look-alike",
            message: format!("the question of case `{}` looks like that of case `{}`{and}", second.0, first.0),
            label: "asked again",
            help,
            also: Some(index(p.first)),
        })
    };
    let mut out: Vec<Finding> = shown.iter().filter_map(finding).collect();
    // Those beyond the limit are only counted.
    let beyond = pairs.len() - shown.len();
    out.extend(std::iter::repeat_with(|| Finding { code: "look-alike", ..Finding::counted() }).take(beyond));
    Ok(out)
}

impl Finding {
    /// One that will only be counted.
    fn counted() -> Self {
        Self { index: 0, line: None, pointer: String::new(), code: "", message: String::new(), label: "", help: "", also: None }
    }
}

/// Gives findings their places; of each kind some are shown and the rest are counted.
fn placed(set: &EvalSet, found: Vec<Finding>) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    let places = if found.is_empty() { None } else { Places::of(set) };
    for f in found {
        let n = counts.entry(f.code).or_default();
        *n += 1;
        if *n > MAX_OF_A_KIND {
            continue;
        }
        let at = |index: usize, pointer: &str, line: Option<u32>| match &places {
            Some(p) => Some(p.at(index, pointer)),
            None => line.map(Place::line),
        };
        let severity = if f.code == "look-alike" { Severity::Note } else { Severity::Warning };
        let mut d = Diagnostic::new(severity, f.code, f.message, &set.head.path).label(f.label).help(f.help);
        if let Some(place) = at(f.index, &f.pointer, f.line) {
            d = d.at(place);
        }
        if let Some(place) = f.also.and_then(|first| at(first, &f.pointer, None)) {
            d = d.also(place, "asked here");
        }
        out.push(d);
    }
    for (code, n) in counts.into_iter().filter(|(_, n)| *n > MAX_OF_A_KIND) {
        let message = format!("{} more findings of the kind `{code}`", n - MAX_OF_A_KIND);
        out.push(Diagnostic::new(Severity::Note, "more", message, &set.head.path));
    }
    out
}

/// The text of a YAML set, read again: sets in memory keep no text.
struct Places {
    source: Source,
    node: Node,
}

impl Places {
    /// `None` for streamed sets, and for a file that changed.
    fn of(set: &EvalSet) -> Option<Self> {
        if !matches!(set.body, super::Body::Memory(_)) {
            return None;
        }
        let (source, digest) = Source::read_with_digest(&set.file, &set.head.path).ok()?;
        let node = parse_yaml(&source).ok().filter(|_| digest == set.head.digest)?;
        Some(Self { source, node })
    }

    fn at(&self, index: usize, pointer: &str) -> Place {
        self.source.place(self.node.span_of(&format!("/cases/{index}{pointer}"), &self.source.text))
    }
}

#[cfg(test)]
#[path = "lint_tests.rs"]
mod tests;
