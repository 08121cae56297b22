//! Intraclass correlations of a full table of grades.

use serde::Serialize;

use super::super::undefined::Undefined;

/// The six forms of Shrout and Fleiss 1979 (Psychological Bulletin 86), from the mean squares of units (B), raters (J), error
/// (E) and within units (W) of n units and k raters. Absent where a denominator is 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Icc {
    /// ICC(1,1), raters differ by unit: `(B - W) / (B + (k-1) W)`.
    pub one_way: Option<f64>,
    /// ICC(2,1) = ICC(A,1) of McGraw and Wong 1996, absolute agreement of one grader:
    /// `(B - E) / (B + (k-1) E + k (J - E)/n)`. The one to report.
    pub agreement: Option<f64>,
    /// ICC(3,1) = ICC(C,1), consistency, `(B - E) / (B + (k-1) E)`: hides graders' severity.
    pub consistency: Option<f64>,
    /// ICC(1,k): `(B - W) / B`.
    pub one_way_mean: Option<f64>,
    /// ICC(2,k) = ICC(A,k), reliability of the mean of the k graders: `(B - E) / (B + (J - E)/n)`.
    pub agreement_mean: Option<f64>,
    /// ICC(3,k): `(B - E) / B`.
    pub consistency_mean: Option<f64>,
}

/// The intraclass correlations of a table, a row a unit, a column a rater; see [`Icc`].
///
/// # Errors
/// [`Undefined`] with fewer than two units or raters, with an empty cell, or where nothing varies.
pub fn icc<R: AsRef<[Option<f64>]>>(units: &[R]) -> Result<Icc, Undefined> {
    let raters = units.iter().map(|u| u.as_ref().len()).max().unwrap_or(0);
    if units.is_empty() {
        return Err(Undefined::NoData);
    }
    let mut table: Vec<Vec<f64>> = Vec::with_capacity(units.len());
    for unit in units {
        let row: Vec<f64> = unit.as_ref().iter().flatten().copied().filter(|x| x.is_finite()).collect();
        if row.len() != raters {
            return Err(Undefined::IncompleteTable);
        }
        table.push(row);
    }
    if table.len() < 2 {
        return Err(Undefined::OneObservation);
    }
    if raters < 2 {
        return Err(Undefined::OneRater);
    }
    let (n, k) = (table.len() as f64, raters as f64);
    let grand = table.iter().flatten().sum::<f64>() / (n * k);
    let unit_means: Vec<f64> = table.iter().map(|row| row.iter().sum::<f64>() / k).collect();
    let rater_means: Vec<f64> = (0..raters).map(|j| table.iter().map(|row| row[j]).sum::<f64>() / n).collect();
    let total: f64 = table.iter().flatten().map(|x| (x - grand).powi(2)).sum();
    if total <= 0.0 {
        return Err(Undefined::NoVariation);
    }
    let between = k * unit_means.iter().map(|m| (m - grand).powi(2)).sum::<f64>();
    let of_raters = n * rater_means.iter().map(|m| (m - grand).powi(2)).sum::<f64>();
    let mut residual = 0.0;
    for (row, unit) in table.iter().zip(&unit_means) {
        for (x, rater) in row.iter().zip(&rater_means) {
            residual += (x - unit - rater + grand).powi(2);
        }
    }
    let b = between / (n - 1.0);
    let j = of_raters / (k - 1.0);
    let e = residual / ((n - 1.0) * (k - 1.0));
    let w = (of_raters + residual) / (n * (k - 1.0));
    let ratio = |top: f64, bottom: f64| Some(top / bottom).filter(|r| r.is_finite());
    Ok(Icc {
        one_way: ratio(b - w, b + (k - 1.0) * w),
        agreement: ratio(b - e, b + (k - 1.0) * e + k * (j - e) / n),
        consistency: ratio(b - e, b + (k - 1.0) * e),
        one_way_mean: ratio(b - w, b),
        agreement_mean: ratio(b - e, b + (j - e) / n),
        consistency_mean: ratio(b - e, b),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(list: &[(f64, f64, f64)]) -> Vec<Vec<Option<f64>>> {
        list.iter().map(|&(a, b, c)| vec![Some(a), Some(b), Some(c)]).collect()
    }

    #[test]
    fn a_strict_grader_lowers_agreement_but_not_consistency() {
        let got = icc(&table(&[(1.0, 2.0, 1.0), (2.0, 3.0, 2.0), (4.0, 5.0, 4.0), (3.0, 4.0, 3.0)])).unwrap();
        assert!((got.consistency.unwrap() - 1.0).abs() < 1e-12);
        assert!(got.agreement.unwrap() < 0.95);
    }

    #[test]
    fn an_empty_cell_is_said() {
        let rows = [vec![Some(1.0), None], vec![Some(2.0), Some(2.0)]];
        assert_eq!(icc(&rows), Err(Undefined::IncompleteTable));
        assert_eq!(icc::<Vec<Option<f64>>>(&[]), Err(Undefined::NoData));
    }

    proptest! {
        #[test]
        fn order_of_units_and_raters_never_matters(mut list in prop::collection::vec((1.0f64..5.0, 1.0f64..5.0, 1.0f64..5.0), 2..20)) {
            let forward = icc(&table(&list)).unwrap();
            list.reverse();
            let swapped: Vec<_> = list.iter().map(|&(a, b, c)| (c, a, b)).collect();
            let backward = icc(&table(&swapped)).unwrap();
            for (a, b) in [(forward.one_way, backward.one_way), (forward.agreement, backward.agreement), (forward.consistency, backward.consistency)] {
                prop_assert!((a.unwrap() - b.unwrap()).abs() < 1e-9);
            }
        }

        /// Spearman-Brown: the mean of k graders from one of them.
        #[test]
        fn the_mean_follows_spearman_brown(list in prop::collection::vec((1.0f64..5.0, 1.0f64..5.0, 1.0f64..5.0), 3..20)) {
            let got = icc(&table(&list)).unwrap();
            let one = got.consistency.unwrap();
            prop_assert!((got.consistency_mean.unwrap() - 3.0 * one / (1.0 + 2.0 * one)).abs() < 1e-6);
        }
    }
}
