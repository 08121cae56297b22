//! Krippendorff's alpha with missing values, over units given as count patterns.
//!
//! Invariant: memory grows with the number of different patterns, not of units; units with fewer than two values say
//! nothing and are left out, alike everywhere.

use std::collections::BTreeMap;

use super::super::undefined::Undefined;

/// How far apart two values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// Equal or not.
    Nominal,
    /// By the ranks that the values hold in the data.
    Ordinal,
    /// By their squared difference.
    Interval,
}

/// Units as patterns: how often each of `K` values was given, and how many units look like that.
#[derive(Clone, Debug, PartialEq)]
pub struct Units<const K: usize> {
    /// The values, in ascending order.
    values: [f64; K],
    patterns: BTreeMap<[u32; K], u64>,
}

impl Units<5> {
    /// No unit yet, scores 1 to 5.
    #[must_use]
    pub fn of_scores() -> Self {
        Self::new([1.0, 2.0, 3.0, 4.0, 5.0])
    }
}

impl<const K: usize> Units<K> {
    /// No unit yet. The values in ascending order.
    #[must_use]
    pub fn new(values: [f64; K]) -> Self {
        Self { values, patterns: BTreeMap::new() }
    }

    /// Adds one unit by the counts of its values. Fewer than two values add nothing.
    pub fn add(&mut self, counts: [u32; K]) {
        if size(&counts) >= 2 {
            *self.patterns.entry(counts).or_default() += 1;
        }
    }

    /// Units with two or more values.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.patterns.values().sum()
    }

    /// Values in those units.
    #[must_use]
    pub fn pairable(&self) -> u64 {
        self.patterns.iter().map(|(p, n)| size(p) * n).sum()
    }

    /// Units whose lowest and highest value are at least `steps` places apart in the list of values.
    #[must_use]
    pub fn wide(&self, steps: usize) -> u64 {
        self.patterns.iter().filter(|(p, _)| steps_apart(&p[..]) >= steps).map(|(_, n)| n).sum()
    }

    pub(super) fn values(&self) -> [f64; K] {
        self.values
    }

    pub(super) fn patterns(&self) -> impl Iterator<Item = (&[u32; K], u64)> {
        self.patterns.iter().map(|(p, n)| (p, *n))
    }

    pub(super) fn table(&self) -> Table<K> {
        let mut t = Table { values: self.values, pairs: [[0.0; K]; K] };
        for (pattern, n) in &self.patterns {
            t.add(pattern, *n as f64);
        }
        t
    }
}

fn size(counts: &[u32]) -> u64 {
    counts.iter().map(|&c| u64::from(c)).sum()
}

fn steps_apart(counts: &[u32]) -> usize {
    let seen = |c: &u32| *c > 0;
    counts.iter().rposition(seen).zip(counts.iter().position(seen)).map_or(0, |(high, low)| high - low)
}

/// Krippendorff's alpha: 1 for perfect agreement, 0 for what chance gives, negative for worse.
///
/// Coincidences `o_ck` = sum over units of ordered pairs (c, k) / (m - 1); `n_c` = sum over k; `n` = sum of `n_c`;
/// `alpha = 1 - (n-1) sum o_ck d_ck / sum n_c n_k d_ck` (Krippendorff 2011, "Computing Krippendorff's alpha-reliability").
///
/// # Errors
/// [`Undefined`] when no unit has two values, or the values do not vary.
pub fn alpha<const K: usize>(units: &Units<K>, level: Level) -> Result<f64, Undefined> {
    units.table().alpha(level)
}

/// The coincidence matrix.
#[derive(Clone)]
pub(super) struct Table<const K: usize> {
    values: [f64; K],
    pairs: [[f64; K]; K],
}

impl<const K: usize> Table<K> {
    /// Adds a pattern `times` over; a negative number takes it out.
    pub(super) fn add(&mut self, pattern: &[u32; K], times: f64) {
        let m = size(pattern) as f64;
        for (c, row) in self.pairs.iter_mut().enumerate() {
            for (k, cell) in row.iter_mut().enumerate() {
                let others = f64::from(pattern[k]) - if c == k { 1.0 } else { 0.0 };
                *cell += times * f64::from(pattern[c]) * others / (m - 1.0);
            }
        }
    }

    pub(super) fn alpha(&self, level: Level) -> Result<f64, Undefined> {
        // What is left of a cell after its last unit was taken out is rounding.
        let margin: [f64; K] = self.pairs.map(|row| Some(row.iter().sum::<f64>()).filter(|s| *s > 1e-6).unwrap_or(0.0));
        let n: f64 = margin.iter().sum();
        if n < 1.5 {
            return Err(Undefined::NoPairs);
        }
        if margin.iter().filter(|m| **m > 0.0).count() < 2 {
            return Err(Undefined::NoVariation);
        }
        let (mut seen, mut by_chance) = (0.0, 0.0);
        for c in 0..K {
            for k in c + 1..K {
                let d = self.distance(level, &margin, c, k);
                seen += self.pairs[c][k] * d;
                by_chance += margin[c] * margin[k] * d;
            }
        }
        Ok(1.0 - (n - 1.0) * seen / by_chance)
    }

    /// Squared distance of the values at places `c < k`.
    fn distance(&self, level: Level, margin: &[f64; K], c: usize, k: usize) -> f64 {
        match level {
            Level::Nominal => 1.0,
            Level::Interval => (self.values[k] - self.values[c]).powi(2),
            Level::Ordinal => (margin[c..=k].iter().sum::<f64>() - f64::midpoint(margin[c], margin[k])).powi(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(list: &[[u32; 5]]) -> Units<5> {
        let mut u = Units::of_scores();
        for c in list {
            u.add(*c);
        }
        u
    }

    #[test]
    fn a_million_units_take_the_memory_of_their_patterns() {
        let mut units = Units::of_scores();
        for i in 0..1_000_000u32 {
            units.add([i % 2, (i / 2) % 3, (i / 7) % 2, 0, i % 5]);
        }
        assert!(units.patterns.len() <= 60);
        assert!(alpha(&units, Level::Ordinal).is_ok());
    }

    proptest! {
        #[test]
        fn the_order_of_units_never_matters(mut units in prop::collection::vec(prop::array::uniform5(0u32..4), 0..40)) {
            let forward = alpha(&of(&units), Level::Ordinal);
            units.reverse();
            prop_assert_eq!(forward, alpha(&of(&units), Level::Ordinal));
        }

        #[test]
        fn alpha_never_exceeds_one(units in prop::collection::vec(prop::array::uniform5(0u32..4), 0..40)) {
            let u = of(&units);
            for level in [Level::Nominal, Level::Ordinal, Level::Interval] {
                if let Ok(a) = alpha(&u, level) {
                    prop_assert!(a.is_finite() && a <= 1.0 + 1e-12);
                }
            }
        }
    }
}
