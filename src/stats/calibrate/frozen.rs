//! The frozen calibrator: from a panel's features to the chance that people pass the output, and to the grade they would give.
//!
//! Fitted on earlier runs only, then never changed within a run: that keeps the release estimate exactly unbiased.
//! Rows are weighted by 1 over their chance of having been graded (normalised here); only blind grades belong in them.
//!
//! Invariant: same rows, same calibrator, same digest; a chance is within [0.001, 0.999], a grade within [1, 5].

use serde::{Deserialize, Serialize};

use super::features::PanelFeatures;
use super::isotonic::{Isotonic, Point};
use super::logistic::{Logistic, Penalty, Row};
use super::newton::NoFit;
use super::ordinal::{self, Ordinal};
use crate::domain::{Digest, DigestBuilder, Score};

/// Labels below which nothing is fitted.
pub const FEWEST_LABELS: usize = 100;
/// Labels from which the isotonic step is added.
pub const MANY_LABELS: usize = 500;
/// The ridge of the logistic and the ordinal model.
const LAMBDA: f64 = 1.0;

/// A calibrator, with all that it needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FrozenCalibrator {
    /// `p = 0.05 + 0.9 x pass share`; the grade is the panel's mean. For fewer than 100 labels.
    Share,
    /// Ridge logistic regression on the features; the grade by isotonic regression on the panel's mean.
    Logistic {
        /// The chance to pass.
        pass: Logistic,
        /// The grade by panel mean.
        grade: Isotonic,
    },
    /// Isotonic regression on the logit of a logistic model. From 500 labels.
    Isotonic {
        /// What orders the outputs.
        score: Logistic,
        /// The chance to pass, by that logit.
        pass: Isotonic,
        /// The grade by panel mean.
        grade: Isotonic,
    },
    /// Proportional odds over the five grades; both numbers from one model.
    Ordinal {
        /// The model.
        model: Ordinal,
        /// The pass mark.
        mark: Score,
    },
}

/// Which calibrator to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// No fit.
    Share,
    /// Logistic.
    Logistic,
    /// Logistic, then isotonic.
    Isotonic,
    /// Proportional odds.
    Ordinal,
}

impl Kind {
    /// The kind for a number of labels: share below 100, logistic below 500, then isotonic.
    #[must_use]
    pub fn for_labels(n: usize) -> Self {
        match n {
            ..FEWEST_LABELS => Self::Share,
            FEWEST_LABELS..MANY_LABELS => Self::Logistic,
            _ => Self::Isotonic,
        }
    }
}

/// One labelled output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Labelled<'a> {
    /// What the panel said.
    pub features: PanelFeatures,
    /// The blind human grade.
    pub grade: Score,
    /// 1 over the chance of having been graded.
    pub weight: f64,
    /// What it must not be separated from: same document, template, conversation.
    pub cluster: &'a str,
}

/// What a calibrator says about one output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// The chance that people grade it at or above the pass mark.
    pub p: f64,
    /// The grade that people would give on average, 1 to 5.
    pub f: f64,
}

