//! Minutes and variance: how much review a given width takes, and what difference could be seen at all.

use serde::Serialize;

use super::item::Item;

/// What the run's items cost to grade, and how uncertain they are: the sums of the closed form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Effort {
    /// Items.
    pub items: f64,
    /// `sum sigma_i sqrt(t_i)`, sigma^2 = p(1-p) + eps, over items that cost minutes.
    pub root: f64,
    /// `sum sigma_i^2` over the same.
    pub variance: f64,
    /// Minutes of all items.
    pub all: f64,
    /// Minutes of those that have a grade.
    pub spent: f64,
    /// Items that cost minutes and have no grade.
    pub open: u64,
}

impl Effort {
    /// Sums up items.
    #[must_use]
    pub fn of(items: &[Item], eps: f64) -> Self {
        let mut e = Self { items: items.len() as f64, ..Self::default() };
        for i in items.iter().filter(|i| i.minutes > 0.0) {
            let (minutes, variance) = (f64::from(i.minutes), i.pass_variance() + eps);
            e.add(minutes, variance);
            if i.grade().is_some() {
                e.spent += minutes;
            } else {
                e.open += 1;
            }
        }
        e
    }

    fn add(&mut self, minutes: f64, variance: f64) {
        self.root += (variance * minutes).sqrt();
        self.variance += variance;
        self.all += minutes;
    }

    /// From predictions and minutes alone, before any grade.
    #[must_use]
    pub fn planned(items: impl Iterator<Item = (f64, f64)>, eps: f64) -> Self {
        let mut e = Self::default();
        for (p, minutes) in items {
            e.items += 1.0;
            if minutes > 0.0 {
                e.add(minutes, p * (1.0 - p) + eps);
                e.open += 1;
            }
        }
        e
    }

    /// `B(V) = (sum sigma_i sqrt(t_i))^2 / (N^2 V + sum sigma_i^2)`: minutes for a design variance V at the best inclusion
    /// probabilities, without caps; never more than all minutes. `None` for a variance that is not positive: no amount
    /// of review of these items reaches it.
    #[must_use]
    pub fn minutes_for(&self, design_variance: f64) -> Option<f64> {
        if design_variance.is_nan() || design_variance <= 0.0 {
            return None;
        }
        let minutes = self.root * self.root / (self.items * self.items * design_variance + self.variance);
        Some(if minutes.is_finite() { minutes.min(self.all) } else { 0.0 })
    }

    /// Minutes for a 95% interval of half-width `half` around `theta`: `V = (half/1.96)^2 - theta(1-theta)/N`. `None` where
    /// N items cannot give it however many of them are graded.
    #[must_use]
    pub fn minutes_for_half_width(&self, half: f64, theta: f64) -> Option<f64> {
        let total = (half / crate::stats::quantile::Z_TWO_SIDED_95).powi(2);
        self.minutes_for(total - theta * (1.0 - theta) / self.items)
    }
}

/// The smallest difference from a bar that a one-sided 5% test sees with a power of 80%: `2.49 sqrt(V)`.
#[must_use]
pub fn detectable(variance: f64) -> f64 {
    2.49 * variance.max(0.0).sqrt()
}
