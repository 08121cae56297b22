//! Oracles of calibration, aggregation, sequences and selection.

use super::case::Check;

/// Every family here, by name.
pub const FAMILIES: &[(&str, Check)] = &[];
