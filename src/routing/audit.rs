//! The seeded random audit of confident items: stratified, replayable, in memory that grows with the sample.
//!
//! Invariant: the draw depends on the seed and on what is offered, not on the order of offers; every drawn item carries the
//! probability of its stratum, n/N, so that the drawn items of a stratum weigh exactly N.

use std::collections::BinaryHeap;

use crate::domain::{CaseId, Digest, DigestBuilder, Stratum, TrialKey};

/// How many confident items are drawn at random.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AuditPolicy {
    /// Share of the confident items, 0 to 1.
    pub share: f64,
    /// At least this many, over all strata; no stratum gives fewer than two of its items. With both at 0 nothing is drawn.
    pub at_least: u32,
}

impl Default for AuditPolicy {
    fn default() -> Self {
        Self { share: 0.03, at_least: 30 }
    }
}

/// An item in the audit.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn<T> {
    /// The trial's position in the run.
    pub seq: u64,
    /// Where it was drawn from.
    pub stratum: Stratum,
    /// n/N of its stratum: over 0, at most 1.
    pub inclusion: f64,
    /// What was offered with it.
    pub what: T,
}

/// What is drawn by: the same trial of the same case by the same agent has the same identity in every run.
#[must_use]
pub fn identity(key: &TrialKey, case: &CaseId) -> Digest {
    DigestBuilder::new("audit-item/1")
        .text("set", key.set.as_str())
        .text("case", case.as_str())
        .bytes("trial", &key.trial.to_le_bytes())
        .text("agent", key.agent.as_str())
        .finish()
}

/// No stratum with items gives fewer.
const LEAST: u64 = 2;

/// Kept beyond twice the items that are wanted so far: see [`AuditDraw::offer`].
const SLACK: u64 = 64;

/// Draws confident items: in each stratum those with the smallest keyed hashes.
#[derive(Clone, Debug)]
pub struct AuditDraw<T> {
    seed: u64,
    policy: AuditPolicy,
    pass: Pool<T>,
    fail: Pool<T>,
}

