//! Markdown for pull requests and step summaries.
//! Invariant: untrusted text stands in code spans only, so that no tag, link, image, mention or table cell comes from it.

use std::fmt::Write as _;
use std::io::Write;

use super::model::{GateState, UNCORRECTED};
use super::pairs::PairView;
use super::view::{State, TrialView};
use super::{RenderError, Report, Rows, words};
use crate::stats::estimate::Estimate;
use crate::stats::summary::Summary;
use crate::text::neutral;

/// Where a document is cut: a GitHub step summary over 1 MiB is dropped whole.
pub const MOST_BYTES: usize = 900 * 1024;

/// The most cases listed, whatever was asked for.
const MOST_CASES: usize = 200;

/// Writes the summary tables, and a list of the cases that failed or are disputed.
///
/// # Errors
/// [`RenderError`] when the writer fails or a row cannot be read.
pub fn render(report: &Report, rows: &mut Rows<'_>, most_cases: usize, out: &mut dyn Write) -> Result<(), RenderError> {
    let mut doc = Doc::new(out, MOST_BYTES);
    head(report, &mut doc)?;
    agents(&report.summary, &mut doc)?;
    corrected(report, &mut doc)?;
    compared(&report.summary, &mut doc)?;
    if let Some(against) = &report.baseline {
        super::compare::markdown_against(against, &mut doc)?;
    }
    groups(&report.summary, &mut doc)?;
    judges(&report.summary, &mut doc)?;
    people(report, &mut doc)?;
    cases(report, rows, most_cases.min(MOST_CASES), &mut doc)?;
    doc.end()
}

/// Counts what it writes, and stops at whole blocks.
pub(super) struct Doc<'a> {
    out: &'a mut dyn Write,
    room: usize,
    full: bool,
}

impl<'a> Doc<'a> {
    pub(super) fn new(out: &'a mut dyn Write, room: usize) -> Self {
        Self { out, room, full: false }
    }

    /// Writes a block; false once there is no room.
    pub(super) fn put(&mut self, block: &str) -> Result<bool, RenderError> {
        self.full |= block.len() > self.room;
        if !self.full {
            self.out.write_all(block.as_bytes())?;
            self.room -= block.len();
        }
        Ok(!self.full)
    }

    pub(super) fn end(self) -> Result<(), RenderError> {
        if self.full {
            self.out.write_all(
                b"\n**Cut here: this document reached its size limit. `tribunal report` and `tribunal export` have the rest.**\n",
            )?;
        }
        Ok(())
    }
}

fn head(report: &Report, doc: &mut Doc<'_>) -> Result<(), RenderError> {
    let mut s = format!("## tribunal: {}\n\n", plain(&report.headline()));
    if let Some(gate) = &report.gate {
        let mark = match gate.state {
            GateState::Pass => "\u{2705}",
            GateState::Fail => "\u{274C}",
            GateState::Undecided => "\u{2753}",
        };
        _ = write!(s, "{mark} **gate: {}**\n\n", gate.state.word());
        for reason in &gate.reasons {
            _ = writeln!(s, "- {}", plain(reason));
        }
        s.push('\n');
    }
    let h = &report.head;
    _ = write!(s, "Run {}, {}, {}", code(h.id.as_str()), h.status, words::time(h.created_ms));
    _ = write!(s, "; {} of {} trials", words::count(report.summary.done), words::count(report.summary.planned));
    _ = writeln!(s, "; cost {}.", words::cost(&report.summary.spend));
    if let Some(missing) = report.incomplete() {
        _ = write!(s, "\n**{}**\n", plain(&missing));
    }
    doc.put(&s).map(drop)
}

fn agents(s: &Summary, doc: &mut Doc<'_>) -> Result<(), RenderError> {
    let mut t = format!(
        "\n| agent | accuracy ({UNCORRECTED}) | 95% interval | pass of settled | disputed | no answer | mean | to people | p50 | cost |\n"
    );
    t.push_str("|---|--:|:-:|--:|--:|--:|--:|--:|--:|--:|\n");
    for a in &s.agents {
        _ = writeln!(
            t,
            "| {} | {} | {} | {} of {} | {} | {} | {} | {} | {} | {} |",
            code(a.agent.as_str()),
            a.accuracy.value.map_or_else(|| "no score".to_owned(), |v| format!("**{}**", words::percent(Some(v)))),
            words::percent_range(a.accuracy.interval),
            words::count(a.accuracy.passed),
            words::count(a.accuracy.settled),
            words::count(a.split + a.unscored),
            words::count(a.failures.iter().map(|(_, n)| n).sum()),
            words::decimal(a.mean_score),
            words::count(a.review),
            a.latency_ms.map_or_else(|| words::NONE.to_owned(), |l| words::millis(l[0])),
            words::cost(&a.spend)
        );
    }
    doc.put(&t).map(drop)
}

