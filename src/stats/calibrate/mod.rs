//! From what judges say to a probability: logistic, ordinal and isotonic calibration, and how good it is.

mod features;
pub mod folds;
pub mod frozen;
pub mod isotonic;
pub mod logistic;
pub(in crate::stats) mod newton;
pub mod ordinal;
pub mod scores;
#[cfg(test)]
mod tests;

pub use features::PanelFeatures;
pub use frozen::{FrozenCalibrator, Kind, Labelled, Prediction};
pub use newton::NoFit;
