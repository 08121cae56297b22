//! Oracles of agreement, intervals, paired tests.

use super::case::Check;

/// Every family here, by name.
pub const FAMILIES: &[(&str, Check)] = &[];
