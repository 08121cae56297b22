//! Cases that are well formed and cannot be judged, or cannot be passed. Pure; one case at a time.

use crate::domain::Case;
use crate::text::words::{fold, words};

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

/// A finding about one case: its place is looked up only if it is shown.
pub(super) struct Finding {
    pub index: usize,
    pub line: Option<u32>,
    pub pointer: String,
    pub code: &'static str,
    pub message: String,
    pub label: &'static str,
    pub help: &'static str,
    pub also: Option<usize>,
}

/// What is weak about a case that is the `index`-th of its file, from 0.
pub(super) fn weaknesses(case: &Case, index: usize) -> Vec<Finding> {
    let mut found = impossible(case, index);
    found.extend(thin(case, index));
    found
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
    if case.must_mention.is_empty() && case.must_not_mention.is_empty() {
        return Vec::new();
    }
    let references: Vec<Words> = case.references().map(Words::of).collect();
    let never: Vec<Words> = case.must_not_mention.iter().map(|n| Words::of(n)).collect();
    let mut out = Vec::new();
    let mut say = |pointer: String, message: String, label, help| {
        out.push(Finding { index, line: case.line, pointer, code: "impossible", message, label, help, also: None });
    };
    let id = &case.id;
    for (i, must) in case.must_mention.iter().enumerate() {
        let fact = Words::of(must);
        if let Some(not) = never.iter().find(|not| fact.hold(not)) {
            let message = format!("case `{id}` wants `{must}` mentioned and `{}` not mentioned", not.text);
            say(format!("/must_mention/{i}"), message, "holds what must not be mentioned", "no answer can do both: remove one of the two");
        } else if !references.iter().any(|r| r.hold(&fact) || r.hold_the_start_of(&fact)) {
            let message = format!("the expected answer of case `{id}` lacks `{must}`, which an answer must mention");
            let help = "write the fact as the expected answer has it, word for word, or put it into the expected answer";
            say(format!("/must_mention/{i}"), message, "not in `expected`, nor in any of `accept`", help);
        }
    }
    for (i, not) in never.iter().enumerate().filter(|(_, not)| references.first().is_some_and(|expected| expected.hold(not))) {
        let message = format!("the expected answer of case `{id}` holds `{}`, which an answer must not mention", not.text);
        say(format!("/must_not_mention/{i}"), message, "stands in `expected`", "make it longer, so that only a wrong answer holds it");
    }
    out
}

/// A text and its words.
struct Words<'a> {
    text: &'a str,
    words: Vec<String>,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, words: words(text) }
    }

    /// Whether a fact stands here as whole words in a row, or letter by letter where it has no words.
    fn hold(&self, fact: &Words<'_>) -> bool {
        if fact.words.is_empty() {
            return fold(self.text).contains(fold(fact.text).trim());
        }
        self.words.windows(fact.words.len()).any(|w| w == fact.words)
    }

    /// Whether a fact stands here with an ending, as `refund` does in `refunds`.
    fn hold_the_start_of(&self, fact: &Words<'_>) -> bool {
        self.words.join(" ").contains(&fact.words.join(" "))
    }
}
