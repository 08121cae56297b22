//! JUnit XML, as GitLab, Jenkins, Azure and GitHub actions read it: the plain subset that all of them take.
//!
//! A wrong answer is a failure, an outage an error (it says nothing about quality), a disputed answer is skipped with its reason.
//! Invariant: well-formed XML 1.0 whatever the answers hold; no line of it is a workflow command.

use std::io::Write;

use super::model::GateState;
use super::view::{State, TrialView};
use super::xml::text;
use super::{OpenRows, RenderError, Report, words};
use crate::domain::SetName;
use crate::text::neutral;

/// How much of an answer or reason is quoted, in columns of text.
const QUOTED: usize = 2_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    tests: u64,
    failures: u64,
    errors: u64,
    skipped: u64,
    ms: u64,
}

impl Counts {
    fn add(&mut self, v: &TrialView<'_>) {
        self.tests += 1;
        self.ms += v.latency_ms().unwrap_or(0);
        match v.state {
            State::Pass => {}
            State::Fail => self.failures += 1,
            State::AgentFailed => self.errors += 1,
            State::Split | State::Unscored | State::Pending => self.skipped += 1,
        }
    }

    fn attributes(&self) -> String {
        format!(
            "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"",
            self.tests,
            self.failures,
            self.errors,
            self.skipped,
            seconds(self.ms)
        )
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// Writes one suite a set, one test case a trial, and the gate as a test case of its own. Reads the rows twice: a suite begins with
/// its counts.
///
/// # Errors
/// [`RenderError`] when the writer fails or a row cannot be read.
pub fn render(report: &Report, open: &OpenRows<'_>, out: &mut dyn Write) -> Result<(), RenderError> {
    let mut suites: Vec<(SetName, Counts)> = report.head.sets.iter().map(|s| (s.name.clone(), Counts::default())).collect();
    for row in open() {
        let row = row?;
        if let Some((_, counts)) = suites.iter_mut().find(|(set, _)| *set == row.key.set) {
            counts.add(&TrialView::new(&report.head, &row));
        }
    }
    let mut all = suites.iter().fold(Counts::default(), |a, (_, c)| Counts {
        tests: a.tests + c.tests,
        failures: a.failures + c.failures,
        errors: a.errors + c.errors,
        skipped: a.skipped + c.skipped,
        ms: a.ms + c.ms,
    });
    let gate = report.gate.as_ref().map(|g| {
        let undecided = u64::from(g.state == GateState::Undecided);
        Counts { tests: 1, failures: u64::from(g.state == GateState::Fail), skipped: undecided, ..Counts::default() }
    });
    if let Some(g) = &gate {
        all.tests += 1;
        all.failures += g.failures;
        all.skipped += g.skipped;
    }
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"tribunal {}\" {}>", text(report.head.id.as_str()), all.attributes())?;
    for (set, counts) in suites.iter().filter(|(_, c)| c.tests > 0) {
        writeln!(out, "  <testsuite name=\"{}\" {}>", text(set.as_str()), counts.attributes())?;
        for row in open() {
            let row = row?;
            if row.key.set == *set {
                case(report, &TrialView::new(&report.head, &row), out)?;
            }
        }
        writeln!(out, "  </testsuite>")?;
    }
    if let (Some(counts), Some(note)) = (gate, &report.gate) {
        writeln!(out, "  <testsuite name=\"gate\" {}>", counts.attributes())?;
        write!(out, "    <testcase name=\"gate\" classname=\"tribunal\" time=\"0.000\"")?;
        let reasons = text(&note.reasons.join("\n"));
        match note.state {
            GateState::Pass => writeln!(out, "/>")?,
            GateState::Fail => writeln!(out, "><failure type=\"gate\" message=\"the gate failed\">{reasons}</failure></testcase>")?,
            GateState::Undecided => writeln!(out, "><skipped message=\"undecided: {reasons}\"/></testcase>")?,
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")?;
    Ok(())
}

fn case(report: &Report, v: &TrialView<'_>, out: &mut dyn Write) -> Result<(), RenderError> {
    let (row, key) = (v.row, &v.row.key);
    let trial = if row.case.trials > 1 || key.trial > 0 { format!(" (trial {})", key.trial) } else { String::new() };
    write!(
        out,
        "    <testcase name=\"{}{trial}\" classname=\"{}.{}\"",
        text(row.case.id.as_str()),
        text(key.set.as_str()),
        text(key.agent.as_str())
    )?;
    if let Some(set) = report.head.sets.iter().find(|s| s.name == key.set) {
        write!(out, " file=\"{}\"", text(&set.path.display().to_string()))?;
    }
    if let Some(line) = row.case.line {
        write!(out, " line=\"{line}\"")?;
    }
    write!(out, " time=\"{}\"", seconds(v.latency_ms().unwrap_or(0)))?;
    match v.state {
        State::Pass => writeln!(out, "/>")?,
        State::Fail => {
            let mark = v.pass_mark.map_or_else(String::new, |m| format!(", the pass mark is {m}"));
            writeln!(out, "><failure type=\"score\" message=\"score {}{mark}\">{}</failure></testcase>", v.score(), text(&body(v)))?;
        }
        State::AgentFailed => {
            let why = row.answer.as_ref().err().map_or_else(String::new, |f| clipped(&f.detail));
            let kind = row.answer.as_ref().err().map_or("unknown", |f| f.kind.word());
            writeln!(out, "><error type=\"{kind}\" message=\"no answer: {}\"/></testcase>", text(&why))?;
        }
        State::Split | State::Unscored | State::Pending => {
            let why = match v.state {
                State::Split => format!("disputed, scores from {}: people decide", v.score()),
                State::Unscored => "too few judges gave a score: people decide".to_owned(),
                _ => "not judged yet".to_owned(),
            };
            writeln!(out, "><skipped message=\"{}\"/></testcase>", text(&why))?;
        }
    }
    Ok(())
}

fn body(v: &TrialView<'_>) -> String {
    let row = v.row;
    let mut lines = vec![
        format!("question: {}", clipped(&row.case.question)),
        format!("expected: {}", clipped(&row.case.expected)),
        format!("answer:   {}", clipped(row.answer.as_ref().map_or("", |o| o.text.as_str()))),
    ];
    for b in &row.ballots {
        if let Ok(j) = &b.outcome {
            lines.push(format!("{} #{}: {}: {}", b.judge, b.sample, j.score, clipped(&j.reason)));
        }
    }
    lines.join("\n")
}

fn clipped(s: &str) -> String {
    words::clip(&neutral::visible(s), QUOTED)
}
