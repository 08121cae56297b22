//! A tree of places against a JSON Schema (the subset that `schemars` writes): every fault in one pass, at its place. So the
//! raw types are the only list of keys, types and ranges.

use std::ops::Range;

use schemars::JsonSchema;
use serde_json::{Map, Value as Json};

use super::nearest::did_you_mean;
use super::node::{Kind, Node};
use super::scalar::Plain;
use super::wording::{article, first_clause, list, lower_first, type_word};
use super::{Diagnostic, Source, wording};

/// Faults reported of one tree; more would not be read.
const MAX_FAULTS: usize = 1000;

/// A type's JSON Schema, ready to check trees.
#[derive(Clone, Debug)]
pub struct Schema(Json);

impl Schema {
    /// The schema of a type.
    #[must_use]
    pub fn of<T: JsonSchema>() -> Self {
        Self(schemars::schema_for!(T).to_value())
    }

    /// Every way in which a tree does not fit. `source` is what the tree was parsed from.
    #[must_use]
    pub fn check(&self, node: &Node, source: &Source) -> Vec<Diagnostic> {
        let mut walk = Walk { root: &self.0, source, faults: Vec::new() };
        walk.node(node, &self.0, &At { what: What::Root, span: node.head(), buffered: false });
        walk.faults
    }
}

/// What a value is to its parent.
#[derive(Clone, Copy)]
enum What<'a> {
    Root,
    /// The value of a key.
    Key(&'a str),
    /// In the list of a key.
    ItemOf(&'a str),
}

/// Where the walk is.
struct At<'a> {
    what: What<'a>,
    /// What to mark.
    span: Range<usize>,
    /// Inside a value that is chosen by `kind`: there an unquoted number is no text, since its type is decided first.
    buffered: bool,
}

struct Walk<'a> {
    root: &'a Json,
    source: &'a Source,
    faults: Vec<Diagnostic>,
}

impl<'a> Walk<'a> {
    fn fault(&mut self, code: &'static str, message: String, span: Range<usize>, label: impl Into<String>, help: Option<String>) {
        if self.faults.len() < MAX_FAULTS {
            let mut d = Diagnostic::error(code, message, self.source, span).label(label);
            d.help = help;
            self.faults.push(d);
        }
    }

    /// The value in words.
    fn what(&self, at: &At<'_>) -> String {
        match at.what {
            What::Root => format!("the {}", self.source.noun),
            What::Key(k) => format!("`{}`", k.chars().take(60).collect::<String>()),
            What::ItemOf(k) => format!("an item of `{}`", k.chars().take(60).collect::<String>()),
        }
    }