/// Judge only, corrected and people only, side by side; or why there is no corrected number.
fn corrected(report: &Report, doc: &mut Doc<'_>) -> Result<(), RenderError> {
    let Some(honest) = report.honest.as_ref().filter(|h| h.people.grades > 0) else { return Ok(()) };
    let mut t = "\n| agent | corrected by people | 95% interval | judges only | people only | blind grades |\n|---|--:|:-:|--:|--:|--:|\n"
        .to_owned();
    let mut notes = String::new();
    for a in &honest.agents {
        let r = &a.release;
        let name = code(a.agent.as_str());
        let judges = words::percent(r.judge_only.pass_rate);
        match &r.estimate {
            Estimate::Estimated(e) => {
                let share = |x: f64| words::percent(Some(x.clamp(0.0, 1.0)));
                let range = words::percent_range(Some(words::within(e.pass_rate.interval, 0.0, 1.0)));
                let (value, people) = (share(e.pass_rate.theta), share(e.people_only.theta));
                _ = writeln!(t, "| {name} | **{value}** | {range} | {judges} | {people} | {} |", words::count(r.graded));
                for line in &e.assumptions {
                    _ = writeln!(notes, "- {}", plain(line));
                }
            }
            Estimate::NotEstimable { refusal } => {
                let dash = words::NONE;
                _ = writeln!(t, "| {name} | {dash} | {dash} | {judges} | {dash} | {} |", words::count(r.graded));
                _ = writeln!(notes, "- {name} is not corrected: {}", plain(&refusal.to_string()));
            }
        }
    }
    if !notes.is_empty() {
        t.push_str("\n<details><summary>what this rests on</summary>\n\n");
        t.push_str(&notes);
        t.push_str("\n</details>\n");
    }
    doc.put(&t).map(drop)
}

/// Agents case by case.
fn compared(s: &Summary, doc: &mut Doc<'_>) -> Result<(), RenderError> {
    let pairs = PairView::all(s);
    if pairs.is_empty() {
        return Ok(());
    }
    let mut t = "\n| agent | against | accuracy | 95% interval | mean score | 95% interval | settled for both | pass for both | only the agent | only the other | neither | reading |\n\
                 |---|---|--:|:-:|--:|:-:|--:|--:|--:|--:|--:|---|\n"
        .to_owned();
    for v in &pairs {
        let p = v.pair;
        _ = writeln!(
            t,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            code(v.second),
            code(v.first),
            words::points(p.share),
            words::points_range(p.share_interval),
            p.score.map_or_else(|| words::NONE.to_owned(), words::signed),
            words::signed_range(p.score_interval),
            v.settled(),
            words::count(p.both),
            words::count(p.only_second),
            words::count(p.only_first),
            words::count(p.neither),
            v.says(code)
        );
    }
    doc.put(&t).map(drop)
}

fn groups(s: &Summary, doc: &mut Doc<'_>) -> Result<(), RenderError> {
    for a in &s.agents {
        if a.tags.is_empty() {
            continue;
        }
        let mut t = format!("\n<details><summary>{} by tag and risk</summary>\n\n", escape(a.agent.as_str()));
        t.push_str("| group | accuracy | 95% interval | pass of settled | mean | trials |\n|---|--:|:-:|--:|--:|--:|\n");
        for (kind, g) in a.tags.iter().map(|g| ("tag", g)).chain(a.risks.iter().map(|g| ("risk", g))) {
            _ = writeln!(
                t,
                "| {kind} {} | {} | {} | {} of {} | {} | {} |",
                code(&g.name),
                words::percent(g.accuracy.value),
                words::percent_range(g.accuracy.interval),
                words::count(g.accuracy.passed),
                words::count(g.accuracy.settled),
                words::decimal(g.mean_score),
                words::count(g.trials)
            );
        }
        t.push_str("\n</details>\n");
        doc.put(&t)?;
    }
    Ok(())
}

fn judges(s: &Summary, doc: &mut Doc<'_>) -> Result<(), RenderError> {
    if s.judges.is_empty() {
        return Ok(());
    }
    let mut text = "\n| judge | ballots | scored | no score | mean | cost |\n|---|--:|--:|---|--:|--:|\n".to_owned();
    for j in &s.judges {
        _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            code(j.judge.as_str()),
            words::count(j.ballots),
            words::count(j.scored),
            plain(&words::tally(&j.failures)),
            words::decimal(j.mean_score),
            words::cost(&j.spend)
        );
    }
    let agreement = &s.agreement;
    text.push_str("\nConsistency among judges: alpha ");
    _ = match (&agreement.alpha, agreement.interval) {
        (Ok(v), Some(i)) => write!(text, "{v:.2} (95% interval {:.2} to {:.2})", i.low, i.high),
        (Ok(v), None) => write!(text, "{v:.2}"),
        (Err(why), _) => write!(text, "is undefined, {}", plain(why)),
    };
    _ = writeln!(text, "; {} unanimous, {} two or more apart.", words::percent(agreement.unanimous), words::percent(agreement.range_two));
    doc.put(&text).map(drop)
}

