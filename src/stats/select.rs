//! Selective evaluation: the lowest confidence at which judges agree with people, with a guarantee.
//!
//! Jung, Brahman and Choi 2025 ("Trust or Escalate"), section 2: fixed-sequence testing of thresholds, strictest first, with the
//! Clopper-Pearson upper bound `R+ = sup{r : P(Bin(n, r) <= k) >= delta}`; the walk stops at the first `R+ > alpha`. Then
//! `P(people disagree | confidence >= lambda) <= alpha` with probability at least `1 - delta` over the labelled sample.
//!
//! Holds only for labels drawn uniformly from outputs like those it is used on (same judges, rubric, agent), and thresholds
//! fixed before the labels. In a cascade of M judges each gets `delta / M`. A guarantee about labels, not about the accuracy:
//! the audit goes on inside the accepted set.

use serde::Serialize;

use super::tail::share_at_most;

/// The shares of the unlabelled pool that the six thresholds accept. A finer grid nearly always fails at its first step.
pub const COVERAGES: [f64; 6] = [0.25, 0.40, 0.55, 0.70, 0.85, 1.0];

/// One labelled output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Graded {
    /// The judges' confidence in their verdict; any number that orders outputs.
    pub confidence: f64,
    /// True if the person's grade disagrees with the verdict.
    pub disagrees: bool,
}

/// One step of the walk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Outputs with at least this confidence.
    pub threshold: f64,
    /// Labelled outputs among them.
    pub n: u64,
    /// Those on which people disagree.
    pub disagree: u64,
    /// The upper bound of the share of disagreement.
    pub upper: f64,
    /// The bound is within alpha; the walk may have stopped before.
    pub pass: bool,
}

/// What may be accepted without a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Outputs with at least this confidence.
    Accept {
        /// The lowest threshold that passed before the first failure.
        lambda: f64,
        /// Share of the labelled outputs that it accepts.
        coverage: f64,
        /// The upper bound of disagreement among them, at confidence `1 - delta`.
        upper: f64,
    },
    /// None: everything goes to the next judge, or to people.
    EscalateAll {
        /// Why.
        reason: Escalate,
    },
}

/// Why nothing may be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Escalate {
    /// No labelled output, or none above the strictest threshold.
    #[error("no labelled output is confident enough to test")]
    NoLabels,
    /// Even without one disagreement so few labels could not have passed.
    #[error("too few labels: the strictest threshold cannot pass even without a disagreement")]
    TooFewLabels,
    /// People disagree too often.
    #[error("people disagree too often even where the judges are most confident")]
    Disagreement,
    /// Alpha or delta is not inside (0, 1), or there is no threshold.
    #[error("the tolerance and its risk must lie between 0 and 1, and thresholds must be numbers")]
    Impossible,
}

/// The walk and its end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Selection {
    /// Every step, strictest first.
    pub steps: Vec<Step>,
    /// What it means.
    pub outcome: Outcome,
}

/// The thresholds that accept [`COVERAGES`] of a pool of unlabelled confidences, strictest first, without doubles.
#[must_use]
pub fn thresholds(pool: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = pool.iter().copied().filter(|c| c.is_finite()).collect();
    sorted.sort_by(|a, b| b.total_cmp(a));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of the pool's length")]
    // Less a hair: 0.55 x 100 is not quite 55.
    let place = |share: f64| ((share * sorted.len() as f64 - 1e-9).ceil() as usize).saturating_sub(1);
    let mut all: Vec<f64> = COVERAGES.iter().filter_map(|share| sorted.get(place(*share)).copied()).collect();
    all.dedup();
    all
}

/// Share of a pool that a threshold accepts; `None` for an empty pool.
#[must_use]
pub fn coverage(pool: &[f64], lambda: f64) -> Option<f64> {
    let accepted = pool.iter().filter(|c| **c >= lambda).count();
    (!pool.is_empty()).then(|| accepted as f64 / pool.len() as f64)
}

/// Walks the thresholds. `alpha` is the tolerated share of disagreement, `delta` the risk that the guarantee is wrong.
#[must_use]
pub fn fixed_sequence(rows: &[Graded], thresholds: &[f64], alpha: f64, delta: f64) -> Selection {
    let inside = |x: f64| x > 0.0 && x < 1.0;
    if !inside(alpha) || !inside(delta) || thresholds.is_empty() || thresholds.iter().any(|t| !t.is_finite()) {
        return Selection { steps: Vec::new(), outcome: Outcome::EscalateAll { reason: Escalate::Impossible } };
    }
    let mut order = thresholds.to_vec();
    order.sort_by(|a, b| b.total_cmp(a));
    let steps: Vec<Step> = order.iter().map(|t| step(rows, *t, alpha, delta)).collect();
    let outcome = match steps.iter().take_while(|s| s.pass).last() {
        Some(s) => Outcome::Accept { lambda: s.threshold, coverage: s.n as f64 / rows.len() as f64, upper: s.upper },
        None => Outcome::EscalateAll { reason: reason(steps.first(), alpha, delta) },
    };
    Selection { steps, outcome }
}

