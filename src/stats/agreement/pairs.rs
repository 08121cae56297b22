//! How often two judges' votes are equal or adjacent, and which of the two is milder.

use super::super::summary::JudgePair;
use crate::domain::Score;

/// Counts for every pair of `judges` judges, by their place in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairTable {
    judges: usize,
    /// Row by row above the diagonal.
    cells: Vec<Cell>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cell {
    units: u64,
    equal: u64,
    adjacent: u64,
    difference: i64,
}

impl PairTable {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(judges: usize) -> Self {
        Self { judges, cells: vec![Cell::default(); judges * judges.saturating_sub(1) / 2] }
    }

    /// Adds one output: each judge's vote by the judge's place. Places beyond the list are ignored; order never matters.
    pub fn add(&mut self, votes: &[(usize, Score)]) {
        for (i, &a) in votes.iter().enumerate() {
            for &b in &votes[i + 1..] {
                let ((first, x), (second, y)) = if a.0 <= b.0 { (a, b) } else { (b, a) };
                if first == second || second >= self.judges {
                    continue;
                }
                let place = self.place(first, second);
                let cell = &mut self.cells[place];
                let difference = i64::from(x.get()) - i64::from(y.get());
                cell.units += 1;
                cell.equal += u64::from(difference == 0);
                cell.adjacent += u64::from(difference.abs() <= 1);
                cell.difference += difference;
            }
        }
    }

    fn place(&self, first: usize, second: usize) -> usize {
        first * (2 * self.judges - first - 1) / 2 + (second - first - 1)
    }

    /// The pairs that have outputs in common, first by first judge.
    #[must_use]
    pub fn finish(&self) -> Vec<JudgePair> {
        let pairs = (0..self.judges).flat_map(|first| (first + 1..self.judges).map(move |second| (first, second)));
        pairs
            .zip(&self.cells)
            .filter(|(_, c)| c.units > 0)
            .map(|((first, second), c)| {
                let share = |n: u64| n as f64 / c.units as f64;
                let bias = c.difference as f64 / c.units as f64;
                JudgePair { first, second, units: c.units, exact: share(c.equal), adjacent: share(c.adjacent), bias }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: [Score; 5] = Score::ALL;

    #[test]
    fn a_pair_counts_only_what_both_scored() {
        let mut t = PairTable::new(3);
        t.add(&[(0, S[4]), (2, S[3])]);
        t.add(&[(2, S[0]), (0, S[2])]);
        t.add(&[(0, S[1]), (2, S[1]), (1, S[1])]);
        t.add(&[(1, S[0])]);
        let pairs = t.finish();
        let places: Vec<_> = pairs.iter().map(|p| (p.first, p.second, p.units)).collect();
        assert_eq!(places, [(0, 1, 1), (0, 2, 3), (1, 2, 1)]);
        let p = pairs[1];
        assert!((p.exact - 1.0 / 3.0).abs() < 1e-12 && (p.adjacent - 2.0 / 3.0).abs() < 1e-12);
        assert!((p.bias - 1.0).abs() < 1e-12, "the first judge is milder by one on average");
    }

    #[test]
    fn every_pair_has_its_own_cell() {
        let t = PairTable::new(6);
        let mut places: Vec<_> = (0..6).flat_map(|a| (a + 1..6).map(move |b| (a, b))).map(|(a, b)| t.place(a, b)).collect();
        places.dedup();
        assert_eq!(places, (0..15).collect::<Vec<_>>());
    }

    #[test]
    fn one_judge_or_none_has_no_pair() {
        for n in [0, 1] {
            let mut t = PairTable::new(n);
            t.add(&[(0, S[0]), (1, S[0])]);
            assert!(t.finish().is_empty());
        }
    }
}
