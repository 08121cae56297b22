//! A comparison for pull requests.
//! Invariant: that of [`crate::report::markdown`]: untrusted text stands in code spans only.

use std::fmt::Write as _;
use std::io::Write;

use super::said::{self, number, probability};
use super::{Against, AgentAgainst, Change, Comparisons};
use crate::report::markdown::{Doc, MOST_BYTES, clipped, code, plain};
use crate::report::model::UNCORRECTED;
use crate::report::{RenderError, words};

pub(super) fn render(all: &Comparisons, out: &mut dyn Write) -> Result<(), RenderError> {
    let mut doc = Doc::new(out, MOST_BYTES);
    for other in &all.others {
        against(other, &mut doc)?;
    }
    doc.end()
}

fn against(x: &Against, doc: &mut Doc<'_>) -> Result<(), RenderError> {
    let mut s = format!("## tribunal: {} against {}\n\n", code(x.run.id.as_str()), code(x.baseline.id.as_str()));
    if !x.differences.is_empty() {
        s.push_str("**Judged differently, so that a change may come from the judging:**\n\n");
    }
    for line in x.differences.iter().chain(&x.notes) {
        _ = writeln!(s, "- {}", plain(line));
    }
    doc.put(&s)?;
    x.agents.iter().try_for_each(|a| agent(a, doc))
}

/// The same as a part of a report on B.
pub(in crate::report) fn inside(x: &Against, doc: &mut Doc<'_>) -> Result<(), RenderError> {
    let mut s = format!("\nAgainst the baseline {} (A; this run is B):\n\n", code(x.baseline.id.as_str()));
    for line in x.differences.iter().map(|d| format!("judged differently: {d}")).chain(x.notes.iter().cloned()) {
        _ = writeln!(s, "- {}", plain(&line));
    }
    doc.put(&s)?;
    x.agents.iter().try_for_each(|a| agent(a, doc))
}

/// One agent: its numbers, its tags, its changed cases.
fn agent(x: &AgentAgainst, doc: &mut Doc<'_>) -> Result<(), RenderError> {
    let mut s = format!("\n**{}**\n\n| | A | B | B minus A | 95% interval |\n|---|--:|--:|--:|:-:|\n", plain(&said::headline(x)));
    if let Some(p) = &x.numbers.pass {
        let range = p.interval.map_or_else(|| words::NONE.to_owned(), |i| format!("{} to {} points", number(i.low), number(i.high)));
        let (a, b) = (words::percent(Some(p.a)), words::percent(Some(p.b)));
        _ = writeln!(s, "| pass rate, {UNCORRECTED} | {a} | {b} | **{}** | {range} |", said::points(p.difference));
    }
    if let Some(m) = &x.numbers.score {
        let range = m.interval.map_or_else(|why| why.to_string(), |i| format!("{} to {}", words::signed(i.low), words::signed(i.high)));
        let (a, b) = (words::decimal(Some(m.a)), words::decimal(Some(m.b)));
        _ = writeln!(s, "| mean score, judges only | {a} | {b} | {} | {range} |", words::signed(m.difference));
    }
    if let Some([a, b]) = &x.corrected {
        let value = |t: f64| words::percent(Some(t.clamp(0.0, 1.0)));
        let (va, vb) = (value(a.theta), value(b.theta));
        _ = writeln!(s, "| corrected by people | {va} | {vb} | {} | each with its own grades |", said::points(b.theta - a.theta));
    }
    _ = writeln!(s, "\n- {}", said::counts(&x.numbers));
    if let Some(p) = &x.numbers.pass {
        _ = writeln!(s, "- {}", said::test(p));
        if let Some(line) = said::power(p) {
            _ = writeln!(s, "- {line}");
        }
    }
    doc.put(&s)?;
    tags(x, doc)?;
    changes(x, doc)
}

fn tags(x: &AgentAgainst, doc: &mut Doc<'_>) -> Result<(), RenderError> {
    if x.numbers.tags.is_empty() {
        return Ok(());
    }
    let mut s = "\n<details><summary>by tag</summary>\n\n| tag | cases | B minus A, points | 95% interval | q | says |\n|---|--:|--:|:-:|--:|---|\n".to_owned();
    for t in &x.numbers.tags {
        let range = t.interval.map_or_else(|| words::NONE.to_owned(), |i| format!("{} to {}", number(i.low), number(i.high)));
        let q = t.q.map_or_else(|| words::NONE.to_owned(), probability);
        let (tag, cases) = (code(&t.tag), words::count(t.cases));
        _ = writeln!(s, "| {tag} | {cases} | {} | {range} | {q} | {} |", number(t.difference), said::tag_says(t));
    }
    s.push_str("\n</details>\n");
    doc.put(&s).map(drop)
}

fn changes(x: &AgentAgainst, doc: &mut Doc<'_>) -> Result<(), RenderError> {
    for (title, count, gained) in [("worse in B", x.numbers.worse, false), ("better in B", x.numbers.better, true)] {
        if count == 0 {
            continue;
        }
        doc.put(&format!("\n<details><summary>{title}: {}</summary>\n\n", words::counted(count, "case", "cases")))?;
        let mut listed = 0;
        for c in x.changes.iter().filter(|c| (c.difference > 0.0) == gained) {
            listed += u64::from(doc.put(&change(c))?);
        }
        let more = count.saturating_sub(listed);
        if more > 0 {
            doc.put(&format!("\nand {} more\n", words::count(more)))?;
        }
        doc.put("\n</details>\n")?;
    }
    Ok(())
}

fn change(c: &Change) -> String {
    let mut s = format!("- **{}** {} in {}\n", c.word(), code(c.case.as_str()), code(c.set.as_str()));
    _ = writeln!(s, "  - asked: {}", clipped(&c.question));
    for (side, told) in [("A", &c.a), ("B", &c.b)] {
        _ = writeln!(s, "  - {side}, {} ({}): {}", told.state.label(), told.score, clipped(&told.text()));
    }
    s
}
