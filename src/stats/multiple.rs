//! Many tests at once: p-values adjusted so that one bar holds for the whole family.
//!
//! Each function gives the adjusted p-values in the order of the given ones; reject those at or below the level. All are
//! at least the given p-value and at most 1. A p-value that is not a number counts as 1.

/// Bonferroni: `m p`. Controls the chance of any false alarm.
#[must_use]
pub fn bonferroni(p: &[f64]) -> Vec<f64> {
    let m = p.len() as f64;
    p.iter().map(|p| (clean(*p) * m).min(1.0)).collect()
}

/// Holm 1979 (step down): the running maximum of `(m - i + 1) p_(i)`. Controls the chance of any false alarm, under any
/// dependence, and rejects all that Bonferroni does.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let m = p.len();
    let mut adjusted = vec![1.0; m];
    let mut highest = 0.0_f64;
    for (i, place) in ascending(p).into_iter().enumerate() {
        highest = highest.max((clean(p[place]) * (m - i) as f64).min(1.0));
        adjusted[place] = highest;
    }
    adjusted
}

/// Benjamini and Hochberg 1995 (step up): the running minimum from above of `m p_(i) / i`. Controls the expected share of
/// false alarms among the alarms where tests are independent or positively dependent.
#[must_use]
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    step_up(p, 1.0)
}

/// Benjamini and Yekutieli 2001: Benjamini-Hochberg times `1 + 1/2 + ... + 1/m`, valid under any dependence.
#[must_use]
pub fn benjamini_yekutieli(p: &[f64]) -> Vec<f64> {
    step_up(p, (1..=p.len()).map(|i| 1.0 / i as f64).sum())
}

fn step_up(p: &[f64], factor: f64) -> Vec<f64> {
    let m = p.len() as f64;
    let mut adjusted = vec![1.0; p.len()];
    let mut lowest = 1.0_f64;
    for (i, place) in ascending(p).into_iter().enumerate().rev() {
        lowest = lowest.min(clean(p[place]) * factor * (m / (i + 1) as f64));
        adjusted[place] = lowest;
    }
    adjusted
}

fn clean(p: f64) -> f64 {
    if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }
}

/// Places in order of their p-values.
fn ascending(p: &[f64]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..p.len()).collect();
    places.sort_by(|a, b| clean(p[*a]).total_cmp(&clean(p[*b])));
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Adjust = fn(&[f64]) -> Vec<f64>;
    const ALL: [Adjust; 4] = [bonferroni, holm, benjamini_hochberg, benjamini_yekutieli];

    #[test]
    fn what_is_no_number_is_never_rejected() {
        for f in ALL {
            assert_eq!(f(&[f64::NAN, 0.5])[0].to_bits(), 1.0_f64.to_bits());
            assert!(f(&[]).is_empty());
        }
    }

    proptest! {
        #[test]
        fn the_order_of_tests_never_matters(mut p in prop::collection::vec(0.0f64..=1.0, 1..30)) {
            for f in ALL {
                let forward = f(&p);
                p.reverse();
                let mut backward = f(&p);
                p.reverse();
                backward.reverse();
                prop_assert_eq!(forward, backward);
            }
        }

        #[test]
        fn stricter_methods_never_give_smaller_numbers(p in prop::collection::vec(0.0f64..=1.0, 1..30)) {
            let [bonferroni, holm, bh, by] = ALL.map(|f| f(&p));
            for i in 0..p.len() {
                prop_assert!(p[i] <= bh[i] + 1e-12 && bh[i] <= by[i] + 1e-12);
                prop_assert!(bh[i] <= holm[i] + 1e-12 && holm[i] <= bonferroni[i] + 1e-12 && bonferroni[i] <= 1.0);
            }
        }
    }
}
