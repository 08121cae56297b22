//! The table of agents: one column each, as many side by side as the terminal holds.

use std::io::{self, Write};

use super::table::{fixed, safe, table, text};
use crate::report::model::{Report, UNCORRECTED};
use crate::report::{Look, words};
use crate::stats::summary::{AgentSummary, Interval};

const LABELS: usize = 22;
const COLUMN: usize = 28;

pub(super) fn render(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let room = look.width.saturating_sub(LABELS);
    let at_once = (room / COLUMN).max(1);
    for agents in report.summary.agents.chunks(at_once) {
        let column = (room / agents.len()).min(if agents.len() == 1 { 57 } else { 41 }) - 1;
        writeln!(out)?;
        write!(out, "{}", block(agents, look, column))?;
    }
    Ok(())
}

fn block(agents: &[AgentSummary], look: Look, column: usize) -> String {
    let header: Vec<&str> = std::iter::once("").chain(agents.iter().map(|a| a.agent.as_str())).collect();
    let mut t = table(look, &header);
    fixed(&mut t, 0, LABELS);
    for i in 1..=agents.len() {
        fixed(&mut t, i, column);
    }
    let mut row = |label: &str, cell: &dyn Fn(&AgentSummary) -> String| {
        t.add_row(std::iter::once(label.to_owned()).chain(agents.iter().map(cell)).collect::<Vec<_>>());
    };
    row(&format!("accuracy\n  {}", UNCORRECTED.replace(", ", ",\n  ")), &accuracy);
    if agents.iter().any(|a| a.split + a.unscored > 0) {
        row("disputed", &disputed);
        row("  if all fail / pass", &|a| bounds(a.accuracy_bounds));
    }
    row("mean score", &mean_score);
    row("scores", &|a| histogram(a, column.saturating_sub(3)));
    if agents.iter().any(|a| !a.failures.is_empty()) {
        row("no answer", &failures);
    }
    row("latency", &|a| a.latency_ms.map_or_else(|| words::NONE.to_owned(), |l| latency(l, column)));
    if agents.iter().any(|a| !a.slowest.is_empty()) {
        row("slowest", &|a| slowest(a, column));
    }
    row("cost of answers", &|a| words::cost(&a.spend));
    if agents.iter().any(|a| words::tokens(a.spend.tokens) != words::NONE) {
        row("tokens", &|a| words::tokens(a.spend.tokens));
    }
    text(&t)
}

fn accuracy(a: &AgentSummary) -> String {
    match a.accuracy.value {
        Some(_) => format!(
            "{}\n95% interval {}\n{} of {} settled pass",
            words::percent(a.accuracy.value),
            words::percent_range(a.accuracy.interval),
            words::count(a.accuracy.passed),
            words::count(a.accuracy.settled)
        ),
        None => format!("no score\nof {},\nnone was settled", words::counted(a.trials, "trial", "trials")),
    }
}

fn mean_score(a: &AgentSummary) -> String {
    match (a.mean_score, a.score_interval) {
        (Some(m), Some(i)) => format!("{m:.2} of 5\n95% interval {:.2} to {:.2}", i.low, i.high),
        (Some(m), None) => format!("{m:.2} of 5"),
        (None, _) => "no score".to_owned(),
    }
}

fn disputed(a: &AgentSummary) -> String {
    match (a.split, a.unscored) {
        (0, 0) => "none".to_owned(),
        (s, 0) => format!("{} split", words::count(s)),
        (0, u) => format!("{} unscored", words::count(u)),
        (s, u) => format!("{} split, {} unscored", words::count(s), words::count(u)),
    }
}

fn bounds(b: Option<Interval>) -> String {
    b.map_or_else(|| words::NONE.to_owned(), |b| format!("{} / {}", words::percent(Some(b.low)), words::percent(Some(b.high))))
}

fn latency(ms: [u64; 3], column: usize) -> String {
    let [p50, p95, max] = ms.map(words::millis);
    let line = format!("p50 {p50}, p95 {p95}, max {max}");
    if line.len() < column { line } else { format!("p50 {p50}, p95 {p95}\nmax {max}") }
}

fn failures(a: &AgentSummary) -> String {
    match a.failures.iter().map(|(_, n)| n).sum::<u64>() {
        0 => "none".to_owned(),
        n => format!("{} ({})", words::count(n), safe(&words::tally(&a.failures))),
    }
}

fn histogram(a: &AgentSummary, width: usize) -> String {
    let most = a.histogram.iter().copied().max().unwrap_or(0);
    let digits = words::count(most).len();
    let room = width.saturating_sub(2 + digits).min(40);
    let line = |i: usize, n: u64| format!("{} {} {}", i + 1, words::bar(n, most, room), words::count(n)).replace("  ", " ");
    a.histogram.iter().enumerate().rev().map(|(i, n)| line(i, *n)).collect::<Vec<_>>().join("\n")
}

fn slowest(a: &AgentSummary, column: usize) -> String {
    let room = column.saturating_sub(13).max(8);
    let line = |(case, ms): &(String, u64)| format!("{} {}", words::clip(&safe(case), room), words::millis(*ms));
    a.slowest.iter().take(3).map(line).collect::<Vec<_>>().join("\n")
}
