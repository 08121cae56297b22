//! A run against a baseline, as the pages show it; and the page of a comparison, which needs no script at all.

use std::fmt::Write as _;
use std::io::Write;

use minijinja::value::Serde;
use serde::Serialize;

use super::env::STYLE;
use super::{csp, env};
use crate::domain::RunHead;
use crate::report::compare::{self, Against, AgentAgainst, Change, Comparisons, Told, points};
use crate::report::model::UNCORRECTED;
use crate::report::{RenderError, words};
use crate::stats::compare::TagComparison;
use crate::text::diff::Piece;

/// The most tags that a page draws.
const MOST_TAGS: usize = 60;

#[derive(Debug, Serialize)]
struct Page {
    csp: String,
    style: &'static str,
    title: String,
    uncorrected: &'static str,
    facts: Vec<(String, String)>,
    others: Vec<AgainstPage>,
}

#[derive(Debug, Serialize)]
pub(super) struct AgainstPage {
    run: String,
    against: String,
    differences: Vec<String>,
    notes: Vec<String>,
    agents: Vec<AgentPage>,
}

#[derive(Debug, Serialize)]
struct AgentPage {
    headline: String,
    rows: Vec<[String; 5]>,
    said: Vec<String>,
    left: String,
    right: String,
    tags: Vec<TagPage>,
    tags_left_out: usize,
    changed: String,
    changes: Vec<ChangePage>,
}

#[derive(Debug, Serialize)]
struct TagPage {
    tag: String,
    forest: Forest,
    points: String,
    interval: String,
    cases: String,
    q: String,
    says: &'static str,
}

/// A difference on a scale with 0 in its middle; lengths in percent.
#[derive(Debug, Serialize)]
struct Forest {
    title: String,
    range: bool,
    low: String,
    w: String,
    dot: String,
    side: &'static str,
}

