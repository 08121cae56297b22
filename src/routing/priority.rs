//! Which item first: the probability that its verdict is wrong, times what that error costs.

use crate::domain::{Risk, Score, Tally, Tier, Trigger, Verdict};
use crate::stats::calibrate::logistic::sigmoid;

/// What has been learnt about one kind of item (a tag, a bin): how often people overruled the judges, and how often that was
/// expected. Without history nothing is shifted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct History {
    /// Items whose verdict people overruled.
    pub errors: u64,
    /// Items that people graded.
    pub graded: u64,
    /// Sum of the chances that the model gave these items before they were graded.
    pub expected: f64,
}

impl History {
    /// What this kind adds to the logit of every item of it: the logit of `(errors + 1) / (graded + 4)` less that of
    /// `(expected + 1) / (graded + 4)`. 0 without history, and where as many errors as expected were seen.
    #[must_use]
    pub fn shift(self) -> f64 {
        let n = self.graded as f64 + 4.0;
        let expected = self.expected.clamp(0.0, self.graded as f64);
        logit((self.errors.min(self.graded) as f64 + 1.0) / n) - logit((expected + 1.0) / n)
    }
}

fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

/// Nobody settled it: even odds.
const UNSCORED: f64 = 0.5;

/// What ballots and words do not show raises the chance at least to this; what they do show is in the model.
fn at_least(trigger: Trigger) -> f64 {
    match trigger {
        Trigger::AddressedToGrader | Trigger::Feedback => 0.40,
        Trigger::Contradictory => 0.35,
        Trigger::Disputed => 0.50,
        Trigger::FailedBefore => 0.30,
        Trigger::Flipped => 0.25,
        Trigger::SplitPanel
        | Trigger::StraddlesPassMark
        | Trigger::SamplesDisagree
        | Trigger::Unscored
        | Trigger::HighRiskNearMark
        | Trigger::RandomAudit
        | Trigger::Manual
        | Trigger::Unchecked
        | Trigger::CaseHealth
        | Trigger::JudgeChanged => 0.0,
    }
}

/// P(the verdict is wrong), strictly between 0 and 1: the model's, or even odds where there is no verdict (`None`), moved by
/// what was learnt of its kind (a sum of [`History::shift`]), and at least what its triggers say.
#[must_use]
pub fn chance_wrong(model: Option<f64>, triggers: &[Trigger], shift: f64) -> f64 {
    let moved = sigmoid(logit(model.unwrap_or(UNSCORED).clamp(1e-9, 1.0 - 1e-9)) + shift).clamp(1e-9, 1.0 - 1e-9);
    triggers.iter().map(|t| at_least(*t)).fold(moved, f64::max)
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

/// What the error would cost that this verdict may be: the judges' median says which one it is; without a verdict the
/// dearer one counts. Times P(wrong) it is the expected loss that a review avoids.
#[must_use]
pub fn stake(tally: &Tally, mark: Score, risk: Risk) -> f64 {
    let Costs { false_pass, false_fail } = costs(risk);
    let scored = !matches!(tally.verdict, Verdict::Unscored { .. });
    match tally.median.filter(|_| scored) {
        Some(median) if median < mark => false_fail,
        Some(_) => false_pass,
        None => false_pass.max(false_fail),
    }
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

    fn stake_of(scores: &[u8], risk: Risk) -> f64 {
        stake(&row(0, 0, "a", scores).tally.unwrap(), MARK, risk)
    }

    #[test]
    fn nobody_knows_an_unscored_output() {
        assert!((chance_wrong(None, &[Trigger::Unscored], 0.0) - 0.5).abs() < 1e-12);
        assert!((stake_of(&[], Risk::High) - 20.0).abs() < 1e-12, "the dearer error counts");
    }

    #[test]
    fn a_trigger_never_lowers_the_chance() {
        for p in [0.01, 0.2, 0.9] {
            for t in [Trigger::AddressedToGrader, Trigger::Contradictory, Trigger::HighRiskNearMark, Trigger::RandomAudit] {
                assert!(chance_wrong(Some(p), &[t], 0.0) >= p - 1e-12);
            }
        }
        assert!((chance_wrong(Some(0.01), &[Trigger::AddressedToGrader], 0.0) - 0.4).abs() < 1e-12);
    }

    #[test]
    fn a_false_pass_costs_more_than_a_false_fail() {
        assert!(stake_of(&[5, 5], Risk::Critical) > stake_of(&[2, 2], Risk::Critical));
    }

    #[test]
    fn history_outweighs_the_model_in_time_and_expected_errors_teach_nothing() {
        let all_wrong = History { errors: 400, graded: 400, expected: 40.0 };
        assert!(chance_wrong(Some(0.1), &[], all_wrong.shift()) > 0.95);
        assert!(History { errors: 40, graded: 400, expected: 40.0 }.shift().abs() < 1e-12);
        assert!(History::default().shift().abs() < 1e-12);
        let better = History { errors: 0, graded: 100, expected: 30.0 }.shift();
        assert!(chance_wrong(Some(0.3), &[], better) < 0.1);
    }
}
