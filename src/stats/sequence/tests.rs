//! Simulated reviews that are looked at more than once: the promised error is kept, and the naive habit shows why it must be.

use super::*;
use crate::stats::quantile;

/// Numbers in (0, 1) from a counter (SplitMix64).
struct Counter(u64);

impl Counter {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }
}

#[test]
fn five_planned_looks_keep_the_level_that_five_naive_ones_break() {
    let plan = Looks::plan(5, 0.05, Boundary::OBrienFleming).unwrap();
    let bounds: Vec<f64> = (0..5).map(|k| plan.next(k).unwrap().z).collect();
    let mut random = Counter(1);
    let runs = 8000;
    let (mut planned, mut naive) = (0, 0);
    for _ in 0..runs {
        let mut walk = 0.0;
        let mut zs = Vec::new();
        for k in 1..=5u8 {
            walk += quantile::normal(random.unit());
            zs.push(walk / f64::from(k).sqrt());
        }
        planned += usize::from(zs.iter().zip(&bounds).any(|(z, b)| z >= b));
        naive += usize::from(zs.iter().any(|z| *z >= 1.645));
    }
    let share = |k: usize| k as f64 / f64::from(runs);
    // Four standard errors of a simulated share of 5%.
    assert!((share(planned) - 0.05).abs() < 0.01, "{}", share(planned));
    assert!(share(naive) > 0.11, "{}", share(naive));
}

#[test]
fn confidence_sequences_hold_at_every_moment() {
    let truth = 0.9;
    let mut random = Counter(2);
    let runs = 200;
    let (mut asymptotic, mut betting) = (0, 0);
    for _ in 0..runs {
        let (mut a, mut b) = (Asymptotic::new(0.05, 100.0).unwrap(), Betting::new(0.05).unwrap());
        let (mut missed_a, mut missed_b) = (false, false);
        for _ in 0..200 {
            let x = f64::from(u8::from(random.unit() < truth));
            assert!(a.add(x) && b.add(x));
            missed_a |= a.interval().is_some_and(|i| i.low > truth || i.high < truth);
            missed_b |= b.interval().low > truth || b.interval().high < truth;
        }
        asymptotic += i32::from(missed_a);
        betting += i32::from(missed_b);
    }
    // 5% of 200 is 10; three standard errors more is 19. The asymptotic one is rougher near 0 and 1.
    assert!(betting <= 10, "betting missed {betting} of {runs}");
    assert!(asymptotic <= 19, "asymptotic missed {asymptotic} of {runs}");
}

#[test]
fn selection_breaks_its_promise_in_at_most_the_share_of_runs_it_states() {
    use crate::stats::select::{Graded, Outcome, fixed_sequence, thresholds};
    let mut random = Counter(3);
    let (runs, mut broken, mut accepted) = (400, 0, 0);
    // People disagree with chance 0.3 (1 - confidence): accepting all would mean 15%, the promise is 10%.
    let chance = |confidence: f64| 0.3 * (1.0 - confidence);
    for _ in 0..runs {
        let pool: Vec<f64> = (0..300).map(|_| random.unit()).collect();
        let rows: Vec<Graded> = pool.iter().map(|c| Graded { confidence: *c, disagrees: random.unit() < chance(*c) }).collect();
        if let Outcome::Accept { lambda, .. } = fixed_sequence(&rows, &thresholds(&pool), 0.1, 0.1).outcome {
            accepted += 1;
            // The mean of the chance over confidences from lambda to 1.
            broken += i32::from(chance(lambda) / 2.0 > 0.1);
        }
    }
    assert!(accepted > runs / 4, "{accepted} of {runs} runs accept something");
    assert!(broken <= runs / 10, "{broken} of {runs} runs break the promise");
}
