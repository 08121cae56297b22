//! Several agents compared case by case.

use std::io::{self, Write};

use super::heading;
use super::table::{safe, wrap};
use crate::report::model::Report;
use crate::report::pairs::PairView;
use crate::report::{Look, words};

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

fn lines(v: &PairView<'_>) -> Vec<String> {
    let p = v.pair;
    let mut first = format!("{} against {}: ", name(v.second), name(v.first));
    if p.share.is_some() {
        first.push_str(&words::points(p.share));
        if p.share_interval.is_some() {
            first.push_str(&format!(" ({})", words::points_range(p.share_interval)));
        }
        first.push_str("; ");
    }
    if let Some(score) = p.score {
        first.push_str(&format!("mean score {}", words::signed(score)));
        if p.score_interval.is_some() {
            first.push_str(&format!(" ({})", words::signed_range(p.score_interval)));
        }
        first.push_str("; ");
    }
    first.push_str(&v.says(name));
    let mut lines = vec![first];
    if p.settled > 0 {
        lines.push(format!("settled for both: {} common cases; {}", v.settled(), v.counts(name).join(", ")));
    }
    lines
}
