//! What became of one trial, as the statistics and the gate see it.

use crate::domain::{RunHead, Score, SetName, TrialRow, Verdict};

/// What became of one trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Settled at the pass mark or above.
    Passed,
    /// Settled below the pass mark.
    Failed,
    /// The panel is too far apart.
    Split,
    /// Too few judges gave a score; not judged yet; or judged by no rubric that the run knows.
    Unscored,
    /// The agent gave no output.
    Unanswered,
}

impl Outcome {
    /// What became of a trial when people's word outranks the judges': for questions about this very answer, never for a rate,
    /// since people see the disputed answers first.
    #[must_use]
    pub fn labelled(row: &TrialRow, mark: Option<Score>) -> Self {
        match (row.label, mark) {
            (Some(score), Some(mark)) if row.answer.is_ok() => {
                if score >= mark {
                    Self::Passed
                } else {
                    Self::Failed
                }
            }
            _ => Self::of(row, mark),
        }
    }

    /// What became of a trial in the judges' view, by the pass mark of its set's rubric.
    #[must_use]
    pub fn of(row: &TrialRow, mark: Option<Score>) -> Self {
        if row.answer.is_err() {
            return Self::Unanswered;
        }
        match (row.tally.as_ref().map(|t| t.verdict), mark) {
            (Some(Verdict::Settled { score }), Some(mark)) if score >= mark => Self::Passed,
            (Some(Verdict::Settled { .. }), Some(_)) => Self::Failed,
            (Some(Verdict::Split { .. }), _) => Self::Split,
            (Some(Verdict::Settled { .. } | Verdict::Unscored { .. }) | None, _) => Self::Unscored,
        }
    }
}

/// The pass mark of every set of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassMarks(Vec<(SetName, Score)>);

impl PassMarks {
    /// Reads them off the run's rubrics.
    #[must_use]
    pub fn of(head: &RunHead) -> Self {
        let sets = head.sets.iter();
        Self(sets.filter_map(|s| Some((s.name.clone(), head.rubric_of(&s.name)?.pass_mark))).collect())
    }

    /// The pass mark of a set; `None` for a set that the run does not know.
    #[must_use]
    pub fn get(&self, set: &SetName) -> Option<Score> {
        self.0.iter().find(|(name, _)| name == set).map(|(_, mark)| *mark)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{failed, row, run};
    use super::*;

    #[test]
    fn the_pass_mark_divides_settled_trials_and_nothing_else() {
        let mark = PassMarks::of(&run(1, 1)).get(&SetName::new("s0").unwrap());
        assert_eq!(mark, Some(Score::ALL[3]));
        assert_eq!(Outcome::of(&row(0, 0, "a", &[4, 4]), mark), Outcome::Passed);
        assert_eq!(Outcome::of(&row(0, 0, "a", &[3, 4]), mark), Outcome::Failed);
        assert_eq!(Outcome::of(&row(0, 0, "a", &[1, 5]), mark), Outcome::Split);
        assert_eq!(Outcome::of(&row(0, 0, "a", &[]), mark), Outcome::Unscored);
        assert_eq!(Outcome::of(&failed(0, 0, "a"), mark), Outcome::Unanswered);
        assert_eq!(Outcome::of(&row(0, 0, "a", &[5, 5]), None), Outcome::Unscored);
    }
}
