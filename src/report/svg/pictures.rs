//! What is drawn: scores, tags, latencies, judges, the pass rate three ways, and predictions against grades.

use super::draw::{ACCENT, At, INK, LINE, MUTED, Pen, SCORES, SOFT, WIDTH};
use crate::report::latency::{LogHistogram, edge};
use crate::report::model::UNCORRECTED;
use crate::report::words;
use crate::stats::estimate::Release;
use crate::stats::honest::Signals;
use crate::stats::summary::{AgentSummary, Interval, Summary};

/// The most tags that are drawn.
const MOST_TAGS: usize = 40;
/// Where plots begin and end.
const LEFT: f64 = 24.0;
const RIGHT: f64 = WIDTH - 24.0;

fn upright(pen: &mut Pen, bars: &[(String, u64, &str)], labels: bool) {
    let most = bars.iter().map(|b| b.1).max().unwrap_or(0).max(1) as f64;
    let step = (RIGHT - LEFT) / bars.len().max(1) as f64;
    for (i, (label, n, colour)) in bars.iter().enumerate() {
        let h = *n as f64 / most * 180.0;
        let x = LEFT + step * i as f64;
        pen.rect(x + step * 0.1, 260.0 - h, step * 0.8, h, colour);
        if labels {
            pen.write(x + step / 2.0, 252.0 - h, At::Middle, INK, 13, &words::count(*n));
            pen.write(x + step / 2.0, 280.0, At::Middle, INK, 13, label);
        }
    }
    pen.line((LEFT, 260.0), (RIGHT, 260.0), MUTED, 1.0);
}

/// Answers by median score.
pub(super) fn scores(a: &AgentSummary) -> String {
    let bars: Vec<_> = a.histogram.iter().enumerate().map(|(i, n)| ((i + 1).to_string(), *n, SCORES[i])).collect();
    let desc = bars.iter().map(|(s, n, _)| format!("score {s}: {n}")).collect::<Vec<_>>().join(", ");
    let mut pen = Pen::new(&format!("Scores of {}, {UNCORRECTED}", a.agent), &desc, 300.0);
    upright(&mut pen, &bars, true);
    pen.done()
}

/// How long answers took.
pub(super) fn latency(a: &AgentSummary, h: &LogHistogram) -> Option<String> {
    let (from, to) = LogHistogram::range(std::iter::once(h))?;
    let [p50, p95, most] = a.latency_ms?;
    let desc = format!("median {}, 95th percentile {}, maximum {}", words::millis(p50), words::millis(p95), words::millis(most));
    let mut pen = Pen::new(&format!("Latency of {}", a.agent), &desc, 320.0);
    let bars: Vec<_> = (from..=to).map(|i| (String::new(), h.count(i), ACCENT)).collect();
    upright(&mut pen, &bars, false);
    pen.write(LEFT, 280.0, At::Start, INK, 13, &words::millis(edge(from)));
    pen.write(RIGHT, 280.0, At::End, INK, 13, &words::millis(edge(to + 1)));
    pen.write(LEFT, 304.0, At::Start, MUTED, 13, &format!("{desc}; the scale is logarithmic"));
    Some(pen.done())
}

/// A share on a line from 0 to 100% with its interval.
struct Row {
    name: String,
    about: String,
    value: Option<f64>,
    interval: Option<Interval>,
    strong: bool,
}

fn shares(title: &str, rows: &[Row]) -> String {
    const FROM: f64 = 250.0;
    const TO: f64 = 560.0;
    let desc = rows.iter().map(|r| format!("{}: {}", r.name, words::percent(r.value))).collect::<Vec<_>>().join(", ");
    let bottom = 84.0 + 30.0 * rows.len() as f64;
    let mut pen = Pen::new(title, &desc, bottom + 12.0);
    let at = |share: f64| FROM + (TO - FROM) * share.clamp(0.0, 1.0);
    for (share, label) in [(0.0, "0%"), (0.25, ""), (0.5, "50%"), (0.75, ""), (1.0, "100%")] {
        pen.line((at(share), 66.0), (at(share), bottom - 14.0), LINE, 1.0);
        pen.write(at(share), 58.0, At::Middle, MUTED, 12, label);
    }
    for (i, r) in rows.iter().enumerate() {
        let y = 84.0 + 30.0 * i as f64;
        let (dot, range) = if r.strong { (ACCENT, SOFT) } else { (MUTED, LINE) };
        pen.write(LEFT, y + 4.0, At::Start, INK, 13, &words::clip(&r.name, 28));
        if let Some(range_) = r.interval {
            pen.rect(at(range_.low), y - 3.0, at(range_.high) - at(range_.low), 6.0, range);
        }
        if let Some(v) = r.value {
            pen.dot(at(v), y, dot);
        }
        pen.write(TO + 56.0, y + 4.0, At::End, INK, 13, &words::percent(r.value));
        pen.write(RIGHT, y + 4.0, At::End, MUTED, 12, &words::clip(&r.about, 14));
    }
    pen.done()
}

/// Accuracy by tag; nothing without a tag.
pub(super) fn tags(a: &AgentSummary) -> Option<String> {
    if a.tags.is_empty() {
        return None;
    }
    let rows: Vec<Row> = a
        .tags
        .iter()
        .take(MOST_TAGS)
        .map(|t| Row {
            name: t.name.clone(),
            about: format!("of {}", words::count(t.accuracy.settled)),
            value: t.accuracy.value,
            interval: t.accuracy.interval,
            strong: true,
        })
        .collect();
    let more = a.tags.len().saturating_sub(MOST_TAGS);
    let rest = if more > 0 { format!(", {more} tags left out") } else { String::new() };
    Some(shares(&format!("Accuracy of {} by tag, {UNCORRECTED}{rest}", a.agent), &rows))
}

