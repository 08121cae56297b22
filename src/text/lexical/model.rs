//! The ordinal model: one linear score over the features, four thresholds, and where they came from.
//!
//! P(score >= k) = 1 / (1 + exp(threshold_k - s)), a cumulative logit. The judged score is the median of that
//! distribution, so that it passes a mark exactly when P(score >= mark) is at least one half.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::features::FEATURES;
use crate::domain::Score;

/// The weights as they stand in their file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightsFile {
    /// What this file is, and its version.
    pub format: String,
    /// What it was fitted on.
    pub source: Source,
    /// How it was fitted, in words.
    pub method: String,
    /// Ridge penalty on standardised features.
    pub ridge: f64,
    /// How it did on questions that it was not fitted on.
    pub validation: Validation,
    /// Confidence at or above which held-out verdicts agreed with people in at least 95 of 100, on short and long answers alike.
    pub settles_alone_at: f64,
    /// The lowest linear score for 2, 3, 4 and 5.
    pub thresholds: [f64; 4],
    /// The weight of every feature.
    pub features: BTreeMap<String, f64>,
}

/// What weights were fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name of the file.
    pub name: String,
    /// Where it is published.
    pub origin: String,
    /// Its licence.
    pub licence: String,
    /// BLAKE3 of the file.
    pub blake3: String,
    /// Labelled answers fitted on.
    pub answers: usize,
    /// Distinct questions among them.
    pub questions: usize,
    /// Answers left out since the questions also stand in the file that the judge is measured on.
    pub left_out: usize,
}

/// Figures of the fitted model, without the rules, on held-out questions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// Labelled answers held out.
    pub answers: usize,
    /// Distinct questions among them.
    pub questions: usize,
    /// Share of verdicts that agree with people.
    pub accuracy: f64,
    /// Mean squared error of P(pass).
    pub brier: f64,
    /// Share of answers whose confidence reaches `settles_alone_at`.
    pub coverage: f64,
    /// Share of those that agree with people.
    pub accuracy_covered: f64,
}

/// Why a weights file was refused.
#[derive(Debug, thiserror::Error)]
pub enum WeightsFault {
    /// It is no JSON of the right shape.
    #[error("the weights file cannot be read")]
    Shape(#[source] serde_json::Error),
    /// It was written for another version.
    #[error("the weights file is of format `{0}`, this version reads `{FORMAT}`")]
    Format(String),
    /// A feature has no weight, or a weight no feature.
    #[error("the weights file and this version differ on the feature `{0}`")]
    Feature(String),
    /// A number is not finite, or the thresholds do not rise.
    #[error("the weights file holds {0}")]
    Number(&'static str),
}

/// The format that this version reads and writes.
pub const FORMAT: &str = "tribunal lexical weights/1";

/// A fitted model, ready to score.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    weights: Vec<f64>,
    thresholds: [f64; 4],
    /// Confidence from which it may settle alone.
    pub settles_alone_at: f64,
}

impl Model {
    /// Reads a weights file.
    ///
    /// # Errors
    /// [`WeightsFault`] when it is of another shape, format or set of features, or its numbers make no distribution.
    pub fn parse(text: &str) -> Result<Self, WeightsFault> {
        let mut file: WeightsFile = serde_json::from_str(text).map_err(WeightsFault::Shape)?;
        if file.format != FORMAT {
            return Err(WeightsFault::Format(file.format.chars().take(80).collect()));
        }
        let weights = FEATURES
            .iter()
            .map(|(name, _)| file.features.remove(*name).ok_or_else(|| WeightsFault::Feature((*name).to_owned())))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(name) = file.features.into_keys().next() {
            return Err(WeightsFault::Feature(name.chars().take(80).collect()));
        }
        if weights.iter().chain(&file.thresholds).any(|w| !w.is_finite()) {
            return Err(WeightsFault::Number("a number that is not finite"));
        }
        if file.thresholds.windows(2).any(|t| t[0] >= t[1]) {
            return Err(WeightsFault::Number("thresholds that do not rise"));
        }
        if !(0.0..=1.0).contains(&file.settles_alone_at) {
            return Err(WeightsFault::Number("a confidence outside of 0 to 1"));
        }
        Ok(Self { weights, thresholds: file.thresholds, settles_alone_at: file.settles_alone_at })
    }

    /// The linear score of feature values.
    #[must_use]
    pub fn linear(&self, values: &[f64]) -> f64 {
        self.weights.iter().zip(values).map(|(w, x)| w * x).sum()
    }

    /// P(score >= `mark`) at a linear score.
    #[must_use]
    pub fn at_least(&self, linear: f64, mark: Score) -> f64 {
        mark.index().checked_sub(1).map_or(1.0, |i| logistic(linear - self.thresholds[i]))
    }

    /// P(score = 1..5) at a linear score. Sums to 1.
    #[must_use]
    pub fn probabilities(&self, linear: f64) -> [f64; 5] {
        let up = Score::ALL.map(|s| self.at_least(linear, s));
        let mut p = [0.0; 5];
        for i in 0..5 {
            p[i] = (up[i] - up.get(i + 1).copied().unwrap_or(0.0)).max(0.0);
        }
        let sum: f64 = p.iter().sum();
        p.map(|x| x / sum)
    }

    /// The median score at a linear score.
    #[must_use]
    pub fn score(&self, linear: f64) -> Score {
        Score::ALL[self.thresholds.iter().filter(|&&t| linear >= t).count()]
    }

    /// A linear score held within the scores `low..=high`: a rule's bound. Half a unit inside the outer thresholds.
    #[must_use]
    pub fn bounded(&self, linear: f64, low: Score, high: Score) -> f64 {
        let floor = low.index().checked_sub(1).map_or(f64::NEG_INFINITY, |i| self.inside(i, true));
        let ceiling = self.thresholds.get(high.index()).map_or(f64::INFINITY, |_| self.inside(high.index(), false));
        linear.max(floor).min(ceiling)
    }

    /// A point beside threshold `i`, above or below it: half a unit off, or halfway to the next threshold if that is nearer.
    fn inside(&self, i: usize, above: bool) -> f64 {
        let t = self.thresholds[i];
        let next = if above { self.thresholds.get(i + 1) } else { i.checked_sub(1).and_then(|j| self.thresholds.get(j)) };
        let step = next.map_or(1.0, |n| (n - t).abs()).min(1.0) / 2.0;
        if above { t + step } else { t - step }
    }
}

/// 1 / (1 + exp(-x)), without overflow.
#[must_use]
pub fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}
