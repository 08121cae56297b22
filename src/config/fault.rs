//! A fault in `tribunal.yaml`, at a JSON pointer. Bytes and lines come later, from the tree that the reader kept.

use crate::source::Severity;

/// What a pointer's fault marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The key of the last step.
    Key,
    /// The value.
    Value,
}

/// One fault: where, what, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// How bad.
    pub severity: Severity,
    /// A stable kebab-case code.
    pub code: &'static str,
    /// JSON pointer (RFC 6901) into the file; empty for the whole.
    pub pointer: String,
    /// Key or value.
    pub mark: Mark,
    /// What happened: lower case, no full stop.
    pub message: String,
    /// What the marked place is.
    pub label: Option<String>,
    /// What to do next.
    pub help: Option<String>,
}

impl Fault {
    /// An error at a value.
    pub fn new(code: &'static str, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            pointer: pointer.into(),
            mark: Mark::Value,
            message: message.into(),
            label: None,
            help: None,
        }
    }

    /// Marks the key instead of the value.
    #[must_use]
    pub fn at_key(self) -> Self {
        Self { mark: Mark::Key, ..self }
    }

    /// Nothing fails because of it.
    #[must_use]
    pub fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// What the marked place is.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Self { label: Some(label.into()), ..self }
    }

    /// What to do next.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// What to do next, if it is known.
    #[must_use]
    pub fn maybe_help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }
}

/// A pointer one step further: `~` and `/` in the step are escaped (RFC 6901).
#[must_use]
pub fn step(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

/// Words in back quotes, with commas; at most twenty.
#[must_use]
pub fn list(words: &[&str]) -> String {
    let mut out: Vec<String> = words.iter().take(20).map(|w| format!("`{w}`")).collect();
    if words.len() > 20 {
        out.push(format!("and {} more", words.len() - 20));
    }
    out.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_in_a_key_is_escaped() {
        assert_eq!(step("/agents", "a/b~c"), "/agents/a~1b~0c");
    }
}
