//! YAML sets: read whole; every fault of form and of meaning in one pass.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::{Case, RubricName, SetName};
use crate::source::{Diagnostic, Node, Schema, Source, decode, did_you_mean, parse_yaml};

use super::check::{self, Complaint, Defaults};
use super::raw::{RawCase, RawSet};
use super::{Counts, Rubrics};

/// Faults of one kind of check reported of one file; more would not be read.
const MAX_FAULTS: usize = 1000;

/// A set as read.
pub(super) struct Loaded {
    pub name: SetName,
    pub rubric: RubricName,
    pub cases: Vec<Arc<Case>>,
    pub counts: Counts,
}

/// Reads a set.
pub(super) fn load(source: &Source, rubrics: &Rubrics) -> Result<Loaded, Vec<Diagnostic>> {
    let mut node = parse_yaml(source)?;
    let text: &str = &source.text;
    let mut faults = Schema::of::<RawSet>().check(&node, source);
    let well_formed = faults.is_empty();

    let name = node.get("name", text).and_then(|n| named(n, source, &mut faults, SetName::new));
    let rubric = node.get("rubric", text).and_then(|n| named(n, source, &mut faults, RubricName::new));
    if let (Some(rubric), Some(at)) = (&rubric, node.get("rubric", text)) {
        faults.extend(unknown_rubric(rubric, rubrics).map(|c| place(c, at, source)));
    }
    let mut defaults = Defaults::default();
    if let Some(at) = node.get("defaults", text) {
        match decode(at, source) {
            Ok(raw) => match check::defaults(raw) {
                Ok(d) => defaults = d,
                Err(all) => faults.extend(all.into_iter().map(|c| place(c, at, source))),
            },
            Err(d) if well_formed => faults.extend(d),
            Err(_) => {} // The schema has said it.
        }
    }
    let items = node.take("cases", text);
    let twice = items.as_ref().map(|items| identities(items.items(), source));
    // Each case's part of the tree is freed once the case is made, so that a large set is not in memory as both.
    let items = items.into_iter().flat_map(Node::into_items);
    let (cases, counts) = read_cases(items, source, &defaults, well_formed, &mut faults);
    faults.extend(twice.into_iter().flatten());
    // The schema and the checks may have seen the same fault.
    faults.sort_by_key(|d| (d.place.as_ref().map(|p| p.span.start), d.code));
    faults.dedup_by(|b, a| a.code == b.code && a.line_column() == b.line_column() && a.message == b.message);
    match (name, rubric) {
        (Some(name), Some(rubric)) if faults.is_empty() => Ok(Loaded { name, rubric, cases, counts }),
        _ => Err(faults),
    }
}

fn read_cases(
    items: impl Iterator<Item = Node>,
    source: &Source,
    defaults: &Defaults,
    well_formed: bool,
    faults: &mut Vec<Diagnostic>,
) -> (Vec<Arc<Case>>, Counts) {
    let mut cases = Vec::new();
    let mut counts = Counts::new();
    for item in items {
        if faults.len() >= MAX_FAULTS {
            break;
        }
        let raw: RawCase = match decode(&item, source) {
            Ok(raw) => raw,
            Err(d) => {
                // A schema fault anywhere may be what this is about, and has been said better.
                faults.extend(d.into_iter().filter(|_| well_formed));
                continue;
            }
        };
        match check::case(raw, defaults, Some(source.line_of(item.span().start))) {
            Ok(case) => {
                counts.add(&case);
                cases.push(case);
            }
            Err(all) => faults.extend(all.into_iter().map(|c| place(c, &item, source))),
        }
    }
    (cases, counts)
}

/// Ids that stand twice, and replacements that do not exist.
fn identities(items: &[Node], source: &Source) -> Vec<Diagnostic> {
    let text: &str = &source.text;
    let mut first: HashMap<&str, &Node> = HashMap::with_capacity(items.len());
    let mut faults = Vec::new();
    for item in items {
        let Some((at, id)) = item.get("id", text).and_then(|n| Some((n, n.text(text)?))) else { continue };
        if faults.len() >= MAX_FAULTS {
            break;
        }
        if let Some(before) = first.get(id) {
            faults.push(
                duplicate_id(id, Diagnostic::error("duplicate-id", "", source, at.span())).also(source.place(before.span()), "first here"),
            );
        } else {
            first.insert(id, at);
        }
    }
    for item in items {
        let Some((at, by)) = item.get("replaced_by", text).and_then(|n| Some((n, n.text(text)?))) else { continue };
        if !at.is_null(text) && !first.contains_key(by) && faults.len() < MAX_FAULTS {
            let mut d =
                Diagnostic::error("unknown-case", format!("there is no case `{by}` in this set"), source, at.span()).label("not a case");
            d.help = crate::source::nearest(by, first.keys().copied()).map(|n| format!("did you mean `{n}`?"));
            faults.push(d);
        }
    }
    faults
}

/// The words for an id that stands twice, in every format.
pub(super) fn duplicate_id(id: &str, mut d: Diagnostic) -> Diagnostic {
    d.message = format!("two cases have the id `{id}`");
    d.label("again here").help("give one of them another id; an id that was run before keeps its case")
}

/// A rubric that is not there.
pub(super) fn unknown_rubric(name: &RubricName, rubrics: &Rubrics) -> Option<Complaint> {
    if rubrics.knows(name.as_str()) {
        return None;
    }
    let mut c = Complaint::new("", "unknown-rubric", format!("there is no rubric `{name}`"), "not a rubric");
    c.help = did_you_mean(name.as_str(), rubrics.names());
    Some(c)
}

/// Checks a name at its place.
pub(super) fn named<T>(
    node: &Node,
    source: &Source,
    faults: &mut Vec<Diagnostic>,
    new: impl Fn(&str) -> Result<T, crate::domain::ids::NameFault>,
) -> Option<T> {
    match new(node.text(&source.text)?) {
        Ok(name) => Some(name),
        Err(crate::domain::ids::NameFault::Empty(_)) => None, // The schema has said it.
        Err(e) => {
            faults.push(Diagnostic::error("bad-name", e.to_string(), source, node.span()).label("not a name"));
            None
        }
    }
}

/// Gives a complaint about a value its place.
pub(super) fn place(c: Complaint, value: &Node, source: &Source) -> Diagnostic {
    let mut span = value.span_of(&c.pointer, &source.text);
    if span.is_empty() {
        span = value.key_span(&c.pointer, &source.text);
    }
    c.diagnostic(&source.path).at(source.place(span))
}
