//! A plain mean of observations in clusters, and its standard error three ways.

use super::undefined::Undefined;

/// A mean with its standard errors. A standard error of 0 means that nothing varied, not that the mean is certain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClusteredMean {
    /// The mean over observations.
    pub mean: f64,
    /// Observations.
    pub observations: usize,
    /// Clusters.
    pub clusters: usize,
    /// As if observations were independent: `s / sqrt(n)`, s with n - 1.
    pub iid: f64,
    /// Cluster-robust (Liang and Zeger 1986): `sqrt(sum_g (sum_{i in g} e_i)^2) / n`.
    pub cr0: f64,
    /// CR0 times `sqrt(G/(G-1))`; undefined with one cluster.
    pub cr1: Result<f64, Undefined>,
}

/// The mean of `y`, each with the cluster that it belongs to. Lists of unequal length are cut to the shorter.
///
/// # Errors
/// [`Undefined`] below two observations.
pub fn clustered_mean(y: &[f64], cluster: &[u64]) -> Result<ClusteredMean, Undefined> {
    let mut items: Vec<(u64, f64)> = cluster.iter().copied().zip(y.iter().copied()).collect();
    match items.len() {
        0 => return Err(Undefined::NoData),
        1 => return Err(Undefined::OneObservation),
        _ => {}
    }
    // By cluster, then by value, so that the order of the lists never matters.
    items.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let n = items.len() as f64;
    let mean = items.iter().map(|(_, y)| y).sum::<f64>() / n;
    let squares: f64 = items.iter().map(|(_, y)| (y - mean).powi(2)).sum();
    let mut clusters = 0usize;
    let mut between = 0.0;
    for members in items.chunk_by(|a, b| a.0 == b.0) {
        clusters += 1;
        between += members.iter().map(|(_, y)| y - mean).sum::<f64>().powi(2);
    }
    let g = clusters as f64;
    // With one cluster the residuals sum to zero but for rounding.
    let cr0 = if clusters == 1 { 0.0 } else { between.sqrt() / n };
    Ok(ClusteredMean {
        mean,
        observations: items.len(),
        clusters,
        iid: (squares / (n - 1.0) / n).sqrt(),
        cr0,
        cr1: if clusters == 1 { Err(Undefined::OneCluster) } else { Ok(cr0 * (g / (g - 1.0)).sqrt()) },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn singletons_are_independent_observations(y in prop::collection::vec(-5.0f64..5.0, 2..60)) {
            let own: Vec<u64> = (0..y.len() as u64).collect();
            let m = clustered_mean(&y, &own).unwrap();
            prop_assert!((m.cr1.unwrap() - m.iid).abs() < 1e-12);
        }

        #[test]
        fn copies_of_every_observation_in_its_cluster_add_no_certainty(y in prop::collection::vec(-5.0f64..5.0, 2..40), copies in 1usize..5) {
            let own: Vec<u64> = (0..y.len() as u64).collect();
            let many: Vec<f64> = y.iter().flat_map(|v| vec![*v; copies]).collect();
            let clusters: Vec<u64> = own.iter().flat_map(|c| vec![*c; copies]).collect();
            let (one, all) = (clustered_mean(&y, &own).unwrap(), clustered_mean(&many, &clusters).unwrap());
            prop_assert!((one.cr1.unwrap() - all.cr1.unwrap()).abs() < 1e-12);
        }

        #[test]
        fn order_never_matters(mut items in prop::collection::vec((-5.0f64..5.0, 0u64..6), 2..40)) {
            let of = |items: &[(f64, u64)]| {
                let (y, c): (Vec<f64>, Vec<u64>) = items.iter().copied().unzip();
                clustered_mean(&y, &c)
            };
            let forward = of(&items);
            items.reverse();
            prop_assert_eq!(forward, of(&items));
        }
    }
}
