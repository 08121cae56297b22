//! What a comparison says, in sentences: the same ones in every format.

use std::fmt::Write as _;

use super::AgentAgainst;
use crate::report::words;
use crate::stats::compare::{Comparison, PassComparison, TagChange, TagComparison, Test};

/// A difference of shares in points: `+2.0 points`, `-10.0 points`, `0.0 points`.
#[must_use]
pub fn points(share: f64) -> String {
    format!("{} points", number(share))
}

/// The same without the word.
pub(in crate::report) fn number(share: f64) -> String {
    let text = format!("{:+.1}", share * 100.0);
    if text == "+0.0" || text == "-0.0" { "0.0".to_owned() } else { text }
}

/// The result in one line.
pub(in crate::report) fn headline(x: &AgentAgainst) -> String {
    let who = if x.a == x.b { x.b.to_string() } else { format!("{} (against {})", x.b, x.a) };
    let Some(p) = &x.numbers.pass else { return format!("{who}: no case was settled in both runs, so that nothing can be compared") };
    let sure = match p.interval {
        Some(i) if i.low > 0.0 => "better, beyond what chance does",
        Some(i) if i.high < 0.0 => "worse, beyond what chance does",
        Some(_) => "no clear difference",
        None => "too few cases to tell",
    };
    format!("{who}: {} passes, {} before ({}): {sure}", words::percent(Some(p.b)), words::percent(Some(p.a)), points(p.difference))
}

/// The test in one sentence.
pub(in crate::report) fn test(p: &PassComparison) -> String {
    match &p.test {
        Ok(Test::McNemar { table: t, exact, mid }) => format!(
            "both pass {}, only A {}, only B {}, neither {}; McNemar's exact test p = {}, mid-p {}",
            words::count(t.both),
            words::count(t.only_a),
            words::count(t.only_b),
            words::count(t.neither),
            probability(*exact),
            probability(*mid)
        ),
        Ok(Test::SignFlip(s)) => format!(
            "sign-flip test over cases p = {}{}",
            probability(s.two_sided),
            if s.exact { ", all ways counted" } else { ", by random draws" }
        ),
        Err(why) => format!("no test: {why}"),
    }
}

/// What could have been seen, and what it would take to see more.
pub(in crate::report) fn power(p: &PassComparison) -> Option<String> {
    let least = p.least_difference?;
    let mut out = format!("these cases show a change of {:.1} points or more (one-sided 5%, power 80%)", least * 100.0);
    let needed = |d: f64| p.cases_needed(d).map(words::count);
    if let Some(n) = needed(p.difference).filter(|_| p.difference.abs() < least) {
        _ = write!(out, "; to show one as small as this, about {n} cases are needed");
    } else if let Some(n) = needed(0.02) {
        _ = write!(out, "; one of 2 points needs about {n} cases");
    }
    Some(out)
}

/// Which cases the figures are about.
pub(in crate::report) fn counts(c: &Comparison) -> String {
    let mut out = format!("{} settled in both runs are compared", words::counted(c.compared, "case", "cases"));
    for (n, what) in [
        (c.same_answers, "of them with the same answers"),
        (c.unsettled, "left out, unsettled in one of the runs"),
        (c.only_a, "only in A"),
        (c.only_b, "only in B"),
    ] {
        if n > 0 {
            _ = write!(out, "; {} {what}", words::count(n));
        }
    }
    out
}

/// What a tag says, in a few words.
pub(in crate::report) fn tag_says(t: &TagComparison) -> &'static str {
    match t.change {
        TagChange::TooFew => "too few",
        TagChange::Quiet => "quiet",
        TagChange::LookHere => "look here",
    }
}

/// A p-value: three digits, never 0.
pub(in crate::report) fn probability(p: f64) -> String {
    if p < 0.0005 { "below 0.001".to_owned() } else { format!("{p:.3}") }
}
