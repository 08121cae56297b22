//! Percentiles of latencies in little memory: a histogram whose buckets grow with the value.

use std::collections::BTreeMap;

/// Values below this have a bucket each; above, each doubling has half as many buckets.
const EXACT: u64 = 512;
const HALF_BITS: u32 = 8;

/// Latencies in milliseconds. Exact below 512 ms and for the maximum; elsewhere within 0.2%. At most 15,000 buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies {
    buckets: BTreeMap<u32, u64>,
    count: u64,
    max: u64,
}

impl Latencies {
    /// Adds one.
    pub fn add(&mut self, ms: u64) {
        *self.buckets.entry(bucket(ms)).or_default() += 1;
        self.count += 1;
        self.max = self.max.max(ms);
    }

    /// The nearest-rank percentile: the smallest value that at least `percent` of 100 do not exceed; `None` without a value.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let rank = (u128::from(self.count) * u128::from(percent.min(100))).div_ceil(100).max(1);
        let mut seen = 0u128;
        let found = self.buckets.iter().find(|(_, n)| {
            seen += u128::from(**n);
            seen >= rank
        });
        found.map(|(b, _)| middle(*b).min(self.max))
    }

    /// Median, 95th percentile, maximum; `None` without a value.
    #[must_use]
    pub fn summary(&self) -> Option<[u64; 3]> {
        Some([self.percentile(50)?, self.percentile(95)?, self.max])
    }
}

fn bucket(ms: u64) -> u32 {
    if ms < EXACT {
        return u32::try_from(ms).unwrap_or(u32::MAX);
    }
    let exponent = ms.ilog2();
    let leading = u32::try_from(ms >> (exponent - HALF_BITS)).unwrap_or(u32::MAX);
    (exponent - HALF_BITS) * (1 << HALF_BITS) + leading
}

fn middle(bucket: u32) -> u64 {
    if u64::from(bucket) < EXACT {
        return u64::from(bucket);
    }
    let shift = (bucket >> HALF_BITS) - 1;
    let leading = u64::from(bucket - shift * (1 << HALF_BITS));
    (leading << shift) + (1 << shift) / 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_values_are_exact() {
        let mut l = Latencies::default();
        (1..=100).rev().for_each(|ms| l.add(ms));
        assert_eq!(l.summary(), Some([50, 95, 100]));
        assert_eq!(Latencies::default().summary(), None);
        let mut one = Latencies::default();
        one.add(0);
        assert_eq!(one.summary(), Some([0, 0, 0]));
    }

    proptest! {
        #[test]
        fn a_value_comes_back_within_two_parts_in_a_thousand(ms in prop_oneof![0u64..100_000, any::<u64>()]) {
            let mut l = Latencies::default();
            l.add(ms);
            l.add(u64::MAX);
            let got = l.percentile(50).unwrap();
            prop_assert!(got.abs_diff(ms) as f64 <= 0.002 * ms as f64, "{} came back as {}", ms, got);
        }

        #[test]
        fn buckets_keep_the_order(a in any::<u64>(), b in any::<u64>()) {
            prop_assert!((a <= b) <= (bucket(a) <= bucket(b)));
        }
    }
}
