//! Latencies in bins that grow with the value: a distribution in a few hundred bytes, however many rows stream by.

/// Bins a factor of ten.
const PER_DECADE: f64 = 8.0;
/// 1 ms to about 28 hours.
const BINS: usize = 64;

/// A histogram on a logarithmic scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) struct LogHistogram {
    bins: [u64; BINS],
}

impl Default for LogHistogram {
    fn default() -> Self {
        Self { bins: [0; BINS] }
    }
}

impl LogHistogram {
    /// Counts one value in milliseconds; under 1 ms counts as 1 ms.
    pub(in crate::report) fn add(&mut self, ms: u64) {
        self.bins[bin(ms)] += 1;
    }

    /// Counts from the first to the last bin that is not empty, over all of `all`, with that range of bins.
    pub(in crate::report) fn range<'a>(all: impl Iterator<Item = &'a Self> + Clone) -> Option<(usize, usize)> {
        let used = |i: usize| all.clone().any(|h| h.bins[i] > 0);
        Some(((0..BINS).find(|i| used(*i))?, (0..BINS).rev().find(|i| used(*i))?))
    }

    /// The count of a bin.
    pub(in crate::report) fn count(&self, bin: usize) -> u64 {
        self.bins.get(bin).copied().unwrap_or(0)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the logarithm of at least 1 is a small number")]
fn bin(ms: u64) -> usize {
    (place(ms) as usize).min(BINS - 1)
}

/// Where a value lies on the scale, in bins.
pub(in crate::report) fn place(ms: u64) -> f64 {
    (ms.max(1) as f64).log10() * PER_DECADE
}

/// The lower edge of a bin, in milliseconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 10^8")]
pub(in crate::report) fn edge(bin: usize) -> u64 {
    10f64.powf(bin as f64 / PER_DECADE).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_bin_and_larger_values_never_a_smaller_one() {
        let mut last = 0;
        for ms in [0, 1, 2, 9, 10, 99, 1_000, 60_000, u64::MAX] {
            let b = bin(ms);
            assert!(b >= last && b < BINS);
            last = b;
        }
        assert_eq!(LogHistogram::range([].iter()), None);
        let mut h = LogHistogram::default();
        h.add(10);
        h.add(1_000);
        assert_eq!(LogHistogram::range(std::iter::once(&h)), Some((8, 24)));
        assert_eq!((h.count(8), h.count(9), edge(8)), (1, 0, 10));
    }
}
