//! The sign-flip test of paired differences: if A and B were alike, each difference could as well have had the other sign.
//!
//! Invariant: sums are whole numbers (differences on a grid of 2^-44 of the largest), so that ties are ties in any order.

use serde::Serialize;

use super::super::resample::{Resampling, Stream};
use super::super::tail::coin;
use super::super::undefined::Undefined;

/// The grid: about 13 digits of the largest difference.
const GRID: f64 = (1u64 << 44) as f64;
/// So much is counted, in sums over all steps; beyond, signs are drawn.
const COUNTED: usize = 1 << 23;

/// What the test found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SignFlip {
    /// The mean difference.
    pub statistic: f64,
    /// P(a mean this high or higher) when signs are random.
    pub greater: f64,
    /// P(a mean this low or lower).
    pub less: f64,
    /// P(a mean this far from 0 or farther).
    pub two_sided: f64,
    /// True: all ways to flip the signs were counted. False: as many random ones as asked for.
    pub exact: bool,
}

/// The paired permutation test of a mean difference of 0 (Fisher 1935, "The design of experiments", section 21; Pitman 1937).
///
/// The exact distribution of the sum is built difference by difference, equal sums added up: a thousand cases of a few trials
/// each are exact, and so are twenty of any sizes. Where that would take more than 2^23 steps, signs are drawn, and p-values
/// are `(1 + hits) / (1 + draws)` (Phipson and Smyth 2010), never 0.
///
/// # Errors
/// [`Undefined`] without a difference, or where one is not finite.
pub fn sign_flip(differences: &[f64], how: Resampling) -> Result<SignFlip, Undefined> {
    if differences.is_empty() || differences.iter().any(|d| !d.is_finite()) {
        return Err(Undefined::NoData);
    }
    let mut sorted = differences.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let statistic = sorted.iter().sum::<f64>() / sorted.len() as f64;
    let groups = Groups::of(&sorted);
    let counted = groups.count();
    let exact = counted.is_some();
    let tail = counted.unwrap_or_else(|| groups.draw(how)).map(|p| p.clamp(0.0, 1.0));
    Ok(SignFlip { statistic, greater: tail[0], less: tail[1], two_sided: tail[2], exact })
}

/// Differences other than 0, by size.
struct Groups {
    /// Size on the grid, and how many there are of it.
    sizes: Vec<(i128, u64)>,
    /// The sum seen.
    seen: i128,
    /// Sums this near are equal: what rounding to the grid can do.
    slack: i128,
}

impl Groups {
    #[expect(clippy::cast_possible_truncation, reason = "at most 2^44")]
    fn of(sorted: &[f64]) -> Self {
        let largest = sorted.iter().fold(0.0_f64, |m, d| m.max(d.abs()));
        let grid = |d: f64| if largest > 0.0 { (d / largest * GRID).round() as i128 } else { 0 };
        let mut on_grid: Vec<i128> = sorted.iter().map(|d| grid(*d)).filter(|d| *d != 0).collect();
        let seen = on_grid.iter().sum();
        let slack = 3 * on_grid.len() as i128;
        for d in &mut on_grid {
            *d = d.abs();
        }
        on_grid.sort_unstable_by(|a, b| b.cmp(a));
        // A step of two on the grid is rounding, too.
        let sizes = on_grid.chunk_by(|a, b| a - b <= 2).map(|run| (run[0], run.len() as u64)).collect();
        Self { sizes, seen, slack }
    }

    /// Which of the three tails a sum belongs to.
    fn tails(&self, sum: i128) -> [bool; 3] {
        [sum >= self.seen - self.slack, sum <= self.seen + self.slack, sum.abs() >= self.seen.abs() - self.slack]
    }

