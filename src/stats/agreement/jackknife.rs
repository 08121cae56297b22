//! An interval for Krippendorff's alpha: the delete-one-unit jackknife, exact through patterns.

use super::super::quantile::student_t;
use super::super::summary::Interval;
use super::krippendorff::{Level, Units};

/// The two-sided 95% interval of alpha; `None` where it says nothing: below three units, at perfect agreement, or when
/// alpha is undefined for all units or without some single one.
///
/// `se^2 = (n-1)/n sum (a_(-i) - mean)^2` over the n units (Hughes 2022, arXiv 2210.13265), then a Student-t interval
/// with n - 1 degrees of freedom on Fisher's z, `atanh(alpha)`, whose error is `se/(1 - alpha^2)`. Equal units are
/// left out once and counted as often as they occur, so that a million units cost what their patterns cost.
#[must_use]
pub fn alpha_interval<const K: usize>(units: &Units<K>, level: Level) -> Option<Interval> {
    let whole = units.table();
    let alpha = whole.alpha(level).ok()?;
    let n = units.count() as f64;
    if n < 3.0 || alpha >= 1.0 - 1e-12 || alpha <= -1.0 {
        return None;
    }
    let mut without = Vec::new();
    for (pattern, times) in units.patterns() {
        let mut rest = whole.clone();
        rest.add(pattern, -1.0);
        without.push((rest.alpha(level).ok()?, times as f64));
    }
    let mean = without.iter().map(|(a, times)| a * times).sum::<f64>() / n;
    let error = ((n - 1.0) / n * without.iter().map(|(a, times)| times * (a - mean).powi(2)).sum::<f64>()).sqrt();
    let z = alpha.atanh();
    let half = student_t(0.975, n - 1.0) * error / (1.0 - alpha * alpha);
    Some(Interval { low: (z - half).tanh(), high: (z + half).tanh() })
}

#[cfg(test)]
mod tests {
    use super::super::krippendorff::alpha;
    use super::*;

    /// Counts of two scores.
    fn pair(a: usize, b: usize) -> [u32; 5] {
        let mut c = [0; 5];
        c[a] += 1;
        c[b] += 1;
        c
    }

    fn of(list: &[[u32; 5]]) -> Units<5> {
        let mut u = Units::of_scores();
        for c in list {
            u.add(*c);
        }
        u
    }

    fn mixed() -> Vec<[u32; 5]> {
        (0..30).map(|i| pair(i % 5, if i % 4 == 0 { (i + 1) % 5 } else { i % 5 })).collect()
    }

    /// The interval of a list, leaving each unit out by building the list without it.
    fn by_hand(list: &[[u32; 5]]) -> Interval {
        let n = list.len() as f64;
        let a = alpha(&of(list), Level::Ordinal).unwrap();
        let without: Vec<f64> = (0..list.len())
            .map(|i| {
                let rest: Vec<_> = list.iter().enumerate().filter(|(k, _)| *k != i).map(|(_, c)| *c).collect();
                alpha(&of(&rest), Level::Ordinal).unwrap()
            })
            .collect();
        let mean = without.iter().sum::<f64>() / n;
        let error = ((n - 1.0) / n * without.iter().map(|x| (x - mean).powi(2)).sum::<f64>()).sqrt();
        let half = student_t(0.975, n - 1.0) * error / (1.0 - a * a);
        Interval { low: (a.atanh() - half).tanh(), high: (a.atanh() + half).tanh() }
    }

    #[test]
    fn leaving_out_patterns_equals_leaving_out_units() {
        let (got, want) = (alpha_interval(&of(&mixed()), Level::Ordinal).unwrap(), by_hand(&mixed()));
        assert!((got.low - want.low).abs() < 1e-9 && (got.high - want.high).abs() < 1e-9, "{got:?} is not {want:?}");
    }

    #[test]
    fn the_interval_holds_alpha_and_narrows_with_more_units() {
        let few = alpha_interval(&of(&mixed()), Level::Ordinal).unwrap();
        let many = alpha_interval(&of(&mixed().repeat(10)), Level::Ordinal).unwrap();
        let a = alpha(&of(&mixed()), Level::Ordinal).unwrap();
        assert!(few.low < a && a < few.high);
        assert!(many.high - many.low < (few.high - few.low) / 2.0);
    }

    #[test]
    fn an_interval_that_would_say_nothing_is_absent() {
        let perfect: Vec<_> = (0..20).map(|i| pair(i % 5, i % 5)).collect();
        assert_eq!(alpha_interval(&of(&perfect), Level::Ordinal), None);
        assert_eq!(alpha_interval(&of(&[pair(0, 1), pair(1, 1)]), Level::Ordinal), None);
        assert_eq!(alpha_interval(&of(&[pair(0, 0), pair(0, 0), pair(0, 1)]), Level::Ordinal), None, "all variation is in one unit");
        assert_eq!(alpha_interval(&of(&[]), Level::Ordinal), None);
    }
}