/// The pass rate as judges, corrected judges and people alone have it.
pub(super) fn three(a: &AgentSummary, release: Option<&Release>) -> String {
    let row = |name: &str, about: String, value, interval, strong| Row { name: name.to_owned(), about, value, interval, strong };
    let mut rows = Vec::new();
    if let Some((r, e)) = release.and_then(|r| Some((r, r.estimated()?))) {
        let cut = |c: &crate::stats::estimate::Corrected| (Some(c.theta.clamp(0.0, 1.0)), Some(words::within(c.interval, 0.0, 1.0)));
        let graded = format!("{} grades", words::count(r.graded));
        let (value, interval) = cut(&e.pass_rate);
        rows.push(row("corrected by people", graded.clone(), value, interval, true));
        rows.push(row(
            UNCORRECTED,
            format!("of {}", words::count(r.judge_only.scored)),
            r.judge_only.pass_rate,
            r.judge_only.interval,
            false,
        ));
        let (value, interval) = cut(&e.people_only);
        rows.push(row("people only", graded, value, interval, false));
    } else {
        rows.push(row(UNCORRECTED, format!("of {}", words::count(a.accuracy.settled)), a.accuracy.value, a.accuracy.interval, false));
    }
    shares(&format!("Pass rate of {}", a.agent), &rows)
}

/// What the judges alone predict against what people gave; nothing without enough grades.
pub(super) fn reliability(a: &AgentSummary, signals: &Signals) -> Option<String> {
    let bins = signals.reliability.as_slice();
    if bins.is_empty() {
        return None;
    }
    let desc = bins.iter().map(|b| format!("predicted {}, people {}", words::percent(Some(b.predicted)), words::percent(Some(b.observed))));
    let mut pen = Pen::new(&format!("Predicted from judges against people, {}", a.agent), &desc.collect::<Vec<_>>().join("; "), 420.0);
    let (x, y) = (|s: f64| 80.0 + 300.0 * s.clamp(0.0, 1.0), |s: f64| 360.0 - 300.0 * s.clamp(0.0, 1.0));
    for share in [0.0, 0.5, 1.0] {
        let label = words::percent(Some(share));
        pen.line((x(share), y(0.0)), (x(share), y(1.0)), LINE, 1.0);
        pen.line((x(0.0), y(share)), (x(1.0), y(share)), LINE, 1.0);
        pen.write(x(share), 380.0, At::Middle, MUTED, 12, &label);
        pen.write(70.0, y(share) + 4.0, At::End, MUTED, 12, &label);
    }
    pen.line((x(0.0), y(0.0)), (x(1.0), y(1.0)), MUTED, 1.0);
    for b in bins {
        pen.line((x(b.predicted), y(b.interval.low)), (x(b.predicted), y(b.interval.high)), SOFT, 3.0);
        pen.dot(x(b.predicted), y(b.observed), ACCENT);
    }
    pen.write(x(0.5), 404.0, At::Middle, INK, 13, "predicted to pass");
    pen.write(400.0, y(0.5), At::Start, INK, 13, "up: share that people passed, with 95% interval");
    pen.write(400.0, y(0.5) + 20.0, At::Start, MUTED, 13, "on the diagonal, the prediction was right");
    Some(pen.done())
}

/// Equal votes, judge by judge; nothing for one judge.
pub(super) fn judges(summary: &Summary) -> Option<String> {
    let n = summary.judges.len().min(12);
    if n < 2 || summary.agreement.pairs.is_empty() {
        return None;
    }
    let side = (460.0 / n as f64).min(90.0);
    let name = |i: usize, most: usize| words::clip(summary.judges[i].judge.as_str(), most);
    let equal = |i: usize, k: usize| {
        summary.agreement.pairs.iter().find(|p| (p.first, p.second) == (i.min(k), i.max(k))).map(|p| p.exact).filter(|_| i != k)
    };
    let mut desc = Vec::new();
    for i in 0..n {
        let line = |k: usize| Some(format!("{} and {}: {}", name(i, 22), name(k, 22), words::percent(Some(equal(i, k)?))));
        desc.extend((i + 1..n).filter_map(line));
    }
    let mut pen = Pen::new("Equal votes, judge by judge", &desc.join(", "), 90.0 + side * n as f64);
    let middle = |k: usize| 200.0 + side * (k as f64 + 0.5);
    let short = if n > 6 { 5 } else { 10 };
    for i in 0..n {
        let top = 76.0 + side * i as f64;
        pen.write(190.0, top + side / 2.0 + 4.0, At::End, INK, 13, &name(i, 22));
        pen.write(middle(i), 66.0, At::Middle, INK, 12, &name(i, short));
        for k in 0..n {
            let (left, share) = (201.0 + side * k as f64, equal(i, k));
            pen.rect(left, top + 1.0, side - 2.0, side - 2.0, share.map_or("#ececea", |s| HEAT[heat(s)]));
            if share.is_some() {
                pen.write(middle(k), top + side / 2.0 + 4.0, At::Middle, INK, 12, &words::percent(share));
            }
        }
    }
    Some(pen.done())
}

/// Pale enough everywhere for ink on it.
const HEAT: [&str; 6] = ["#f4f6fc", "#e4e9f7", "#d3dcf2", "#c2ceed", "#b1c0e8", "#9fb1e0"];

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share, in fifths")]
fn heat(share: f64) -> usize {
    (share.clamp(0.0, 1.0) * 5.0).round() as usize
}