    /// The tails of the exact distribution; `None` where it takes too many steps.
    fn count(&self) -> Option<[f64; 3]> {
        // The size that is there most often begins: how many of it are positive is a fair coin's number.
        let most = self.sizes.iter().enumerate().max_by_key(|(_, (_, m))| *m);
        let mut sums = vec![(0i128, 1.0_f64)];
        if let Some((_, &(size, m))) = most {
            if m >= COUNTED as u64 {
                return None;
            }
            sums = (0..=m).map(|k| (size * (2 * i128::from(k) - i128::from(m)), coin(k, m))).collect();
        }
        let mut steps = sums.len();
        for (place, &(size, m)) in self.sizes.iter().enumerate() {
            if Some(place) == most.map(|(place, _)| place) {
                continue;
            }
            for _ in 0..m {
                steps += 2 * sums.len();
                if steps > COUNTED {
                    return None;
                }
                sums = self.either_sign(&sums, size);
            }
        }
        let mut tails = [0.0; 3];
        for (sum, p) in sums {
            for (tail, inside) in tails.iter_mut().zip(self.tails(sum)) {
                *tail += if inside { p } else { 0.0 };
            }
        }
        Some(tails)
    }

    /// Sums in ascending order, after one more difference of either sign.
    fn either_sign(&self, sums: &[(i128, f64)], size: i128) -> Vec<(i128, f64)> {
        let mut minus = sums.iter().map(|(s, p)| (s - size, p / 2.0)).peekable();
        let mut plus = sums.iter().map(|(s, p)| (s + size, p / 2.0)).peekable();
        let mut next: Vec<(i128, f64)> = Vec::with_capacity(sums.len() + 1);
        loop {
            let (sum, p) = match (minus.peek(), plus.peek()) {
                (Some(a), Some(b)) if a.0 <= b.0 => minus.next(),
                (_, Some(_)) => plus.next(),
                (Some(_), None) => minus.next(),
                (None, None) => return next,
            }
            .unwrap_or_default();
            match next.last_mut() {
                Some((first, q)) if sum - *first <= self.slack / 3 => *q += p,
                _ => next.push((sum, p)),
            }
        }
    }

    fn draw(&self, how: Resampling) -> [f64; 3] {
        let codes = how.replicate(|stream| {
            let mut bits = Bits { stream, word: 0, left: 0 };
            let sum = self.sizes.iter().map(|&(size, m)| size * (2 * i128::from(bits.heads(m)) - i128::from(m))).sum();
            // The three answers as one number, since a replicate is a number.
            self.tails(sum).iter().fold(0.0, |code, inside| 2.0 * code + f64::from(u8::from(*inside)))
        });
        let hits = |bar: f64| codes.iter().filter(|code| (**code / bar).floor() % 2.0 > 0.5).count() as f64;
        [4.0, 2.0, 1.0].map(|bar| (1.0 + hits(bar)) / (1.0 + codes.len() as f64))
    }
}

/// Fair coins from random words, no bit wasted.
struct Bits<'a> {
    stream: &'a mut Stream,
    word: u64,
    left: u32,
}

