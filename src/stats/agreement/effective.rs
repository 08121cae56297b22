//! How many independent judges a panel is worth: judges that share errors agree without being right.

use serde::Serialize;

use super::rank::pearson;
use crate::stats::undefined::Undefined;

/// A panel's worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EffectiveJudges {
    /// Judges.
    pub judges: usize,
    /// Mean over pairs of judges of the correlation of their errors (judge minus person).
    pub correlation: f64,
    /// Pairs of judges whose correlation exists.
    pub pairs: usize,
    /// `K / (1 + (K - 1) rho)`, from 1 to K: below 0 the correlation counts as 0.
    pub effective: f64,
}

/// The effective number of judges; `errors[j][i]` is judge j's score minus the person's on item i, absent where either is.
///
/// Kish's design effect for equally correlated values (Kish 1965, section 5.4): the variance of the mean of K judges is that
/// of `K / (1 + (K - 1) rho)` independent ones.
///
/// # Errors
/// [`Undefined`] with one judge, or where no pair of judges has a correlation.
pub fn effective_judges<E: AsRef<[Option<f64>]>>(errors: &[E]) -> Result<EffectiveJudges, Undefined> {
    if errors.len() < 2 {
        return Err(Undefined::OneRater);
    }
    let (mut sum, mut pairs, mut why) = (0.0, 0usize, Undefined::NoPairs);
    for (j, a) in errors.iter().enumerate() {
        for b in &errors[j + 1..] {
            let both: (Vec<f64>, Vec<f64>) = a.as_ref().iter().zip(b.as_ref()).filter_map(|(a, b)| (*a).zip(*b)).unzip();
            match pearson(&both.0, &both.1) {
                Ok(r) => {
                    sum += r;
                    pairs += 1;
                }
                Err(reason) => why = reason,
            }
        }
    }
    if pairs == 0 {
        return Err(why);
    }
    let correlation = sum / pairs as f64;
    let k = errors.len() as f64;
    Ok(EffectiveJudges { judges: errors.len(), correlation, pairs, effective: k / (1.0 + (k - 1.0) * correlation.clamp(0.0, 1.0)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(errors: &[i8]) -> Vec<Option<f64>> {
        errors.iter().map(|e| Some(f64::from(*e))).collect()
    }

    #[test]
    fn copies_of_a_judge_are_one_judge() {
        let one = judge(&[0, 1, -1, 2, 0, 0]);
        let got = effective_judges(&[one.clone(), one.clone(), one]).unwrap();
        assert!((got.effective - 1.0).abs() < 1e-12 && (got.correlation - 1.0).abs() < 1e-12);
    }

    #[test]
    fn unrelated_errors_count_in_full() {
        let got = effective_judges(&[judge(&[1, 1, -1, -1]), judge(&[1, -1, 1, -1])]).unwrap();
        assert!((got.effective - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_judge_without_errors_has_no_correlation() {
        assert_eq!(effective_judges(&[judge(&[0, 0, 0]), judge(&[0, 1, 0])]), Err(Undefined::NoVariation));
        assert_eq!(effective_judges(&[judge(&[0, 1, 0])]), Err(Undefined::OneRater));
    }
}
