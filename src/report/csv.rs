//! CSV: one row a trial, for spreadsheets. Invariant: no cell can be taken for a formula.

use std::io::Write;

use super::view::TrialView;
use super::{RenderError, Report, Rows, lists};
use crate::domain::Verdict;
use crate::text::neutral;

/// The columns. Only ever added to, at the end.
pub const COLUMNS: [&str; 24] = [
    "seq",
    "set",
    "case",
    "agent",
    "trial",
    "state",
    "score",
    "mean",
    "pass_mark",
    "risk",
    "tags",
    "question",
    "expected",
    "answer",
    "failure",
    "ballots",
    "reasons",
    "triggers",
    "priority",
    "tier",
    "inclusion",
    "latency_ms",
    "cost_usd",
    "notices",
];

/// Writes the header and one row a trial.
///
/// # Errors
/// [`RenderError`] when the writer fails or a row cannot be read.
pub fn render(report: &Report, rows: &mut Rows<'_>, out: &mut dyn Write) -> Result<(), RenderError> {
    let mut w = ::csv::Writer::from_writer(out);
    w.write_record(COLUMNS).map_err(io)?;
    for row in rows {
        let row = row?;
        w.write_record(record(&TrialView::new(&report.head, &row))).map_err(io)?;
    }
    Ok(w.flush()?)
}

fn record(v: &TrialView<'_>) -> [String; 24] {
    let (row, case) = (v.row, v.row.case.as_ref());
    let item = row.item.as_ref();
    let settled = match row.tally.as_ref().map(|t| t.verdict) {
        Some(Verdict::Settled { score }) => Some(score),
        Some(Verdict::Split { .. } | Verdict::Unscored { .. }) | None => None,
    };
    let number = |n: Option<f64>| n.map_or_else(String::new, |n| format!("{n}"));
    let ballots = row.ballots.iter().map(|b| {
        let score = b.outcome.as_ref().map_or_else(|f| f.kind.word().to_owned(), |j| j.score.to_string());
        format!("{}#{}={score}", b.judge, b.sample)
    });
    let reasons = row.ballots.iter().filter_map(|b| b.outcome.as_ref().ok().map(|j| format!("{}#{}: {}", b.judge, b.sample, j.reason)));
    [
        row.key.seq.to_string(),
        text(row.key.set.as_str()),
        text(case.id.as_str()),
        text(row.key.agent.as_str()),
        row.key.trial.to_string(),
        v.state.word().to_owned(),
        settled.map_or_else(String::new, |score| score.to_string()),
        number(row.tally.as_ref().and_then(|t| t.mean)),
        v.pass_mark.map_or_else(String::new, |m| m.to_string()),
        case.risk.word().to_owned(),
        text(&case.tags.join(" ")),
        text(&case.question),
        text(&case.expected),
        text(row.answer.as_ref().map_or("", |o| o.text.as_str())),
        text(&row.answer.as_ref().err().map_or_else(String::new, ToString::to_string)),
        text(&ballots.collect::<Vec<_>>().join(" ")),
        text(&reasons.collect::<Vec<_>>().join("\n")),
        v.triggers().map(crate::domain::Trigger::word).collect::<Vec<_>>().join(" "),
        number(item.map(|i| i.priority)),
        item.map_or_else(String::new, |i| lists::tier(i.tier).to_owned()),
        number(item.map(|i| i.inclusion)),
        v.latency_ms().map_or_else(String::new, |ms| ms.to_string()),
        format!("{:.9}", v.spend().cost.dollars()),
        text(&v.notices().join("; ")),
    ]
}

/// Untrusted text in a cell: hidden characters visible, and an apostrophe before what a spreadsheet would calculate.
fn text(s: &str) -> String {
    // A line of a cell stands at the start of a line of the file, where a CI log would read a command.
    let lines: Vec<String> = s.split('\n').map(neutral::log_line).collect();
    let seen = lines.join("\n");
    match s.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\u{FF1D}' | '\u{FF0B}' | '\u{FF0D}' | '\u{FF20}') => format!("'{seen}"),
        _ => seen,
    }
}

fn io(e: ::csv::Error) -> RenderError {
    RenderError::Write(e.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for s in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\u{FF1D}1"] {
            assert!(text(s).starts_with('\''), "{s:?}");
        }
        assert!(!text("x\n::error::y").contains("\n::"), "{}", text("x\n::error::y"));
        assert_eq!(text("a=1"), "a=1");
        assert_eq!(text(""), "");
    }
}
