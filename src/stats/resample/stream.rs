//! Random words by counter: the word of a place depends on the seed and on the place alone, never on what was asked before
//! or on which thread asks.
//!
//! Invariant: two places of one seed (up to 2^24 replicates of 2^40 words) never have the same input.

/// 2^64 divided by the golden ratio: odd, so that multiples of it visit every input once.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
const TWO_TO_MINUS_53: f64 = 1.0 / (1u64 << 53) as f64;

/// The words of one replicate, in order. SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
/// generators") read by counter; its mixing function is Stafford's variant 13 and passes the tests of BigCrush.
#[derive(Clone, Debug)]
pub struct Stream {
    state: u64,
}

/// Spreads every bit of its argument over the whole word.
#[inline]
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Stream {
    /// The words of a replicate.
    #[must_use]
    pub fn new(seed: u64, replicate: u32) -> Self {
        // A mixed seed, so that neighbouring seeds do not begin at neighbouring inputs.
        Self { state: mix(seed ^ 0x7472_6962_756e_616c).wrapping_add((u64::from(replicate) << 40).wrapping_mul(GOLDEN)) }
    }

    /// The next word.
    #[inline]
    pub fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// A number from 0 (included) to 1 (not), a multiple of 2^-53.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        (self.word() >> 11) as f64 * TWO_TO_MINUS_53
    }

    /// An index below `n` (0 where `n` is 0), each as likely: a multiplication and a rare rejection (Lemire 2019, ACM TOMACS
    /// 29).
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a word")]
    pub fn below(&mut self, n: u32) -> u32 {
        let mut product = (self.word() >> 32) * u64::from(n);
        if (product as u32) < n {
            let least = n.wrapping_neg() % n.max(1);
            while (product as u32) < least {
                product = (self.word() >> 32) * u64::from(n);
            }
        }
        (product >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_replicate_always_give_the_same_words() {
        let words = |seed, replicate| {
            let mut s = Stream::new(seed, replicate);
            [s.word(), s.word(), s.word()]
        };
        assert_eq!(words(7, 3), words(7, 3));
        assert_ne!(words(7, 3), words(7, 4));
        assert_ne!(words(7, 3), words(8, 3));
    }

    #[test]
    fn every_index_is_as_likely() {
        let mut seen = [0u32; 7];
        let mut s = Stream::new(1, 0);
        for _ in 0..70_000 {
            seen[s.below(7) as usize] += 1;
        }
        // Chi-square with six degrees of freedom; its 0.9999 quantile is 27.9.
        let chi: f64 = seen.iter().map(|c| (f64::from(*c) - 10_000.0).powi(2) / 10_000.0).sum();
        assert!(chi < 27.9, "{seen:?}");
        assert_eq!((s.below(0), s.below(1)), (0, 0));
    }

    #[test]
    fn bits_are_fair_across_neighbouring_replicates() {
        let ones: u32 = (0..4096).map(|r| Stream::new(9, r).word().count_ones()).sum();
        // 4096 words of 64 bits: mean 131072, standard deviation 256.
        assert!((f64::from(ones) - 131_072.0).abs() < 4.0 * 256.0, "{ones}");
    }
}
