//! One trial in full, for the terminal: what was asked, expected and answered, every ballot, and why it goes to people.
//! Invariant: untrusted text stands behind a bar, neutralised line by line, so that nothing in it can pass for ours.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::terminal::table::{Paint, safe, wrap};
use super::view::{State, TrialView};
use super::{Look, lists, words};
use crate::domain::{Ballot, Case, RunHead, TrialRow};
use crate::text::neutral;

/// The most lines of a raw reply that are shown.
const RAW_LINES: usize = 12;

/// Writes one trial.
///
/// # Errors
/// Those of the writer.
pub fn trial(head: &RunHead, row: &TrialRow, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut p = Printer { look, paint: Paint(look.color), out };
    let view = TrialView::new(head, row);
    p.title(&view)?;
    p.case(&row.case)?;
    p.answer(&view)?;
    for ballot in &row.ballots {
        p.ballot(ballot)?;
    }
    p.verdict(head, &view)
}

struct Printer<'a> {
    look: Look,
    paint: Paint,
    out: &'a mut dyn Write,
}

impl Printer<'_> {
    fn title(&mut self, v: &TrialView<'_>) -> io::Result<()> {
        let row = v.row;
        let state = format!("{} {}", v.state.mark(), v.state.label());
        let state = match v.state {
            State::Pass => self.paint.good(state),
            State::Fail | State::AgentFailed => self.paint.bad(state),
            State::Split | State::Unscored | State::Pending => self.paint.warn(state),
        };
        let key = &row.key;
        writeln!(self.out, "{}  {state}", self.paint.bold(safe(row.case.id.as_str())))?;
        let mut about = format!("{} \u{b7} set {} \u{b7} trial {} \u{b7} risk {}", key.agent, key.set, key.trial + 1, row.case.risk);
        if !row.case.tags.is_empty() {
            _ = write!(about, " \u{b7} {}", row.case.tags.iter().map(|t| format!("#{t}")).collect::<Vec<_>>().join(" "));
        }
        writeln!(self.out, "{}", self.paint.dim(safe(&about)))
    }

    fn case(&mut self, c: &Case) -> io::Result<()> {
        for turn in &c.turns {
            self.block(turn.role.word(), &turn.text)?;
        }
        self.block("question", &c.question)?;
        self.block("expected", &c.expected)?;
        for other in &c.accept {
            self.block("also right", other)?;
        }
        self.facts("must mention", &c.must_mention)?;
        self.facts("must not mention", &c.must_not_mention)?;
        match &c.context {
            Some(context) => self.block("context", context),
            None => Ok(()),
        }
    }

    fn answer(&mut self, v: &TrialView<'_>) -> io::Result<()> {
        match &v.row.answer {
            Ok(o) => {
                self.block("answer", &o.text)?;
                if let Some(context) = &o.context {
                    self.block("passages that the agent says it used", context)?;
                }
                if let Some(trace) = &o.trace {
                    self.block("steps that the agent reported", trace)?;
                }
                let mut facts = vec![words::millis(o.latency_ms), words::cost(&v.row.spend)];
                facts.extend(o.model.clone());
                if v.row.spend.cached {
                    facts.push("from the cache".to_owned());
                }
                writeln!(self.out, "  {}", self.paint.dim(safe(&facts.join(" \u{b7} "))))?;
            }
            Err(f) => self.block(&format!("no answer: {}", words::plain(f.kind.word())), &f.detail)?,
        }
        for notice in v.notices() {
            writeln!(self.out, "  {}", self.paint.warn(format!("! {}", safe(&notice))))?;
        }
        Ok(())
    }

    fn ballot(&mut self, b: &Ballot) -> io::Result<()> {
        let who = format!("judge {}, sample {}", b.judge, b.sample + 1);
        let mut tail = vec![words::millis(b.latency_ms), words::cost(&b.spend)];
        if b.spend.cached {
            tail.push("from the cache".to_owned());
        }
        match &b.outcome {
            Ok(j) => {
                if let Some(c) = j.confidence {
                    tail.insert(0, format!("confidence {}", words::percent(Some(c))));
                }
                self.block(&format!("{who}: {} of 5", j.score), &j.reason)?;
            }
            Err(f) => {
                self.block(&format!("{who}: no score ({})", words::plain(f.kind.word())), &f.detail)?;
                if let Some(raw) = &f.raw {
                    let lines: Vec<&str> = raw.lines().collect();
                    self.block("  its reply as it came", &lines[..lines.len().min(RAW_LINES)].join("\n"))?;
                    if lines.len() > RAW_LINES {
                        writeln!(self.out, "  {}", self.paint.dim(format!("{} more lines", lines.len() - RAW_LINES)))?;
                    }
                }
            }
        }
        writeln!(self.out, "  {}", self.paint.dim(tail.join(" \u{b7} ")))
    }

    fn verdict(&mut self, head: &RunHead, v: &TrialView<'_>) -> io::Result<()> {
        writeln!(self.out)?;
        let mark = v.pass_mark.map_or_else(String::new, |m| format!(", pass mark {m}"));
        let mean = v.row.tally.as_ref().and_then(|t| t.mean).map_or_else(String::new, |m| format!(", mean of votes {m:.2}"));
        let verdict = match v.state {
            State::AgentFailed => "none, the agent gave no answer".to_owned(),
            State::Pending => "none yet".to_owned(),
            State::Pass | State::Fail | State::Split | State::Unscored => {
                format!("{}, score {}{mean}{mark}", v.state.label(), v.score())
            }
        };
        writeln!(self.out, "{}  {verdict}", self.paint.bold("verdict"))?;
        writeln!(self.out, "{}  {} with every ballot", self.paint.bold("cost"), words::cost(&v.spend()))?;
        if let Some(item) = &v.row.item {
            let how = lists::drawn(item.stratum, item.inclusion);
            writeln!(
                self.out,
                "{}  tier {}, priority {:.2}, drawn {how}",
                self.paint.bold("goes to people"),
                lists::tier(item.tier),
                item.priority
            )?;
            for t in &item.triggers {
                writeln!(self.out, "  - {}", t.reason())?;
            }
        }
        writeln!(self.out, "{}", self.paint.dim(format!("run {} \u{b7} case digest {}", head.id, v.row.case_digest.short())))
    }

    fn facts(&mut self, title: &str, facts: &[String]) -> io::Result<()> {
        if facts.is_empty() { Ok(()) } else { self.block(title, &facts.join("\n")) }
    }

    fn block(&mut self, title: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.paint.bold(title))?;
        if text.trim().is_empty() {
            return writeln!(self.out, "  {}", self.paint.dim("(empty)"));
        }
        for line in text.lines() {
            for part in wrap(&neutral::log_line(line), self.look.width.saturating_sub(4)) {
                writeln!(self.out, "{}", format!("  \u{2502} {part}").trim_end())?;
            }
        }
        Ok(())
    }
}