#[derive(Clone, Debug)]
struct Pool<T> {
    offered: u64,
    kept: BinaryHeap<Entry<T>>,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    rank: (Digest, u64),
    what: T,
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl<T> Eq for Entry<T> {}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl<T> AuditDraw<T> {
    /// Nothing offered yet. A share that is no share counts as the nearest one.
    #[must_use]
    pub fn new(seed: u64, policy: AuditPolicy) -> Self {
        let share = if policy.share.is_nan() { 0.0 } else { policy.share.clamp(0.0, 1.0) };
        let pool = || Pool { offered: 0, kept: BinaryHeap::new() };
        Self { seed, policy: AuditPolicy { share, ..policy }, pass: pool(), fail: pool() }
    }

    /// Offers a confident item. `Stratum::Certain` is nothing to draw from and is ignored.
    ///
    /// How many will be drawn is known only at the end, so twice the share of what was offered so far is kept, and 64 more.
    /// Hashes being uniform, an item that is dropped here would have been drawn at the end with a probability below 1e-30
    /// (Chernoff bound), whatever the order of offers.
    pub fn offer(&mut self, stratum: Stratum, identity: &Digest, seq: u64, what: T) {
        let share = self.policy.share;
        let least = u64::from(self.policy.at_least);
        let pool = match stratum {
            Stratum::AuditPass => &mut self.pass,
            Stratum::AuditFail => &mut self.fail,
            Stratum::Certain => return,
        };
        pool.offered += 1;
        pool.kept.push(Entry { rank: (key(self.seed, identity), seq), what });
        while pool.kept.len() as u64 > part(share, pool.offered).saturating_mul(2).max(least) + SLACK {
            pool.kept.pop();
        }
    }

    /// The draw, in the order of the run.
    #[must_use]
    pub fn finish(self) -> Vec<Drawn<T>> {
        let (passes, fails) = sizes(self.policy, self.pass.offered, self.fail.offered);
        let mut drawn = self.pass.draw(Stratum::AuditPass, passes);
        drawn.extend(self.fail.draw(Stratum::AuditFail, fails));
        drawn.sort_by_key(|d| d.seq);
        drawn
    }
}

impl<T> Pool<T> {
    fn draw(self, stratum: Stratum, n: u64) -> Vec<Drawn<T>> {
        let mut entries = self.kept.into_sorted_vec();
        entries.truncate(usize::try_from(n).unwrap_or(usize::MAX));
        let inclusion = entries.len() as f64 / self.offered as f64;
        entries.into_iter().map(|e| Drawn { seq: e.rank.1, stratum, inclusion, what: e.what }).collect()
    }
}

/// What an item is drawn by: the smallest come first.
pub(super) fn key(seed: u64, identity: &Digest) -> Digest {
    DigestBuilder::new("audit/1").bytes("seed", &seed.to_le_bytes()).digest("item", identity).finish()
}

/// How many of so many confident passes and fails are drawn.
pub(super) fn sizes(policy: AuditPolicy, passes: u64, fails: u64) -> (u64, u64) {
    let least = u64::from(policy.at_least);
    let of_passes = split(least, passes, fails);
    let draws = |offered: u64, least: u64| {
        if offered == 0 || (policy.share <= 0.0 && policy.at_least == 0) {
            return 0;
        }
        part(policy.share, offered).max(least).max(LEAST).min(offered)
    };
    (draws(passes, of_passes), draws(fails, least - of_passes))
}

/// A share of `n`, rounded up; a product that misses a whole number by rounding is that number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and n")]
fn part(share: f64, n: u64) -> u64 {
    (share * n as f64 - 1e-9).ceil().clamp(0.0, n as f64) as u64
}

/// The first group's part of `total`, in proportion to the groups' sizes, rounded to the nearest.
fn split(total: u64, first: u64, second: u64) -> u64 {
    let (total, first, all) = (u128::from(total), u128::from(first), u128::from(first) + u128::from(second));
    let rounded = (2 * total * first + all).checked_div(2 * all).unwrap_or(0);
    u64::try_from(rounded.min(total)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn draw(seed: u64, policy: AuditPolicy, items: impl Iterator<Item = u64>, fails: u64) -> Vec<Drawn<()>> {
        let mut d = AuditDraw::new(seed, policy);
        for i in items {
            let stratum = if i < fails { Stratum::AuditFail } else { Stratum::AuditPass };
            d.offer(stratum, &Digest::of_bytes(&i.to_le_bytes()), i, ());
        }
        d.finish()
    }

    fn seqs(drawn: &[Drawn<()>]) -> Vec<u64> {
        drawn.iter().map(|d| d.seq).collect()
    }

    #[test]
    fn three_percent_but_at_least_thirty() {
        let p = AuditPolicy::default();
        assert_eq!(draw(1, p, 0..10, 3).len(), 10);
        assert_eq!(draw(1, p, 0..600, 0).len(), 30);
        assert_eq!(draw(1, p, 0..10_000, 1000).len(), 300);
        assert_eq!(draw(1, p, 0..10_001, 1000).len(), 301);
    }

    #[test]
    fn a_rare_stratum_still_gives_two() {
        let drawn = draw(1, AuditPolicy::default(), 0..1000, 5);
        let fails: Vec<_> = drawn.iter().filter(|d| d.stratum == Stratum::AuditFail).collect();
        assert_eq!(fails.len(), 2);
        assert!(fails.iter().all(|d| (d.inclusion - 0.4).abs() < 1e-12));
    }

    #[test]
    fn an_audit_of_nothing_draws_nothing() {
        assert!(draw(1, AuditPolicy { share: 0.0, at_least: 0 }, 0..100, 50).is_empty());
        assert!(draw(1, AuditPolicy { share: f64::NAN, at_least: 0 }, 0..100, 50).is_empty());
        assert!(draw(1, AuditPolicy::default(), 0..0, 0).is_empty());
    }

    #[test]
    fn another_seed_draws_other_items() {
        let p = AuditPolicy { share: 0.1, at_least: 0 };
        assert_eq!(seqs(&draw(1, p, 0..1000, 0)), seqs(&draw(1, p, 0..1000, 0)));
        assert_ne!(seqs(&draw(1, p, 0..1000, 0)), seqs(&draw(2, p, 0..1000, 0)));
    }

    #[test]
    fn every_item_is_as_likely_as_its_inclusion_says() {
        let p = AuditPolicy { share: 0.2, at_least: 0 };
        let mut times = [0u32; 50];
        for seed in 0..2000 {
            for d in draw(seed, p, 0..50, 0) {
                times[usize::try_from(d.seq).unwrap()] += 1;
            }
        }
        // 400 expected each, standard deviation 17.9: six of them either side.
        assert!(times.iter().all(|n| (293..=507).contains(n)), "{times:?}");
    }

    #[test]
    fn memory_grows_with_the_sample_only() {
        let mut d = AuditDraw::new(1, AuditPolicy { share: 0.01, at_least: 30 });
        for i in 0..50_000u64 {
            d.offer(Stratum::AuditPass, &Digest::of_bytes(&i.to_le_bytes()), i, ());
        }
        assert!(d.pass.kept.len() <= 1064);
        assert_eq!(d.finish().len(), 500);
    }

    proptest! {
        #[test]
        fn the_order_of_offers_never_matters_and_the_weights_add_up(
            n in 0u64..400, fails in 0u64..400, seed in any::<u64>(), share in 0.0f64..=1.0, at_least in 1u32..60
        ) {
            let p = AuditPolicy { share, at_least };
            let forward = draw(seed, p, 0..n, fails);
            prop_assert_eq!(&forward, &draw(seed, p, (0..n).rev(), fails));
            prop_assert!(forward.iter().all(|d| d.inclusion > 0.0 && d.inclusion <= 1.0));
            for (stratum, size) in [(Stratum::AuditFail, fails.min(n)), (Stratum::AuditPass, n.saturating_sub(fails))] {
                let weight: f64 = forward.iter().filter(|d| d.stratum == stratum).map(|d| 1.0 / d.inclusion).sum();
                prop_assert!((weight - size as f64).abs() < 1e-6, "{weight} is not {size}");
            }
            prop_assert!(forward.len() as u64 >= u64::from(at_least).min(n));
        }

        #[test]
        fn a_share_of_a_whole_is_never_rounded_past_it(percent in 0u64..=100, hundreds in 0u64..1000) {
            prop_assert_eq!(part(percent as f64 / 100.0, hundreds * 100), percent * hundreds);
        }
    }
}
