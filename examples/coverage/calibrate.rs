//! The frozen calibrator: fitted on an earlier run, never on the grades of this one.

use tribunal::judge::lexical::fit::{Labelled, logistic_ridge};
use tribunal::routing::plan::cold_start;

use crate::item::Seen;
use crate::scenario::Calibrator;

/// P(people pass it) as a function of what judges show.
pub enum Frozen {
    Logistic { weights: Vec<f64>, gain: f64 },
    Cold,
}

impl Frozen {
    /// Fits on graded outputs of an earlier run; without any, or where nothing can be fitted, the cold start.
    pub fn fit(kind: Calibrator, history: &[Seen]) -> Self {
        let gain = match kind {
            Calibrator::Cold => return Self::Cold,
            Calibrator::History(_) => 1.0,
            Calibrator::Overconfident(_) => 2.0,
        };
        let data =
            Labelled { rows: history.iter().map(|s| s.features.as_slice()).collect(), labels: history.iter().map(|s| s.pass).collect() };
        logistic_ridge(&data, 1.0).map_or(Self::Cold, |weights| Self::Logistic { weights, gain })
    }

    /// From 0.001 to 0.999.
    pub fn predict(&self, seen: &Seen) -> f64 {
        match self {
            Self::Cold => cold_start(Some(seen.share())),
            Self::Logistic { weights, gain } => {
                let z: f64 = weights.iter().zip(&seen.features).map(|(w, x)| w * x).sum();
                (1.0 / (1.0 + (-gain * z).exp())).clamp(0.001, 0.999)
            }
        }
    }
}
