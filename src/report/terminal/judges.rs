//! The judges: health, cost, and how far they agree.

use std::io::{self, Write};

use super::table::{right, safe, table, text};
use super::{bullet, heading};
use crate::report::model::Report;
use crate::report::{Look, words};
use crate::stats::summary::{AgreementSummary, JudgeSummary, Summary};

pub(super) fn render(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let s = &report.summary;
    if s.judges.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    write!(out, "{}", health(s, look))?;
    if s.ballots_saved > 0 {
        let alone: u64 = s.judges.iter().map(|j| j.settled_alone).sum();
        let saved = words::counted(s.ballots_saved, "ballot", "ballots");
        let settled = words::counted(alone, "trial was", "trials were");
        bullet(&format!("the cascade saved {saved}: {settled} settled by one judge alone"), look, out)?;
    }
    bullet(&format!("agent and judges together cost {}", words::cost(&s.spend)), look, out)?;
    if s.spend.unpriced {
        bullet("a model has no known price: the real cost is higher", look, out)?;
    }
    agreement(s, look, out)
}

fn health(s: &Summary, look: Look) -> String {
    let cascade = s.judges.iter().any(|j| j.settled_alone > 0);
    let mut header = vec!["judge", "scored", "no score", "mean", "latency", "cost"];
    if cascade {
        header.insert(3, "alone");
    }
    let mut t = table(look, &header);
    let last = header.len();
    right(&mut t, &(1..last).filter(|i| *i != 2).collect::<Vec<_>>());
    for j in &s.judges {
        let mut row = vec![
            safe(j.judge.as_str()),
            format!("{}/{}", words::count(j.scored), words::count(j.ballots)),
            no_score(j),
            words::decimal(j.mean_score),
            j.latency_ms.map_or_else(|| words::NONE.to_owned(), words::millis),
            words::cost(&j.spend),
        ];
        if cascade {
            row.insert(3, words::count(j.settled_alone));
        }
        t.add_row(row);
    }
    text(&t)
}

fn no_score(j: &JudgeSummary) -> String {
    match (j.ballots, j.failures.is_empty()) {
        (0, _) => "not asked".to_owned(),
        (_, true) => "none".to_owned(),
        (_, false) => safe(&words::tally(&j.failures)),
    }
}

fn agreement(s: &Summary, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let a = &s.agreement;
    heading("consistency among judges (judges that share an error agree, too)", look, out)?;
    bullet(&alpha_line(a), look, out)?;
    if a.units > 0 {
        bullet(
            &format!(
                "of {} with two or more scores: {} unanimous, {} two or more apart",
                words::counted(a.units, "answer", "answers"),
                words::percent(a.unanimous),
                words::percent(a.range_two)
            ),
            look,
            out,
        )?;
    }
    for j in &s.judges {
        if let Some(alpha) = j.self_alpha {
            bullet(&format!("{} with itself: alpha {alpha:.2}", j.judge), look, out)?;
        }
    }
    if a.pairs.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let mut t = table(look, &["pair of judges", "both scored", "equal", "within one", "first minus second"]);
    right(&mut t, &[1, 2, 3, 4]);
    for p in &a.pairs {
        let name = |i: usize| s.judges.get(i).map_or_else(|| words::NONE.to_owned(), |j| safe(j.judge.as_str()));
        t.add_row([
            format!("{} and {}", name(p.first), name(p.second)),
            words::count(p.units),
            words::percent(Some(p.exact)),
            words::percent(Some(p.adjacent)),
            words::signed(p.bias),
        ]);
    }
    write!(out, "{}", text(&t))
}

fn alpha_line(a: &AgreementSummary) -> String {
    match (&a.alpha, a.interval) {
        (Ok(alpha), Some(i)) => format!("Krippendorff's alpha (ordinal) {alpha:.2}, 95% interval {:.2} to {:.2}", i.low, i.high),
        (Ok(alpha), None) => format!("Krippendorff's alpha (ordinal) {alpha:.2}"),
        (Err(why), _) => format!("Krippendorff's alpha is undefined: {}", super::safe(why)),
    }
}
