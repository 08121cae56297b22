//! An interval for Krippendorff's alpha by drawing units with replacement, beside the jackknife's.

use super::super::resample::{Bootstrap, Resampling, defined, share_out};
use super::super::undefined::Undefined;
use super::krippendorff::{Level, Units};

/// The bootstrap of alpha over units: whole units are drawn, so that a unit's ratings stay together (resampling pairs, as
/// Hayes and Krippendorff 2007 do, understates the error: Hughes 2022, arXiv 2210.13265). Equal units are drawn as their
/// pattern, so that a million units cost what their patterns cost. Use [`Bootstrap::percentile`]: there is no acceleration.
///
/// # Errors
/// [`Undefined`] where alpha is, below two units, or where more than 5% of the resamples have no alpha.
pub fn alpha_bootstrap<const K: usize>(units: &Units<K>, level: Level, how: Resampling) -> Result<Bootstrap, Undefined> {
    let estimate = units.table().alpha(level)?;
    if units.count() < 2 {
        return Err(Undefined::OneObservation);
    }
    let (patterns, times): (Vec<&[u32; K]>, Vec<u64>) = units.patterns().unzip();
    let empty = Units::<K>::new(units.values()).table();
    let found = how.replicate(|stream| {
        let mut table = empty.clone();
        share_out(units.count(), &times, stream, |pattern, got, _| table.add(patterns[pattern], got as f64));
        table.alpha(level).unwrap_or(f64::NAN)
    });
    let found: Vec<Option<f64>> = found.into_iter().map(|a| Some(a).filter(|a| a.is_finite())).collect();
    Bootstrap::new(estimate, defined(&found)?, None)
}

#[cfg(test)]
mod tests {
    use super::super::jackknife::alpha_interval;
    use super::*;

    fn units(times: u32) -> Units<5> {
        let mut u = Units::of_scores();
        for i in 0..30 * times {
            let (a, b) = (i as usize % 5, if i % 4 == 0 { (i as usize + 1) % 5 } else { i as usize % 5 });
            let mut counts = [0; 5];
            counts[a] += 1;
            counts[b] += 1;
            u.add(counts);
        }
        u
    }

    #[test]
    fn it_is_about_as_wide_as_the_jackknife() {
        let how = Resampling { seed: 4, times: 4000 };
        let (u, level) = (units(8), Level::Ordinal);
        let boot = alpha_bootstrap(&u, level, how).unwrap().percentile(0.05);
        let jack = alpha_interval(&u, level).unwrap();
        assert!((boot.low - jack.low).abs() < 0.02 && (boot.high - jack.high).abs() < 0.02, "{boot:?} and {jack:?}");
    }

    #[test]
    fn where_alpha_is_undefined_so_is_its_interval() {
        let how = Resampling::of(1);
        assert_eq!(alpha_bootstrap(&Units::of_scores(), Level::Nominal, how), Err(Undefined::NoPairs));
        let mut u = Units::of_scores();
        u.add([1, 1, 0, 0, 0]);
        assert_eq!(alpha_bootstrap(&u, Level::Nominal, how), Err(Undefined::OneObservation));
        // One unit of three differs: a third of the resamples have no variation.
        u.add([2, 0, 0, 0, 0]);
        u.add([2, 0, 0, 0, 0]);
        assert_eq!(alpha_bootstrap(&u, Level::Nominal, how), Err(Undefined::UndefinedResamples));
    }
}
