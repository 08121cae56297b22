//! A cascade: cheap judges first; one that is sure enough settles alone. Pure.

use crate::domain::panel::{PanelPolicy, Tally, settle};
use crate::domain::{Ballot, JudgeName};

/// Whether a judge's ballots settle an output without asking the next judge: every sample gave the same score, and the
/// confidence reaches the threshold. Confidence is the lowest that the samples state; where none states one, two or more
/// samples that all agree count as 1, and anything else as unknown.
#[must_use]
pub fn settles_alone(ballots: &[Ballot], threshold: Option<f64>) -> bool {
    let (Some(threshold), false) = (threshold, ballots.is_empty()) else { return false };
    let Some(judgments) = ballots.iter().map(|b| b.outcome.as_ref().ok()).collect::<Option<Vec<_>>>() else { return false };
    if judgments.iter().any(|j| j.score != judgments[0].score) {
        return false;
    }
    let stated = judgments.iter().map(|j| j.confidence).collect::<Option<Vec<f64>>>();
    match stated {
        Some(c) => c.into_iter().fold(f64::INFINITY, f64::min) >= threshold,
        None => judgments.len() >= 2,
    }
}

/// The ballots that decide in a cascade: those of the last judge asked. Earlier ones are kept as evidence only, since that
/// judge was not sure enough to count.
pub fn deciding<'a>(ballots: &'a [Ballot], order: &[JudgeName]) -> Vec<&'a Ballot> {
    let last = order.iter().rev().find(|name| ballots.iter().any(|b| &b.judge == *name));
    ballots.iter().filter(|b| Some(&b.judge) == last).collect()
}

/// Settles the ballots of a cascade.
#[must_use]
pub fn settle_cascade(ballots: &[Ballot], order: &[JudgeName], policy: &PanelPolicy) -> Tally {
    let deciding: Vec<Ballot> = deciding(ballots, order).into_iter().cloned().collect();
    let asked = order.iter().filter(|name| ballots.iter().any(|b| &b.judge == *name)).count();
    Tally { judges_asked: u16::try_from(asked).unwrap_or(u16::MAX), ..settle(&deciding, policy) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Digest, JudgeFailure, JudgeFailureKind, Judgment, Score, Spend, Verdict};

    fn ballot(judge: &str, sample: u16, score: Option<u8>, confidence: Option<f64>) -> Ballot {
        Ballot {
            judge: JudgeName::new(judge).unwrap(),
            judge_digest: Digest::of_bytes(b""),
            sample,
            outcome: score
                .map(|s| Judgment { confidence, ..Judgment::new(Score::try_from(s).unwrap(), "") })
                .ok_or_else(|| JudgeFailure::new(JudgeFailureKind::Abstained, "")),
            spend: Spend::default(),
            latency_ms: 0,
        }
    }

    #[test]
    fn a_sure_judge_settles_alone_and_an_unsure_one_does_not() {
        assert!(settles_alone(&[ballot("a", 0, Some(5), Some(0.95))], Some(0.9)));
        assert!(!settles_alone(&[ballot("a", 0, Some(5), Some(0.85))], Some(0.9)));
        assert!(!settles_alone(&[ballot("a", 0, Some(5), Some(0.95))], None));
    }

    #[test]
    fn a_judge_that_failed_never_settles_alone() {
        assert!(!settles_alone(&[], Some(0.0)));
        assert!(!settles_alone(&[ballot("a", 0, None, None)], Some(0.0)));
        assert!(!settles_alone(&[ballot("a", 0, Some(5), Some(1.0)), ballot("a", 1, None, None)], Some(0.0)));
    }

    #[test]
    fn a_judge_that_disagrees_with_itself_never_settles_alone() {
        assert!(!settles_alone(&[ballot("a", 0, Some(5), Some(0.95)), ballot("a", 1, Some(2), Some(0.95))], Some(0.9)));
    }

    #[test]
    fn without_stated_confidence_only_agreeing_samples_settle() {
        assert!(!settles_alone(&[ballot("a", 0, Some(5), None)], Some(0.9)));
        assert!(settles_alone(&[ballot("a", 0, Some(5), None), ballot("a", 1, Some(5), None)], Some(0.9)));
        assert!(!settles_alone(&[ballot("a", 0, Some(5), None), ballot("a", 1, Some(4), None)], Some(0.9)));
    }

    #[test]
    fn the_last_judge_asked_decides() {
        let order = [JudgeName::new("cheap").unwrap(), JudgeName::new("dear").unwrap()];
        let policy = PanelPolicy { quorum: 1, max_spread: 1 };
        let t = settle_cascade(&[ballot("dear", 0, Some(5), None), ballot("cheap", 0, Some(1), Some(0.4))], &order, &policy);
        assert_eq!(t.verdict, Verdict::Settled { score: Score::ALL[4] });
        assert_eq!(t.judges_asked, 2);
    }
}
