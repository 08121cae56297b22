//! Two scorers on the same items, as a weighted joint table, and what the table says.
//!
//! Invariant: weights are finite and positive; an item with another weight is left out (it was not drawn).

use serde::Serialize;
use serde::ser::Serializer;

use super::super::undefined::Undefined;
use super::weights::Weights;
use crate::domain::Score;

/// The joint table of two scorers on a scale of `K` equally spaced categories: rows are the first (the judge), columns
/// the second (the person). Cells sum the items' weights: 1 each, or 1/pi for items that a design drew with probability
/// pi, so that shares hold for all items and not for those that were easy to pick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confusion<const K: usize = 5> {
    cells: [[f64; K]; K],
    items: u64,
}

impl<const K: usize> Default for Confusion<K> {
    fn default() -> Self {
        Self { cells: [[0.0; K]; K], items: 0 }
    }
}

impl<const K: usize> Serialize for Confusion<K> {
    /// As rows of cells.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.cells.iter().map(<[f64; K]>::as_slice))
    }
}

impl Confusion<5> {
    /// Adds an item by its scores.
    pub fn add_scores(&mut self, first: Score, second: Score, weight: f64) {
        self.add(first.index(), second.index(), weight);
    }
}

impl<const K: usize> Confusion<K> {
    /// Adds an item by its categories (0-based; beyond the scale: left out).
    pub fn add(&mut self, first: usize, second: usize, weight: f64) {
        if first < K && second < K && weight.is_finite() && weight > 0.0 {
            self.cells[first][second] += weight;
            self.items += 1;
        }
    }

    /// Items added.
    #[must_use]
    pub fn items(&self) -> u64 {
        self.items
    }

    /// Sums of weights, row by row.
    #[must_use]
    pub fn cells(&self) -> &[[f64; K]; K] {
        &self.cells
    }