impl Bits<'_> {
    /// Heads in `m` throws.
    fn heads(&mut self, m: u64) -> u64 {
        let (mut throws, mut heads) = (m, 0);
        while throws > 0 {
            if self.left == 0 {
                (self.word, self.left) = (self.stream.word(), u64::BITS);
            }
            let take = u32::try_from(throws).unwrap_or(u32::MAX).min(self.left);
            let mask = u64::MAX >> (u64::BITS - take);
            heads += u64::from((self.word & mask).count_ones());
            self.word = self.word.checked_shr(take).unwrap_or(0);
            self.left -= take;
            throws -= u64::from(take);
        }
        heads
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn how() -> Resampling {
        Resampling { seed: 5, times: 20_000 }
    }

    /// All 2^n sign patterns, one by one.
    fn by_hand(d: &[f64]) -> [f64; 3] {
        let seen: f64 = d.iter().sum();
        let mut hits = [0.0; 3];
        for pattern in 0u32..1 << d.len() {
            let sum: f64 = d.iter().enumerate().map(|(i, d)| if pattern >> i & 1 == 1 { -d } else { *d }).sum();
            for (hit, inside) in hits.iter_mut().zip([sum >= seen - 1e-9, sum <= seen + 1e-9, sum.abs() >= seen.abs() - 1e-9]) {
                *hit += f64::from(u8::from(inside));
            }
        }
        hits.map(|h| h / f64::from(1u32 << d.len()))
    }

    #[test]
    fn drawn_p_values_are_near_the_exact_ones() {
        // Forty different sizes: too many to enumerate; a symmetric reference exists for their ranks.
        let d: Vec<f64> = (1..=40).map(|i| f64::from(i) * if i % 3 == 0 { -1.0 } else { 1.0 } + 0.001 * f64::from(i * i)).collect();
        let drawn = sign_flip(&d, how()).unwrap();
        assert!(!drawn.exact);
        let z = d.iter().sum::<f64>() / d.iter().map(|x| x * x).sum::<f64>().sqrt();
        let normal = 1.0 - crate::stats::quantile::normal_below(z);
        assert!((drawn.greater - normal).abs() < 0.01, "{} and {normal}", drawn.greater);
        assert!((drawn.two_sided - 2.0 * drawn.greater).abs() < 0.01 && drawn.greater + drawn.less > 0.99);
    }

    #[test]
    fn drawing_says_what_counting_says() {
        let d: Vec<f64> = (1..=12).map(|i| f64::from(i) - 4.5).collect();
        let groups = Groups::of(&d);
        let (counted, drawn) = (groups.count().unwrap(), groups.draw(how()));
        for (c, d) in counted.iter().zip(drawn) {
            assert!((c - d).abs() < 4.0 * (c * (1.0 - c) / 20_000.0).sqrt() + 1e-3, "{counted:?} and {drawn:?}");
        }
    }

    #[test]
    fn a_thousand_cases_of_a_few_sizes_are_exact() {
        let d: Vec<f64> = (0..1000).map(|i| [0.0, 0.1, -0.5, 1.0, -0.3, 0.2][i % 6]).collect();
        assert!(sign_flip(&d, how()).unwrap().exact);
    }

    #[test]
    fn neither_threads_nor_order_matter_where_signs_are_drawn() {
        let mut d: Vec<f64> = (1..=50).map(|i| f64::from(i).sin()).collect();
        let forward = sign_flip(&d, how()).unwrap();
        assert!(!forward.exact);
        d.reverse();
        assert_eq!(forward, sign_flip(&d, how()).unwrap());
        let on = |n| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap().install(|| sign_flip(&d, how()));
        assert_eq!(on(1), on(4));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn counting_by_size_equals_counting_signs(d in prop::collection::vec(prop::sample::select(vec![0.0, 0.1, -0.1, 0.2, 0.3, -0.3, 1.0 / 3.0, -2.0 / 3.0]), 1..12)) {
            let got = sign_flip(&d, how()).unwrap();
            for (a, b) in [got.greater, got.less, got.two_sided].into_iter().zip(by_hand(&d)) {
                prop_assert!((a - b).abs() < 1e-9, "{got:?} and {:?}", by_hand(&d));
            }
        }

        #[test]
        fn order_never_matters_and_sides_mirror(mut d in prop::collection::vec(-3.0f64..3.0, 1..14)) {
            let forward = sign_flip(&d, Resampling { seed: 2, times: 200 }).unwrap();
            d.reverse();
            prop_assert_eq!(forward, sign_flip(&d, Resampling { seed: 2, times: 200 }).unwrap());
            for x in &mut d {
                *x = -*x;
            }
            let mirrored = sign_flip(&d, how()).unwrap();
            prop_assert!((forward.greater - mirrored.less).abs() < 1e-9 && (forward.two_sided - mirrored.two_sided).abs() < 1e-9);
        }
    }
}
