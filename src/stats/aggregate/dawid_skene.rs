//! Dawid and Skene 1979: the likely true label of each item, and each grader's confusions, by expectation-maximisation.
//!
//! Equations (2.3) to (2.5): `P(T_i = t) ~ prior_t prod_j error_j[t][v_ij]`. Starts from vote shares. Assumes that graders err
//! independently given the truth: right for people, **wrong for judge models**, whose shared bias it would turn into certainty.
//! For three or more human graders and a hundred or more items.
//!
//! Invariant: every posterior, the prior and each row of the confusions sum to 1; the order of the votes never matters.

use crate::domain::Score;

/// One vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vote {
    /// The item's place, from 0.
    pub item: usize,
    /// The grader's place, from 0.
    pub grader: usize,
    /// The label's place, from 0.
    pub label: usize,
}

impl Vote {
    /// A vote of a score, with its label 0 to 4.
    #[must_use]
    pub fn of(item: usize, grader: usize, score: Score) -> Self {
        Self { item, grader, label: score.index() }
    }
}

/// How it is run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Steps at most.
    pub iterations: usize,
    /// Imagined votes in each cell of a grader's confusions; keeps a rare confusion possible.
    pub smoothing: f64,
    /// Stops once no posterior moves by more than this.
    pub tolerance: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { iterations: 100, smoothing: 0.01, tolerance: 1e-6 }
    }
}

/// The result.
#[derive(Clone, Debug, PartialEq)]
pub struct DawidSkene {
    /// By item: the chance of each label; empty for an item without a vote.
    pub posterior: Vec<Vec<f64>>,
    /// The chance of each label before any vote.
    pub prior: Vec<f64>,
    /// By grader, then by true label: the chance of each label given.
    pub confusion: Vec<Vec<Vec<f64>>>,
    /// Steps taken.
    pub steps: usize,
}

/// No vote, or one with a label that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoVotes {
    /// Nothing to aggregate.
    #[error("there is no vote")]
    Empty,
    /// A label beyond the number of labels.
    #[error("a vote has a label that does not exist")]
    Label,
}

/// A confusion is never quite impossible.
const LEAST: f64 = 1e-10;

