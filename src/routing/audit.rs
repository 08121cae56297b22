//! The seeded random audit of confident items.

/// How many confident items are drawn at random.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AuditPolicy {
    /// Share of the confident items, 0 to 1.
    pub share: f64,
    /// At least this many, over all strata; no stratum gives fewer than two of its items. With both at 0 nothing is drawn.
    pub at_least: u32,
}

impl Default for AuditPolicy {
    fn default() -> Self {
        Self { share: 0.03, at_least: 30 }
    }
}
