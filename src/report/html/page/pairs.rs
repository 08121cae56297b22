//! Agents compared case by case, as the page shows them.

use serde::Serialize;

use crate::report::html::charts::{self, Difference};
use crate::report::pairs::PairView;
use crate::report::words;
use crate::stats::summary::Summary;

#[derive(Debug, Serialize)]
pub(super) struct Pairs {
    /// What stands under the pictures: both ends and the middle.
    scale: [String; 3],
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    first: String,
    second: String,
    says: String,
    chart: Difference,
    share: String,
    share_interval: String,
    score: String,
    score_interval: String,
    settled: String,
    counts: [String; 4],
}

/// Absent with one agent.
pub(super) fn pairs(s: &Summary) -> Option<Pairs> {
    let pairs = PairView::all(s);
    let reach = charts::reach(pairs.iter().filter_map(|v| v.pair.share_interval));
    let rows: Vec<Row> = pairs.iter().map(|v| row(v, reach)).collect();
    let end = |x: f64| words::points(Some(x)).replace(".0", "");
    (!rows.is_empty()).then(|| Pairs { scale: [end(-reach), "0".to_owned(), end(reach)], rows })
}

fn row(v: &PairView<'_>, reach: f64) -> Row {
    let p = v.pair;
    Row {
        first: v.first.to_owned(),
        second: v.second.to_owned(),
        says: v.says(str::to_owned),
        chart: charts::difference(&format!("{} against {}", v.second, v.first), p.share, p.share_interval, reach),
        share: words::points(p.share),
        share_interval: words::points_range(p.share_interval),
        score: p.score.map_or_else(|| words::NONE.to_owned(), words::signed),
        score_interval: words::signed_range(p.score_interval),
        settled: v.settled(),
        counts: v.counts(str::to_owned),
    }
}
