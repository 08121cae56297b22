//! Version 1 of one trial: the same object in the document's `cases` and on a line of JSONL.

use serde::Serialize;

use super::{SCHEMA_VERSION, Spend};
use crate::domain::{self, Risk, Verdict};
use crate::report::lists;
use crate::report::view::TrialView;

/// One trial with all that happened to it.
#[derive(Debug, Serialize)]
pub struct Trial<'a> {
    schema_version: u8,
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    case: &'a str,
    set: &'a str,
    agent: &'a str,
    #[serde(rename = "trial")]
    repeat: u16,
    state: &'static str,
    score: Option<u8>,
    low: Option<u8>,
    high: Option<u8>,
    median: Option<u8>,
    mean: Option<f64>,
    expected_score: Option<f64>,
    pass_mark: Option<u8>,
    risk: &'static str,
    tags: &'a [String],
    question: &'a str,
    turns: Vec<Turn<'a>>,
    expected: &'a str,
    accept: &'a [String],
    must_mention: &'a [String],
    must_not_mention: &'a [String],
    context: Option<&'a str>,
    human_checked: bool,
    answer: Option<Answer<'a>>,
    failure: Option<Failure<'a>>,
    ballots: Vec<Ballot<'a>>,
    review: Option<Review>,
    notices: Vec<String>,
    spend: Spend,
    case_digest: String,
    output_digest: Option<String>,
}

#[derive(Debug, Serialize)]
struct Turn<'a> {
    role: &'static str,
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    text: &'a str,
    context: Option<&'a str>,
    trace: Option<&'a str>,
    finish: Option<&'a str>,
    model: Option<&'a str>,
    latency_ms: u64,
    spend: Spend,
}

#[derive(Debug, Serialize)]
struct Failure<'a> {
    kind: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Ballot<'a> {
    judge: &'a str,
    sample: u16,
    score: Option<u8>,
    confidence: Option<f64>,
    probabilities: Option<[f64; 5]>,
    reason: Option<&'a str>,
    failure: Option<Failure<'a>>,
    latency_ms: u64,
    spend: Spend,
    judge_digest: String,
}

#[derive(Debug, Serialize)]
struct Review {
    triggers: Vec<&'static str>,
    priority: f64,
    tier: &'static str,
    stratum: domain::Stratum,
    inclusion: f64,
}

impl<'a> Trial<'a> {
    /// One trial.
    #[must_use]
    pub fn of(v: &TrialView<'a>) -> Self {
        let (row, case) = (v.row, v.row.case.as_ref());
        let tally = row.tally.as_ref();
        let (score, low, high) = match tally.map(|t| t.verdict) {
            Some(Verdict::Settled { score }) => (Some(score.get()), None, None),
            Some(Verdict::Split { low, high }) => (None, Some(low.get()), Some(high.get())),
            Some(Verdict::Unscored { .. }) | None => (None, None, None),
        };
        let output = row.answer.as_ref().ok();
        Self {
            schema_version: SCHEMA_VERSION,
            kind: "case",
            seq: row.key.seq,
            case: case.id.as_str(),
            set: row.key.set.as_str(),
            agent: row.key.agent.as_str(),
            repeat: row.key.trial,
            state: v.state.word(),
            score,
            low,
            high,
            median: tally.and_then(|t| t.median).map(domain::Score::get),
            mean: tally.and_then(|t| t.mean),
            expected_score: tally.and_then(|t| t.expected),
            pass_mark: v.pass_mark.map(domain::Score::get),
            risk: Risk::word(case.risk),
            tags: &case.tags,
            question: &case.question,
            turns: case.turns.iter().map(|t| Turn { role: t.role.word(), text: &t.text }).collect(),
            expected: &case.expected,
            accept: &case.accept,
            must_mention: &case.must_mention,
            must_not_mention: &case.must_not_mention,
            context: case.context.as_deref(),
            human_checked: case.human_checked,
            answer: output.map(|o| Answer {
                text: &o.text,
                context: o.context.as_deref(),
                trace: o.trace.as_deref(),
                finish: o.finish.as_deref(),
                model: o.model.as_deref(),
                latency_ms: o.latency_ms,
                spend: (&row.spend).into(),
            }),
            failure: row.answer.as_ref().err().map(|f| Failure { kind: f.kind.word(), detail: &f.detail, raw: None }),
            ballots: row.ballots.iter().map(ballot).collect(),
            review: row.item.as_ref().map(|i| Review {
                triggers: i.triggers.iter().map(|t| t.word()).collect(),
                priority: i.priority,
                tier: lists::tier(i.tier),
                stratum: i.stratum,
                inclusion: i.inclusion,
            }),
            notices: v.notices(),
            spend: (&v.spend()).into(),
            case_digest: row.case_digest.to_string(),
            output_digest: output.map(|o| o.digest().to_string()),
        }
    }
}

fn ballot(b: &domain::Ballot) -> Ballot<'_> {
    let judgment = b.outcome.as_ref().ok();
    Ballot {
        judge: b.judge.as_str(),
        sample: b.sample,
        score: judgment.map(|j| j.score.get()),
        confidence: judgment.and_then(|j| j.confidence),
        probabilities: judgment.and_then(|j| j.probabilities),
        reason: judgment.map(|j| j.reason.as_str()),
        failure: b.outcome.as_ref().err().map(|f| Failure { kind: f.kind.word(), detail: &f.detail, raw: f.raw.as_deref() }),
        latency_ms: b.latency_ms,
        spend: (&b.spend).into(),
        judge_digest: b.judge_digest.to_string(),
    }
}