impl FrozenCalibrator {
    /// Fits a kind on weighted labelled rows; `mark` is the pass mark.
    pub fn fit(rows: &[Labelled<'_>], kind: Kind, mark: Score) -> Result<Self, NoFit> {
        if kind == Kind::Share {
            return Ok(Self::Share);
        }
        let usable = |w: f64| w.is_finite() && w > 0.0;
        let (total, n) = rows.iter().filter(|r| usable(r.weight)).fold((0.0, 0.0), |(t, n), r| (t + r.weight, n + 1.0));
        if total <= 0.0 {
            return Err(NoFit::NoRows);
        }
        // Mean weight 1, so that the ridge weighs the same whatever the sampling rate.
        let table: Vec<([f64; 5], Score, f64)> =
            rows.iter().filter(|r| usable(r.weight)).map(|r| (r.features.row(), r.grade, r.weight * n / total)).collect();
        if kind == Kind::Ordinal {
            let rows: Vec<ordinal::Row<'_>> = table.iter().map(|(x, y, w)| ordinal::Row { x, y: *y, weight: *w }).collect();
            return Ok(Self::Ordinal { model: Ordinal::fit(&rows, LAMBDA)?, mark });
        }
        let passed = |y: Score| f64::from(u8::from(y >= mark));
        let binary: Vec<Row<'_>> = table.iter().map(|(x, y, w)| Row { x, y: passed(*y), weight: *w }).collect();
        let logistic = Logistic::fit(&binary, &Penalty::Ridge(LAMBDA))?;
        let point = |x: f64, y: f64, weight: f64| Point { x, y, weight };
        let grades: Vec<Point> = table.iter().map(|(x, y, w)| point(x[0], f64::from(y.get()), *w)).collect();
        let grade = Isotonic::fit(&grades)?;
        if kind == Kind::Logistic {
            return Ok(Self::Logistic { pass: logistic, grade });
        }
        let scored: Vec<Point> = table.iter().map(|(x, y, w)| point(logistic.logit(x), passed(*y), *w)).collect();
        Ok(Self::Isotonic { pass: Isotonic::fit(&scored)?, score: logistic, grade })
    }

    /// Fits the kind for this number of labels; where that has no fit, [`Self::Share`] and why.
    #[must_use]
    pub fn fit_for_size(rows: &[Labelled<'_>], mark: Score) -> (Self, Option<NoFit>) {
        match Self::fit(rows, Kind::for_labels(rows.len()), mark) {
            Ok(fitted) => (fitted, None),
            Err(why) => (Self::Share, Some(why)),
        }
    }

    /// What it says about one output.
    #[must_use]
    pub fn predict(&self, features: &PanelFeatures) -> Prediction {
        let row = features.row();
        let (p, f) = match self {
            Self::Share => (0.05 + 0.9 * features.pass_share, features.mean),
            Self::Logistic { pass, grade } => (pass.predict(&row), grade.predict(features.mean)),
            Self::Isotonic { score, pass, grade } => (pass.predict(score.logit(&row)), grade.predict(features.mean)),
            Self::Ordinal { model, mark } => {
                let chances = model.predict(&row);
                (chances[mark.index()..].iter().sum(), ordinal::expected(&chances))
            }
        };
        Prediction { p: p.clamp(0.001, 0.999), f: f.clamp(1.0, 5.0) }
    }

    /// Content identity: two calibrators with the same digest predict the same.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let b = DigestBuilder::new("calibrator/1");
        let b = match self {
            Self::Share => b.text("kind", "share"),
            Self::Logistic { pass, grade } => with_curve(with_logistic(b.text("kind", "logistic"), pass), grade),
            Self::Isotonic { score, pass, grade } => with_curve(with_curve(with_logistic(b.text("kind", "isotonic"), score), pass), grade),
            Self::Ordinal { model, mark } => {
                let b = numbers(numbers(b.text("kind", "ordinal"), "centre", &model.centre), "scale", &model.scale);
                numbers(numbers(b, "cuts", &model.cuts), "weights", &model.weights).bytes("mark", &[mark.get()])
            }
        };
        b.finish()
    }

    /// In words, for a report.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Share => "chance to pass = 0.05 + 0.9 x share of judges that pass it (not fitted: fewer than 100 grades)".to_owned(),
            Self::Logistic { pass, .. } => format!("logistic regression on {}", weights(&pass.weights)),
            Self::Isotonic { score, pass, .. } => {
                format!("isotonic regression ({} knots) on a logistic score of {}", pass.knots().len(), weights(&score.weights))
            }
            Self::Ordinal { model, .. } => format!("proportional-odds regression of the five grades on {}", weights(&model.weights)),
        }
    }
}

fn weights(weights: &[f64]) -> String {
    let named = PanelFeatures::NAMES.iter().zip(weights).map(|(name, w)| format!("{name} ({w:+.2})"));
    named.collect::<Vec<_>>().join(", ")
}

fn numbers(b: DigestBuilder, name: &str, values: &[f64]) -> DigestBuilder {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_bits().to_le_bytes()).collect();
    b.bytes(name, &bytes)
}

fn with_logistic(b: DigestBuilder, model: &Logistic) -> DigestBuilder {
    let b = numbers(numbers(b, "centre", &model.centre), "scale", &model.scale);
    numbers(numbers(b, "intercept", &[model.intercept]), "weights", &model.weights)
}

fn with_curve(b: DigestBuilder, curve: &Isotonic) -> DigestBuilder {
    let flat: Vec<f64> = curve.knots().iter().flat_map(|(x, y)| [*x, *y]).collect();
    numbers(b, "knots", &flat)
}