fn people(report: &Report, doc: &mut Doc<'_>) -> Result<(), RenderError> {
    let mut text = format!("\n{} people.\n", words::counted(report.review(), "answer goes to", "answers go to"));
    let agents = &report.summary.agents;
    for a in agents {
        let name = if agents.len() > 1 { format!("{}: ", code(a.agent.as_str())) } else { String::new() };
        for (word, n) in &a.triggers {
            _ = writeln!(text, "- {name}{} ({})", plain(&words::trigger(word)), words::count(*n));
        }
    }
    doc.put(&text).map(drop)
}

fn cases(report: &Report, rows: &mut Rows<'_>, most: usize, doc: &mut Doc<'_>) -> Result<(), RenderError> {
    doc.put("\n### Failed and disputed\n\n")?;
    let (mut listed, mut left_out) = (0_usize, 0_u64);
    for row in rows {
        let row = row?;
        let v = TrialView::new(&report.head, &row);
        if v.state == State::Pass {
            continue;
        }
        if listed < most && doc.put(&case(&v))? {
            listed += 1;
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        doc.put(&format!("\n{} more: `tribunal export` has them all.\n", words::count(left_out)))?;
    } else if listed == 0 {
        doc.put("None.\n")?;
    }
    Ok(())
}

fn case(v: &TrialView<'_>) -> String {
    let (row, key) = (v.row, &v.row.key);
    let mut s = format!("- {} **{}** {} by {}", v.state.mark(), v.state.label(), code(row.case.id.as_str()), code(key.agent.as_str()));
    if v.score() != words::NONE {
        _ = write!(s, ", score {}", v.score());
    }
    _ = write!(s, "\n  - asked: {}\n  - expected: {}\n", clipped(&row.case.question), clipped(&row.case.expected));
    match &row.answer {
        Ok(o) => _ = writeln!(s, "  - answered: {}", clipped(&o.text)),
        Err(f) => _ = writeln!(s, "  - no answer: {}: {}", words::plain(f.kind.word()), clipped(&f.detail)),
    }
    if row.item.is_some() {
        let why: Vec<&str> = v.triggers().map(crate::domain::Trigger::reason).collect();
        _ = writeln!(s, "  - goes to people: {}", why.join("; "));
    }
    s
}

/// The beginning of an untrusted text as a code span.
pub(super) fn clipped(text: &str) -> String {
    code(&words::clip(&neutral::visible(text), 300))
}

/// Untrusted text as a code span: nothing in it is markup. A pipe becomes a broken bar, since no escape of it holds in
/// every table parser.
pub(super) fn code(text: &str) -> String {
    let seen: String = neutral::visible(text).chars().map(|c| if c == '|' { '\u{A6}' } else { c }).collect();
    let seen = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    if seen.is_empty() {
        return "*(empty)*".to_owned();
    }
    let longest = seen.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if seen.starts_with('`') || seen.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{seen}{pad}{fence}")
}

/// Our own words that may hold a name: every character that Markdown could read as markup is escaped.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in neutral::visible(text).chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '|' => out.push('\u{A6}'),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A mention is found after Markdown is done, so that no escape stops it: a look-alike does.
            '@' => out.push('\u{FF20}'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '!' | '~' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    // GitHub makes links of bare addresses, too.
    out.replace("://", "&#58;//").replace("www.", "www&#46;").replace("WWW.", "WWW&#46;")
}

fn escape(text: &str) -> String {
    plain(text).replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;

    fn events(markdown: &str) -> Vec<Event<'_>> {
        Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).collect()
    }

    #[test]
    fn a_code_span_holds_whatever_it_is_given() {
        for hostile in ["`", "``` x", "a ` b `` c", "<img src=x>", "[a](javascript:1)", "@user", "a | b \\| c", "\n# h\n- l"] {
            let line = format!("x {} y", code(hostile));
            let found: Vec<Event<'_>> = events(&line);
            assert_eq!(found.iter().filter(|e| matches!(e, Event::Code(_))).count(), 1, "{hostile:?}: {found:?}");
        }
        assert_eq!(code("  \n "), "*(empty)*");
    }

    proptest! {
        #[test]
        fn neither_span_nor_words_make_markup_or_break_a_row(s in any::<String>(), t in "[`|\\\\<>@\\[\\]()!*_#&:/ a-z\n]{0,40}") {
            for text in [s, t] {
                let table = format!("| a | b |\n|---|---|\n| {} | {} |\n", code(&text), plain(&text));
                let found = events(&table);
                let bad = |e: &Event<'_>| matches!(e, Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Link { .. } | Tag::Image { .. }));
                prop_assert!(!found.iter().any(bad), "{table:?}");
                prop_assert_eq!(found.iter().filter(|e| matches!(e, Event::Start(Tag::TableCell))).count(), 4);
                prop_assert_eq!(found.iter().filter(|e| matches!(e, Event::Start(Tag::TableRow))).count(), 1);
            }
        }
    }
}
