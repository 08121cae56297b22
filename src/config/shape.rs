//! Holds a value against a JSON schema and reports every fault of shape at once: unknown keys, wrong types, words and
//! numbers off their range. Knows the part of JSON Schema that our types generate. Pure.
//!
//! Invariant: whatever the value, it neither panics nor stops at the first fault.

use serde_json::{Map, Value};

use super::fault::{Fault, did_you_mean, list, step};

/// How deep a schema or a value is followed.
const DEPTH: usize = 64;

/// Every fault of shape in a value, in document order of the schema's walk.
#[must_use]
pub fn faults(schema: &Value, value: &Value) -> Vec<Fault> {
    let mut walk = Walk { root: schema, found: Vec::new(), depth: 0 };
    walk.check(schema, value, "");
    walk.found
}

struct Walk<'s> {
    root: &'s Value,
    found: Vec<Fault>,
    depth: usize,
}

impl<'s> Walk<'s> {
    fn check(&mut self, schema: &'s Value, value: &Value, at: &str) {
        if self.depth >= DEPTH {
            return;
        }
        self.depth += 1;
        self.check_one(schema, value, at);
        self.depth -= 1;
    }

    fn check_one(&mut self, schema: &'s Value, value: &Value, at: &str) {
        let Value::Object(rules) = self.follow(schema) else { return };
        if let Some(choices) = rules.get("anyOf").and_then(Value::as_array) {
            return self.any_of(choices, value, at);
        }
        if let Some(choices) = rules.get("oneOf").and_then(Value::as_array) {
            return self.one_of(choices, value, at);
        }
        if let Some(only) = rules.get("const")
            && only != value
        {
            self.found.push(Fault::new("unknown-word", at, format!("expected {}, found {}", show(only), show(value))));
            return;
        }
        if let Some(words) = rules.get("enum").and_then(Value::as_array)
            && !words.contains(value)
        {
            self.unknown_word(&texts(words), value, at);
            return;
        }
        if !type_fits(rules, value) {
            let fault = Fault::new("wrong-type", at, format!("expected {}, found {}", expected(rules), show(value)));
            self.found.push(fault.maybe_help(type_help(rules, value)));
            return;
        }
        match value {
            Value::Object(map) => self.object(rules, map, at),
            Value::Array(items) => self.array(rules, items, at),
            Value::Number(n) => self.number(rules, n.as_f64().unwrap_or(f64::NAN), at),
            _ => {}
        }
    }

    fn follow(&self, mut schema: &'s Value) -> &'s Value {
        for _ in 0..DEPTH {
            let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#')) else { break };
            let Some(next) = self.root.pointer(target) else { break };
            schema = next;
        }
        schema
    }

    /// Alternatives of different types: the faults of the one whose type fits.
    fn any_of(&mut self, choices: &'s [Value], value: &Value, at: &str) {
        let mut wanted = Vec::new();
        for choice in choices {
            let target = self.follow(choice);
            let Some(rules) = target.as_object() else { continue };
            // A set of words accepts texts only; it says so in its alternatives.
            let fits = if rules.contains_key("oneOf") { !value.is_null() } else { type_fits(rules, value) };
            if fits {
                return self.check(target, value, at);
            }
            if rules.get("type").and_then(Value::as_str) != Some("null") {
                wanted.push(expected(rules));
            }
        }
        self.found.push(Fault::new("wrong-type", at, format!("expected {}, found {}", wanted.join(" or "), show(value))));
    }

    /// A set of words, or mappings told apart by `kind`.
    fn one_of(&mut self, choices: &'s [Value], value: &Value, at: &str) {
        let words: Vec<&str> = choices.iter().filter_map(|c| c.get("const").or(c.pointer("/properties/kind/const"))?.as_str()).collect();
        let tagged = choices.iter().any(|c| c.pointer("/properties/kind").is_some());
        if !tagged {
            if !value.as_str().is_some_and(|v| words.contains(&v)) {
                self.unknown_word(&words, value, at);
            }
            return;
        }
        let Value::Object(map) = value else {
            let fault = Fault::new("wrong-type", at, format!("expected a mapping with a `kind`, found {}", show(value)));
            return self.found.push(fault.help(format!("kinds: {}", list(&words))));
        };
        let Some(kind) = map.get("kind") else {
            let fault = Fault::new("missing-key", at, "`kind` is missing");
            return self.found.push(fault.help(format!("kinds: {}", list(&words))));
        };
        match choices.iter().find(|c| c.pointer("/properties/kind/const") == Some(kind)) {
            Some(choice) => self.check(choice, value, at),
            None => {
                let fault = Fault::new("unknown-kind", step(at, "kind"), format!("unknown kind {}", show(kind)));
                let help = kind.as_str().and_then(|k| did_you_mean(k, &words)).or_else(|| Some(format!("kinds: {}", list(&words))));
                self.found.push(fault.maybe_help(help));
            }
        }
    }

    fn object(&mut self, rules: &'s Map<String, Value>, map: &Map<String, Value>, at: &str) {
        let empty = Map::new();
        let known = rules.get("properties").and_then(Value::as_object);
        for (key, value) in map {
            let here = step(at, key);
            if let Some(rule) = known.and_then(|p| p.get(key)) {
                self.check(rule, value, &here);
            } else if rules.get("additionalProperties") == Some(&Value::Bool(false)) {
                let keys: Vec<&str> = known.unwrap_or(&empty).keys().map(String::as_str).collect();
                let fault = Fault::new("unknown-key", here, format!("unknown key `{key}`")).at_key();
                self.found.push(fault.label("not a key of this mapping").maybe_help(did_you_mean(key, &keys)));
            } else if let Some(rule @ Value::Object(_)) = rules.get("additionalProperties") {
                self.check(rule, value, &here);
            }
        }
        for key in rules.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !map.contains_key(key) {
                self.found.push(Fault::new("missing-key", at, format!("`{key}` is missing")));
            }
        }
    }

