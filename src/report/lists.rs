//! Lists for the terminal: the review queue and the runs.

use std::io::{self, Write};

use super::terminal::table::{right, safe, table, text, whole};
use super::view::TrialView;
use super::{Look, words};
use crate::domain::{RunHead, Stratum, Tier, TrialRow};

/// Writes the review queue, in the order given. Rows without a review item are passed over.
///
/// # Errors
/// Those of the writer.
pub fn queue(head: &RunHead, rows: &[TrialRow], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let items: Vec<_> = rows.iter().filter_map(|r| r.item.as_ref().map(|i| (r, i))).collect();
    if items.is_empty() {
        return writeln!(out, "the queue of run {} is empty", head.id);
    }
    let mut t = table(look, &["priority", "tier", "drawn", "case, reasons, question"]);
    right(&mut t, &[0]);
    whole(&mut t, &[0, 1, 2]);
    let room = look.width.saturating_sub(26).max(24);
    for (row, item) in items {
        let case = format!("{} \u{b7} {} \u{b7} risk {}", row.case.id, row.key.agent, row.case.risk);
        let why = item.triggers.iter().map(|t| t.reason()).collect::<Vec<_>>().join("; ");
        t.add_row([
            format!("{:.2}", item.priority),
            tier(item.tier).to_owned(),
            drawn(item.stratum, item.inclusion),
            format!("{}\n{why}\n{}", safe(&case), words::clip(&safe(&row.case.question), room)),
        ]);
    }
    write!(out, "{}", text(&t))
}

/// The tier's word.
#[must_use]
pub fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::T1 => "T1",
        Tier::T2 => "T2",
    }
}

/// How an item came to be drawn: `certain` for a reason of its own, else the probability of its audit.
#[must_use]
pub fn drawn(stratum: Stratum, inclusion: f64) -> String {
    match stratum {
        Stratum::Certain => "certain".to_owned(),
        Stratum::AuditPass | Stratum::AuditFail if inclusion >= 1.0 => "all audited".to_owned(),
        Stratum::AuditPass | Stratum::AuditFail => format!("{:.1}%", inclusion * 100.0),
    }
}

/// Writes a line a run, in the order given.
///
/// # Errors
/// Those of the writer.
pub fn runs(heads: &[RunHead], look: Look, out: &mut dyn Write) -> io::Result<()> {
    if heads.is_empty() {
        return writeln!(out, "there is no run yet: `tribunal run` makes one");
    }
    let mut t = table(look, &["run", "started (UTC)", "status", "sets", "agents", "judges", "trials"]);
    right(&mut t, &[6]);
    whole(&mut t, &[0, 1, 2]);
    for h in heads {
        t.add_row([
            safe(h.id.as_str()),
            words::time(h.created_ms).trim_end_matches(" UTC").to_owned(),
            h.status.to_string(),
            some(h.sets.iter().map(|s| s.name.as_str())),
            some(h.agents.iter().map(|a| a.name.as_str())),
            some(h.judges.iter().map(|j| j.name.as_str())),
            words::count(h.planned),
        ]);
    }
    write!(out, "{}", text(&t))
}

/// Names, one a line, the first three of them.
fn some<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(3);
    let mut lines: Vec<String> = names.take(3).map(safe).collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}

/// Writes a line a trial: what `show` lists without a case. The trials of a repeated case are numbered: `refund #2`.
///
/// # Errors
/// [`super::RenderError`] when the writer fails or a row cannot be read.
pub fn trials(head: &RunHead, rows: &mut super::Rows<'_>, look: Look, out: &mut dyn Write) -> Result<(), super::RenderError> {
    let id = if look.width >= 110 { 34 } else { 24 };
    let agent = head.agents.iter().map(|a| a.name.as_str().chars().count()).max().unwrap_or(5).clamp(5, 16);
    let mut line = |cells: [&str; 5]| {
        let widths = [12, 6, id, agent, 0];
        let line: Vec<String> = cells.iter().zip(widths).map(|(c, w)| words::pad(c, w)).collect();
        writeln!(out, "{}", line.join(" ").trim_end())
    };
    line(["verdict", "score", "case", "agent", "question"])?;
    let repeated = head.selection.contains("--trials ");
    for row in rows {
        let row = row?;
        let which = if repeated || row.case.trials > 1 || row.key.trial > 0 { format!(" #{}", row.key.trial + 1) } else { String::new() };
        let view = TrialView::new(head, &row);
        let state = format!("{} {}", view.state.mark(), view.state.label());
        let room = look.width.saturating_sub(12 + 6 + id + agent + 4).max(16);
        line([
            &state,
            &view.score(),
            &format!("{}{which}", words::clip(&safe(row.case.id.as_str()), id.saturating_sub(which.len()))),
            &words::clip(&safe(row.key.agent.as_str()), agent),
            &words::clip(&safe(&row.case.question), room),
        ])?;
    }
    Ok(())
}
