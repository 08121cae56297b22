//! The rows that a bootstrap draws from, kept in the form in which n draws are cheapest; the distribution is always the
//! exact one: n independent uniform draws with replacement.
//!
//! Few different rows (shares of ten trials, scores): how often each is drawn is multinomial, one binomial a row. Many: n
//! indices. They are drawn block by block, first how many fall into each block (multinomial again), then that many places
//! in it: a block of 2^b rows takes b bits of a random word, so that one word gives several places without bias, and its
//! rows stay in the nearest cache.

use super::binomial::share_out;
use super::stream::Stream;

/// log2 of the largest block: five places a word, 16 KiB of doubles.
const BITS: u32 = 11;
const BLOCK: usize = 1 << BITS;
/// Draws that cost about as much as one binomial number.
const DRAWS_PER_BINOMIAL: usize = 64;

/// Rows of `W` numbers to draw sums from.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool<const W: usize> {
    form: Form<W>,
    /// Draws of a resample: the number of rows.
    draws: u64,
}

#[derive(Clone, Debug, PartialEq)]
enum Form<const W: usize> {
    /// Different rows and how often each occurs.
    Counted { rows: Vec<[f64; W]>, times: Vec<u64> },
    /// All rows, in blocks of a power of two; the sizes of the blocks.
    Blocks { rows: Vec<[f64; W]>, sizes: Vec<u64> },
}

impl<const W: usize> Pool<W> {
    /// A pool of rows. Their order never matters: they are sorted first.
    #[must_use]
    pub fn new(rows: impl IntoIterator<Item = [f64; W]>) -> Self {
        let mut rows: Vec<[f64; W]> = rows.into_iter().map(|row| row.map(|x| x + 0.0)).collect();
        rows.sort_unstable_by(|a, b| a.iter().zip(b).fold(std::cmp::Ordering::Equal, |order, (x, y)| order.then(x.total_cmp(y))));
        let draws = rows.len() as u64;
        let runs = || rows.chunk_by(|a, b| a.iter().zip(b).all(|(x, y)| x.to_bits() == y.to_bits()));
        if runs().count() * DRAWS_PER_BINOMIAL <= rows.len() {
            let (rows, times) = runs().map(|run| (run[0], run.len() as u64)).unzip();
            return Self { form: Form::Counted { rows, times }, draws };
        }
        Self { form: Self::in_blocks(rows), draws }
    }

    /// A pool that draws row by row even where few rows differ. For benchmarks and tests: [`Self::new`] chooses.
    #[must_use]
    pub fn general(rows: impl IntoIterator<Item = [f64; W]>) -> Self {
        let rows: Vec<[f64; W]> = rows.into_iter().collect();
        let draws = rows.len() as u64;
        Self { form: Self::in_blocks(rows), draws }
    }

    fn in_blocks(rows: Vec<[f64; W]>) -> Form<W> {
        let mut sizes = vec![BLOCK as u64; rows.len() / BLOCK];
        let rest = rows.len() % BLOCK;
        sizes.extend((0..BITS).rev().map(|bit| rest & (1 << bit)).filter(|size| *size > 0).map(|size| size as u64));
        Form::Blocks { rows, sizes }
    }

    /// The sum of as many draws with replacement as there are rows.
    #[must_use]
    pub fn sum(&self, stream: &mut Stream) -> [f64; W] {
        let mut sum = [0.0; W];
        let mut add = |part: &[f64; W], times: f64| sum.iter_mut().zip(part).for_each(|(s, x)| *s += x * times);
        match &self.form {
            Form::Counted { rows, times } => share_out(self.draws, times, stream, |row, got, _| add(&rows[row], got as f64)),
            Form::Blocks { rows, sizes } => {
                let mut ends = Vec::with_capacity(sizes.len());
                let mut start = 0usize;
                for size in sizes {
                    ends.push(start);
                    start += usize::try_from(*size).unwrap_or(usize::MAX);
                }
                share_out(self.draws, sizes, stream, |block, got, stream| {
                    let rest = &rows[ends[block]..];
                    let part = match rest.first_chunk::<BLOCK>() {
                        Some(full) if sizes[block] == BLOCK as u64 => sum_of_full(full, got, stream),
                        _ => sum_of_part(&rest[..usize::try_from(sizes[block]).unwrap_or(0).min(rest.len())], got, stream),
                    };
                    add(&part, 1.0);
                });
            }
        }
        sum
    }
}