    /// Sum of all weights.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.cells.iter().flatten().sum()
    }

    /// Weighted mean of a function of the two categories; `None` without an item.
    fn mean(&self, f: impl Fn(usize, usize) -> f64) -> Option<f64> {
        let total = self.total();
        let mut sum = 0.0;
        for (c, row) in self.cells.iter().enumerate() {
            for (k, weight) in row.iter().enumerate() {
                sum += weight * f(c, k);
            }
        }
        (total > 0.0).then(|| sum / total)
    }

    /// Share of items with equal categories.
    #[must_use]
    pub fn exact(&self) -> Option<f64> {
        self.within(0)
    }

    /// Share of items with categories at most one apart.
    #[must_use]
    pub fn adjacent(&self) -> Option<f64> {
        self.within(1)
    }

    fn within(&self, steps: usize) -> Option<f64> {
        self.mean(|c, k| f64::from(u8::from(c.abs_diff(k) <= steps)))
    }

    /// Mean of the absolute difference, in steps of the scale.
    #[must_use]
    pub fn mean_absolute_error(&self) -> Option<f64> {
        self.mean(|c, k| c.abs_diff(k) as f64)
    }

    /// Mean of first minus second, in steps of the scale: positive where the judge is milder than the person.
    #[must_use]
    pub fn bias(&self) -> Option<f64> {
        self.mean(|c, k| c as f64 - k as f64)
    }

    /// Cohen's weighted kappa: `1 - sum d_ck p_ck / sum d_ck p_c. p_.k`, `d = 1 - agreement` (Cohen 1968, Psychological
    /// Bulletin 70, equation 6), over the whole scale whether its ends occur or not.
    ///
    /// # Errors
    /// [`Undefined`] without an item, or where both scorers gave one and the same category throughout.
    pub fn kappa(&self, weights: Weights) -> Result<f64, Undefined> {
        let total = self.total();
        if total <= 0.0 {
            return Err(Undefined::NoData);
        }
        let rows = self.cells.map(|row| row.iter().sum::<f64>() / total);
        let mut columns = [0.0; K];
        for row in &self.cells {
            for (column, cell) in columns.iter_mut().zip(row) {
                *column += cell / total;
            }
        }
        let (mut seen, mut by_chance) = (0.0, 0.0);
        for c in 0..K {
            for k in 0..K {
                let apart = 1.0 - weights.agreement::<K>(c, k);
                seen += apart * self.cells[c][k] / total;
                by_chance += apart * rows[c] * columns[k];
            }
        }
        if by_chance <= 0.0 { Err(Undefined::NoVariation) } else { Ok(1.0 - seen / by_chance) }
    }

    /// The table with the scorers exchanged.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let mut other = Self { items: self.items, ..Self::default() };
        for (c, row) in self.cells.iter().enumerate() {
            for (k, cell) in row.iter().enumerate() {
                other.cells[k][c] = *cell;
            }
        }
        other
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Level, Units, alpha};
    use super::*;

    const ALL: [Weights; 4] = [Weights::Identity, Weights::Linear, Weights::Quadratic, Weights::Ordinal];

    fn of(pairs: &[(usize, usize)], weight: f64) -> Confusion {
        let mut c = Confusion::default();
        pairs.iter().for_each(|(a, b)| c.add(*a, *b, weight));
        c
    }

    fn pairs(n: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(usize, usize)>> {
        prop::collection::vec((0usize..5, 0usize..5), n)
    }

    #[test]
    fn an_item_that_was_not_drawn_is_left_out() {
        let mut c: Confusion = of(&[(0, 1)], 2.0);
        for w in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            c.add(4, 4, w);
        }
        c.add(5, 0, 1.0);
        assert_eq!((c.items(), c.total(), c.exact(), c.adjacent(), c.bias()), (1, 2.0, Some(0.0), Some(1.0), Some(-1.0)));
    }

    #[test]
    fn a_rare_draw_speaks_for_the_items_it_stands_for() {
        let mut c: Confusion = of(&[(4, 0); 9], 1.0);
        c.add(3, 3, 91.0);
        assert!((c.exact().unwrap() - 0.91).abs() < 1e-12 && (c.mean_absolute_error().unwrap() - 0.36).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn kappa_does_not_care_who_is_first_nor_about_order(mut list in pairs(1..60)) {
            let forward = of(&list, 1.0);
            list.reverse();
            for w in ALL {
                prop_assert_eq!(forward.kappa(w), of(&list, 1.0).kappa(w));
                match (forward.kappa(w), forward.transposed().kappa(w)) {
                    (Ok(a), Ok(b)) => prop_assert!((a - b).abs() < 1e-12),
                    (a, b) => prop_assert_eq!(a, b),
                }
            }
        }

        #[test]
        fn a_weight_is_as_many_copies(list in pairs(1..40), copies in 1usize..5) {
            let (weighted, repeated) = (of(&list, copies as f64), of(&list.repeat(copies), 1.0));
            for w in ALL {
                match (weighted.kappa(w), repeated.kappa(w)) {
                    (Ok(a), Ok(b)) => prop_assert!((a - b).abs() < 1e-12),
                    (a, b) => prop_assert_eq!(a, b),
                }
            }
        }

        /// With symmetric tables, expected agreement of kappa and of alpha differ by the factor n/(n-1) only: the two meet
        /// as the number of items grows (Krippendorff 2004, chapter 11).
        #[test]
        fn alpha_is_the_limit_of_kappa_for_equal_margins(list in pairs(5..40)) {
            let many: Vec<(usize, usize)> = list.iter().flat_map(|&(a, b)| [(a, b), (b, a)]).collect::<Vec<_>>().repeat(200);
            let mut units = Units::of_scores();
            for &(a, b) in &many {
                let mut counts = [0; 5];
                counts[a] += 1;
                counts[b] += 1;
                units.add(counts);
            }
            let table = of(&many, 1.0);
            for (w, level) in [(Weights::Identity, Level::Nominal), (Weights::Quadratic, Level::Interval)] {
                if let (Ok(kappa), Ok(alpha)) = (table.kappa(w), alpha(&units, level)) {
                    prop_assert!((kappa - alpha).abs() < 2.0 / many.len() as f64, "{kappa} and {alpha}");
                }
            }
        }
    }
}
