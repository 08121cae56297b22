//! Folds by cluster, fixed by a hash of its name: what a calibrator may learn from, what proves it, and cross-validation.
//!
//! Invariant: a cluster is in the same part and the same fold forever, whatever else is in the data.

use crate::domain::{DigestBuilder, Score};

use super::frozen::{FrozenCalibrator, Kind, Labelled, Prediction};
use super::newton::NoFit;
use super::scores::Forecast;

/// What a cluster's labels are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// To fit the calibrator, and for examples in a judge's prompt.
    Train,
    /// To prove a calibrator or a new judge prompt; never learned from.
    Test,
}

/// The share of clusters kept for proof.
const TEST_SHARE: f64 = 0.3;

/// The part of a cluster.
#[must_use]
pub fn part(cluster: &str) -> Part {
    let unit = DigestBuilder::new("part/1").text("cluster", cluster).finish().unit();
    if unit < TEST_SHARE { Part::Test } else { Part::Train }
}

/// The fold of a cluster, from 0; 0 where `folds` is 0 or 1.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below the number of folds")]
pub fn fold(cluster: &str, folds: usize) -> usize {
    let unit = DigestBuilder::new("fold/1").text("cluster", cluster).finish().unit();
    (unit * folds.max(1) as f64) as usize
}

/// What a calibrator of a kind says about each row when fitted on the other folds. Where those have no fit, the whole is an error.
pub fn out_of_fold(rows: &[Labelled<'_>], kind: Kind, mark: Score, folds: usize) -> Result<Vec<Prediction>, NoFit> {
    let place: Vec<usize> = rows.iter().map(|r| fold(r.cluster, folds)).collect();
    let mut fitted: Vec<Option<FrozenCalibrator>> = vec![None; folds.max(1)];
    for (k, model) in fitted.iter_mut().enumerate().filter(|(k, _)| place.contains(k)) {
        let others: Vec<Labelled<'_>> = rows.iter().zip(&place).filter(|(_, p)| **p != k).map(|(r, _)| *r).collect();
        *model = Some(FrozenCalibrator::fit(&others, kind, mark)?);
    }
    let predict = |(r, k): (&Labelled<'_>, &usize)| fitted.get(*k).and_then(Option::as_ref).map(|m| m.predict(&r.features));
    rows.iter().zip(&place).map(|pair| predict(pair).ok_or(NoFit::NoRows)).collect()
}

/// Predictions beside what people said, for the scores of `calibrate::scores`.
#[must_use]
pub fn forecasts(rows: &[Labelled<'_>], predictions: &[Prediction], mark: Score) -> Vec<Forecast> {
    let pair = |(r, p): (&Labelled<'_>, &Prediction)| Forecast { p: p.p, yes: r.grade >= mark, weight: r.weight };
    rows.iter().zip(predictions).map(pair).collect()
}