/// The low bits of a word as an index.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "masked to a few bits")]
fn place(word: u64, mask: usize) -> usize {
    word as usize & mask
}

/// `draws` places of a full block, summed.
fn sum_of_full<const W: usize>(rows: &[[f64; W]; BLOCK], draws: u64, stream: &mut Stream) -> [f64; W] {
    const PLACES: usize = (u64::BITS / BITS) as usize;
    // One running sum for each place of a word, so that additions do not wait for one another.
    let mut lanes = [[0.0; W]; PLACES];
    for _ in 0..draws / PLACES as u64 {
        let word = stream.word();
        for (i, lane) in lanes.iter_mut().enumerate() {
            let row = &rows[place(word >> (BITS as usize * i), BLOCK - 1)];
            lane.iter_mut().zip(row).for_each(|(s, x)| *s += x);
        }
    }
    let mut word = stream.word();
    for _ in 0..draws % PLACES as u64 {
        let row = &rows[place(word, BLOCK - 1)];
        lanes[0].iter_mut().zip(row).for_each(|(s, x)| *s += x);
        word >>= BITS;
    }
    let mut sum = [0.0; W];
    for lane in lanes {
        sum.iter_mut().zip(lane).for_each(|(s, x)| *s += x);
    }
    sum
}

/// The same for a smaller block, whose size is a power of two.
fn sum_of_part<const W: usize>(rows: &[[f64; W]], draws: u64, stream: &mut Stream) -> [f64; W] {
    let mut sum = [0.0; W];
    let bits = rows.len().trailing_zeros().max(1);
    let mask = rows.len().saturating_sub(1);
    let (mut word, mut left) = (0, 0);
    for _ in 0..draws {
        if left < bits {
            (word, left) = (stream.word(), u64::BITS);
        }
        if let Some(row) = rows.get(place(word, mask)) {
            sum.iter_mut().zip(row).for_each(|(s, x)| *s += x);
        }
        word >>= bits;
        left -= bits;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of the resampled means of a pool.
    fn moments(pool: &Pool<1>, n: usize, resamples: u32) -> (f64, f64) {
        let means: Vec<f64> = (0..resamples).map(|r| pool.sum(&mut Stream::new(5, r))[0] / n as f64).collect();
        let mean = means.iter().sum::<f64>() / f64::from(resamples);
        (mean, means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / f64::from(resamples))
    }

    /// The mean of a resample has the mean of the values, and their variance over n: both forms, sizes that are no power of two.
    #[test]
    fn resampled_means_have_the_moments_of_the_bootstrap() {
        for n in [1usize, 2, 3, 7, 100, 2047, 2048, 5000] {
            let values: Vec<f64> = (0..n).map(|i| ((i * 7919) % 101) as f64 / 10.0).collect();
            let few: Vec<f64> = values.iter().map(|v| v.floor()).collect();
            for v in [&values, &few] {
                let mean = v.iter().sum::<f64>() / n as f64;
                let variance = v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64 / n as f64;
                for pool in [Pool::new(v.iter().map(|x| [*x])), Pool::general(v.iter().map(|x| [*x]))] {
                    let (got_mean, got_variance) = moments(&pool, n, 4000);
                    assert!((got_mean - mean).abs() <= 4.0 * (variance / 4000.0).sqrt() + 1e-12, "n {n}: {got_mean}, not {mean}");
                    assert!((got_variance - variance).abs() <= 0.15 * variance + 1e-12, "n {n}: {got_variance}, not {variance}");
                }
            }
        }
    }

    #[test]
    fn every_row_is_drawn_as_often() {
        // Powers of four: the digits of the sum to base 4 would be the counts if none exceeded 3; here rows are unit vectors.
        let rows: [[f64; 5]; 5] = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
        let mut seen = [0.0; 5];
        for r in 0..20_000 {
            let counts = Pool::general(rows).sum(&mut Stream::new(11, r));
            assert!((counts.iter().sum::<f64>() - 5.0).abs() < 1e-12);
            seen.iter_mut().zip(counts).for_each(|(s, c)| *s += c);
        }
        for s in seen {
            // 20,000 resamples of five draws: each row 20,000 times, standard deviation 126.
            assert!((s - 20_000.0).abs() < 5.0 * 126.5, "{seen:?}");
        }
    }

    #[test]
    fn an_empty_pool_sums_to_nothing() {
        assert_eq!(Pool::<1>::new([]).sum(&mut Stream::new(0, 0)), [0.0]);
    }
}
