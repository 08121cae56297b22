//! Exact binomial numbers, and draws shared out over groups one binomial after the other.

use super::super::tail::ln_gamma;
use super::stream::Stream;

/// Below this expected number of hits, counting up is faster than rejection.
const FEW: f64 = 10.0;

/// Hits in `n` trials of probability `p` (clamped to 0 to 1), distributed exactly (to the precision of doubles).
///
/// Few expected hits: inversion by counting up. Many: transformed rejection with squeeze, algorithm BTRS of Hoermann 1993
/// ("The generation of binomial random variates", Journal of Statistical Computation and Simulation 46).
#[must_use]
pub fn binomial(n: u64, p: f64, stream: &mut Stream) -> u64 {
    if n == 0 || p.is_nan() || p <= 0.0 {
        return 0;
    }
    if p >= 1.0 {
        return n;
    }
    if p > 0.5 {
        return n - binomial(n, 1.0 - p, stream);
    }
    if n as f64 * p < FEW { counting(n, p, stream) } else { rejecting(n, p, stream) }
}

fn counting(n: u64, p: f64, stream: &mut Stream) -> u64 {
    let odds = p / (1.0 - p);
    let mut term = (n as f64 * (-p).ln_1p()).exp();
    let mut u = stream.uniform();
    let mut k = 0;
    while u >= term && k < n {
        u -= term;
        k += 1;
        term *= odds * (n - k + 1) as f64 / k as f64;
    }
    k
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to lie from 0 to n first")]
fn rejecting(n: u64, p: f64, stream: &mut Stream) -> u64 {
    let whole = n as f64;
    let deviation = (whole * p * (1.0 - p)).sqrt();
    // Hoermann's a and b.
    let slope = 1.15 + 2.53 * deviation;
    let curve = -0.0873 + 0.0248 * slope + 0.01 * p;
    let centre = whole * p + 0.5;
    let squeeze = 0.92 - 4.2 / slope;
    loop {
        let place = stream.uniform() - 0.5;
        let height = stream.uniform();
        let from_end = 0.5 - place.abs();
        let k = ((2.0 * curve / from_end + slope) * place + centre).floor();
        if !(0.0..=whole).contains(&k) {
            continue;
        }
        if from_end >= 0.07 && height <= squeeze {
            return k as u64;
        }
        // The exact test: the point's height under the hat against the ratio of k's probability to the mode's.
        let mode = ((whole + 1.0) * p).floor();
        let hat = (2.83 + 5.1 / slope) * deviation / (curve / (from_end * from_end) + slope);
        let ratio = log_weight(whole, mode) - log_weight(whole, k) + (k - mode) * (p / (1.0 - p)).ln();
        if (height * hat).ln() <= ratio {
            return k as u64;
        }
    }
}

/// ln of k! (n-k)!.
fn log_weight(n: f64, k: f64) -> f64 {
    ln_gamma(k + 1.0) + ln_gamma(n - k + 1.0)
}

/// Shares `draws` out over groups in proportion to their sizes: a multinomial as a chain of binomials, each given what is
/// left (Devroye 1986, chapter XI, section 1.4). Calls `take(group, draws)` for each group that gets any.
pub fn share_out(draws: u64, sizes: &[u64], stream: &mut Stream, mut take: impl FnMut(usize, u64, &mut Stream)) {
    let mut rest: u64 = sizes.iter().sum();
    let mut left = draws;
    for (group, &size) in sizes.iter().enumerate() {
        if left == 0 {
            return;
        }
        let got = if size >= rest { left } else { binomial(left, size as f64 / rest as f64, stream) };
        rest = rest.saturating_sub(size);
        left -= got;
        if got > 0 {
            take(group, got, stream);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::tail::ln_choose;

    /// Chi-square of the numbers seen against the binomial, cells with an expectation of five or more; and its degrees.
    fn fit(n: u64, p: f64, draws: u32) -> (f64, f64) {
        let mut seen = vec![0u32; usize::try_from(n).unwrap() + 1];
        let mut s = Stream::new(42, u32::try_from(n).unwrap());
        for _ in 0..draws {
            seen[usize::try_from(binomial(n, p, &mut s)).unwrap()] += 1;
        }
        let expected = |k: u64| f64::from(draws) * (ln_choose(n, k) + k as f64 * p.ln() + (n - k) as f64 * (1.0 - p).ln()).exp();
        let (mut chi, mut cells, mut rest, mut rest_expected) = (0.0, 0.0, 0.0, 0.0);
        for (k, &s) in seen.iter().enumerate() {
            let e = expected(k as u64);
            if e >= 5.0 {
                chi += (f64::from(s) - e).powi(2) / e;
                cells += 1.0;
            } else {
                rest += f64::from(s);
                rest_expected += e;
            }
        }
        if rest_expected >= 1.0 {
            chi += (rest - rest_expected).powi(2) / rest_expected;
            cells += 1.0;
        }
        (chi, cells - 1.0)
    }

    #[test]
    fn numbers_are_binomial() {
        for (n, p) in [(1, 0.5), (12, 0.3), (40, 0.5), (60, 0.05), (1000, 0.007), (1000, 0.02), (300, 0.9), (100_000, 0.3)] {
            let (chi, df) = fit(n, p, 40_000);
            // Five standard deviations above the mean of a chi-square.
            assert!(chi < df + 5.0 * (2.0 * df).sqrt() + 3.0, "n {n}, p {p}: {chi} with {df} degrees");
        }
    }

    #[test]
    fn certain_trials_are_certain() {
        let mut s = Stream::new(1, 1);
        for (n, p, k) in [(9, 0.0, 0), (9, 1.0, 9), (0, 0.5, 0), (9, f64::NAN, 0), (9, -1.0, 0)] {
            assert_eq!(binomial(n, p, &mut s), k);
        }
    }

    #[test]
    fn every_draw_goes_to_some_group() {
        for r in 0..200 {
            let (mut total, mut s) = (0, Stream::new(3, r));
            share_out(1000, &[5, 0, 700, 1, 294], &mut s, |group, got, _| {
                assert!(group != 1, "a group of nothing gets nothing");
                total += got;
            });
            assert_eq!(total, 1000);
        }
    }
}