impl DawidSkene {
    /// Runs on votes over `labels` labels.
    pub fn fit(votes: &[Vote], labels: usize, options: &Options) -> Result<Self, NoVotes> {
        if votes.is_empty() {
            return Err(NoVotes::Empty);
        }
        if votes.iter().any(|v| v.label >= labels) {
            return Err(NoVotes::Label);
        }
        let mut votes = votes.to_vec();
        votes.sort_unstable();
        let items = votes.iter().map(|v| v.item).max().map_or(0, |i| i + 1);
        let graders = votes.iter().map(|v| v.grader).max().map_or(0, |g| g + 1);
        let mut posterior = shares(&votes, items, labels);
        let mut prior = mean_of(&posterior, labels);
        let mut confusion = confusions(&votes, &posterior, graders, labels, options.smoothing);
        let mut steps = 0;
        while steps < options.iterations {
            steps += 1;
            let next = expect(&votes, &prior, &confusion, &posterior);
            let moved = next.iter().flatten().zip(posterior.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            posterior = next;
            prior = mean_of(&posterior, labels);
            confusion = confusions(&votes, &posterior, graders, labels, options.smoothing);
            if moved < options.tolerance {
                break;
            }
        }
        Ok(Self { posterior, prior, confusion, steps })
    }

    /// The likeliest label of each item, the lower of two equally likely ones; `None` for an item without a vote.
    #[must_use]
    pub fn labels(&self) -> Vec<Option<usize>> {
        let likeliest = |p: &Vec<f64>| {
            let best = p.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            p.iter().position(|x| *x >= best)
        };
        self.posterior.iter().map(likeliest).collect()
    }
}

fn normalise(row: &mut [f64]) {
    let total: f64 = row.iter().sum();
    if total > 0.0 {
        for x in row {
            *x /= total;
        }
    }
}

fn shares(votes: &[Vote], items: usize, labels: usize) -> Vec<Vec<f64>> {
    let mut all = vec![Vec::new(); items];
    for v in votes {
        all[v.item].resize(labels, 0.0);
        all[v.item][v.label] += 1.0;
    }
    for row in &mut all {
        normalise(row);
    }
    all
}

fn mean_of(posterior: &[Vec<f64>], labels: usize) -> Vec<f64> {
    let mut prior = vec![0.0; labels];
    for row in posterior {
        prior.iter_mut().zip(row).for_each(|(p, x)| *p += x);
    }
    normalise(&mut prior);
    prior
}

fn confusions(votes: &[Vote], posterior: &[Vec<f64>], graders: usize, labels: usize, smoothing: f64) -> Vec<Vec<Vec<f64>>> {
    let mut all = vec![vec![vec![smoothing.max(0.0); labels]; labels]; graders];
    for v in votes {
        for (truth, chance) in posterior[v.item].iter().enumerate() {
            all[v.grader][truth][v.label] += chance;
        }
    }
    for row in all.iter_mut().flatten() {
        normalise(row);
        for x in row.iter_mut() {
            *x = x.max(LEAST);
        }
        normalise(row);
    }
    all
}

fn expect(votes: &[Vote], prior: &[f64], confusion: &[Vec<Vec<f64>>], before: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut logs: Vec<Vec<f64>> =
        before.iter().map(|row| if row.is_empty() { Vec::new() } else { prior.iter().map(|p| p.ln()).collect() }).collect();
    for v in votes {
        for (truth, log) in logs[v.item].iter_mut().enumerate() {
            *log += confusion[v.grader][truth][v.label].ln();
        }
    }
    for row in &mut logs {
        let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for l in row.iter_mut() {
            *l = (*l - top).exp();
        }
        normalise(row);
    }
    logs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn votes(table: &[&[usize]]) -> Vec<Vote> {
        let item = |(item, row): (usize, &&[usize])| {
            row.iter().enumerate().map(|(grader, label)| Vote { item, grader, label: *label }).collect::<Vec<_>>()
        };
        table.iter().enumerate().flat_map(item).collect()
    }

    #[test]
    fn a_careless_grader_is_outvoted_by_one_who_is_right() {
        // Graders 0 and 1 agree on the truth; grader 2 always says 0, and says so on item 5 with nobody but grader 0.
        let mut all = votes(&[&[0, 0, 0], &[1, 1, 0], &[0, 0, 0], &[1, 1, 0], &[1, 1, 0], &[0, 0, 0], &[1, 1, 0], &[1, 1, 0]]);
        all.extend([Vote { item: 8, grader: 0, label: 1 }, Vote { item: 8, grader: 2, label: 0 }]);
        let got = DawidSkene::fit(&all, 2, &Options::default()).unwrap();
        assert_eq!(got.labels()[8], Some(1));
        assert!(got.confusion[2][1][0] > 0.9, "grader 2 calls 1 a 0");
    }

    #[test]
    fn no_vote_is_no_result() {
        assert_eq!(DawidSkene::fit(&[], 5, &Options::default()), Err(NoVotes::Empty));
        assert_eq!(DawidSkene::fit(&votes(&[&[5]]), 5, &Options::default()), Err(NoVotes::Label));
        let gap = DawidSkene::fit(&[Vote { item: 2, grader: 1, label: 0 }], 2, &Options::default()).unwrap();
        assert_eq!(gap.labels(), [None, None, Some(0)]);
    }

    proptest! {
        #[test]
        fn posteriors_sum_to_one_and_order_never_matters(
            table in prop::collection::vec((0usize..12, 0usize..4, 0usize..5), 1..80), smoothing in 0.0f64..0.5,
        ) {
            let all: Vec<Vote> = table.iter().map(|&(item, grader, label)| Vote { item, grader, label }).collect();
            let options = Options { smoothing, ..Options::default() };
            let got = DawidSkene::fit(&all, 5, &options).unwrap();
            let one = |row: &Vec<f64>| (row.iter().sum::<f64>() - 1.0).abs() < 1e-9 && row.iter().all(|p| (0.0..=1.0).contains(p));
            prop_assert!(got.posterior.iter().filter(|r| !r.is_empty()).all(one) && one(&got.prior));
            prop_assert!(got.confusion.iter().flatten().all(one));
            let back: Vec<Vote> = all.iter().rev().copied().collect();
            prop_assert_eq!(&got, &DawidSkene::fit(&back, 5, &options).unwrap());
        }
    }
}
