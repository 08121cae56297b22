//! Cohen's weighted kappa of two lists of categories.

use super::super::undefined::Undefined;
use super::confusion::Confusion;
use super::weights::Weights;

/// Cohen's weighted kappa of two raters over categories `0..K`, an item a place; see [`Confusion::kappa`] for the formula
/// and for weighted items. Lists of unequal length are cut to the shorter.
///
/// # Errors
/// [`Undefined`] without an item or without variation.
pub fn weighted_kappa<const K: usize>(first: &[usize], second: &[usize], weights: Weights) -> Result<f64, Undefined> {
    let mut table = Confusion::<K>::default();
    for (a, b) in first.iter().zip(second) {
        table.add(*a, *b, 1.0);
    }
    table.kappa(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perfect_agreement_is_one_and_reversal_minus_one() {
        let up = [0, 1, 2, 3, 4];
        let down = [4, 3, 2, 1, 0];
        assert_eq!(weighted_kappa::<5>(&up, &up, Weights::Quadratic), Ok(1.0));
        assert!((weighted_kappa::<5>(&up, &down, Weights::Quadratic).unwrap() + 1.0).abs() < 1e-12);
    }

    #[test]
    fn one_value_only_has_no_kappa() {
        assert_eq!(weighted_kappa::<5>(&[2, 2], &[2, 2], Weights::Identity), Err(Undefined::NoVariation));
        assert_eq!(weighted_kappa::<5>(&[], &[], Weights::Identity), Err(Undefined::NoData));
    }
}
