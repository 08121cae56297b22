//! Differences by tag: where to look, never what gates.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::multiple::benjamini_hochberg;
use super::super::resample::Resampling;
use super::super::summary::Interval;
use super::{Settled, Test, interval, means, test};

/// Below this many compared cases a tag gets no verdict.
pub const LEAST_CASES: u64 = 20;
/// Tags whose adjusted p-value is at most this are worth a look.
pub const LOOK: f64 = 0.10;

/// What a tag says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TagChange {
    /// Fewer than [`LEAST_CASES`] cases: no verdict.
    TooFew,
    /// No regression stands out.
    Quiet,
    /// B looks worse here: among the tags marked so, about one in ten is expected to be a false alarm.
    LookHere,
}

/// One tag.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TagComparison {
    /// The tag.
    pub tag: String,
    /// Its compared cases.
    pub cases: u64,
    /// Mean of the differences of cases, B minus A.
    pub difference: f64,
    /// Its 95% interval; absent below two cases.
    pub interval: Option<Interval>,
    /// One-sided p-value of a regression; absent for a tag of too few cases.
    pub p: Option<f64>,
    /// The same after Benjamini-Hochberg over the tags with a p-value.
    pub q: Option<f64>,
    /// What it says.
    pub change: TagChange,
}

/// The tags in order, each with its difference, p and q.
pub(super) fn by_tag(settled: &[Settled<'_>], how: Resampling) -> Vec<TagComparison> {
    let mut groups: BTreeMap<&str, Vec<&Settled<'_>>> = BTreeMap::new();
    for case in settled {
        let mut tags = case.tags.to_vec();
        tags.sort_unstable();
        tags.dedup();
        tags.into_iter().for_each(|tag| groups.entry(tag).or_default().push(case));
    }
    let mut rows: Vec<TagComparison> = groups
        .into_iter()
        .filter_map(|(tag, cases)| {
            let differences = means(cases.iter().map(|c| c.difference));
            let own: Vec<Settled<'_>> = cases.iter().map(|c| Settled { tags: &[], ..**c }).collect();
            let p = (differences.cases() >= LEAST_CASES).then(|| regression(&own, how)).flatten();
            let (difference, interval) = (differences.mean()?, interval(&differences));
            Some(TagComparison {
                tag: tag.to_owned(),
                cases: differences.cases(),
                difference,
                interval,
                p,
                q: None,
                change: TagChange::TooFew,
            })
        })
        .collect();
    let p: Vec<f64> = rows.iter().filter_map(|r| r.p).collect();
    for (row, q) in rows.iter_mut().filter(|r| r.p.is_some()).zip(benjamini_hochberg(&p)) {
        row.q = Some(q);
        row.change = if q <= LOOK { TagChange::LookHere } else { TagChange::Quiet };
    }
    rows
}

/// One-sided p-value that B is worse.
fn regression(cases: &[Settled<'_>], how: Resampling) -> Option<f64> {
    Some(match test(cases, how).ok()? {
        Test::McNemar { table, .. } => table.b_worse(),
        Test::SignFlip(flipped) => flipped.less,
    })
}
