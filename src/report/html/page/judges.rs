//! Judges and their agreement, as the page shows them.

use serde::Serialize;

use crate::domain::{JudgeFailureKind, RunHead};
use crate::report::words;
use crate::stats::summary::{JudgePair, JudgeSummary, Summary};

#[derive(Debug, Serialize)]
pub(super) struct JudgePage {
    name: String,
    about: String,
    title: String,
    asked: bool,
    scored_w: String,
    lost_w: String,
    scored: String,
    failures: String,
    mean: String,
    self_alpha: String,
    latency: String,
    tokens: String,
    cost: String,
    alone: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Cell {
    heat: String,
    exact: String,
    units: String,
}

pub(super) fn judge(j: &JudgeSummary, h: &RunHead) -> JudgePage {
    let head = h.judges.iter().find(|x| x.name == j.judge);
    let about = head.map_or_else(String::new, |x| {
        let samples = words::counted(u64::from(x.samples), "sample", "samples");
        x.model.as_ref().map_or_else(|| format!("{}, {samples}", x.kind), |m| format!("{m}, {samples}"))
    });
    let width = |n: u64| format!("{:.2}", if j.ballots == 0 { 0.0 } else { 100.0 * n as f64 / j.ballots as f64 });
    // A judge that abstains does its work: what it leaves out is not painted like an outage.
    let abstained = JudgeFailureKind::Abstained.word();
    let abstained: u64 = j.failures.iter().filter(|(kind, _)| *kind == abstained).map(|(_, n)| n).sum();
    JudgePage {
        name: j.judge.to_string(),
        about,
        title: format!("{}: {} of {} ballots have a score", j.judge, words::count(j.scored), words::count(j.ballots)),
        asked: j.ballots > 0,
        scored_w: width(j.scored),
        lost_w: width(j.ballots.saturating_sub(abstained)),
        scored: format!("{} of {}", words::count(j.scored), words::count(j.ballots)),
        failures: match (j.ballots, j.failures.is_empty()) {
            (0, _) => "not asked".to_owned(),
            (_, true) => "none".to_owned(),
            (_, false) => words::tally(&j.failures),
        },
        mean: words::decimal(j.mean_score),
        self_alpha: words::decimal(j.self_alpha),
        latency: j.latency_ms.map_or_else(|| words::NONE.to_owned(), words::millis),
        tokens: words::tokens(j.spend.tokens),
        cost: words::cost(&j.spend),
        alone: words::count(j.settled_alone),
    }
}

pub(super) fn agreement(s: &Summary) -> Vec<String> {
    let a = &s.agreement;
    let mut out = vec![match (&a.alpha, a.interval) {
        (Ok(v), Some(i)) => format!("Krippendorff\u{2019}s alpha (ordinal) {v:.2}, 95% interval {:.2} to {:.2}", i.low, i.high),
        (Ok(v), None) => format!("Krippendorff\u{2019}s alpha (ordinal) {v:.2}"),
        (Err(why), _) => format!("Krippendorff\u{2019}s alpha is undefined: {why}"),
    }];
    if a.units > 0 {
        out.push(format!("{} unanimous", words::percent(a.unanimous)));
        out.push(format!("{} two or more apart", words::percent(a.range_two)));
        out.push(format!("over {} with two or more scores", words::counted(a.units, "answer", "answers")));
    }
    out
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share, in tenths")]
pub(super) fn matrix(s: &Summary) -> Vec<(String, Vec<Option<Cell>>)> {
    if s.agreement.pairs.is_empty() {
        return Vec::new();
    }
    let cell = |i: usize, k: usize| {
        let p = s.agreement.pairs.iter().find(|p| (p.first, p.second) == (i.min(k), i.max(k)))?;
        Some(Cell {
            heat: format!("h{}", (p.exact.clamp(0.0, 1.0) * 10.0).round() as u8),
            exact: words::percent(Some(p.exact)),
            units: words::counted(p.units, "answer", "answers"),
        })
    };
    let n = s.judges.len();
    (0..n).map(|i| (s.judges[i].judge.to_string(), (0..n).map(|k| if i == k { None } else { cell(i, k) }).collect())).collect()
}

pub(super) fn pairs(s: &Summary) -> Vec<[String; 5]> {
    let name = |i: usize| s.judges.get(i).map_or_else(|| words::NONE.to_owned(), |j| j.judge.to_string());
    let line = |p: &JudgePair| {
        [
            format!("{} and {}", name(p.first), name(p.second)),
            words::count(p.units),
            words::percent(Some(p.exact)),
            words::percent(Some(p.adjacent)),
            words::signed(p.bias),
        ]
    };
    s.agreement.pairs.iter().map(line).collect()
}
