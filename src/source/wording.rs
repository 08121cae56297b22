//! How a schema fault is put into words.

use super::node::{Kind, Node};
use super::scalar::Plain;

/// What stands in place of something else, and what to do about it.
pub(super) fn found_instead(node: &Node, wanted: &[&str], text: &str) -> (String, Option<String>) {
    let found = node.text(text).unwrap_or("");
    let shown: String = found.chars().take(60).collect();
    let plain = node.plain(text);
    let label = match (node.kind(), plain) {
        (Kind::Map, _) => "a mapping".to_owned(),
        (Kind::Seq, _) => "a list".to_owned(),
        (_, Some(Plain::Null)) => "there is nothing here".to_owned(),
        (_, Some(Plain::Unsigned(_) | Plain::Signed(_) | Plain::Float(_))) => format!("the number {shown}"),
        (_, Some(Plain::Bool(_))) => format!("`{shown}`, which is true or false, not a text"),
        (_, Some(Plain::Text)) => format!("the text `{shown}`"),
        (_, None) => format!("the quoted text \"{shown}\""),
    };
    let wants = |t: &str| wanted.contains(&t);
    let help = if wants("string") && matches!(plain, Some(Plain::Unsigned(_) | Plain::Signed(_) | Plain::Float(_) | Plain::Bool(_))) {
        Some(format!("write it in quotes: \"{shown}\""))
    } else if wants("string") && plain == Some(Plain::Null) {
        Some(if found.is_empty() {
            "write a text, or remove the key if it may be absent".to_owned()
        } else {
            format!("write it in quotes if the text \"{shown}\" is meant")
        })
    } else if wants("boolean")
        && matches!(found, "yes" | "on" | "Yes" | "On" | "True" | "TRUE" | "no" | "off" | "No" | "Off" | "False" | "FALSE")
    {
        let meant = matches!(found.to_lowercase().as_str(), "yes" | "on" | "true");
        Some(format!("write `{meant}`"))
    } else if (wants("integer") || wants("number")) && plain.is_none() && node.kind() == Kind::Scalar {
        Some("a number stands without quotes".to_owned())
    } else if wants("array") && node.kind() == Kind::Scalar && plain != Some(Plain::Null) {
        Some(format!("write a list: [{shown}]"))
    } else {
        None
    };
    (label, help)
}

pub(super) fn type_word(t: &str) -> &str {
    match t {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "a mapping (`key: value`)",
        "null" => "empty",
        other => other,
    }
}

pub(super) fn list(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

pub(super) fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

/// A text that begins in lower case, unless its first word is an abbreviation, such as JSON.
pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    if text.chars().nth(1).is_some_and(char::is_uppercase) {
        return text.to_owned();
    }
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

/// The first clause of a description, without its full stop.
pub(super) fn first_clause(text: &str) -> &str {
    let line = text.lines().next().unwrap_or(text);
    line.split("; ").next().unwrap_or(line).split(". ").next().unwrap_or(line).trim_end_matches('.')
}
