//! Gwet's AC1 and AC2: agreement that stays stable where nearly all ratings are equal. A companion of alpha, never alone:
//! it overstates agreement where there is none.

use serde::Serialize;

use super::super::quantile::student_t;
use super::super::summary::Interval;
use super::super::undefined::Undefined;
use super::weights::Weights;

/// AC1 (identity weights) or AC2 with its parts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GwetAc {
    /// `(pa - pe) / (1 - pe)`; 1 for identical ratings.
    pub coefficient: f64,
    /// Weighted share of agreeing pairs, mean over units with two or more ratings.
    pub agreement: f64,
    /// The same by chance.
    pub by_chance: f64,
    /// Standard error, given these raters and a large population of units; undefined with one unit.
    pub error: Result<f64, Undefined>,
}

impl GwetAc {
    /// Two-sided 95%: Student's t with n - 1 degrees of freedom, `n` the number of rated units; the upper end at most 1.
    #[must_use]
    pub fn interval(&self, n: usize) -> Option<Interval> {
        let half = student_t(0.975, n.saturating_sub(1) as f64) * self.error.ok()?;
        Some(Interval { low: self.coefficient - half, high: (self.coefficient + half).min(1.0) })
    }
}

/// Gwet's coefficient over units given as counts of `K` categories; units without a rating are left out, those with one
/// count towards chance only.
///
/// `pe = T/(K(K-1)) sum pi_k (1 - pi_k)`, T the sum of all weights, `pi_k` the mean over units of the share of category k
/// (Gwet 2008, British Journal of Mathematical and Statistical Psychology 61; weights and standard error: Gwet 2014,
/// "Handbook of inter-rater reliability", 4th edition, chapters 4 and 5).
///
/// # Errors
/// [`Undefined`] where no unit has two ratings, or chance leaves nothing to agree about.
pub fn gwet_ac<const K: usize>(units: &[[u32; K]], weights: Weights) -> Result<GwetAc, Undefined> {
    let rated: Vec<(&[u32; K], f64)> = units.iter().map(|u| (u, u.iter().map(|&c| f64::from(c)).sum())).filter(|(_, m)| *m > 0.0).collect();
    let n = rated.len() as f64;
    let pairable = rated.iter().filter(|(_, m)| *m > 1.0).count() as f64;
    if pairable <= 0.0 {
        return Err(Undefined::NoPairs);
    }
    let mut shares = [0.0; K];
    for (unit, m) in &rated {
        for (share, &c) in shares.iter_mut().zip(*unit) {
            *share += f64::from(c) / m / n;
        }
    }
    let of_weights: f64 = (0..K).flat_map(|c| (0..K).map(move |k| weights.agreement::<K>(c, k))).sum();
    let scale = of_weights / (K as f64 * (K as f64 - 1.0));
    let agreement = rated.iter().map(|(unit, m)| agreeing(unit, *m, weights)).sum::<f64>() / pairable;
    let by_chance = scale * shares.iter().map(|p| p * (1.0 - p)).sum::<f64>();
    if by_chance >= 1.0 {
        return Err(Undefined::NoVariation);
    }
    let coefficient = (agreement - by_chance) / (1.0 - by_chance);
    let spread: f64 = rated
        .iter()
        .map(|(unit, m)| {
            let own = if *m > 1.0 { agreeing(unit, *m, weights) - by_chance } else { 0.0 };
            let chance = scale * unit.iter().zip(&shares).map(|(&c, p)| f64::from(c) * (1.0 - p)).sum::<f64>() / m;
            let working = n / pairable * own / (1.0 - by_chance) - 2.0 * (1.0 - coefficient) * (chance - by_chance) / (1.0 - by_chance);
            (working - coefficient).powi(2)
        })
        .sum();
    let error = if n < 2.0 { Err(Undefined::OneObservation) } else { Ok((spread / (n * (n - 1.0))).sqrt()) };
    Ok(GwetAc { coefficient, agreement, by_chance, error })
}

/// Weighted share of agreeing pairs of ratings in a unit; 0 with fewer than two.
fn agreeing<const K: usize>(unit: &[u32; K], m: f64, weights: Weights) -> f64 {
    if m < 2.0 {
        return 0.0;
    }
    let mut sum = 0.0;
    for (c, &own) in unit.iter().enumerate().filter(|(_, own)| **own > 0) {
        let near: f64 = unit.iter().enumerate().map(|(k, &other)| weights.agreement::<K>(c, k) * f64::from(other)).sum();
        sum += f64::from(own) * (near - 1.0);
    }
    sum / (m * (m - 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn identical_ratings_agree_even_without_variation() {
        let got = gwet_ac(&[[0, 0, 0, 3, 0]; 8], Weights::Ordinal).unwrap();
        assert_eq!((got.coefficient, got.error), (1.0, Ok(0.0)));
    }

    #[test]
    fn it_stays_high_where_nearly_all_is_equal() {
        let mut units = vec![[0, 0, 0, 0, 2]; 95];
        units.extend([[0, 0, 0, 1, 1]; 5]);
        assert!(gwet_ac(&units, Weights::Identity).unwrap().coefficient > 0.94);
    }

    proptest! {
        #[test]
        fn the_order_of_units_never_matters(mut units in prop::collection::vec(prop::array::uniform5(0u32..4), 0..40)) {
            let forward = gwet_ac(&units, Weights::Quadratic);
            units.reverse();
            match (forward, gwet_ac(&units, Weights::Quadratic)) {
                (Ok(a), Ok(b)) => prop_assert!((a.coefficient - b.coefficient).abs() < 1e-12 && a.coefficient <= 1.0 + 1e-12),
                (a, b) => prop_assert_eq!(a, b),
            }
        }
    }
}
