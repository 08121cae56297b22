//! From what judges say to a probability: logistic, ordinal and isotonic calibration, and how good it is.

pub mod logistic;
mod newton;
pub mod scores;

pub use newton::NoFit;
