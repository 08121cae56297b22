//! A comparison as one versioned document.
//! Invariant: fields are only ever added; an absent number is `null`, never 0.

use std::io::Write;

use serde::Serialize;

use super::{Against, AgentAgainst, Change, Comparisons, Told};
use crate::domain::RunHead;
use crate::report::model::UNCORRECTED;
use crate::report::{RenderError, json, words};
use crate::stats::compare::Test;
use crate::stats::estimate::Corrected;
use crate::stats::summary::Interval;
use crate::text::diff::Piece;

/// Version of the document.
pub const SCHEMA_VERSION: u8 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u8,
    r#type: &'static str,
    basis: &'static str,
    baseline: Run<'a>,
    comparisons: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Run<'a> {
    id: &'a str,
    status: &'static str,
    created: Option<String>,
}

#[derive(Serialize)]
struct Entry<'a> {
    run: Run<'a>,
    judged_differently: &'a [String],
    notes: &'a [String],
    agents: Vec<Agent<'a>>,
}

#[derive(Serialize)]
struct Agent<'a> {
    #[serde(rename = "agent")]
    name: &'a str,
    #[serde(rename = "baseline_agent")]
    before: &'a str,
    headline: String,
    compared: u64,
    unsettled: u64,
    only_a: u64,
    only_b: u64,
    same_answers: u64,
    better: u64,
    worse: u64,
    pass_rate: Option<Pass>,
    mean_score: Option<Score>,
    corrected: Option<[Honest; 2]>,
    tags: Vec<Tag<'a>>,
    changes: Vec<Changed<'a>>,
    changes_left_out: u64,
}

#[derive(Serialize)]
struct Pass {
    a: f64,
    b: f64,
    difference: f64,
    interval: Option<[f64; 2]>,
    test: Option<&'static str>,
    p: Option<f64>,
    mcnemar: Option<[u64; 4]>,
    no_test: Option<String>,
    least_difference: Option<f64>,
    cases_needed_for_this: Option<u64>,
    cases_needed_for_2_points: Option<u64>,
}

#[derive(Serialize)]
struct Score {
    cases: u64,
    a: f64,
    b: f64,
    difference: f64,
    interval: Option<[f64; 2]>,
}

#[derive(Serialize)]
struct Honest {
    value: f64,
    interval: [f64; 2],
}

#[derive(Serialize)]
struct Tag<'a> {
    #[serde(rename = "tag")]
    name: &'a str,
    cases: u64,
    difference: f64,
    interval: Option<[f64; 2]>,
    p: Option<f64>,
    q: Option<f64>,
    says: &'static str,
}

#[derive(Serialize)]
struct Changed<'a> {
    change: &'static str,
    set: &'a str,
    case: &'a str,
    difference: f64,
    question: &'a str,
    expected: &'a str,
    a: Side<'a>,
    b: Side<'a>,
    /// `[kind, text]`, kind `same`, `gone` or `new`; absent where the answers are not similar.
    diff: Option<Vec<(&'static str, &'a str)>>,
}

#[derive(Serialize)]
struct Side<'a> {
    pass: Option<f64>,
    trials: u32,
    state: &'static str,
    score: &'a str,
    answer: Option<&'a str>,
    no_answer: Option<&'a str>,
}

fn ends(i: Interval) -> [f64; 2] {
    [i.low, i.high]
}

pub(super) fn render(all: &Comparisons, out: &mut dyn Write) -> Result<(), RenderError> {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        r#type: "comparison",
        basis: UNCORRECTED,
        baseline: run(&all.baseline),
        comparisons: all.others.iter().map(other).collect(),
    };
    json::value(&document, out)?;
    Ok(writeln!(out)?)
}

fn run(h: &RunHead) -> Run<'_> {
    Run { id: h.id.as_str(), status: h.status.word(), created: words::rfc3339(h.created_ms) }
}

fn other(x: &Against) -> Entry<'_> {
    Entry { run: run(&x.run), judged_differently: &x.differences, notes: &x.notes, agents: x.agents.iter().map(agent).collect() }
}

fn agent(x: &AgentAgainst) -> Agent<'_> {
    let n = &x.numbers;
    Agent {
        name: x.b.as_str(),
        before: x.a.as_str(),
        headline: super::headline(x),
        compared: n.compared,
        unsettled: n.unsettled,
        only_a: n.only_a,
        only_b: n.only_b,
        same_answers: n.same_answers,
        better: n.better,
        worse: n.worse,
        pass_rate: n.pass.as_ref().map(|p| Pass {
            a: p.a,
            b: p.b,
            difference: p.difference,
            interval: p.interval.map(ends),
            test: p.test.as_ref().ok().map(|t| match t {
                Test::McNemar { .. } => "mcnemar_exact",
                Test::SignFlip(_) => "sign_flip",
            }),
            p: p.test.as_ref().ok().map(Test::p),
            mcnemar: p.test.as_ref().ok().and_then(|t| match t {
                Test::McNemar { table: t, .. } => Some([t.both, t.only_a, t.only_b, t.neither]),
                Test::SignFlip(_) => None,
            }),
            no_test: p.test.as_ref().err().map(ToString::to_string),
            least_difference: p.least_difference,
            cases_needed_for_this: p.cases_needed(p.difference),
            cases_needed_for_2_points: p.cases_needed(0.02),
        }),
        mean_score: n.score.as_ref().map(|s| Score {
            cases: s.cases,
            a: s.a,
            b: s.b,
            difference: s.difference,
            interval: s.interval.as_ref().ok().map(|i| ends(*i)),
        }),
        corrected: x.corrected.as_ref().map(|[a, b]| [honest(a), honest(b)]),
        tags: n
            .tags
            .iter()
            .map(|t| Tag {
                name: &t.tag,
                cases: t.cases,
                difference: t.difference,
                interval: t.interval.map(ends),
                p: t.p,
                q: t.q,
                says: super::tag_says(t),
            })
            .collect(),
        changes: x.changes.iter().map(change).collect(),
        changes_left_out: x.left_out,
    }
}

fn honest(c: &Corrected) -> Honest {
    Honest { value: c.theta.clamp(0.0, 1.0), interval: ends(words::within(c.interval, 0.0, 1.0)) }
}

fn change(c: &Change) -> Changed<'_> {
    Changed {
        change: c.word(),
        set: c.set.as_str(),
        case: c.case.as_str(),
        difference: c.difference,
        question: &c.question,
        expected: &c.expected,
        a: side(&c.a),
        b: side(&c.b),
        diff: c.diff.as_ref().map(|d| d.pieces.iter().map(piece).collect()),
    }
}

fn side(t: &Told) -> Side<'_> {
    Side {
        pass: t.side.pass,
        trials: t.side.trials,
        state: t.state.word(),
        score: &t.score,
        answer: t.answer.as_deref().ok(),
        no_answer: t.answer.as_ref().err().map(String::as_str),
    }
}

fn piece(p: &Piece) -> (&'static str, &str) {
    match p {
        Piece::Same(t) => ("same", t),
        Piece::Gone(t) => ("gone", t),
        Piece::New(t) => ("new", t),
    }
}
