//! Version 1 of a run's numbers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Spend;
use crate::report::model::UNCORRECTED;
use crate::stats::summary as inner;

/// A run's numbers.
#[derive(Debug, Serialize)]
pub struct Summary<'a> {
    basis: &'static str,
    planned: u64,
    done: u64,
    ballots_saved: u64,
    spend: Spend,
    agents: Vec<Agent<'a>>,
    judges: Vec<Judge<'a>>,
    agreement: Agreement<'a>,
}

#[derive(Debug, Serialize)]
struct Range {
    low: f64,
    high: f64,
}

#[derive(Debug, Serialize)]
struct Share {
    value: Option<f64>,
    interval: Option<Range>,
    passed: u64,
    settled: u64,
}

#[derive(Debug, Serialize)]
struct Agent<'a> {
    name: &'a str,
    trials: u64,
    cases: u64,
    accuracy: Share,
    accuracy_if_disputed_fail_or_pass: Option<Range>,
    mean_score: Option<f64>,
    histogram: [u64; 5],
    split: u64,
    unscored: u64,
    failures: BTreeMap<&'a str, u64>,
    review: u64,
    triggers: BTreeMap<&'a str, u64>,
    latency_ms: Option<Latency>,
    slowest: Vec<Slow<'a>>,
    spend: Spend,
    tags: Vec<Group<'a>>,
    risks: Vec<Group<'a>>,
    sets: Vec<Group<'a>>,
}

#[derive(Debug, Serialize)]
struct Latency {
    p50: u64,
    p95: u64,
    max: u64,
}

#[derive(Debug, Serialize)]
struct Slow<'a> {
    case: &'a str,
    ms: u64,
}

#[derive(Debug, Serialize)]
struct Group<'a> {
    name: &'a str,
    trials: u64,
    accuracy: Share,
    mean_score: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Judge<'a> {
    name: &'a str,
    ballots: u64,
    scored: u64,
    failures: BTreeMap<&'a str, u64>,
    mean_score: Option<f64>,
    self_alpha: Option<f64>,
    latency_p50_ms: Option<u64>,
    settled_alone: u64,
    spend: Spend,
}

#[derive(Debug, Serialize)]
struct Agreement<'a> {
    alpha: Option<f64>,
    alpha_undefined_because: Option<&'a str>,
    alpha_interval: Option<Range>,
    units: u64,
    unanimous: Option<f64>,
    two_or_more_apart: Option<f64>,
    pairs: Vec<Pair<'a>>,
}

#[derive(Debug, Serialize)]
struct Pair<'a> {
    first: Option<&'a str>,
    second: Option<&'a str>,
    units: u64,
    equal: f64,
    within_one: f64,
    first_minus_second: f64,
}

impl<'a> Summary<'a> {
    /// The numbers of a summary.
    #[must_use]
    pub fn of(s: &'a inner::Summary) -> Self {
        Self {
            basis: UNCORRECTED,
            planned: s.planned,
            done: s.done,
            ballots_saved: s.ballots_saved,
            spend: (&s.spend).into(),
            agents: s.agents.iter().map(agent).collect(),
            judges: s.judges.iter().map(judge).collect(),
            agreement: agreement(s),
        }
    }
}

fn range(i: inner::Interval) -> Range {
    Range { low: i.low, high: i.high }
}

fn share(s: &inner::Share) -> Share {
    Share { value: s.value, interval: s.interval.map(range), passed: s.passed, settled: s.settled }
}

fn map(counts: &[(String, u64)]) -> BTreeMap<&str, u64> {
    counts.iter().map(|(w, n)| (w.as_str(), *n)).collect()
}

fn groups(groups: &[inner::TagSummary]) -> Vec<Group<'_>> {
    groups.iter().map(|g| Group { name: &g.name, trials: g.trials, accuracy: share(&g.accuracy), mean_score: g.mean_score }).collect()
}

fn agent(a: &inner::AgentSummary) -> Agent<'_> {
    Agent {
        name: a.agent.as_str(),
        trials: a.trials,
        cases: a.cases,
        accuracy: share(&a.accuracy),
        accuracy_if_disputed_fail_or_pass: a.accuracy_bounds.map(range),
        mean_score: a.mean_score,
        histogram: a.histogram,
        split: a.split,
        unscored: a.unscored,
        failures: map(&a.failures),
        review: a.review,
        triggers: map(&a.triggers),
        latency_ms: a.latency_ms.map(|[p50, p95, max]| Latency { p50, p95, max }),
        slowest: a.slowest.iter().map(|(case, ms)| Slow { case, ms: *ms }).collect(),
        spend: (&a.spend).into(),
        tags: groups(&a.tags),
        risks: groups(&a.risks),
        sets: groups(&a.sets),
    }
}

fn judge(j: &inner::JudgeSummary) -> Judge<'_> {
    Judge {
        name: j.judge.as_str(),
        ballots: j.ballots,
        scored: j.scored,
        failures: map(&j.failures),
        mean_score: j.mean_score,
        self_alpha: j.self_alpha,
        latency_p50_ms: j.latency_ms,
        settled_alone: j.settled_alone,
        spend: (&j.spend).into(),
    }
}

fn agreement(s: &inner::Summary) -> Agreement<'_> {
    let a = &s.agreement;
    let name = |i: usize| s.judges.get(i).map(|j| j.judge.as_str());
    Agreement {
        alpha: a.alpha.as_ref().ok().copied(),
        alpha_undefined_because: a.alpha.as_ref().err().map(String::as_str),
        alpha_interval: a.interval.map(range),
        units: a.units,
        unanimous: a.unanimous,
        two_or_more_apart: a.range_two,
        pairs: a
            .pairs
            .iter()
            .map(|p| Pair {
                first: name(p.first),
                second: name(p.second),
                units: p.units,
                equal: p.exact,
                within_one: p.adjacent,
                first_minus_second: p.bias,
            })
            .collect(),
    }
}
