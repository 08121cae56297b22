//! The estimate of a share and of a mean, end to end: value, variances, degrees of freedom, intervals.

use serde::Serialize;

use super::bounds::{Bounds, Form};
use super::difference::Share as DesignShare;
use super::difference::{Difference, Row, Shrinkage, satterthwaite};
use super::population::{Population, population};
use super::refuse::Refusal;
use crate::stats::quantile::student_t;
use crate::stats::summary::Interval;

/// How sure the intervals are, and the shrinkage behind them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Error of the two-sided interval, and of each one-sided bound.
    pub alpha: f64,
    /// Prior of the variances.
    pub shrinkage: Shrinkage,
}

impl Default for Settings {
    fn default() -> Self {
        Self { alpha: 0.05, shrinkage: Shrinkage::default() }
    }
}

/// A corrected share or mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Corrected {
    /// The estimate. A share may fall a little outside 0-1 by chance: clip it for display, never before arithmetic.
    pub theta: f64,
    /// Two-sided interval for questions like these.
    pub interval: Interval,
    /// One-sided lower bound.
    pub lower: f64,
    /// One-sided upper bound.
    pub upper: f64,
    /// Two-sided interval for this very set of questions; not clipped.
    pub this_set: Interval,
    /// `v_design + v_population`.
    pub variance: f64,
    /// Variance from having graded a part only.
    pub v_design: f64,
    /// Variance from having asked these questions only.
    pub v_population: f64,
    /// Degrees of freedom of `variance` (Satterthwaite).
    pub df: f64,
    /// Items that a simple random sample would need for the same variance; of a mean of grades: absent.
    pub n_eff: Option<f64>,
    /// The formula of the interval; a mean of grades has a t interval.
    pub form: Option<Form>,
    /// Clusters; as many as items where no two share one.
    pub clusters: u64,
}

/// Estimates a share (0/1 seen, predictions from 0 to 1).
///
/// # Errors
/// As [`Difference::of`] and [`population`].
pub fn share<T>(items: &[T], row: impl Fn(&T) -> Row, settings: Settings) -> Result<(Corrected, Difference), Refusal> {
    let fit = Difference::of(items, &row)?;
    let n = fit.seen as f64;
    // Two imagined passes and two imagined failures (Agresti and Coull 1998), so that a clean sample is not certain.
    let centre = ((n * fit.theta + 2.0) / (n + 4.0)).clamp(1e-9, 1.0 - 1e-9);
    let spread = centre * (1.0 - centre);
    let part = population(items, &row, &fit, spread)?;
    let sum = Sum::of(&fit, part, settings.shrinkage);
    let bounds = Bounds::new(fit.theta, spread / sum.total(), sum.df(), fit.seen);
    let one = bounds.at(1.0 - settings.alpha);
    let corrected = sum.corrected(&fit, settings.alpha, bounds.at(1.0 - settings.alpha / 2.0), one);
    Ok((Corrected { n_eff: Some(bounds.effective), form: Some(bounds.form), ..corrected }, fit))
}

/// Estimates a mean, given the same items in terms of the squared quantity: `V_p = max(0, mean of squares - theta^2)/N`,
/// and a t interval.
///
/// # Errors
/// As [`Difference::of`] and [`population`].
pub fn mean<T>(
    items: &[T],
    row: impl Fn(&T) -> Row,
    square: impl Fn(&T) -> Row,
    settings: Settings,
) -> Result<(Corrected, Difference), Refusal> {
    let fit = Difference::of(items, &row)?;
    let spread = (Difference::of(items, &square)?.theta - fit.theta * fit.theta).max(0.0);
    let part = population(items, &row, &fit, spread)?;
    let sum = Sum::of(&fit, part, settings.shrinkage);
    let at = |q: f64| around(fit.theta, student_t(q, sum.df()) * sum.total().sqrt());
    Ok((sum.corrected(&fit, settings.alpha, at(1.0 - settings.alpha / 2.0), at(1.0 - settings.alpha)), fit))
}

fn around(centre: f64, half: f64) -> Interval {
    Interval { low: centre - half, high: centre + half }
}

/// Design and population parts together.
struct Sum {
    shares: Vec<DesignShare>,
    design: f64,
    population: Population,
}

impl Sum {
    fn of(fit: &Difference, population: Population, shrinkage: Shrinkage) -> Self {
        let shares = fit.shares(shrinkage);
        Self { design: shares.iter().map(|s| s.variance).sum(), shares, population }
    }

    fn total(&self) -> f64 {
        self.design + self.population.variance
    }

    fn df(&self) -> f64 {
        let mut all = self.shares.clone();
        all.push(DesignShare { variance: self.population.variance, df: self.population.df });
        satterthwaite(&all)
    }

    fn corrected(&self, fit: &Difference, alpha: f64, interval: Interval, one: Interval) -> Corrected {
        let own = student_t(1.0 - alpha / 2.0, satterthwaite(&self.shares)) * self.design.sqrt();
        Corrected {
            theta: fit.theta,
            interval,
            lower: one.low,
            upper: one.high,
            this_set: around(fit.theta, own),
            variance: self.total(),
            v_design: self.design,
            v_population: self.population.variance,
            df: self.df(),
            n_eff: None,
            form: None,
            clusters: self.population.clusters,
        }
    }
}
