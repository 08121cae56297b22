//! The bootstrap: seeded, the same on any number of threads.
//!
//! Invariant: replicate r depends on the data, the seed and r alone. Rows are sorted first, so that their order does not
//! matter either (except for a statistic given as a function of places).

mod binomial;
mod pool;
mod replicates;
mod stream;

pub use binomial::{binomial, share_out};
pub use pool::Pool;
pub use replicates::{Bootstrap, acceleration};
pub use stream::Stream;

use rayon::prelude::*;

use super::undefined::Undefined;

/// More than this share of resamples without a value, and there is no interval.
const UNDEFINED_SHARE: f64 = 0.05;

/// How often to resample, and from which seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resampling {
    /// Any number; the same seed gives the same result.
    pub seed: u64,
    /// Resamples; at most 2^24.
    pub times: u32,
}

impl Resampling {
    /// 10,000 resamples of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self { seed, times: 10_000 }
    }

    /// A number for each replicate, in order of replicates.
    pub fn replicate(self, f: impl Fn(&mut Stream) -> f64 + Sync) -> Vec<f64> {
        (0..self.times.min(1 << 24)).into_par_iter().map(|r| f(&mut Stream::new(self.seed, r))).collect()
    }
}

/// Bootstrap of a mean.
///
/// # Errors
/// [`Undefined`] below two values, or where one is not finite.
pub fn mean(values: &[f64], how: Resampling) -> Result<Bootstrap, Undefined> {
    of_mean(values, |n| {
        let pool = Pool::new(values.iter().map(|x| [*x]));
        how.replicate(|stream| pool.sum(stream)[0] / n)
    })
}

/// The bootstrap of a mean from replicates that `draw` makes, given the number of values.
///
/// # Errors
/// As [`mean()`].
pub fn of_mean(values: &[f64], draw: impl FnOnce(f64) -> Vec<f64>) -> Result<Bootstrap, Undefined> {
    let n = enough(values.len())?;
    if values.iter().any(|x| !x.is_finite()) {
        return Err(Undefined::UndefinedResamples);
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let estimate = sorted.iter().sum::<f64>() / n;
    Bootstrap::new(estimate, draw(n), replicates::acceleration_of_mean(&sorted, estimate))
}

/// Bootstrap of the mean over observations in clusters, drawing whole clusters: each is (sum of its values, how many). The
/// estimate is the ratio of the totals (Davison and Hinkley 1997, section 3.8).
///
/// # Errors
/// [`Undefined`] below two clusters, or where a resample has no observation.
pub fn clustered_mean(clusters: &[(f64, u64)], how: Resampling) -> Result<Bootstrap, Undefined> {
    let mut rows: Vec<[f64; 2]> = clusters.iter().filter(|c| c.1 > 0).map(|c| [c.0, c.1 as f64]).collect();
    match rows.len() {
        0 => return Err(Undefined::NoData),
        1 => return Err(Undefined::OneCluster),
        _ => rows.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1]))),
    }
    let total = rows.iter().fold([0.0; 2], |t, row| [t[0] + row[0], t[1] + row[1]]);
    let without: Vec<f64> = rows.iter().map(|row| (total[0] - row[0]) / (total[1] - row[1])).collect();
    let pool = Pool::new(rows);
    let replicates = how.replicate(|stream| {
        let [sum, size] = pool.sum(stream);
        sum / size
    });
    Bootstrap::new(total[0] / total[1], replicates, acceleration(&without))
}

/// Bootstrap of any statistic of `n` observations, as a function of the places drawn (each below `n`); the estimate is its
/// value on `0..n`. Places may be those of clusters. The acceleration calls it another n times.
///
/// # Errors
/// [`Undefined`] below two observations, where the statistic does not exist for the data, or for more than 5% of the
/// resamples (fewer are left out).
pub fn statistic(n: u32, how: Resampling, f: impl Fn(&[u32]) -> Option<f64> + Sync) -> Result<Bootstrap, Undefined> {
    enough(n as usize)?;
    let all: Vec<u32> = (0..n).collect();
    let estimate = f(&all).filter(|x| x.is_finite()).ok_or(Undefined::NoVariation)?;
    let draw = |places: &mut Vec<u32>, r: u32| {
        let mut stream = Stream::new(how.seed, r);
        places.clear();
        places.extend((0..n).map(|_| stream.below(n)));
        f(places).filter(|x| x.is_finite())
    };
    let found: Vec<Option<f64>> = (0..how.times.min(1 << 24)).into_par_iter().map_init(Vec::new, draw).collect();
    let replicates = defined(&found)?;
    let without: Option<Vec<f64>> = (0..n)
        .into_par_iter()
        .map(|i| f(&all.iter().copied().filter(|place| *place != i).collect::<Vec<_>>()).filter(|x| x.is_finite()))
        .collect();
    Bootstrap::new(estimate, replicates, without.and_then(|w| acceleration(&w)))
}

/// The replicates that exist, if nearly all do.
///
/// # Errors
/// [`Undefined::UndefinedResamples`] where more than 5% do not.
pub fn defined(found: &[Option<f64>]) -> Result<Vec<f64>, Undefined> {
    let replicates: Vec<f64> = found.iter().flatten().copied().collect();
    let missing = (found.len() - replicates.len()) as f64;
    if missing > UNDEFINED_SHARE * found.len() as f64 { Err(Undefined::UndefinedResamples) } else { Ok(replicates) }
}

fn enough(n: usize) -> Result<f64, Undefined> {
    match n {
        0 => Err(Undefined::NoData),
        1 => Err(Undefined::OneObservation),
        n => Ok(n as f64),
    }
}

#[cfg(test)]
mod tests;
