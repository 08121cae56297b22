//! A gate's answer: a table for people, one line for logs.

use std::io::{self, Write};

use super::terminal::table::{right, safe, table, text, whole};
use super::{GateState, Look, words};
use crate::gate::{Basis, GateLine, GateResult};
use crate::text::neutral::log_line;

/// What a line's figure rests on, in a word.
fn basis(b: Basis) -> &'static str {
    match b {
        Basis::Judges => "judges only",
        Basis::People => "corrected",
        Basis::Count => "count",
    }
}

/// A figure of a line as people read it: a share in percent, a score, an alpha or dollars as they are.
#[must_use]
pub fn figure(line: &GateLine, value: f64) -> String {
    match line.name.as_str() {
        "mean score" | "agreement" => format!("{value:.2}"),
        "cost" => format!("${value:.2}"),
        _ => words::percent(Some(value)),
    }
}

/// What is asked, in words.
fn asked(line: &GateLine) -> String {
    let most = matches!(line.name.as_str(), "accuracy drop" | "unscored" | "cost");
    line.threshold.map_or_else(|| words::NONE.to_owned(), |t| format!("{} {}", if most { "at most" } else { "at least" }, figure(line, t)))
}

/// A table with a row a line, then what chance does to the lines, then what the figures rest on.
///
/// # Errors
/// Those of the writer.
pub fn terminal(result: &GateResult, state: GateState, extra: &[String], look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "gate: {}", state.word().to_uppercase())?;
    let several =
        result.lines.iter().filter_map(|l| l.agent.as_ref()).any(|a| result.lines.iter().any(|l| l.agent.as_ref().is_some_and(|b| b != a)));
    let mut t = table(look, &["line", "says", "figure", "asked", "why"]);
    right(&mut t, &[2]);
    whole(&mut t, &[1, 2]);
    for l in &result.lines {
        let whose = l.agent.as_ref().filter(|_| several).map(|a| format!("{a}: ")).unwrap_or_default();
        t.add_row([
            safe(&format!("{whose}{}", l.name)),
            l.verdict.word().to_owned(),
            l.value.map_or_else(|| words::NONE.to_owned(), |v| figure(l, v)),
            asked(l),
            safe(&format!("{} ({})", l.why, basis(l.basis))),
        ]);
    }
    write!(out, "{}", text(&t))?;
    for (l, noise) in result.lines.iter().filter_map(|l| l.noise.map(|n| (l, n))) {
        writeln!(out, "{}", safe(&format!("{}: {}", l.name, noise.words())))?;
    }
    for line in extra {
        writeln!(out, "{}", safe(line))?;
    }
    writeln!(out, "({})", result.note)
}

/// One line: `gate=fail run=... accuracy=85.0%[81.2%,88.3%]:fail ...`.
///
/// # Errors
/// Those of the writer.
pub fn line(result: &GateResult, state: GateState, run: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut parts = vec![format!("gate={}", state.word()), format!("run={run}")];
    for l in &result.lines {
        let whose = l.agent.as_ref().map(|a| format!("{a}/")).unwrap_or_default();
        let value = l.value.map_or_else(|| "none".to_owned(), |v| figure(l, v));
        let range = l.interval.map_or_else(String::new, |i| format!("[{},{}]", figure(l, i.low), figure(l, i.high)));
        parts.push(format!("{whose}{}={value}{range}:{}", l.name.replace(' ', "_"), l.verdict));
    }
    writeln!(out, "{}", log_line(&parts.join(" ")))
}
