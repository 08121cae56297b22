//! What a bootstrap found: the replicates of an estimate, and intervals from them.

use super::super::quantile::{normal, normal_below};
use super::super::summary::Interval;
use super::super::undefined::Undefined;

/// An estimate with its replicates, in ascending order.
#[derive(Clone, Debug, PartialEq)]
pub struct Bootstrap {
    estimate: f64,
    sorted: Vec<f64>,
    acceleration: Option<f64>,
}

impl Bootstrap {
    /// From an estimate, its replicates in any order, and the acceleration of BCa where known (see [`acceleration`]).
    ///
    /// # Errors
    /// [`Undefined`] without a replicate, or where a number is not finite.
    pub fn new(estimate: f64, mut replicates: Vec<f64>, acceleration: Option<f64>) -> Result<Self, Undefined> {
        if replicates.is_empty() {
            return Err(Undefined::NoData);
        }
        if !estimate.is_finite() || replicates.iter().any(|r| !r.is_finite()) {
            return Err(Undefined::UndefinedResamples);
        }
        replicates.sort_unstable_by(f64::total_cmp);
        Ok(Self { estimate, sorted: replicates, acceleration: acceleration.filter(|a| a.is_finite()) })
    }

    /// The estimate itself.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        self.estimate
    }

    /// Replicates, ascending.
    #[must_use]
    pub fn replicates(&self) -> &[f64] {
        &self.sorted
    }

    /// Standard error: the standard deviation of the replicates, with n - 1; 0 with one.
    #[must_use]
    pub fn error(&self) -> f64 {
        let n = self.sorted.len() as f64;
        let mean = self.sorted.iter().sum::<f64>() / n;
        let squares: f64 = self.sorted.iter().map(|r| (r - mean).powi(2)).sum();
        (squares / (n - 1.0).max(1.0)).sqrt()
    }

    /// The percentile interval at level `1 - alpha` (Efron 1979).
    #[must_use]
    pub fn percentile(&self, alpha: f64) -> Interval {
        Interval { low: self.quantile(alpha / 2.0), high: self.quantile(1.0 - alpha / 2.0) }
    }

    /// The bias-corrected and accelerated interval at level `1 - alpha` (Efron 1987, Journal of the American Statistical
    /// Association 82, equations 2.3 and 6.6): quantiles of the replicates at
    /// `Phi(z0 + (z0 + z) / (1 - a (z0 + z)))`, `z0 = Phi^-1(share of replicates below the estimate)`.
    ///
    /// # Errors
    /// [`Undefined`] without variation, or where all replicates are on one side of the estimate.
    pub fn bca(&self, alpha: f64) -> Result<Interval, Undefined> {
        let a = self.acceleration.ok_or(Undefined::NoVariation)?;
        let z0 = self.bias()?;
        let at = |p: f64| {
            let z = z0 + normal(p);
            self.quantile(normal_below(z0 + z / (1.0 - a * z)))
        };
        Ok(Interval { low: at(alpha / 2.0), high: at(1.0 - alpha / 2.0) })
    }

    /// BCa's z0: the normal quantile of the share of replicates strictly below the estimate.
    ///
    /// # Errors
    /// [`Undefined::OneSided`] where that share is 0 or 1, [`Undefined::NoVariation`] where replicates are equal.
    pub fn bias(&self) -> Result<f64, Undefined> {
        let (first, last) = (self.sorted[0], self.sorted[self.sorted.len() - 1]);
        let scale = first.abs().max(last.abs()).max(self.estimate.abs());
        if last - first <= 1e-12 * scale {
            return Err(Undefined::NoVariation);
        }
        // The same sum in another order differs in its last digits: that is not below.
        let bar = self.estimate - 1e-12 * scale;
        let below = self.sorted.partition_point(|r| *r < bar);
        if below == 0 || below == self.sorted.len() {
            return Err(Undefined::OneSided);
        }
        Ok(normal(below as f64 / self.sorted.len() as f64))
    }

    /// The acceleration, where there is one.
    #[must_use]
    pub fn acceleration(&self) -> Option<f64> {
        self.acceleration
    }

    /// Quantile by linear interpolation (type 7 of Hyndman and Fan 1996).
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list, from 0 to its length")]
    fn quantile(&self, p: f64) -> f64 {
        let last = self.sorted.len() - 1;
        let place = p.clamp(0.0, 1.0) * last as f64;
        let (below, above) = (place.floor() as usize, (place.ceil() as usize).min(last));
        let (low, high) = (self.sorted[below.min(last)], self.sorted[above]);
        low + (high - low) * (place - place.floor())
    }
}

/// BCa's acceleration from the values of the statistic with each observation left out:
/// `sum d^3 / (6 (sum d^2)^1.5)`, `d` = their mean minus each (Efron 1987, equation 7.3). `None` without variation.
#[must_use]
pub fn acceleration(without: &[f64]) -> Option<f64> {
    let mean = without.iter().sum::<f64>() / without.len() as f64;
    skewness(without.iter().map(|w| mean - w), mean.abs())
}

/// The same for a mean: leaving out `x_i` moves it by `(x_i - mean) / (n - 1)`.
pub(super) fn acceleration_of_mean(values: &[f64], mean: f64) -> Option<f64> {
    skewness(values.iter().map(|x| x - mean), mean.abs())
}

fn skewness(d: impl Iterator<Item = f64>, scale: f64) -> Option<f64> {
    let (mut squares, mut cubes, mut n) = (0.0, 0.0, 0.0);
    for d in d {
        squares += d * d;
        cubes += d * d * d;
        n += 1.0;
    }
    // What is left of equal values is rounding.
    (squares > n * (1e-14 * scale).powi(2) && squares > 0.0).then(|| cubes / (6.0 * squares.powf(1.5)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate() {
        let b = Bootstrap::new(2.0, vec![4.0, 1.0, 2.0, 3.0], None).unwrap();
        assert_eq!(b.percentile(0.5), Interval { low: 1.75, high: 3.25 });
        assert_eq!(b.bca(0.05), Err(Undefined::NoVariation));
    }

    #[test]
    fn without_bias_and_skew_bca_is_the_percentile_interval() {
        let replicates: Vec<f64> = (0..1000).map(f64::from).collect();
        let b = Bootstrap::new(499.5, replicates, Some(0.0)).unwrap();
        let (p, c) = (b.percentile(0.1), b.bca(0.1).unwrap());
        assert!((p.low - c.low).abs() < 1e-6 && (p.high - c.high).abs() < 1e-6);
    }

    #[test]
    fn what_cannot_be_corrected_says_why() {
        let of = |estimate, r: &[f64]| Bootstrap::new(estimate, r.to_vec(), Some(0.1)).unwrap().bca(0.05).unwrap_err();
        assert_eq!(of(1.0, &[1.0, 1.0]), Undefined::NoVariation);
        assert_eq!(of(0.0, &[1.0, 2.0]), Undefined::OneSided);
        assert_eq!(Bootstrap::new(1.0, vec![], None), Err(Undefined::NoData));
        assert_eq!(Bootstrap::new(1.0, vec![f64::NAN], None), Err(Undefined::UndefinedResamples));
    }
}