    fn array(&mut self, rules: &'s Map<String, Value>, items: &[Value], at: &str) {
        if items.is_empty() && rules.get("minItems").and_then(Value::as_u64).is_some_and(|n| n > 0) {
            self.found.push(Fault::new("empty-list", at, "the list is empty"));
        }
        if let Some(rule) = rules.get("items") {
            for (i, item) in items.iter().enumerate() {
                self.check(rule, item, &format!("{at}/{i}"));
            }
        }
    }

    fn number(&mut self, rules: &Map<String, Value>, n: f64, at: &str) {
        let end = |key| rules.get(key).and_then(Value::as_f64);
        let (min, max) = (end("minimum"), end("maximum"));
        if n.is_finite() && min.is_none_or(|m| n >= m) && max.is_none_or(|m| n <= m) {
            return;
        }
        let range = match (min, max) {
            (Some(a), Some(b)) => format!("from {a} to {b}"),
            (Some(a), None) => format!("at least {a}"),
            (None, Some(b)) => format!("at most {b}"),
            (None, None) => "a finite number".to_owned(),
        };
        let share = max == Some(1.0) && n > 1.0 && n <= 100.0;
        let fault = Fault::new("off-range", at, format!("{n} is off the range: {range}"));
        self.found.push(fault.maybe_help(share.then(|| format!("a share, not a percentage: did you mean {}?", n / 100.0))));
    }

    fn unknown_word(&mut self, words: &[&str], value: &Value, at: &str) {
        let fault = Fault::new("unknown-word", at, format!("unknown word {}", show(value)));
        let help = value.as_str().and_then(|v| did_you_mean(v, words)).or_else(|| Some(format!("known: {}", list(words))));
        self.found.push(fault.maybe_help(help));
    }
}

fn texts(words: &[Value]) -> Vec<&str> {
    words.iter().filter_map(Value::as_str).collect()
}

fn type_names(rules: &Map<String, Value>) -> Vec<&str> {
    match rules.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(many)) => texts(many),
        _ => Vec::new(),
    }
}

fn type_fits(rules: &Map<String, Value>, value: &Value) -> bool {
    let names = type_names(rules);
    names.is_empty()
        || names.iter().any(|name| match *name {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "string" => value.is_string(),
            "integer" => value.is_u64() || value.is_i64(),
            "number" => value.is_number(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => true,
        })
}

fn expected(rules: &Map<String, Value>) -> String {
    if let Some(Value::String(only)) = rules.get("const") {
        return format!("`{only}`");
    }
    let names: Vec<&str> = type_names(rules)
        .into_iter()
        .filter(|n| *n != "null")
        .map(|n| match n {
            "boolean" => "true or false",
            "string" => "a text",
            "integer" => "a whole number",
            "number" => "a number",
            "array" => "a list",
            "object" => "a mapping",
            other => other,
        })
        .collect();
    names.join(" or ")
}

fn type_help(rules: &Map<String, Value>, value: &Value) -> Option<String> {
    match value {
        Value::Number(_) | Value::Bool(_) if type_names(rules).contains(&"string") => Some(format!("put it in quotes: \"{value}\"")),
        Value::Null => Some("give it a value, or remove the key".to_owned()),
        _ => None,
    }
}

/// A value in words; long texts are cut.
fn show(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(b) => format!("`{b}`"),
        Value::Number(n) => format!("`{n}`"),
        Value::String(s) if s.chars().count() > 60 => format!("`{}...`", s.chars().take(60).collect::<String>()),
        Value::String(s) => format!("`{s}`"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}
