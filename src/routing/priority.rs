//! Which item first: the probability that its verdict is wrong, times what that error costs.

use crate::domain::{Risk, Score, Tally, Tier, Trigger, Verdict};

/// What has been learnt about one kind of item: how often people overruled the judges. Without history the prior stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Items whose verdict people overruled.
    pub errors: u64,
    /// Items that people graded.
    pub graded: u64,
}

/// How many graded items the prior weighs.
const PRIOR_ITEMS: f64 = 4.0;

impl History {
    /// `(errors + 4 prior) / (graded + 4)`: at a prior of one quarter this is `(errors + 1) / (graded + 4)`.
    #[must_use]
    pub fn smooth(self, prior: f64) -> f64 {
        (self.errors as f64 + PRIOR_ITEMS * prior) / (self.graded as f64 + PRIOR_ITEMS)
    }
}

/// P(the verdict is wrong) before any history, by distance of the mean from the line between fail and pass (half a point
/// below the pass mark; rows: up to 0.5, up to 1.5, farther) and by the range of all judgments (columns: 0, 1, 2, 3 or more).
///
/// The margin matters most: rounded from the lower median of five judges against the median of three people on the 6,336
/// items of HANNA (0.33-0.43, 0.09-0.18, 0.04-0.08 by row), where people too are noisy. Defaults to tune, not findings:
/// the order is what routing needs, and history replaces them.
const PRIOR: [[f64; 4]; 3] = [[0.30, 0.35, 0.35, 0.40], [0.10, 0.15, 0.15, 0.15], [0.04, 0.06, 0.08, 0.10]];

/// Nobody settled it: even odds.
const UNSCORED: f64 = 0.5;

/// A trigger that tells something which spread and margin do not show raises the prior at least to this.
fn at_least(trigger: Trigger) -> f64 {
    match trigger {
        Trigger::AddressedToGrader | Trigger::Feedback => 0.40,
        Trigger::Contradictory => 0.35,
        Trigger::Disputed => 0.50,
        Trigger::SplitPanel | Trigger::FailedBefore => 0.30,
        Trigger::StraddlesPassMark | Trigger::SamplesDisagree | Trigger::Flipped => 0.25,
        Trigger::Unscored
        | Trigger::HighRiskNearMark
        | Trigger::RandomAudit
        | Trigger::Manual
        | Trigger::Unchecked
        | Trigger::CaseHealth
        | Trigger::JudgeChanged => 0.0,
    }
}

/// P(the verdict is wrong), by a fixed table smoothed with history; over 0 and below 1.
#[must_use]
pub fn chance_wrong(tally: &Tally, mark: Score, triggers: &[Trigger], history: History) -> f64 {
    let range = tally.votes.iter().map(|v| v.low).min().zip(tally.votes.iter().map(|v| v.high).max());
    let base = match (tally.verdict, tally.mean, range) {
        (Verdict::Unscored { .. }, ..) | (_, None, _) | (_, _, None) => UNSCORED,
        (_, Some(mean), Some((low, high))) => {
            let margin = (mean - (f64::from(mark.get()) - 0.5)).abs();
            // A hair of slack: means are sums of floats.
            let row = if margin <= 0.5 + 1e-9 { 0 } else { usize::from(margin > 1.5 + 1e-9) + 1 };
            PRIOR[row][usize::from(high.get() - low.get()).min(3)]
        }
    };
    history.smooth(triggers.iter().map(|t| at_least(*t)).fold(base, f64::max))
}

/// What errors cost, in units of a wrong verdict on a low-risk case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// A bad answer goes out as good.
    pub false_pass: f64,
    /// A good answer is held back as bad.
    pub false_fail: f64,
}

/// The cost of errors by risk.
#[must_use]
pub fn costs(risk: Risk) -> Costs {
    let (false_pass, false_fail) = match risk {
        Risk::Low => (1.0, 1.0),
        Risk::Medium => (4.0, 1.0),
        Risk::High => (20.0, 2.0),
        Risk::Critical => (100.0, 3.0),
    };
    Costs { false_pass, false_fail }
}

/// The expected loss that a review avoids: P(wrong) times the cost of that error. The judges' median says which error it
/// would be; without one the dearer error counts.
#[must_use]
pub fn expected_loss(tally: &Tally, mark: Score, triggers: &[Trigger], risk: Risk, history: History) -> f64 {
    let Costs { false_pass, false_fail } = costs(risk);
    let scored = !matches!(tally.verdict, Verdict::Unscored { .. });
    let cost = match tally.median.filter(|_| scored) {
        Some(median) if median < mark => false_fail,
        Some(_) => false_pass,
        None => false_pass.max(false_fail),
    };
    chance_wrong(tally, mark, triggers, history) * cost
}

/// How much care a case's outputs want.
#[must_use]
pub fn tier(risk: Risk) -> Tier {
    if risk >= Risk::High { Tier::T2 } else { Tier::T1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::fixture::row;

    const MARK: Score = Score::ALL[3];

    fn tally(scores: &[u8]) -> Tally {
        row(0, 0, "a", scores).tally.unwrap()
    }

    fn chance(scores: &[u8]) -> f64 {
        chance_wrong(&tally(scores), MARK, &[], History::default())
    }

    #[test]
    fn nearer_to_the_mark_is_likelier_wrong() {
        assert!(chance(&[4, 4]) > chance(&[5, 5]));
        assert!(chance(&[3, 3]) > chance(&[2, 2]));
        assert!(chance(&[2, 2]) > chance(&[1, 1]));
    }

    #[test]
    fn nobody_knows_an_unscored_output() {
        assert!((chance(&[]) - 0.5).abs() < 1e-12);
        assert!((expected_loss(&tally(&[]), MARK, &[Trigger::Unscored], Risk::High, History::default()) - 10.0).abs() < 1e-12);
    }

    #[test]
    fn a_trigger_never_lowers_the_chance() {
        for scores in [&[5u8, 5][..], &[1, 5], &[], &[3, 4]] {
            for t in [Trigger::AddressedToGrader, Trigger::Contradictory, Trigger::HighRiskNearMark, Trigger::RandomAudit] {
                assert!(chance_wrong(&tally(scores), MARK, &[t], History::default()) >= chance(scores));
            }
        }
    }

    #[test]
    fn a_false_pass_costs_more_than_a_false_fail() {
        let loss = |scores: &[u8]| expected_loss(&tally(scores), MARK, &[], Risk::Critical, History::default());
        assert!(loss(&[5, 5]) > loss(&[2, 2]), "although the confident fail is nearer to the mark");
    }

    #[test]
    fn history_outweighs_the_prior_in_time() {
        let all_wrong = History { errors: 400, graded: 400 };
        assert!(chance_wrong(&tally(&[5, 5]), MARK, &[], all_wrong) > 0.95);
        assert!((History { errors: 3, graded: 10 }.smooth(0.25) - 4.0 / 14.0).abs() < 1e-12);
    }
}
