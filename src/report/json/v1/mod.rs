//! Version 1 of the JSON formats: structs of their own, so that a change inside never changes what others read.
//! Invariant: fields are only ever added; an absent number is `null`, never 0.

mod honest;
mod summary;
mod trial;

use serde::Serialize;

pub use self::honest::Honest;
pub use self::summary::Summary;
pub use self::trial::Trial;
use crate::report::model::{GateNote, Report};
use crate::report::words;

/// The version that every document and every line carries.
pub const SCHEMA_VERSION: u8 = 1;

/// The run.
#[derive(Debug, Serialize)]
pub struct Run<'a> {
    id: &'a str,
    status: &'static str,
    created: Option<String>,
    finished: Option<String>,
    program_version: &'a str,
    selection: &'a str,
    planned: u64,
    seed: u64,
    judged_from: Option<&'a str>,
    panel: Panel,
    agents: Vec<Member<'a>>,
    judges: Vec<Member<'a>>,
    sets: Vec<Set<'a>>,
    rubrics: Vec<Rubric<'a>>,
}

#[derive(Debug, Serialize)]
struct Panel {
    quorum: u16,
    max_spread: u8,
    cascade: bool,
}

#[derive(Debug, Serialize)]
struct Member<'a> {
    name: &'a str,
    kind: &'a str,
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    samples: Option<u16>,
    digest: String,
}

#[derive(Debug, Serialize)]
struct Set<'a> {
    name: &'a str,
    rubric: &'a str,
    path: String,
    digest: String,
    cases: u64,
}

#[derive(Debug, Serialize)]
struct Rubric<'a> {
    name: &'a str,
    pass_mark: u8,
    digest: String,
}

impl<'a> Run<'a> {
    /// The run of a report.
    #[must_use]
    pub fn of(report: &'a Report) -> Self {
        let h = &report.head;
        Self {
            id: h.id.as_str(),
            status: h.status.word(),
            created: words::rfc3339(h.created_ms),
            finished: h.finished_ms.and_then(words::rfc3339),
            program_version: &h.version,
            selection: &h.selection,
            planned: h.planned,
            seed: h.seed,
            judged_from: h.judged_from.as_ref().map(AsRef::as_ref),
            panel: Panel { quorum: h.policy.quorum, max_spread: h.policy.max_spread, cascade: h.cascade },
            agents: h
                .agents
                .iter()
                .map(|a| Member {
                    name: a.name.as_str(),
                    kind: &a.kind,
                    model: a.model.as_deref(),
                    samples: None,
                    digest: a.digest.to_string(),
                })
                .collect(),
            judges: h
                .judges
                .iter()
                .map(|j| Member {
                    name: j.name.as_str(),
                    kind: &j.kind,
                    model: j.model.as_deref(),
                    samples: Some(j.samples),
                    digest: j.digest.to_string(),
                })
                .collect(),
            sets: h
                .sets
                .iter()
                .map(|s| Set {
                    name: s.name.as_str(),
                    rubric: s.rubric.as_str(),
                    path: s.path.to_string_lossy().replace('\\', "/"),
                    digest: s.digest.to_string(),
                    cases: s.cases,
                })
                .collect(),
            rubrics: h
                .rubrics
                .iter()
                .map(|r| Rubric { name: r.name.as_str(), pass_mark: r.pass_mark.get(), digest: r.digest().to_string() })
                .collect(),
        }
    }
}

/// The gate's answer.
#[derive(Debug, Serialize)]
pub struct Gate<'a> {
    state: &'static str,
    reasons: &'a [String],
}

impl<'a> Gate<'a> {
    /// The gate's answer of a report.
    #[must_use]
    pub fn of(note: &'a GateNote) -> Self {
        Self { state: note.state.word(), reasons: &note.reasons }
    }
}

/// What something cost.
#[derive(Debug, Serialize)]
pub(super) struct Spend {
    calls: u32,
    input_tokens: u64,
    output_tokens: u64,
    cost_usd: f64,
    cost_is_too_low: bool,
    cached: bool,
}

impl From<&crate::domain::Spend> for Spend {
    fn from(s: &crate::domain::Spend) -> Self {
        Self {
            calls: s.attempts,
            input_tokens: s.tokens.input,
            output_tokens: s.tokens.output,
            cost_usd: s.cost.dollars(),
            cost_is_too_low: s.unpriced,
            cached: s.cached,
        }
    }
}