fn step(rows: &[Graded], threshold: f64, alpha: f64, delta: f64) -> Step {
    let (n, disagree) = rows.iter().filter(|r| r.confidence >= threshold).fold((0, 0), |(n, k), r| (n + 1, k + u64::from(r.disagrees)));
    let upper = share_at_most(disagree, n, 1.0 - delta);
    Step { threshold, n, disagree, upper, pass: upper <= alpha }
}

fn reason(strictest: Option<&Step>, alpha: f64, delta: f64) -> Escalate {
    match strictest {
        None | Some(Step { n: 0, .. }) => Escalate::NoLabels,
        Some(s) if share_at_most(0, s.n, 1.0 - delta) > alpha => Escalate::TooFewLabels,
        Some(_) => Escalate::Disagreement,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(n: u32, wrong: impl Fn(u32) -> bool) -> Vec<Graded> {
        (0..n).map(|i| Graded { confidence: f64::from(i) / f64::from(n), disagrees: wrong(i) }).collect()
    }

    #[test]
    fn six_quantiles_of_the_pool_are_the_thresholds() {
        let pool: Vec<f64> = (1..=100).map(f64::from).collect();
        let got = thresholds(&pool);
        assert_eq!(got, [76.0, 61.0, 46.0, 31.0, 16.0, 1.0]);
        for (t, want) in got.iter().zip(COVERAGES) {
            assert!((coverage(&pool, *t).unwrap() - want).abs() < 1e-12);
        }
        assert_eq!(thresholds(&[0.5; 20]), [0.5], "ties are one threshold");
        assert!(thresholds(&[]).is_empty() && coverage(&[], 0.5).is_none());
    }

    #[test]
    fn perfect_judges_are_accepted_everywhere() {
        let all = rows(200, |_| false);
        let pool: Vec<f64> = all.iter().map(|r| r.confidence).collect();
        let got = fixed_sequence(&all, &thresholds(&pool), 0.1, 0.1);
        let Outcome::Accept { coverage, upper, .. } = got.outcome else { panic!("{got:?}") };
        assert!((coverage - 1.0).abs() < 1e-12 && upper < 0.1);
    }

    #[test]
    fn a_pass_after_the_first_failure_does_not_count() {
        // The most confident tenth is wrong, all others are right.
        let got = fixed_sequence(&rows(1000, |i| i >= 900), &[0.9, 0.0], 0.12, 0.1);
        assert!(!got.steps[0].pass && got.steps[1].pass);
        assert_eq!(got.outcome, Outcome::EscalateAll { reason: Escalate::Disagreement });
    }

    #[test]
    fn the_reason_says_what_is_missing() {
        let reason = |rows: &[Graded]| fixed_sequence(rows, &[0.5], 0.1, 0.1).outcome;
        assert_eq!(reason(&[]), Outcome::EscalateAll { reason: Escalate::NoLabels });
        assert_eq!(reason(&rows(10, |_| false)), Outcome::EscalateAll { reason: Escalate::TooFewLabels });
        assert_eq!(fixed_sequence(&[], &[], 0.1, 0.1).outcome, Outcome::EscalateAll { reason: Escalate::Impossible });
        assert_eq!(fixed_sequence(&[], &[0.1], 0.0, 0.1).outcome, Outcome::EscalateAll { reason: Escalate::Impossible });
    }

    proptest! {
        #[test]
        fn nothing_is_accepted_when_all_are_wrong(n in 0u32..300, alpha in 0.01f64..0.9, delta in 0.01f64..0.5) {
            let all = rows(n, |_| true);
            let got = fixed_sequence(&all, &[0.9, 0.5, 0.0], alpha, delta);
            let refused = matches!(got.outcome, Outcome::EscalateAll { .. });
            prop_assert!(refused);
        }

        #[test]
        fn an_accepted_bound_is_within_alpha(seed in 0u32..1000, alpha in 0.05f64..0.5) {
            let all = rows(200, |i| (i * 7919 + seed) % 11 == 0);
            if let Outcome::Accept { upper, lambda, .. } = fixed_sequence(&all, &[0.75, 0.6, 0.3, 0.0], alpha, 0.1).outcome {
                prop_assert!(upper <= alpha);
                let picked = all.iter().filter(|r| r.confidence >= lambda);
                let (n, k) = picked.fold((0.0, 0.0), |(n, k), r| (n + 1.0, k + f64::from(u8::from(r.disagrees))));
                prop_assert!(k / n <= alpha, "the share itself is below its bound");
            }
        }
    }
}