#[derive(Debug, Serialize)]
struct ChangePage {
    word: &'static str,
    class: &'static str,
    case: String,
    set: String,
    question: String,
    expected: String,
    a: ToldPage,
    b: ToldPage,
    diff: Option<Vec<(&'static str, String)>>,
}

#[derive(Debug, Serialize)]
struct ToldPage {
    state: &'static str,
    mark: &'static str,
    label: &'static str,
    about: String,
    failed: bool,
    text: String,
}

/// Writes the page of a comparison.
///
/// # Errors
/// [`RenderError`] when the writer fails.
pub(in crate::report) fn compare(all: &Comparisons, out: &mut dyn Write) -> Result<(), RenderError> {
    let title = match all.others.as_slice() {
        [one] => format!("{} against {}", one.run.id, all.baseline.id),
        several => format!("{} against {}", words::counted(several.len() as u64, "run", "runs"), all.baseline.id),
    };
    let page = Page {
        csp: csp::without_script(STYLE),
        style: STYLE,
        title,
        uncorrected: UNCORRECTED,
        facts: facts(all),
        others: all.others.iter().map(against).collect(),
    };
    let env = env::environment()?;
    Ok(out.write_all(env.get_template("compare.html")?.render(Serde(&page))?.trim_start().as_bytes())?)
}

fn facts(all: &Comparisons) -> Vec<(String, String)> {
    let run = |letter: &str, h: &RunHead| (format!("{letter}, {}", h.id), format!("{}, {}", words::time(h.created_ms), h.status));
    std::iter::once(run("A", &all.baseline)).chain(all.others.iter().map(|o| run("B", &o.run))).collect()
}

pub(super) fn against(x: &Against) -> AgainstPage {
    AgainstPage {
        run: x.run.id.to_string(),
        against: x.baseline.id.to_string(),
        differences: x.differences.clone(),
        notes: x.notes.clone(),
        agents: x.agents.iter().map(agent).collect(),
    }
}

fn agent(x: &AgentAgainst) -> AgentPage {
    let n = &x.numbers;
    let mut rows = Vec::new();
    if let Some(p) = &n.pass {
        let range = p.interval.map_or_else(|| words::NONE.to_owned(), |i| format!("{} to {}", points(i.low), points(i.high)));
        let (a, b) = (words::percent(Some(p.a)), words::percent(Some(p.b)));
        rows.push([format!("Pass rate, {UNCORRECTED}"), a, b, points(p.difference), range]);
    }
    if let Some(s) = &n.score {
        let range = s.interval.map_or_else(|why| why.to_string(), |i| format!("{} to {}", words::signed(i.low), words::signed(i.high)));
        let (a, b) = (words::decimal(Some(s.a)), words::decimal(Some(s.b)));
        rows.push(["Mean score, judges only".to_owned(), a, b, words::signed(s.difference), range]);
    }
    if let Some([a, b]) = &x.corrected {
        let value = |t: f64| words::percent(Some(t.clamp(0.0, 1.0)));
        let about = "each with its own grades".to_owned();
        rows.push(["Pass rate, corrected by people".to_owned(), value(a.theta), value(b.theta), points(b.theta - a.theta), about]);
    }
    let mut said = vec![compare::counts(n)];
    if let Some(p) = &n.pass {
        said.push(compare::test(p));
        said.extend(compare::power(p));
    }
    let reach = reach(&n.tags);
    AgentPage {
        headline: compare::headline(x),
        rows,
        said,
        left: format!("\u{2212}{:.0}", reach * 100.0),
        right: format!("+{:.0}", reach * 100.0),
        tags: n.tags.iter().take(MOST_TAGS).map(|t| tag(t, reach)).collect(),
        tags_left_out: n.tags.len().saturating_sub(MOST_TAGS),
        changed: changed(x),
        changes: x.changes.iter().map(change).collect(),
    }
}

fn changed(x: &AgentAgainst) -> String {
    let mut out = format!(
        "{} in B, {} in B.",
        words::counted(x.numbers.worse, "case is worse", "cases are worse"),
        words::counted(x.numbers.better, "is better", "are better")
    );
    if x.left_out > 0 {
        _ = write!(out, " {} of them are not listed here.", words::count(x.left_out));
    }
    out
}

/// How far the scale reaches from 0: the farthest end of what is drawn, in whole tenths.
fn reach(tags: &[TagComparison]) -> f64 {
    let far = |t: &TagComparison| t.interval.map_or(t.difference.abs(), |i| i.low.abs().max(i.high.abs()));
    let most = tags.iter().take(MOST_TAGS).map(far).fold(0.0, f64::max);
    ((most * 10.0).ceil() / 10.0).clamp(0.1, 1.0)
}

fn tag(t: &TagComparison, reach: f64) -> TagPage {
    let at = |d: f64| ((d / reach).clamp(-1.0, 1.0) + 1.0) * 50.0;
    let interval = t.interval.map_or_else(|| words::NONE.to_owned(), |i| format!("{} to {}", points(i.low), points(i.high)));
    let (low, high) = t.interval.map_or((50.0, 50.0), |i| (at(i.low), at(i.high)));
    TagPage {
        forest: Forest {
            title: format!("{}: {}, 95% interval {interval}", t.tag, points(t.difference)),
            range: t.interval.is_some(),
            low: format!("{low:.2}"),
            w: format!("{:.2}", high - low),
            dot: format!("{:.2}", at(t.difference)),
            side: match t.interval {
                Some(i) if i.high < 0.0 => "down",
                Some(i) if i.low > 0.0 => "up",
                _ => "even",
            },
        },
        tag: t.tag.clone(),
        points: points(t.difference),
        interval,
        cases: words::count(t.cases),
        q: t.q.map_or_else(|| words::NONE.to_owned(), compare::probability),
        says: compare::tag_says(t),
    }
}

fn change(c: &Change) -> ChangePage {
    ChangePage {
        word: c.word(),
        class: if c.difference > 0.0 { "pass" } else { "fail" },
        case: c.case.to_string(),
        set: c.set.to_string(),
        question: c.question.clone(),
        expected: c.expected.clone(),
        a: told(&c.a),
        b: told(&c.b),
        diff: c.diff.as_ref().map(|d| d.pieces.iter().map(piece).collect()),
    }
}

fn told(t: &Told) -> ToldPage {
    ToldPage {
        state: t.state.word(),
        mark: t.state.mark(),
        label: t.state.label(),
        about: match (t.side.trials, t.side.pass) {
            (2.., Some(share)) => format!("score {}, {} of {} settled trials pass", t.score, words::percent(Some(share)), t.side.trials),
            _ => format!("score {}", t.score),
        },
        failed: t.answer.is_err(),
        text: t.text(),
    }
}

fn piece(p: &Piece) -> (&'static str, String) {
    match p {
        Piece::Same(t) => ("same", t.clone()),
        Piece::Gone(t) => ("gone", t.clone()),
        Piece::New(t) => ("new", t.clone()),
    }
}