    /// Follows `$ref`.
    fn resolve(&self, mut schema: &'a Json) -> &'a Json {
        for _ in 0..16 {
            let Some(path) = schema.get("$ref").and_then(Json::as_str) else { break };
            let Some(target) = self.root.pointer(path.trim_start_matches('#')) else { break };
            schema = target;
        }
        schema
    }

    fn node(&mut self, node: &Node, schema: &'a Json, at: &At<'_>) {
        let schema = self.resolve(schema);
        let Some(s) = schema.as_object() else { return };
        if let Some(words) = self.words(schema) {
            return self.word(node, &words, &[], at);
        }
        if let Some(choices) = s.get("oneOf").or_else(|| s.get("anyOf")).and_then(Json::as_array) {
            let choices: Vec<&Json> = choices.iter().map(|c| self.resolve(c)).collect();
            return match tag_of(&choices) {
                Some(tag) => self.tagged(node, &choices, tag, at),
                None => self.any(node, &choices, at),
            };
        }
        for part in s.get("allOf").and_then(Json::as_array).into_iter().flatten() {
            self.node(node, part, at);
        }
        if !self.accepts(node, s, at.buffered) {
            return self.wrong_type(node, &types(s), at);
        }
        match node.kind() {
            Kind::Map => self.map(node, s, at),
            Kind::Seq => self.seq(node, s, at),
            Kind::Scalar => self.scalar(node, s, at),
        }
    }

    /// The fixed words that a schema allows, if it allows nothing else (`null` aside).
    fn words(&self, schema: &'a Json) -> Option<Vec<&'a str>> {
        let s = self.resolve(schema).as_object()?;
        if let Some(one) = s.get("const") {
            return Some(vec![one.as_str()?]);
        }
        if let Some(list) = s.get("enum") {
            return list.as_array()?.iter().filter(|w| !w.is_null()).map(Json::as_str).collect();
        }
        let choices = s.get("oneOf")?.as_array()?;
        Some(choices.iter().map(|c| self.words(c)).collect::<Option<Vec<_>>>()?.concat())
    }

    /// Refuses what is neither one of the words nor of one of the types.
    fn word(&mut self, node: &Node, words: &[&str], types: &[&str], at: &At<'_>) {
        let found = match node.text(&self.source.text) {
            Some(found) if !node.is_null(&self.source.text) => found,
            _ => return self.wrong_type(node, &[types, &["string"]].concat(), at),
        };
        if !words.contains(&found) {
            let found: String = found.chars().take(60).collect();
            let help = did_you_mean(&found, words.iter().copied());
            let types = types.iter().filter(|t| **t != "null").map(|t| type_word(t).to_owned() + " or ").collect::<Vec<_>>().concat();
            let one = if words.len() == 1 { "" } else { "one of " };
            let message = format!("{} must be {types}{one}{}", self.what(at), list(words.iter().map(|w| format!("`{w}`"))));
            self.fault("unknown-word", message, at.span.clone(), format!("here is `{found}`"), help);
        }
    }

    /// Checks the one branch that the tag (`kind`) names.
    fn tagged(&mut self, node: &Node, choices: &[&'a Json], tag: &'a str, at: &At<'_>) {
        if node.kind() != Kind::Map {
            return self.wrong_type(node, &["object"], at);
        }
        let text = &self.source.text;
        let kinds: Vec<&str> = choices.iter().filter_map(|c| const_of(c, tag)).collect();
        let Some(entry) = node.entry(tag, text) else {
            let message = format!("missing key `{tag}`");
            let help = format!("`{tag}` is one of {}", list(kinds.iter().map(|k| format!("`{k}`"))));
            return self.fault("missing-key", message, at.span.clone(), format!("has no `{tag}`"), Some(help));
        };
        let found = entry.value().text(text).unwrap_or("");
        match choices.iter().find(|c| const_of(c, tag) == Some(found)).and_then(|c| c.as_object()) {
            Some(branch) => self.map(node, branch, &At { what: at.what, span: at.span.clone(), buffered: true }),
            None => self.word(
                entry.value(),
                &kinds,
                &[],
                &At { what: What::Key(tag), span: mark(entry.value(), entry.key_span()), buffered: false },
            ),
        }
    }

    /// Any branch will do; else the branch that comes nearest speaks.
    fn any(&mut self, node: &Node, choices: &[&'a Json], at: &At<'_>) {
        let mut best: Option<Vec<Diagnostic>> = None;
        let (mut wanted, mut words) = (Vec::new(), Vec::new());
        for choice in choices {
            let Some(s) = choice.as_object() else { return };
            if let Some(more) = self.words(choice) {
                if node.text(&self.source.text).is_some_and(|t| more.contains(&t)) {
                    return;
                }
                words.extend(more);
            } else if s.contains_key("type") && !self.accepts(node, s, at.buffered) {
                wanted.extend(types(s));
            } else {
                let mut walk = Walk { root: self.root, source: self.source, faults: Vec::new() };
                walk.node(node, choice, at);
                if walk.faults.is_empty() {
                    return;
                }
                if best.as_ref().is_none_or(|b| walk.faults.len() < b.len()) {
                    best = Some(walk.faults);
                }
            }
        }
        match best {
            Some(faults) => self.faults.extend(faults),
            None if words.is_empty() => self.wrong_type(node, &wanted, at),
            None => self.word(node, &words, &wanted, at),
        }
    }

    fn accepts(&self, node: &Node, s: &Map<String, Json>, buffered: bool) -> bool {
        let wanted = types(s);
        wanted.is_empty() || wanted.iter().any(|t| self.is(node, t, buffered))
    }

    fn is(&self, node: &Node, wanted: &str, buffered: bool) -> bool {
        let plain = node.plain(&self.source.text);
        match (node.kind(), wanted) {
            (Kind::Map, "object") | (Kind::Seq, "array") => true,
            (Kind::Scalar, "string") => match plain {
                Some(Plain::Null) => false,
                Some(Plain::Text) | None => true,
                Some(_) => !buffered,
            },
            (Kind::Scalar, "null") => plain == Some(Plain::Null),
            (Kind::Scalar, "boolean") => matches!(plain, Some(Plain::Bool(_))),
            (Kind::Scalar, "integer") => matches!(plain, Some(Plain::Unsigned(_) | Plain::Signed(_))),
            (Kind::Scalar, "number") => matches!(plain, Some(Plain::Unsigned(_) | Plain::Signed(_) | Plain::Float(_))),
            _ => false,
        }
    }

    fn wrong_type(&mut self, node: &Node, wanted: &[&str], at: &At<'_>) {
        let (label, help) = wording::found_instead(node, wanted, &self.source.text);
        let named: Vec<String> = wanted.iter().filter(|t| **t != "null" || wanted.len() == 1).map(|t| type_word(t).to_owned()).collect();
        let message = format!("{} must be {}", self.what(at), named.join(" or "));
        self.fault("wrong-type", message, at.span.clone(), label, help);
    }

    fn map(&mut self, node: &Node, s: &'a Map<String, Json>, at: &At<'_>) {
        let text = &self.source.text;
        let none = Map::new();
        let properties = s.get("properties").and_then(Json::as_object);
        let rest = s.get("additionalProperties");
        let a = s.get("title").and_then(Json::as_str);
        for entry in node.entries() {
            let key = entry.key(text);
            let next = At { what: What::Key(key), span: mark(entry.value(), entry.key_span()), buffered: at.buffered };
            let schema = properties.and_then(|p| p.get(key)).or(rest);
            match schema {
                Some(schema @ Json::Object(_)) => self.node(entry.value(), schema, &next),
                Some(Json::Bool(false)) => {
                    let known: Vec<&str> = properties.unwrap_or(&none).keys().map(String::as_str).collect();
                    let shown: String = key.chars().take(60).collect();
                    let label = a.map_or_else(|| "not a key here".to_owned(), |a| format!("not a key of {}", article(a)));
                    let help = did_you_mean(&shown, known.iter().copied());
                    self.fault("unknown-key", format!("unknown key `{shown}`"), entry.key_span(), label, help);
                }
                _ => {}
            }
        }
        for key in s.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
            if node.entry(key, text).is_none() {
                let description = properties.and_then(|p| p.get(key)?.get("description")?.as_str());
                let label = a.map_or_else(|| format!("has no `{key}`"), |a| format!("this {a} has no `{key}`"));
                let help = description.map(|d| format!("add `{key}:` {}", lower_first(first_clause(d))));
                self.fault("missing-key", format!("missing key `{key}`"), node.head(), label, help);
            }
        }
        let least = s.get("minProperties").and_then(Json::as_u64);
        if least.is_some_and(|n| (node.entries().len() as u64) < n) {
            self.fault("empty", format!("{} must not be empty", self.what(at)), at.span.clone(), "empty", None);
        }
    }

    fn seq(&mut self, node: &Node, s: &'a Map<String, Json>, at: &At<'_>) {
        let n = node.items().len() as u64;
        let here = format!("{n} {}", if n == 1 { "item" } else { "items" });
        if s.get("minItems").and_then(Json::as_u64).is_some_and(|least| n < least) {
            let message =
                if n == 0 { format!("{} must not be empty", self.what(at)) } else { format!("{} has too few items", self.what(at)) };
            self.fault("too-few", message, at.span.clone(), here.as_str(), None);
        }
        if let Some(most) = s.get("maxItems").and_then(Json::as_u64).filter(|most| n > *most) {
            self.fault("too-many", format!("{} has at most {most} items", self.what(at)), at.span.clone(), here.as_str(), None);
        }
        let Some(schema) = s.get("items") else { return };
        for item in node.items() {
            let what = match at.what {
                What::Key(k) | What::ItemOf(k) => What::ItemOf(k),
                What::Root => What::Root,
            };
            self.node(item, schema, &At { what, span: item.head(), buffered: at.buffered });
        }
    }

    fn scalar(&mut self, node: &Node, s: &Map<String, Json>, at: &At<'_>) {
        let number = |key: &str| s.get(key).and_then(Json::as_f64);
        let found = match node.plain(&self.source.text) {
            Some(Plain::Unsigned(n)) => Some(n as f64),
            Some(Plain::Signed(n)) => Some(n as f64),
            Some(Plain::Float(x)) => Some(x),
            _ => None,
        };
        let numeric = types(s).iter().any(|t| matches!(*t, "integer" | "number"));
        if let Some(x) = found.filter(|_| numeric) {
            let (low, high) = (number("minimum"), number("maximum"));
            if low.is_some_and(|l| x < l) || high.is_some_and(|h| x > h) {
                let range = match (low, high) {
                    (Some(l), Some(h)) => format!("from {l} to {h}"),
                    (Some(l), None) => format!("{l} or more"),
                    (None, Some(h)) => format!("{h} or less"),
                    (None, None) => String::new(),
                };
                self.fault(
                    "out-of-range",
                    format!("{} must be {range}", self.what(at)),
                    at.span.clone(),
                    format!("{x} is out of range"),
                    None,
                );
            }
        }
        let length = node.text(&self.source.text).map_or(0, |t| t.trim().chars().count()) as u64;
        if s.get("minLength").and_then(Json::as_u64).is_some_and(|least| length < least) {
            self.fault("empty", format!("{} must not be empty", self.what(at)), at.span.clone(), "nothing but white space", None);
        }
    }
}

/// The place of a value: its first line, or its key where there is nothing to mark.
fn mark(value: &Node, key: Range<usize>) -> Range<usize> {
    let head = value.head();
    if head.is_empty() { key } else { head }
}

fn types(s: &Map<String, Json>) -> Vec<&str> {
    match s.get("type") {
        Some(Json::String(t)) => vec![t],
        Some(Json::Array(all)) => all.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The key that tells the branches apart, if each names itself by a constant.
fn tag_of<'a>(choices: &[&'a Json]) -> Option<&'a str> {
    let first = choices.first()?.get("properties")?.as_object()?;
    let (tag, _) = first.iter().find(|(_, v)| v.get("const").is_some())?;
    choices.iter().all(|c| const_of(c, tag).is_some()).then_some(tag)
}

fn const_of<'a>(choice: &'a Json, tag: &str) -> Option<&'a str> {
    choice.get("properties")?.get(tag)?.get("const")?.as_str()
}

#[cfg(test)]
#[path = "validate_tests.rs"]
mod tests;
