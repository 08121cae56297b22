//! Several agents compared case by case.

use std::io::{self, Write};

use super::heading;
use super::table::{safe, wrap};
use crate::report::model::Report;
use crate::report::pairs::PairView;
use crate::report::{Look, words};
use crate::stats::summary::Interval;

/// The most columns of a name: the report files have it whole.
const NAME: usize = 40;

pub(super) fn render(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let pairs = PairView::all(&report.summary);
    if pairs.is_empty() {
        return Ok(());
    }
    heading("agents, case by case (second minus first, with 95% intervals)", look, out)?;
    for pair in &pairs {
        for (i, text) in lines(pair).iter().enumerate() {
            for (k, line) in wrap(text, look.width.saturating_sub(2)).iter().enumerate() {
                writeln!(out, "{}{line}", if (i, k) == (0, 0) { "- " } else { "  " })?;
            }
        }
    }
    Ok(())
}

fn name(name: &str) -> String {
    words::clip(&safe(name), NAME)
}

/// A figure with its interval in brackets, where there is one.
fn figure(value: String, interval: Option<Interval>, range: fn(Option<Interval>) -> String) -> String {
    if interval.is_some() { format!("{value} ({})", range(interval)) } else { value }
}

fn lines(v: &PairView<'_>) -> Vec<String> {
    let p = v.pair;
    let share = p.share.map(|_| figure(words::points(p.share), p.share_interval, words::points_range));
    let score = p.score.map(|d| figure(format!("mean score {}", words::signed(d)), p.score_interval, words::signed_range));
    let said: Vec<String> = share.into_iter().chain(score).chain([v.says(name)]).collect();
    let mut lines = vec![format!("{} against {}: {}", name(v.second), name(v.first), said.join("; "))];
    if p.settled > 0 {
        lines.push(format!("settled for both: {} common cases; {}", v.settled(), v.counts(name).join(", ")));
    }
    lines
}
