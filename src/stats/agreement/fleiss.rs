//! Fleiss' kappa: nominal agreement of equally many raters per unit. For comparison with older reports.

use super::super::undefined::Undefined;

/// Fleiss' kappa over units given as counts of their categories: `(P - Pe) / (1 - Pe)`, P the mean over units of
/// `(sum_j n_ij^2 - m) / (m (m - 1))`, Pe the sum of squared shares of the categories (Fleiss 1971, Psychological Bulletin
/// 76, equations 3 to 7).
///
/// # Errors
/// [`Undefined`] without a unit, where units differ in their number of raters, with one rater, or without variation.
pub fn fleiss_kappa<U: AsRef<[u32]>>(units: &[U]) -> Result<f64, Undefined> {
    let size = |u: &U| u.as_ref().iter().map(|&c| u64::from(c)).sum::<u64>();
    let Some(raters) = units.first().map(size) else { return Err(Undefined::NoData) };
    if units.iter().any(|u| size(u) != raters) {
        return Err(Undefined::UnequalRaters);
    }
    if raters < 2 {
        return Err(Undefined::OneRater);
    }
    let (n, m) = (units.len() as f64, raters as f64);
    let categories = units.iter().map(|u| u.as_ref().len()).max().unwrap_or(0);
    let mut totals = vec![0u64; categories];
    let mut agreeing = 0.0;
    for unit in units {
        for (total, &c) in totals.iter_mut().zip(unit.as_ref()) {
            *total += u64::from(c);
            agreeing += f64::from(c) * (f64::from(c) - 1.0);
        }
    }
    if totals.iter().filter(|t| **t > 0).count() < 2 {
        return Err(Undefined::NoVariation);
    }
    let seen = agreeing / (n * m * (m - 1.0));
    let by_chance: f64 = totals.iter().map(|t| (*t as f64 / (n * m)).powi(2)).sum();
    Ok((seen - by_chance) / (1.0 - by_chance))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Level, Units, alpha};
    use super::*;

    proptest! {
        /// Fleiss' kappa and nominal alpha differ by (1 - kappa)/N, N the number of ratings (Krippendorff 2004, chapter 11).
        #[test]
        fn alpha_is_fleiss_with_a_small_sample_correction(list in prop::collection::vec((0usize..4, 0usize..4, 0usize..4), 2..40)) {
            let counts: Vec<[u32; 5]> = list
                .iter()
                .map(|&(a, b, c)| {
                    let mut unit = [0; 5];
                    [a, b, c].iter().for_each(|&v| unit[v] += 1);
                    unit
                })
                .collect();
            let mut units = Units::of_scores();
            counts.iter().for_each(|c| units.add(*c));
            if let (Ok(kappa), Ok(alpha)) = (fleiss_kappa(&counts), alpha(&units, Level::Nominal)) {
                let n = 3.0 * list.len() as f64;
                prop_assert!((alpha - (kappa + (1.0 - kappa) / n)).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn nothing_has_no_kappa() {
        assert_eq!(fleiss_kappa::<[u32; 2]>(&[]), Err(Undefined::NoData));
    }
}
