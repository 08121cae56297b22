//! From a raw case to a case: every fault that types cannot see, each with the key that it is about.

use std::path::Path;
use std::sync::Arc;

use crate::domain::{Case, CaseId, Risk, Status};
use crate::source::{Diagnostic, Severity};

use super::raw::{RawCase, RawDefaults};

/// The most trials of one case.
pub const MAX_TRIALS: u16 = 1000;

/// A fault of a case, before it has a place: `pointer` is a JSON pointer within the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Which key, e.g. `/tags/1`.
    pub pointer: String,
    /// A stable code.
    pub code: &'static str,
    /// What happened.
    pub message: String,
    /// What the marked place is.
    pub label: &'static str,
    /// What to do next.
    pub help: Option<String>,
}

impl Complaint {
    pub(super) fn new(pointer: impl Into<String>, code: &'static str, message: impl Into<String>, label: &'static str) -> Self {
        Self { pointer: pointer.into(), code, message: message.into(), label, help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// As a fault of a file, still without its place.
    pub(super) fn diagnostic(self, path: &Path) -> Diagnostic {
        let mut d = Diagnostic::new(Severity::Error, self.code, self.message, path).label(self.label);
        d.help = self.help;
        d
    }
}

/// Checked defaults of a set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    tags: Vec<String>,
    risk: Risk,
    trials: Option<u16>,
}

/// Checks the defaults; pointers start at the defaults.
///
/// # Errors
/// Every tag that is none, and trials out of range.
pub fn defaults(raw: Option<RawDefaults>) -> Result<Defaults, Vec<Complaint>> {
    let raw = raw.unwrap_or_default();
    let mut all = Vec::new();
    tags(&raw.tags, &mut all);
    trials(raw.trials, &mut all);
    let checked = Defaults { tags: raw.tags, risk: raw.risk.unwrap_or_default(), trials: raw.trials };
    if all.is_empty() { Ok(checked) } else { Err(all) }
}

/// Checks a case and fills in the defaults. `line` is its 1-based line in the file.
///
/// # Errors
/// Everything that is wrong with it.
pub fn case(raw: RawCase, defaults: &Defaults, line: Option<u32>) -> Result<Arc<Case>, Vec<Complaint>> {
    let mut all = Vec::new();
    let id = match CaseId::new(&raw.id) {
        Ok(id) => Some(id),
        Err(e) => {
            all.push(Complaint::new("/id", "bad-id", e.to_string(), "not a case id").help("use letters, digits, `-`, `_` or `.`"));
            None
        }
    };
    for (key, text) in [("question", &raw.question), ("expected", &raw.expected)] {
        if text.trim().is_empty() {
            all.push(Complaint::new(format!("/{key}"), "empty", format!("`{key}` must not be empty"), "nothing but white space"));
        }
    }
    for (key, list) in [("accept", &raw.accept), ("must_mention", &raw.must_mention), ("must_not_mention", &raw.must_not_mention)] {
        for (i, _) in list.iter().enumerate().filter(|(_, t)| t.trim().is_empty()) {
            let message = format!("an item of `{key}` must not be empty");
            all.push(Complaint::new(format!("/{key}/{i}"), "empty", message, "nothing but white space").help("remove the item"));
        }
    }
    for (i, _) in raw.turns.iter().enumerate().filter(|(_, t)| t.text.trim().is_empty()) {
        all.push(Complaint::new(format!("/turns/{i}/text"), "empty", "the text of a turn must not be empty", "nothing but white space"));
    }
    tags(&raw.tags, &mut all);
    trials(raw.trials, &mut all);
    let status = status(&raw, &mut all);
    if let Some(r) = &raw.reviewed {
        if r.by.trim().is_empty() {
            all.push(
                Complaint::new("/reviewed/by", "empty", "`by` must not be empty", "nobody").help("say who checked the expected answer"),
            );
        }
        if r.on.parse::<jiff::civil::Date>().is_err() {
            all.push(Complaint::new("/reviewed/on", "bad-date", "`on` must be a day", "not a day").help("write it as 2026-03-31"));
        }
    }
    match id {
        Some(id) if all.is_empty() => Ok(Arc::new(filled(raw, id, defaults, status, line))),
        _ => Err(all),
    }
}

fn filled(raw: RawCase, id: CaseId, defaults: &Defaults, status: Status, line: Option<u32>) -> Case {
    let mut tags = raw.tags;
    tags.extend(defaults.tags.iter().cloned());
    tags.sort_unstable();
    tags.dedup();
    Case {
        id,
        question: raw.question,
        expected: raw.expected,
        accept: raw.accept,
        must_mention: raw.must_mention,
        must_not_mention: raw.must_not_mention,
        context: raw.context.filter(|c| !c.trim().is_empty()),
        turns: raw.turns,
        tags,
        risk: raw.risk.unwrap_or(defaults.risk),
        trials: raw.trials.or(defaults.trials).unwrap_or(1),
        status,
        human_checked: raw.reviewed.is_some(),
        line,
    }
}

fn status(raw: &RawCase, all: &mut Vec<Complaint>) -> Status {
    let status = match (raw.status, &raw.retired) {
        (Some(given), Some(_)) if given != Status::Retired => {
            let message = "the case is given a reason for retiring it, and another status";
            all.push(Complaint::new("/retired", "contradiction", message, "a reason for retiring").help("remove `status` or `retired`"));
            given
        }
        (_, Some(_)) => Status::Retired,
        (given, None) => given.unwrap_or_default(),
    };
    if raw.replaced_by.is_some() && status != Status::Retired {
        let message = "only a retired case can be replaced by another";
        all.push(Complaint::new("/replaced_by", "contradiction", message, "the case is not retired").help("add `retired:` and say why"));
    }
    status
}

fn tags(tags: &[String], all: &mut Vec<Complaint>) {
    for (i, tag) in tags.iter().enumerate() {
        if tag.is_empty() || tag.contains(|c: char| c.is_whitespace() || c.is_control() || c == ',') {
            let message = format!("a tag has no white space and no comma, this one is {tag:?}");
            let help = if tag.contains(',') { "write two tags as two items of the list" } else { "join the words with `-`" };
            all.push(Complaint::new(format!("/tags/{i}"), "bad-tag", message, "not a tag").help(help));
        }
    }
}

fn trials(trials: Option<u16>, all: &mut Vec<Complaint>) {
    if trials.is_some_and(|t| t == 0 || t > MAX_TRIALS) {
        let message = format!("`trials` must be from 1 to {MAX_TRIALS}");
        all.push(Complaint::new("/trials", "out-of-range", message, "out of range").help("a case that must not run has `status: draft`"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: serde_json::Value) -> RawCase {
        let mut all = serde_json::json!({"id": "a", "question": "q", "expected": "e"});
        all.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    fn said(json: serde_json::Value) -> Vec<(String, &'static str)> {
        case(raw(json), &Defaults::default(), None).unwrap_err().into_iter().map(|c| (c.pointer, c.code)).collect()
    }

    #[test]
    fn defaults_add_tags_and_give_way_to_the_case() {
        let d = defaults(Some(RawDefaults { tags: vec!["z".into(), "a".into()], risk: Some(Risk::High), trials: Some(3) })).unwrap();
        let c = case(raw(serde_json::json!({"tags": ["m", "a"], "trials": 1})), &d, Some(7)).unwrap();
        assert_eq!((c.tags.join(" ").as_str(), c.risk, c.trials, c.line), ("a m z", Risk::High, 1, Some(7)));
    }

    #[test]
    fn all_faults_of_a_case_come_at_once() {
        let json = serde_json::json!({"id": "a b", "question": " ", "expected": "", "accept": ["x", ""], "tags": ["a,b", "c d"], "trials": 0,
            "turns": [{"role": "user", "text": ""}], "reviewed": {"by": " ", "on": "yesterday"}});
        let pointers: Vec<String> = said(json).into_iter().map(|(p, _)| p).collect();
        let want = [
            "/id",
            "/question",
            "/expected",
            "/accept/1",
            "/turns/0/text",
            "/tags/0",
            "/tags/1",
            "/trials",
            "/reviewed/by",
            "/reviewed/on",
        ];
        assert_eq!(pointers, want);
    }

    #[test]
    fn a_reason_for_retiring_retires_and_must_not_contradict_the_status() {
        let c = case(raw(serde_json::json!({"retired": "wrong", "replaced_by": "b"})), &Defaults::default(), None).unwrap();
        assert_eq!(c.status, Status::Retired);
        assert_eq!(said(serde_json::json!({"retired": "wrong", "status": "active"})), [("/retired".into(), "contradiction")]);
        assert_eq!(said(serde_json::json!({"replaced_by": "b"})), [("/replaced_by".into(), "contradiction")]);
    }

    #[test]
    fn a_review_makes_a_case_human_checked() {
        let json = serde_json::json!({"reviewed": {"by": "ann", "on": "2026-03-31"}});
        assert!(case(raw(json), &Defaults::default(), None).unwrap().human_checked);
    }
}
