//! What questions that were not asked add to the uncertainty: the population part of the variance, clustered or not.

use super::difference::{Difference, Row};
use super::refuse::Refusal;

/// The population part and its degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Population {
    /// Variance from having drawn these questions and not others.
    pub variance: f64,
    /// Clusters minus one; items minus one where no two items share a cluster.
    pub df: f64,
    /// Clusters; as many as items where no two share one.
    pub clusters: u64,
}

/// Combines the variance of one item, `one` (for a share `p(1-p)`), with what clusters show.
///
/// `max(one/N, G/(G-1) N^-2 sum_g (sum_{i in g} (phi_i - theta))^2 - N^-2 sum R_i (1-pi_i) e_i^2/pi_i^2)` with
/// `phi_i = f_i + R_i e_i/pi_i`: the CR1 variance of the working values less what the draw adds to it. Without shared
/// clusters only the first.
///
/// # Errors
/// [`Refusal::OneCluster`]: with a single cluster of several items nothing can be said of others.
pub fn population<T>(items: &[T], row: impl Fn(&T) -> Row, fit: &Difference, one: f64) -> Result<Population, Refusal> {
    let n = items.len() as f64;
    let plain = Population { variance: one / n, df: (n - 1.0).max(1.0), clusters: items.len() as u64 };
    if !shares_a_cluster(items, &row) {
        return Ok(plain);
    }
    let inclusion: Vec<f64> = (0_u32..).zip(&fit.parts).map(|(k, _)| fit.inclusion(k)).collect();
    let mut drawn = 0.0;
    let mut deviations: Vec<(u64, f64)> = Vec::with_capacity(items.len());
    for item in items {
        let r = row(item);
        let mut phi = r.predicted;
        if let Some(y) = r.seen {
            let pi = inclusion.get(r.stratum as usize).copied().unwrap_or(1.0);
            let e = y - r.predicted;
            phi += e / pi;
            drawn += (1.0 - pi) * e * e / (pi * pi);
        }
        deviations.push((r.cluster, phi - fit.theta));
    }
    // By cluster, then by value: sums do not depend on the order of items.
    deviations.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (mut clusters, mut squares) = (0_u64, 0.0);
    for group in deviations.chunk_by(|a, b| a.0 == b.0) {
        let sum: f64 = group.iter().map(|d| d.1).sum();
        squares += sum * sum;
        clusters += 1;
    }
    if clusters < 2 {
        return Err(Refusal::OneCluster);
    }
    let g = clusters as f64;
    let between = (g / (g - 1.0) * squares - drawn) / (n * n);
    Ok(Population { variance: plain.variance.max(between), df: g - 1.0, clusters })
}

fn shares_a_cluster<T>(items: &[T], row: &impl Fn(&T) -> Row) -> bool {
    let mut clusters: Vec<u64> = items.iter().map(|i| row(i).cluster).collect();
    clusters.sort_unstable();
    clusters.windows(2).any(|w| w.first() == w.last())
}
