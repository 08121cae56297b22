//! What stands around the run, as the page shows it: runs before it, minutes of people, who was wrong.

use serde::Serialize;

use super::super::charts::{Whisker, range};
use crate::report::model::Report;
use crate::report::words;

#[derive(Debug, Serialize)]
pub(super) struct AroundPage {
    trend: Vec<TrendPage>,
    load: Vec<[String; 6]>,
    faults: Vec<(&'static str, String)>,
}

#[derive(Debug, Serialize)]
struct TrendPage {
    agent: String,
    rows: Vec<TrendRow>,
}

#[derive(Debug, Serialize)]
struct TrendRow {
    time: String,
    run: String,
    this: bool,
    edited: bool,
    value: String,
    interval: String,
    settled: String,
    whisker: Whisker,
}

pub(super) fn around(report: &Report) -> AroundPage {
    let work = &report.work;
    AroundPage {
        trend: if report.trend.len() > 1 { report.summary.agents.iter().map(|a| trend(report, &a.agent)).collect() } else { Vec::new() },
        load: if work.load.is_empty() { Vec::new() } else { load(report) },
        faults: work.faults.iter().map(|(f, n)| (f.words(), words::count(*n))).collect(),
    }
}

fn trend(report: &Report, agent: &crate::domain::AgentName) -> TrendPage {
    let rows = report.trend.iter().filter_map(|t| {
        let (_, share) = t.agents.iter().find(|(name, _)| name == agent)?;
        let time = words::time(t.created_ms);
        Some(TrendRow {
            whisker: range(&format!("{time}, {}", t.run), share.value, share.interval),
            time,
            run: t.run.to_string(),
            this: t.run == report.head.id,
            edited: !t.same_cases,
            value: words::percent(share.value),
            interval: words::percent_range(share.interval),
            settled: words::count(share.settled),
        })
    });
    TrendPage { agent: agent.to_string(), rows: rows.collect() }
}

fn load(report: &Report) -> Vec<[String; 6]> {
    let row = |name: String, drawn: u64, graded: u64, minutes: f64, done: f64| {
        let m = |x: f64| format!("{:.0}", x.max(0.0));
        [name, words::count(drawn), words::count(graded), m(minutes), m(done), m(minutes - done)]
    };
    let all = &report.work.load;
    let name = |t: Option<crate::domain::Trigger>| t.map_or_else(|| "drawn without a trigger".to_owned(), |t| t.reason().to_owned());
    let mut rows: Vec<_> = all.iter().map(|l| row(name(l.trigger), l.drawn, l.graded, l.minutes, l.minutes_graded)).collect();
    let sum = |f: fn(&crate::report::around::Load) -> f64| all.iter().map(f).sum::<f64>();
    let count = |f: fn(&crate::report::around::Load) -> u64| all.iter().map(f).sum::<u64>();
    rows.push(row("all".to_owned(), count(|l| l.drawn), count(|l| l.graded), sum(|l| l.minutes), sum(|l| l.minutes_graded)));
    rows
}
