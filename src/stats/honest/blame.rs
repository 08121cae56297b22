//! Who was wrong where people looked: the agent, a judge, the expected answer, the rubric or the question.
//!
//! Counts, never rates: people look at disputed answers first.

use serde::Serialize;

use crate::domain::log::{Cause, Ruling};
use crate::domain::{Digest, Grades, Risk, Score};

/// Who was wrong about one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The judges failed it, and people agree.
    Agent,
    /// People contradict the judges' verdict.
    Judges,
    /// The expected answer is wrong or not the only right one.
    Expected,
    /// The rubric does not say.
    Rubric,
    /// The question can be read in several ways, asks two things, or should no longer be asked.
    Question,
    /// Nobody: the judges passed it, and people agree.
    Nobody,
}

impl Fault {
    /// All, in the order of tables.
    pub const ALL: [Self; 6] = [Self::Agent, Self::Judges, Self::Expected, Self::Rubric, Self::Question, Self::Nobody];

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Agent => "the agent",
            Self::Judges => "the judges",
            Self::Expected => "the expected answer",
            Self::Rubric => "the rubric",
            Self::Question => "the question",
            Self::Nobody => "nobody: right, and passed",
        }
    }
}

/// Who was wrong about an item: what people ruled, else what a third person found, else their score against the judges' median.
/// `None` where nobody decided, or where there is nothing to hold their score against.
#[must_use]
pub fn fault(grades: &Grades, item: &Digest, median: Option<Score>, mark: Score, risk: Risk) -> Option<Fault> {
    let rulings = grades.on(item).filter_map(|g| g.decision.ruling.as_ref());
    if let Some(ruled) = rulings.filter_map(of_ruling).last() {
        return Some(ruled);
    }
    match grades.cause(item) {
        Some(Cause::GuidelineGap) => return Some(Fault::Rubric),
        Some(Cause::AmbiguousCase) => return Some(Fault::Question),
        Some(Cause::ExpectedWrong) => return Some(Fault::Expected),
        Some(Cause::Slip | Cause::RealDifference) | None => {}
    }
    let people = grades.label(item, mark, risk).score()? >= mark;
    Some(match (median? >= mark, people) {
        (true, true) => Fault::Nobody,
        (false, false) => Fault::Agent,
        _ => Fault::Judges,
    })
}

fn of_ruling(ruling: &Ruling) -> Option<Fault> {
    match ruling {
        Ruling::ExpectedWrong { .. } | Ruling::Accept { .. } => Some(Fault::Expected),
        Ruling::RubricUnclear { .. } => Some(Fault::Rubric),
        Ruling::Ambiguous { .. } | Ruling::Split { .. } | Ruling::Retire { .. } | Ruling::NoSingleAnswer { .. } => Some(Fault::Question),
        Ruling::Flaky { .. } => Some(Fault::Agent),
        Ruling::Example { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::log::{Act, Author, Entry, Head, ItemRef, Known, Verifier, Via, seal};
    use crate::domain::{CaseId, EventId, GraderName, RunId, SetName, grade};

    const MARK: Score = Score::ALL[3];

    fn said(score: Score, ruling: Option<Ruling>, median: Option<Score>) -> Option<Fault> {
        let on = ItemRef {
            item: Digest::of_bytes(b"i"),
            run: RunId::new("r").unwrap(),
            seq: 0,
            set: SetName::new("s").unwrap(),
            case: CaseId::new("c").unwrap(),
            case_digest: Digest::of_bytes(b"c"),
        };
        let item = on.item;
        let mut decision = grade::plain(on, score, Via::Command);
        decision.ruling = ruling;
        let by = Author { name: GraderName::new("ana").unwrap(), known: Known::Claimed };
        let entry = Entry { id: EventId::new("d-0").unwrap(), at_ms: 0, by, act: Act::Decided(decision) };
        let link = seal(entry, &Head::default()).unwrap();
        let event = Verifier::default().next(&link).unwrap();
        fault(&Grades::of(&[event]), &item, median, MARK, Risk::Low)
    }

    #[test]
    fn a_score_is_held_against_the_verdict_and_a_ruling_outranks_it() {
        let (bad, good) = (Score::ALL[0], Score::ALL[4]);
        assert_eq!(said(bad, None, Some(bad)), Some(Fault::Agent));
        assert_eq!(said(good, None, Some(bad)), Some(Fault::Judges));
        assert_eq!(said(bad, None, Some(good)), Some(Fault::Judges));
        assert_eq!(said(good, None, Some(good)), Some(Fault::Nobody));
        assert_eq!(said(good, None, None), None);
        let text = Digest::of_bytes(b"t");
        assert_eq!(said(good, Some(Ruling::Accept { text }), Some(bad)), Some(Fault::Expected));
        assert_eq!(said(good, Some(Ruling::RubricUnclear { note: text }), Some(good)), Some(Fault::Rubric));
        assert_eq!(said(bad, Some(Ruling::Split { note: text }), None), Some(Fault::Question));
        assert_eq!(said(bad, Some(Ruling::Example { why: text }), Some(bad)), Some(Fault::Agent));
    }
}
