//! Version 1 of a run's numbers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Spend;
use crate::report::model::UNCORRECTED;
use crate::report::pairs::PairView;
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
    pairs: Vec<AgentPair<'a>>,
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
    mean_score_interval: Option<Range>,
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
struct AgentPair<'a> {
    first: &'a str,
    second: &'a str,
    common_cases: u64,
    settled_cases: u64,
    both_pass: u64,
    only_first_passes: u64,
    only_second_passes: u64,
    neither_passes: u64,
    accuracy_second_minus_first: Option<f64>,
    accuracy_interval: Option<Range>,
    scored_cases: u64,
    mean_score_second_minus_first: Option<f64>,
    mean_score_interval: Option<Range>,
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
            pairs: PairView::all(s).into_iter().map(agent_pair).collect(),
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
        mean_score_interval: a.score_interval.map(range),
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

fn agent_pair(v: PairView<'_>) -> AgentPair<'_> {
    let p = v.pair;
    AgentPair {
        first: v.first,
        second: v.second,
        common_cases: p.cases,
        settled_cases: p.settled,
        both_pass: p.both,
        only_first_passes: p.only_first,
        only_second_passes: p.only_second,
        neither_passes: p.neither,
        accuracy_second_minus_first: p.share,
        accuracy_interval: p.share_interval.map(range),
        scored_cases: p.scored,
        mean_score_second_minus_first: p.score,
        mean_score_interval: p.score_interval.map(range),
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
