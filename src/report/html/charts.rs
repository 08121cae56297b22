//! Geometry of the charts: every horizontal length in percent, so that they fit any width with crisp text.

use serde::Serialize;

use crate::report::latency::{LogHistogram, edge, place};
use crate::report::words;
use crate::stats::summary::{AgentSummary, Interval, Share};

/// A bar chart with upright bars.
#[derive(Debug, Serialize)]
pub(super) struct Chart {
    /// What it shows, for those who do not see it.
    title: String,
    desc: String,
    bars: Vec<Bar>,
    marks: Vec<Mark>,
    ticks: Vec<Mark>,
}

#[derive(Debug, Serialize)]
struct Bar {
    /// Left edge and width, percent.
    x: String,
    w: String,
    mid: String,
    /// Top and height, of 100.
    y: String,
    h: String,
    label: String,
    count: String,
    /// Where the count stands, in pixels of a plot that begins at 20 and is 112 high.
    count_y: String,
    class: String,
}

#[derive(Debug, Serialize)]
struct Mark {
    x: String,
    label: String,
    anchor: &'static str,
}

/// A dot with its whisker on a scale from 0 to 100 percent.
#[derive(Debug, Serialize)]
pub(super) struct Whisker {
    title: String,
    dot: Option<String>,
    low: String,
    w: String,
    wide_low: Option<String>,
    wide_w: String,
}

/// A dot with its whisker on a scale that has 0 in its middle.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    title: String,
    dot: Option<String>,
    low: String,
    w: String,
}

/// How far a scale of differences must reach to both sides so that it holds all of these.
pub(super) fn reach(intervals: impl Iterator<Item = Interval>) -> f64 {
    let farthest = intervals.flat_map(|i| [i.low.abs(), i.high.abs()]).fold(0.0, f64::max);
    [0.05, 0.1, 0.2, 0.5].into_iter().find(|r| farthest <= *r).unwrap_or(1.0)
}

/// A difference of shares with its interval.
pub(super) fn difference(name: &str, value: Option<f64>, interval: Option<Interval>, reach: f64) -> Difference {
    let at = |x: f64| f64::midpoint(x / reach, 1.0).clamp(0.0, 1.0);
    let (low, high) = interval.map_or((0.0, 0.0), |i| (at(i.low), at(i.high)));
    Difference {
        title: match value {
            Some(_) => format!("{name}: {}, 95% interval {}", words::points(value), words::points_range(interval)),
            None => format!("{name}: not compared"),
        },
        dot: value.map(|d| pct(at(d))),
        low: pct(low),
        w: pct(high - low),
    }
}

fn pct(share: f64) -> String {
    format!("{:.2}", share.clamp(0.0, 1.0) * 100.0)
}

/// The accuracy with its interval, and behind it the range if all disputed fail or pass.
pub(super) fn whisker(name: &str, share: &Share, bounds: Option<Interval>) -> Whisker {
    let i = share.interval.unwrap_or(Interval { low: 0.0, high: 0.0 });
    let wide = bounds.unwrap_or(Interval { low: 0.0, high: 0.0 });
    Whisker {
        title: match share.value {
            Some(_) => format!("{name}: {}, 95% interval {}", words::percent(share.value), words::percent_range(share.interval)),
            None => format!("{name}: no score"),
        },
        dot: share.value.map(pct),
        low: pct(i.low),
        w: pct(i.high - i.low),
        wide_low: bounds.map(|b| pct(b.low)),
        wide_w: pct(wide.high - wide.low),
    }
}

/// A share with its interval.
pub(super) fn range(name: &str, value: Option<f64>, interval: Option<Interval>) -> Whisker {
    whisker(name, &Share { value, interval, passed: 0, settled: 0 }, None)
}

/// Trials by median score.
pub(super) fn scores(a: &AgentSummary) -> Chart {
    let most = a.histogram.iter().copied().max().unwrap_or(0);
    let bars = a.histogram.iter().enumerate().map(|(i, n)| bar(i, 5, *n, most, &(i + 1).to_string(), &format!("s{}", i + 1), 0.8));
    let bars: Vec<Bar> = bars.collect();
    Chart {
        title: format!("Scores of {}", a.agent),
        desc: bars.iter().map(|b| format!("score {}: {}", b.label, b.count)).collect::<Vec<_>>().join(", "),
        bars,
        marks: Vec::new(),
        ticks: Vec::new(),
    }
}

