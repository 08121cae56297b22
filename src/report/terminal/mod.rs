//! The summary for a person at a terminal. 80 columns look good; wider is used; every line says its meaning in words.

mod agents;
mod groups;
mod honest;
mod judges;
mod pairs;
mod people;
pub(in crate::report) mod table;

use std::io::{self, Write};

use self::table::{Paint, safe, wrap};
use super::model::{GateState, Report};
use super::{Look, words};

/// Writes the summary.
///
/// # Errors
/// Those of the writer.
pub fn render(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    head(report, look, out)?;
    agents::render(report, look, out)?;
    honest::render(report, look, out)?;
    pairs::render(report, look, out)?;
    groups::render(report, look, out)?;
    judges::render(report, look, out)?;
    people::render(report, look, out)
}

fn head(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(look.color);
    for line in wrap(&safe(&report.headline()), look.width) {
        writeln!(out, "{}", paint.bold(line))?;
    }
    for line in wrap(&safe(&about(report)), look.width) {
        writeln!(out, "{}", paint.dim(line))?;
    }
    if let Some(missing) = report.incomplete() {
        for line in wrap(&missing, look.width) {
            writeln!(out, "{}", paint.warn(line))?;
        }
    }
    if let Some(gate) = &report.gate {
        let line = format!("gate: {}", gate.state.word());
        let line = match gate.state {
            GateState::Pass => paint.good(line),
            GateState::Fail => paint.bad(line),
            GateState::Undecided => paint.warn(line),
        };
        writeln!(out, "\n{}", paint.bold(line))?;
        for reason in &gate.reasons {
            bullet(&safe(reason), look, out)?;
        }
    }
    Ok(())
}

fn about(report: &Report) -> String {
    let h = &report.head;
    let sets = h.sets.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut parts = vec![format!("run {}", h.id), h.status.to_string()];
    if !sets.is_empty() {
        parts.push(sets);
    }
    if !h.selection.is_empty() {
        parts.push(format!("selected {}", h.selection));
    }
    parts.push(format!("{} of {} trials", words::count(report.summary.done), words::count(report.summary.planned)));
    if let Some(ms) = report.took_ms() {
        parts.push(words::millis(ms));
    }
    if let Some(from) = &h.judged_from {
        parts.push(format!("judged again from {from}"));
    }
    parts.join(" \u{b7} ")
}

/// A heading with an empty line above it.
pub(in crate::report) fn heading(title: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    wrap(title, look.width).into_iter().try_for_each(|line| writeln!(out, "{}", Paint(look.color).bold(line)))
}

/// A paragraph with a dash before it, wrapped under itself.
pub(in crate::report) fn bullet(text: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for (i, line) in wrap(text, look.width.saturating_sub(2)).into_iter().enumerate() {
        writeln!(out, "{}{line}", if i == 0 { "- " } else { "  " })?;
    }
    Ok(())
}
