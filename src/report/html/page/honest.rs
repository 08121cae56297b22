//! The honest number, as the page shows it: three answers to one question, judges against people, and predictions against grades.

use serde::Serialize;

use super::super::charts::{Whisker, range};
use crate::report::model::Report;
use crate::report::words;
use crate::stats::estimate::{Corrected, Estimate, Release};
use crate::stats::honest::{AgentHonest, Honest, Pair, Signal};
use crate::stats::summary::Interval;

#[derive(Debug, Serialize)]
pub(super) struct HonestPage {
    agents: Vec<AgentPage>,
    people: Vec<String>,
    tables: Vec<TablePage>,
}

#[derive(Debug, Serialize)]
struct AgentPage {
    name: String,
    /// Why there is no corrected number.
    refused: Option<String>,
    rows: Vec<NumberRow>,
    facts: Vec<(&'static str, String)>,
    assumptions: Vec<String>,
    reliability: Vec<BinPage>,
    signals: Vec<[String; 3]>,
}

#[derive(Debug, Serialize)]
struct NumberRow {
    name: &'static str,
    about: String,
    value: String,
    interval: String,
    whisker: Whisker,
    /// The headline.
    strong: bool,
}

/// One bin of the reliability diagram; lengths in percent.
#[derive(Debug, Serialize)]
struct BinPage {
    x: String,
    y: String,
    low: String,
    high: String,
    predicted: String,
    observed: String,
    n: String,
}

#[derive(Debug, Serialize)]
struct TablePage {
    name: String,
    about: String,
    facts: String,
    /// Rows: the judge's scores, 5 first; cells: heat class and text.
    rows: Vec<(u8, Vec<(String, String)>)>,
}

pub(super) fn honest(report: &Report) -> Option<HonestPage> {
    let h = report.honest.as_ref().filter(|h| h.people.grades > 0)?;
    Some(HonestPage {
        agents: h.agents.iter().map(agent).collect(),
        people: people(h),
        tables: h
            .people
            .judges
            .iter()
            .map(|j| {
                let name = j.judge.as_ref().map_or_else(|| "the panel".to_owned(), ToString::to_string);
                match &j.run {
                    Some(run) => table(name, "weighted to the whole run by the probability with which each answer was drawn", run),
                    None => table(name, "on the graded answers only, which are the disputed ones first", &j.graded),
                }
            })
            .collect(),
    })
}

fn agent(a: &AgentHonest) -> AgentPage {
    let r = &a.release;
    let base = |refused, rows, facts, assumptions| AgentPage {
        name: a.agent.to_string(),
        refused,
        rows,
        facts,
        assumptions,
        reliability: a.signals.reliability.iter().map(bin).collect(),
        signals: a.signals.signals.iter().map(signal).collect(),
    };
    match &r.estimate {
        Estimate::NotEstimable { refusal } => {
            let said = format!("Not corrected: {refusal}.");
            base(Some(said), vec![judges(r)], counts(r), Vec::new())
        }
        Estimate::Estimated(e) => {
            let blind = words::counted(r.graded, "blind grade", "blind grades");
            let rows = vec![
                row("Corrected", format!("judges, corrected by {blind}"), &e.pass_rate, true),
                judges(r),
                row("People only", format!("the same {blind}, no judge"), &e.people_only, false),
            ];
            let mut facts = counts(r);
            let this = words::within(e.pass_rate.this_set, 0.0, 1.0);
            facts.push(("On these very answers", words::percent_range(Some(this))));
            let grade = &e.mean_grade;
            facts.push(("Mean grade", format!("{:.2} ({})", grade.theta, words::decimal_range(Some(grade.interval)))));
            if let Ok(silent) = &e.silent {
                facts.push(("Wrong among undisputed", format!("at most {}", words::percent(Some(silent.upper)))));
            }
            facts.push(("A change that would show", format!("{:.1} points", 100.0 * e.detectable)));
            base(None, rows, facts, e.assumptions.clone())
        }
    }
}

fn counts(r: &Release) -> Vec<(&'static str, String)> {
    vec![("Answers", words::count(r.items)), ("Drawn for people", words::count(r.drawn)), ("Graded blind", words::count(r.graded))]
}

fn row(name: &'static str, about: String, c: &Corrected, strong: bool) -> NumberRow {
    let (value, interval) = (c.theta.clamp(0.0, 1.0), words::within(c.interval, 0.0, 1.0));
    number(name, about, Some(value), Some(interval), strong)
}

fn judges(r: &Release) -> NumberRow {
    let about = format!("their opinion on {}, as if they never erred", words::counted(r.judge_only.scored, "answer", "answers"));
    number("Judges only", about, r.judge_only.pass_rate, r.judge_only.interval, false)
}

fn number(name: &'static str, about: String, value: Option<f64>, interval: Option<Interval>, strong: bool) -> NumberRow {
    NumberRow {
        name,
        about,
        value: words::percent(value),
        interval: words::percent_range(interval),
        whisker: range(name, value, interval),
        strong,
    }
}

fn bin(b: &crate::stats::calibrate::scores::Bin) -> BinPage {
    let at = |share: f64| format!("{:.2}", 100.0 * share.clamp(0.0, 1.0));
    // Upright: 0% is at the bottom.
    let up = |share: f64| at(1.0 - share.clamp(0.0, 1.0));
    BinPage {
        x: at(b.predicted),
        y: up(b.observed),
        low: up(b.interval.low),
        high: up(b.interval.high),
        predicted: words::percent(Some(b.predicted)),
        observed: format!("{} ({})", words::percent(Some(b.observed)), words::percent_range(Some(b.interval))),
        n: words::count(b.n),
    }
}

fn signal(s: &Signal) -> [String; 3] {
    let name = match s.name.as_str() {
        "spread" => "how far the judges are apart".to_owned(),
        "near_mark" => "how near their mean is to the pass mark".to_owned(),
        "unsure" => "how unsure they say they are".to_owned(),
        trigger => words::trigger(trigger),
    };
    [name, words::decimal(s.auroc), s.raised.map_or_else(|| words::NONE.to_owned(), words::count)]
}

fn people(h: &Honest) -> Vec<String> {
    let p = &h.people;
    let mut out =
        vec![format!("{} by {}", words::counted(p.grades, "blind grade", "blind grades"), words::counted(p.graders, "person", "people"))];
    out.push(match p.alpha {
        Some(alpha) if p.doubly_graded >= 30 => format!(
            "people among themselves: Krippendorff\u{2019}s alpha (ordinal) {alpha:.2}, 95% interval {}, on {}",
            words::decimal_range(p.interval),
            words::counted(p.doubly_graded, "answer", "answers")
        ),
        _ => format!(
            "too few to judge how people agree among themselves: {} graded by two or more",
            words::counted(p.doubly_graded, "answer", "answers")
        ),
    });
    out
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share, in tenths")]
fn table(name: String, about: &str, p: &Pair) -> TablePage {
    let total: f64 = p.table.iter().flatten().sum();
    let cell = |w: f64| {
        let share = if total > 0.0 { w / total } else { 0.0 };
        let text = if w > 0.0 { words::percent(Some(share)) } else { String::new() };
        (format!("h{}", ((share * 20.0).round() as u8).min(10)), text)
    };
    let kappa = p.kappa.map_or_else(|| "undefined".to_owned(), |k| format!("{k:.2}"));
    TablePage {
        name,
        about: format!("{}, {about}", words::counted(p.n, "answer", "answers")),
        facts: format!(
            "equal {}, within one {}, quadratic kappa {kappa}, bias {}",
            words::percent(Some(p.exact)),
            words::percent(Some(p.adjacent)),
            words::signed(p.bias)
        ),
        rows: (0..5).rev().map(|j| (j as u8 + 1, p.table[j].iter().map(|w| cell(*w)).collect())).collect(),
    }
}
