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

/// The known word nearest to a mistyped one, if it is near enough to be meant.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(&folded, &k.to_lowercase()), k))
        .filter(|(distance, k)| *distance * 3 <= k.chars().count().max(3))
        .min_by_key(|(distance, k)| (*distance, k.len()))
        .map(|(_, k)| k)
}

/// Help for a word that is not known: the nearest one, else all of them.
#[must_use]
pub fn did_you_mean<'a>(word: &str, known: &[&'a str]) -> Option<String> {
    if let Some(near) = nearest(word, known.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    (!known.is_empty()).then(|| format!("known: {}", list(known)))
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
    fn a_near_word_is_proposed_and_a_far_one_is_not() {
        assert_eq!(nearest("modle", ["model", "method"]), Some("model"));
        assert_eq!(nearest("xyz", ["model", "method"]), None);
        assert_eq!(nearest("Strict", ["strict"]), Some("strict"));
        assert_eq!(did_you_mean("zzzz", &["a", "bb"]).as_deref(), Some("known: `a`, `bb`"));
        assert_eq!(did_you_mean("zzzz", &[]), None);
    }

    #[test]
    fn a_slash_in_a_key_is_escaped() {
        assert_eq!(step("/agents", "a/b~c"), "/agents/a~1b~0c");
    }
}
