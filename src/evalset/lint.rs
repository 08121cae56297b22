//! What is well formed and yet weak: cases that cannot be judged, cannot pass or stand twice, and what nobody has checked.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use rayon::prelude::*;

use crate::domain::Status;
use crate::error::AppError;
use crate::gate::{Tolerance, tolerated_failures};
use crate::source::{Diagnostic, Node, Place, Severity, Source, parse_yaml};

use super::looks::{Look, Looks, Pair};
use super::weak::{Finding, weaknesses};
use super::{EvalSet, Rubrics};

/// Findings of one kind shown a set; the rest are counted.
const MAX_OF_A_KIND: usize = 20;
/// Cases examined at once.
const BATCH: usize = 2048;

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

/// A line that leaves no room for a failure at this number of cases, by the rule of the gate: the lower bound decides, not the
/// point value.
fn tolerates_nothing(line: &GateLine) -> Option<Diagnostic> {
    let GateLine { at_least, cases, .. } = *line;
    let Tolerance { by_point, by_interval, needed } = tolerated_failures(at_least, cases);
    if cases == 0 || by_interval.is_some_and(|n| n > 0) {
        return None;
    }
    let over = format!("an accuracy of {at_least} over {cases} cases");
    let by_point = format!("by the point value {by_point} could fail, but the gate asks for the 95% lower bound");
    let (message, label, help) = match (by_interval, needed) {
        (Some(_), _) => {
            (format!("{over} tolerates no failure: {by_point}"), "no failure passes", "lower the line, or add cases".to_owned())
        }
        (None, Some(needed)) => (
            format!("{over} cannot pass, even if nothing fails: {by_point}"),
            "out of reach",
            format!("lower the line, or add cases: it takes {needed} to pass without a failure"),
        ),
        (None, None) => (
            format!("{over} cannot pass, even if nothing fails: no number of cases proves it"),
            "out of reach",
            "lower the line; where every case has to pass, name them under `must_pass`".to_owned(),
        ),
    };
    let d = Diagnostic::new(Severity::Warning, "gate-tolerates-nothing", message, &line.path).label(label).help(help);
    Some(match &line.place {
        Some(place) => d.at(place.clone()),
        None => d,
    })
}

/// Findings of a set: of each kind the first few, and how many there are.
#[derive(Default)]
struct Found {
    shown: Vec<Finding>,
    counts: BTreeMap<&'static str, usize>,
}

impl Found {
    fn push(&mut self, finding: Finding) {
        let n = self.counts.entry(finding.code).or_default();
        *n += 1;
        if *n <= MAX_OF_A_KIND {
            self.shown.push(finding);
        }
    }
}

fn lint_set(set: &EvalSet) -> Result<Vec<Diagnostic>, AppError> {
    let mut looks = Looks::default();
    let mut active = Vec::new();
    let mut found = Found::default();
    let mut cases = set.all_cases().enumerate();
    loop {
        let batch = cases.by_ref().take(BATCH).map(|(i, c)| c.map(|c| (i, c))).collect::<Result<Vec<_>, _>>()?;
        if batch.is_empty() {
            break;
        }
        let examined: Vec<_> = batch
            .par_iter()
            .filter(|(_, case)| case.status == Status::Active)
            .map(|(index, case)| (*index, weaknesses(case, *index), Look::of(case)))
            .collect();
        for (index, weak, look) in examined {
            for f in weak {
                found.push(f);
            }
            looks.add(look);
            active.push(u32::try_from(index).unwrap_or(u32::MAX));
        }
    }
    look_alikes(set, &looks.pairs(), &active, &mut found)?;
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

/// Puts names to pairs, in a second pass over the cases, so that a large set costs no memory for names.
fn look_alikes(set: &EvalSet, pairs: &[Pair], active: &[u32], found: &mut Found) -> Result<(), AppError> {
    let index = |i: usize| active[i] as usize;
    let shown = &pairs[..pairs.len().min(MAX_OF_A_KIND)];
    let wanted: HashSet<usize> = shown.iter().flat_map(|p| [index(p.first), index(p.second)]).collect();
    let mut named = HashMap::new();
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
    shown.iter().filter_map(finding).for_each(|f| found.push(f));
    if pairs.len() > shown.len() {
        found.counts.insert("look-alike", pairs.len());
    }
    Ok(())
}

/// Gives findings their places; of each kind some are shown and the rest are counted.
fn placed(set: &EvalSet, found: Found) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    let places = if found.shown.is_empty() { None } else { Places::of(set) };
    for f in found.shown {
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
    for (code, n) in found.counts.into_iter().filter(|(_, n)| *n > MAX_OF_A_KIND) {
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
