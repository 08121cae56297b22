//! The reasons why one output wants a person, of those that need no history.

use crate::domain::{JudgeFailureKind, Risk, Rubric, Score, TrialRow, Trigger, Verdict};

/// A high-risk answer is clear only at this mean or above.
const CLEARLY_GOOD: f64 = 4.5;

/// Samples of one judge that are this far apart disagree.
const APART: u8 = 2;

/// All reasons that apply, sorted; empty for a confident output and for a failure of the agent. `addressed` says that the
/// answer speaks to a grader. The random audit is no reason here: it draws from the outputs that have none.
#[must_use]
pub fn triggers(row: &TrialRow, rubric: &Rubric, addressed: bool) -> Vec<Trigger> {
    let mut found = Vec::new();
    if row.answer.is_err() {
        return found;
    }
    let straddles = |low: Score, high: Score| !rubric.passes(low) && rubric.passes(high);
    if let Some(tally) = &row.tally {
        match tally.verdict {
            Verdict::Split { .. } => found.push(Trigger::SplitPanel),
            Verdict::Unscored { .. } => found.push(Trigger::Unscored),
            Verdict::Settled { .. } => {}
        }
        let range = tally.votes.iter().map(|v| v.low).min().zip(tally.votes.iter().map(|v| v.high).max());
        if range.is_some_and(|(low, high)| straddles(low, high)) {
            found.push(Trigger::StraddlesPassMark);
        }
        if tally.votes.iter().any(|v| v.high.get() - v.low.get() >= APART || straddles(v.low, v.high)) {
            found.push(Trigger::SamplesDisagree);
        }
        if row.case.risk >= Risk::High && tally.mean.is_some_and(|m| m < CLEARLY_GOOD) {
            found.push(Trigger::HighRiskNearMark);
        }
    }
    if addressed {
        found.push(Trigger::AddressedToGrader);
    }
    if row.ballots.iter().any(|b| b.outcome.as_ref().is_err_and(|f| f.kind == JudgeFailureKind::Contradictory)) {
        found.push(Trigger::Contradictory);
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::JudgeFailure;
    use crate::stats::fixture::{ballot, edit, failed, row, run, with_ballots};

    fn of(row: &TrialRow) -> Vec<Trigger> {
        triggers(row, &run(1, 2).rubrics[0], false)
    }

    #[test]
    fn a_confident_output_has_no_trigger() {
        assert_eq!(of(&row(0, 0, "a", &[5, 4])), []);
        assert_eq!(of(&row(0, 0, "a", &[1, 2])), []);
    }

    #[test]
    fn a_split_panel_on_both_sides_of_the_mark_has_both_reasons() {
        assert_eq!(of(&row(0, 0, "a", &[1, 5])), [Trigger::SplitPanel, Trigger::StraddlesPassMark]);
        assert_eq!(of(&row(0, 0, "a", &[1, 3])), [Trigger::SplitPanel]);
    }

    #[test]
    fn neighbouring_scores_on_both_sides_of_the_mark_straddle_it() {
        assert_eq!(of(&row(0, 0, "a", &[3, 4])), [Trigger::StraddlesPassMark]);
    }

    #[test]
    fn a_judge_that_disagrees_with_itself_is_seen_although_its_vote_is_one_score() {
        let two = |x, y| with_ballots(0, 0, "a", vec![ballot(0, 0, x), ballot(0, 1, y)]);
        assert_eq!(of(&two(3, 4)), [Trigger::StraddlesPassMark, Trigger::SamplesDisagree]);
        assert_eq!(of(&two(1, 3)), [Trigger::SplitPanel, Trigger::SamplesDisagree]);
        assert_eq!(of(&two(4, 5)), []);
    }

    #[test]
    fn an_unscored_output_wants_a_person() {
        assert_eq!(of(&row(0, 0, "a", &[0, 0])), [Trigger::Unscored]);
    }

    #[test]
    fn high_risk_must_be_clearly_good() {
        let high = |scores: &[u8]| of(&edit(row(0, 0, "a", scores), |c| c.risk = Risk::High));
        assert_eq!(high(&[4, 4]), [Trigger::HighRiskNearMark]);
        assert_eq!(high(&[1, 1]), [Trigger::HighRiskNearMark]);
        assert_eq!(high(&[4, 5]), []);
    }

    #[test]
    fn a_contradictory_ballot_and_an_addressed_grader_are_reasons_of_their_own() {
        let mut r = row(0, 0, "a", &[5, 5]);
        r.ballots[1].outcome = Err(JudgeFailure::new(JudgeFailureKind::Contradictory, "says wrong, scores 5"));
        assert_eq!(triggers(&r, &run(1, 2).rubrics[0], true), [Trigger::AddressedToGrader, Trigger::Contradictory]);
    }

    #[test]
    fn a_failed_agent_has_no_trigger_whatever_is_said_of_it() {
        assert_eq!(triggers(&failed(0, 0, "a"), &run(1, 2).rubrics[0], true), []);
    }
}
