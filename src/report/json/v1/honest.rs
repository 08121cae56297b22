//! What people's grades make of a run, in version 1.

use serde::Serialize;

use crate::report::words;
use crate::stats::estimate::{Corrected, Estimate};
use crate::stats::honest::{self, Pair};
use crate::stats::summary::Interval;

/// Beyond the judges' opinion.
#[derive(Debug, Serialize)]
pub struct Honest<'a> {
    design: Option<String>,
    agents: Vec<Agent<'a>>,
    people: People<'a>,
}

#[derive(Debug, Serialize)]
struct Agent<'a> {
    #[serde(rename = "agent")]
    name: &'a str,
    answers: u64,
    drawn: u64,
    graded: u64,
    judge_only: Option<f64>,
    judge_only_interval: Option<[f64; 2]>,
    /// Why there is no corrected number.
    not_estimable: Option<String>,
    pass_rate: Option<Number>,
    mean_grade: Option<Number>,
    people_only: Option<Number>,
    detectable: Option<f64>,
    silent_errors_at_most: Option<f64>,
    indicative: Option<bool>,
    assumptions: &'a [String],
}

#[derive(Debug, Serialize)]
struct Number {
    value: f64,
    interval: [f64; 2],
    this_set: [f64; 2],
    lower: f64,
    upper: f64,
}

#[derive(Debug, Serialize)]
struct People<'a> {
    graded: u64,
    grades: u64,
    graders: u64,
    doubly_graded: u64,
    alpha: Option<f64>,
    alpha_interval: Option<[f64; 2]>,
    judges: Vec<Against<'a>>,
}

#[derive(Debug, Serialize)]
struct Against<'a> {
    /// `null` is the panel's median.
    judge: Option<&'a str>,
    on_graded: Table,
    on_run: Option<Table>,
}

#[derive(Debug, Serialize)]
struct Table {
    answers: u64,
    /// Rows are the judge's scores 1-5, columns people's.
    #[serde(rename = "table")]
    scores: [[f64; 5]; 5],
    exact: f64,
    adjacent: f64,
    mean_absolute_error: f64,
    bias: f64,
    quadratic_kappa: Option<f64>,
}

fn ends(i: Interval) -> [f64; 2] {
    [i.low, i.high]
}

fn number(c: &Corrected, low: f64, high: f64) -> Number {
    let cut = |i| ends(words::within(i, low, high));
    Number {
        value: c.theta.clamp(low, high),
        interval: cut(c.interval),
        this_set: cut(c.this_set),
        lower: c.lower.clamp(low, high),
        upper: c.upper.clamp(low, high),
    }
}

fn table(p: &Pair) -> Table {
    Table {
        answers: p.n,
        scores: p.table,
        exact: p.exact,
        adjacent: p.adjacent,
        mean_absolute_error: p.mean_absolute_error,
        bias: p.bias,
        quadratic_kappa: p.kappa,
    }
}

impl<'a> Honest<'a> {
    /// Of a report.
    #[must_use]
    pub fn of(h: &'a honest::Honest) -> Self {
        Self {
            design: h.design.map(|d| d.to_string()),
            agents: h.agents.iter().map(agent).collect(),
            people: People {
                graded: h.people.graded,
                grades: h.people.grades,
                graders: h.people.graders,
                doubly_graded: h.people.doubly_graded,
                alpha: h.people.alpha,
                alpha_interval: h.people.interval.map(ends),
                judges: h
                    .people
                    .judges
                    .iter()
                    .map(|j| Against {
                        judge: j.judge.as_ref().map(AsRef::as_ref),
                        on_graded: table(&j.graded),
                        on_run: j.run.as_ref().map(table),
                    })
                    .collect(),
            },
        }
    }
}

fn agent(a: &honest::AgentHonest) -> Agent<'_> {
    let r = &a.release;
    let e = r.estimated();
    Agent {
        name: a.agent.as_str(),
        answers: r.items,
        drawn: r.drawn,
        graded: r.graded,
        judge_only: r.judge_only.pass_rate,
        judge_only_interval: r.judge_only.interval.map(ends),
        not_estimable: if let Estimate::NotEstimable { refusal } = &r.estimate { Some(refusal.to_string()) } else { None },
        pass_rate: e.map(|e| number(&e.pass_rate, 0.0, 1.0)),
        mean_grade: e.map(|e| number(&e.mean_grade, 1.0, 5.0)),
        people_only: e.map(|e| number(&e.people_only, 0.0, 1.0)),
        detectable: e.map(|e| e.detectable),
        silent_errors_at_most: e.and_then(|e| e.silent.as_ref().ok()).map(|s| s.upper),
        indicative: e.map(|e| e.indicative),
        assumptions: e.map_or(&[], |e| e.assumptions.as_slice()),
    }
}
