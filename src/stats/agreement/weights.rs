//! How nearly two categories of an ordered scale agree.

/// Partial credit for near agreement on a scale of `K` categories, taken as equally spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weights {
    /// All or nothing.
    Identity,
    /// `1 - |c - k| / (K - 1)` (Cicchetti and Allison 1971).
    Linear,
    /// `1 - (c - k)^2 / (K - 1)^2` (Fleiss and Cohen 1973).
    Quadratic,
    /// `1 - M(|c - k| + 1) / M(K)` with `M(m) = m (m - 1) / 2` (Gwet 2014, "Handbook of inter-rater reliability", chapter 3).
    Ordinal,
}

impl Weights {
    /// The agreement of categories `c` and `k` of `K` (0-based): 1 for equal ones, 0 for the two ends.
    #[must_use]
    pub fn agreement<const K: usize>(self, c: usize, k: usize) -> f64 {
        if c == k {
            return 1.0;
        }
        let apart = c.abs_diff(k) as f64;
        let most = (K - 1) as f64;
        match self {
            Self::Identity => 0.0,
            Self::Linear => 1.0 - apart / most,
            Self::Quadratic => 1.0 - (apart / most).powi(2),
            Self::Ordinal => 1.0 - apart * (apart + 1.0) / (most * (most + 1.0)),
        }
    }
}