/// How long the agent took, on a logarithmic scale over `range` of bins.
pub(super) fn latency(a: &AgentSummary, h: &LogHistogram, range: (usize, usize)) -> Chart {
    let (from, to) = (range.0.saturating_sub(1), range.1 + 1);
    let n = to - from + 1;
    let most = (from..=to).map(|i| h.count(i)).max().unwrap_or(0);
    let label = |i: usize| format!("{} to {}", words::millis(edge(i)), words::millis(edge(i + 1)));
    let bars = (from..=to).map(|i| bar(i - from, n, h.count(i), most, &label(i), "lat", 0.86)).collect();
    let at = |ms: u64| ((place(ms) - from as f64) / n as f64).clamp(0.0, 1.0);
    let ticks = (0..9)
        .map(|e| 10u64.pow(e))
        .filter(|ms| (0.03..0.97).contains(&((place(*ms) - from as f64) / n as f64)))
        .map(|ms| Mark { x: pct(at(ms)), label: tick(ms), anchor: "middle" })
        .collect();
    let marks = a.latency_ms.map_or_else(Vec::new, |[p50, p95, _]| percentiles((p50, at(p50)), (p95, at(p95))));
    Chart {
        title: format!("Latency of {}", a.agent),
        desc: a.latency_ms.map_or_else(String::new, |[p50, p95, max]| {
            format!("median {}, 95th percentile {}, maximum {}", words::millis(p50), words::millis(p95), words::millis(max))
        }),
        bars,
        marks,
        ticks,
    }
}

/// Median and 95th percentile, each with its place from 0 to 1. Near each other they share a label.
fn percentiles(p50: (u64, f64), p95: (u64, f64)) -> Vec<Mark> {
    let label = |name: &str, ms: u64| format!("{name} {}", words::millis(ms));
    let mark = |x: f64, label: String, end: bool| Mark { x: pct(x), label, anchor: if end { "end" } else { "start" } };
    let (low, high) = (label("p50", p50.0), label("p95", p95.0));
    if p95.1 - p50.1 >= 0.25 {
        vec![mark(p50.1, low, false), mark(p95.1, high, p95.1 > 0.78)]
    } else if p50.1 < 0.5 {
        vec![mark(p50.1, format!("{low}, {high}"), false), mark(p95.1, String::new(), false)]
    } else {
        vec![mark(p50.1, String::new(), false), mark(p95.1, format!("{low}, {high}"), true)]
    }
}

fn tick(ms: u64) -> String {
    if ms < 1_000 { format!("{ms} ms") } else { format!("{} s", words::count(ms / 1_000)) }
}

fn bar(i: usize, n: usize, count: u64, most: u64, label: &str, class: &str, fill: f64) -> Bar {
    let step = 1.0 / n as f64;
    let left = step * (i as f64 + (1.0 - fill) / 2.0);
    let share = if most == 0 { 0.0 } else { count as f64 / most as f64 };
    let h = if count > 0 { (share * 100.0).max(1.0) } else { 0.0 };
    Bar {
        x: pct(left),
        w: pct(step * fill),
        mid: pct(step * (i as f64 + 0.5)),
        y: format!("{:.1}", 100.0 - h),
        h: format!("{h:.1}"),
        label: label.to_owned(),
        count: words::count(count),
        count_y: format!("{:.1}", 20.0 + (100.0 - h) * 1.12 - 6.0),
        class: class.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_length_leaves_the_chart() {
        let share = Share { value: Some(1.2), interval: Some(Interval { low: -0.1, high: 1.3 }), passed: 1, settled: 1 };
        let w = whisker("x", &share, None);
        assert_eq!((w.dot.as_deref(), w.low.as_str(), w.w.as_str()), (Some("100.00"), "0.00", "100.00"));
    }

    #[test]
    fn a_difference_has_zero_in_the_middle_and_stays_on_its_scale() {
        let i = |low, high| Interval { low, high };
        let d = difference("x", Some(0.05), Some(i(-0.05, 0.1)), 0.1);
        assert_eq!((d.dot.as_deref(), d.low.as_str(), d.w.as_str()), (Some("75.00"), "25.00", "75.00"));
        assert_eq!((reach([i(-0.15, 0.1)].into_iter()), reach(std::iter::empty()), reach([i(-1.0, 0.6)].into_iter())), (0.2, 0.05, 1.0));
        assert_eq!(difference("x", None, None, 1.0).dot, None);
    }

    #[test]
    fn labels_near_each_other_are_one() {
        let labels = |a, b| percentiles((100, a), (200, b)).into_iter().map(|m| (m.label, m.anchor)).collect::<Vec<_>>();
        let apart = |l: &str, anchor| (l.to_owned(), anchor);
        assert_eq!(labels(0.1, 0.5), [apart("p50 100 ms", "start"), apart("p95 200 ms", "start")]);
        assert_eq!(labels(0.5, 0.9), [apart("p50 100 ms", "start"), apart("p95 200 ms", "end")]);
        assert_eq!(labels(0.1, 0.2), [apart("p50 100 ms, p95 200 ms", "start"), apart("", "start")]);
        assert_eq!(labels(0.8, 0.9), [apart("", "start"), apart("p50 100 ms, p95 200 ms", "end")]);
    }

    #[test]
    fn a_share_without_a_value_has_no_dot() {
        let none = Share { value: None, interval: None, passed: 0, settled: 0 };
        assert_eq!(whisker("x", &none, None).dot, None);
    }
}
