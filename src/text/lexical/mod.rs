//! How an answer's words stand to the expected ones: a calibrated ordinal model over word features, pure. The embedded
//! judge scores with it, and routing weighs it against a panel's verdict.

pub mod align;
pub mod assess;
pub mod dates;
pub mod features;
pub mod lexicon;
pub mod model;
pub mod numbers;
pub mod reader;
pub mod rules;
pub mod search;
pub mod signals;
pub mod tokens;

/// The weights that come with the program.
pub const EMBEDDED: &str = include_str!("weights.json");
