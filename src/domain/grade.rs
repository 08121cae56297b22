//! Grades: what people gave, read from the decision log. Voided events do not count; a revision keeps the blind score beside it.
//!
//! Invariant: [`Grades::blind`] never sees a score that was given or changed after the reveal, in a session, or on hidden gold.

use std::collections::HashMap;

use super::case::Risk;
use super::digest::Digest;
use super::ids::{EventId, GraderName};
use super::log::{Act, Cause, Chip, Decision, Event, ItemRef, Known, Ruling, Seat, Via, standing};
use super::score::Score;

/// One person's decision on one item, with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grade {
    /// The decision's event.
    pub id: EventId,
    /// Its place in the log.
    pub position: u64,
    /// When, in Unix milliseconds.
    pub at_ms: i64,
    /// Whose.
    pub by: GraderName,
    /// How far that name can be trusted.
    pub known: Known,
    /// What was decided.
    pub decision: Decision,
    /// The score after the reveal, where the person changed it.
    pub revised: Option<Score>,
}

impl Grade {
    /// The score that labels the case: revised, else as first given.
    #[must_use]
    pub fn last(&self) -> Option<Score> {
        self.revised.or(self.decision.score)
    }
}

/// Where people stand on an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has scored it.
    Ungraded,
    /// Scores that differ by two or more or straddle the pass mark, or a score against "the case is wrong".
    Conflict,
    /// One score stands, of this many graders.
    Graded {
        /// The score.
        score: Score,
        /// Graders.
        graders: u16,
    },
    /// A third person decided.
    Adjudicated {
        /// The score.
        score: Score,
    },
}

impl Standing {
    /// The score that stands.
    #[must_use]
    pub fn score(self) -> Option<Score> {
        match self {
            Self::Graded { score, .. } | Self::Adjudicated { score } => Some(score),
            Self::Ungraded | Self::Conflict => None,
        }
    }
}

/// Every grade that counts, by item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grades {
    all: Vec<Grade>,
    by_item: HashMap<Digest, Vec<usize>>,
    settled: HashMap<Digest, Vec<Settlement>>,
}

/// How a third person closed a conflict after seeing both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Who.
    pub by: GraderName,
    /// The final score; absent where no score can be given.
    pub score: Option<Score>,
    /// Why the two differed.
    pub cause: Cause,
}

impl Grades {
    /// Reads a log, whole and in order.
    #[must_use]
    pub fn of(events: &[Event]) -> Self {
        let mut grades = Self::default();
        let mut at: HashMap<&EventId, usize> = HashMap::new();
        for e in standing(events) {
            match &e.entry.act {
                Act::Decided(d) => {
                    at.insert(&e.entry.id, grades.all.len());
                    grades.push(Grade {
                        id: e.entry.id.clone(),
                        position: e.position,
                        at_ms: e.entry.at_ms,
                        by: e.entry.by.name.clone(),
                        known: e.entry.by.known,
                        decision: d.clone(),
                        revised: None,
                    });
                }
                Act::Revised { of, score, .. } => {
                    // Only one's own decision can be revised.
                    if let Some(g) = at.get(of).and_then(|i| grades.all.get_mut(*i)).filter(|g| g.by == e.entry.by.name) {
                        g.revised = Some(*score);
                    }
                }
                Act::Settled { on, score, cause } => {
                    let all = grades.settled.entry(on.item).or_default();
                    all.retain(|s| s.by != e.entry.by.name);
                    all.push(Settlement { by: e.entry.by.name.clone(), score: *score, cause: *cause });
                }
                _ => {}
            }
        }
        grades
    }

    fn push(&mut self, grade: Grade) {
        self.by_item.entry(grade.decision.on.item).or_default().push(self.all.len());
        self.all.push(grade);
    }

    /// All grades, in order of the log.
    #[must_use]
    pub fn all(&self) -> &[Grade] {
        &self.all
    }

    /// True if nobody has graded anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The grades of one item that label it (no session, no gold), in order of the log.
    pub fn on(&self, item: &Digest) -> impl Iterator<Item = &Grade> {
        let found = self.by_item.get(item).map_or(&[][..], Vec::as_slice);
        found.iter().map(|i| &self.all[*i]).filter(|g| matches!(g.decision.seat, Seat::Grader | Seat::Adjudicator))
    }

    /// Why a conflict arose, in the adjudicator's judgement.
    #[must_use]
    pub fn cause(&self, item: &Digest) -> Option<Cause> {
        self.settlements(item).last().map(|s| s.cause)
    }

    /// How third persons closed a conflict, in order of the log; the last of each person.
    #[must_use]
    pub fn settlements(&self, item: &Digest) -> &[Settlement] {
        self.settled.get(item).map_or(&[], Vec::as_slice)
    }

    /// The label: scores as revised, and as settled.
    #[must_use]
    pub fn label(&self, item: &Digest, mark: Score, risk: Risk) -> Standing {
        let settled = self.settlements(item);
        let third = settled.iter().map(|s| s.score).collect();
        let rest = self.on(item).filter(|g| g.decision.seat != Seat::Adjudicator || settled.iter().all(|s| s.by != g.by));
        stand(rest.map(|g| (g, g.last())), third, mark, risk)
    }

    /// What feeds estimates, agreement and calibration: blind scores only, as they were given.
    #[must_use]
    pub fn blind(&self, item: &Digest, mark: Score, risk: Risk) -> Standing {
        stand(self.on(item).filter(|g| g.decision.blind).map(|g| (g, g.decision.score)), Vec::new(), mark, risk)
    }

    /// Blind scores of an item with their graders, for agreement among people. One a grader: the first. A third person was asked
    /// because the others differ, and is left out.
    #[must_use]
    pub fn blind_scores(&self, item: &Digest) -> Vec<(&GraderName, Score)> {
        let mut scores: Vec<(&GraderName, Score)> = Vec::new();
        for g in self.on(item).filter(|g| g.decision.blind && g.decision.seat == Seat::Grader) {
            if let Some(s) = g.decision.score
                && scores.iter().all(|(by, _)| **by != g.by)
            {
                scores.push((&g.by, s));
            }
        }
        scores
    }
}

/// What several people's scores come to: the third person's where there is one; a conflict; else, being on one side and near, the
/// lower one where an error is dear, and the first one elsewhere. `third` holds what third persons settled, first.
fn stand<'a>(scores: impl Iterator<Item = (&'a Grade, Option<Score>)>, third: Vec<Option<Score>>, mark: Score, risk: Risk) -> Standing {
    let (mut given, mut case_is_wrong): (Vec<Score>, bool) = (Vec::new(), false);
    let mut third: Vec<Score> = third.into_iter().flatten().collect();
    for (grade, score) in scores {
        match (grade.decision.seat, score) {
            (Seat::Adjudicator, Some(s)) => third.push(s),
            (Seat::Adjudicator, None) => {}
            (_, Some(s)) => given.push(s),
            (_, None) => case_is_wrong |= grade.decision.ruling.as_ref().is_some_and(Ruling::blames_the_case),
        }
    }
    if let (Some(last), Some(lowest)) = (third.last(), third.iter().min()) {
        // Where an error is dearest, one person alone does not turn a fail into a pass.
        if third.len() < 2 && overturns(&given, *lowest, mark, risk) {
            return Standing::Conflict;
        }
        return Standing::Adjudicated { score: if risk == Risk::Critical { *lowest } else { *last } };
    }
    let (Some(low), Some(high), Some(first)) = (given.iter().min(), given.iter().max(), given.first()) else { return Standing::Ungraded };
    if conflict(*low, *high, mark) || case_is_wrong {
        return Standing::Conflict;
    }
    let score = if risk >= Risk::High { *low } else { *first };
    Standing::Graded { score, graders: u16::try_from(given.len()).unwrap_or(u16::MAX) }
}

/// True if a third person's score would let a critical answer pass that a grader failed: that wants two of them.
#[must_use]
pub fn overturns(given: &[Score], third: Score, mark: Score, risk: Risk) -> bool {
    risk == Risk::Critical && third >= mark && given.iter().any(|s| *s < mark)
}

/// True if two scores are too far apart to stand together: two or more, or on both sides of the pass mark.
#[must_use]
pub fn conflict(low: Score, high: Score, mark: Score) -> bool {
    high.get() - low.get() >= 2 || (low < mark) != (high < mark)
}

/// A plain decision of a grader, for code that makes many: a blind score without anything else.
#[must_use]
pub fn plain(on: ItemRef, score: Score, via: Via) -> Decision {
    Decision {
        on,
        seat: Seat::Grader,
        slot: 0,
        score: Some(score),
        chip: None::<Chip>,
        ruling: None,
        note: None,
        seconds: 0,
        blind: true,
        via,
        place: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{CaseId, RunId, SetName};
    use crate::domain::log::{Author, Entry, Head, Verifier, seal};

    const MARK: Score = Score::ALL[3];

    fn on() -> ItemRef {
        ItemRef {
            item: Digest::of_bytes(b"i"),
            run: RunId::new("r").unwrap(),
            seq: 0,
            set: SetName::new("s").unwrap(),
            case: CaseId::new("c").unwrap(),
            case_digest: Digest::of_bytes(b"c"),
        }
    }

    fn s(n: u8) -> Score {
        Score::try_from(n).unwrap()
    }

    fn log(acts: Vec<(&str, Act)>) -> Vec<Event> {
        let mut head = Head::default();
        let mut check = Verifier::default();
        acts.into_iter()
            .enumerate()
            .map(|(i, (by, act))| {
                let by = Author { name: GraderName::new(by).unwrap(), known: Known::Claimed };
                let entry = Entry { id: EventId::new(&format!("d-{i}")).unwrap(), at_ms: 0, by, act };
                let link = seal(entry, &head).unwrap();
                head = Head { events: head.events + 1, digest: link.digest };
                check.next(&link).unwrap()
            })
            .collect()
    }

    fn gives(score: u8) -> Act {
        Act::Decided(plain(on(), s(score), Via::Command))
    }

    fn id(n: u32) -> EventId {
        EventId::new(&format!("d-{n}")).unwrap()
    }

    fn label(acts: Vec<(&str, Act)>, risk: Risk) -> Standing {
        Grades::of(&log(acts)).label(&on().item, MARK, risk)
    }

    #[test]
    fn near_scores_on_one_side_stand_at_the_first_and_at_the_lower_where_errors_are_dear() {
        let two = || vec![("ana", gives(5)), ("bo", gives(4))];
        assert_eq!(label(two(), Risk::Low), Standing::Graded { score: s(5), graders: 2 });
        assert_eq!(label(two(), Risk::High), Standing::Graded { score: s(4), graders: 2 });
    }

    #[test]
    fn far_scores_and_scores_on_both_sides_conflict_until_a_third_person_decides() {
        assert_eq!(label(vec![("ana", gives(1)), ("bo", gives(3))], Risk::Low), Standing::Conflict);
        assert_eq!(label(vec![("ana", gives(3)), ("bo", gives(4))], Risk::Low), Standing::Conflict);
        let mut third = plain(on(), s(2), Via::Web);
        third.seat = Seat::Adjudicator;
        let acts = vec![("ana", gives(3)), ("bo", gives(4)), ("cy", Act::Decided(third))];
        assert_eq!(label(acts, Risk::Low), Standing::Adjudicated { score: s(2) });
    }

    #[test]
    fn a_revision_labels_the_case_but_the_blind_score_is_what_counts() {
        let why = Digest::of_bytes(b"why");
        let grades = Grades::of(&log(vec![("ana", gives(2)), ("ana", Act::Revised { of: id(0), score: s(5), why })]));
        assert_eq!(grades.label(&on().item, MARK, Risk::Low).score(), Some(s(5)));
        assert_eq!(grades.blind(&on().item, MARK, Risk::Low).score(), Some(s(2)));
        let other = Grades::of(&log(vec![("ana", gives(2)), ("bo", Act::Revised { of: id(0), score: s(5), why })]));
        assert_eq!(other.label(&on().item, MARK, Risk::Low).score(), Some(s(2)), "nobody revises another's decision");
    }

    #[test]
    fn a_voided_decision_never_was() {
        assert_eq!(label(vec![("ana", gives(2)), ("ana", Act::Voided { of: id(0) })], Risk::Low), Standing::Ungraded);
        let other = label(vec![("ana", gives(2)), ("bo", Act::Voided { of: id(0) })], Risk::Low);
        assert_eq!(other.score(), Some(s(2)), "nobody takes another's decision back");
    }

    #[test]
    fn scores_that_were_not_blind_sessions_and_gold_never_feed_estimates() {
        for change in [(|d: &mut Decision| d.blind = false) as fn(&mut Decision), |d| d.seat = Seat::Session, |d| d.seat = Seat::Gold] {
            let mut d = plain(on(), s(5), Via::Web);
            change(&mut d);
            let grades = Grades::of(&log(vec![("ana", Act::Decided(d))]));
            assert_eq!(grades.blind(&on().item, MARK, Risk::Low), Standing::Ungraded);
            assert!(grades.blind_scores(&on().item).is_empty());
        }
    }

    #[test]
    fn one_third_person_alone_does_not_pass_a_critical_answer_that_a_grader_failed() {
        let third = |score| {
            let mut d = plain(on(), s(score), Via::Web);
            d.seat = Seat::Adjudicator;
            Act::Decided(d)
        };
        let two = || vec![("ana", gives(2)), ("bo", gives(5)), ("cy", third(4))];
        assert_eq!(label(two(), Risk::High), Standing::Adjudicated { score: s(4) });
        assert_eq!(label(two(), Risk::Critical), Standing::Conflict);
        let with = |n| two().into_iter().chain([("di", third(n))]).collect::<Vec<_>>();
        assert_eq!(label(with(5), Risk::Critical), Standing::Adjudicated { score: s(4) });
        assert_eq!(label(with(2), Risk::Critical), Standing::Adjudicated { score: s(2) }, "the fail stands");
    }

    #[test]
    fn what_was_folded_is_not_taken_back_until_it_is_unfolded() {
        let fold = || Act::Folded { of: id(0), file: "s.yaml".into(), before: Digest::of_bytes(b"b"), after: Digest::of_bytes(b"a") };
        let void = || Act::Voided { of: id(0) };
        assert!(label(vec![("ana", gives(2)), ("ow", fold()), ("ana", void())], Risk::Low).score().is_some());
        let reopened = vec![("ana", gives(2)), ("ow", fold()), ("ow", Act::Unfolded { of: id(0) }), ("ana", void())];
        assert_eq!(label(reopened, Risk::Low), Standing::Ungraded);
    }

    #[test]
    fn a_score_against_a_wrong_case_is_a_conflict() {
        let mut wrong = plain(on(), s(5), Via::Web);
        wrong.score = None;
        wrong.ruling = Some(Ruling::Retire { reason: Digest::of_bytes(b"old") });
        let acts = vec![("ana", gives(4)), ("bo", Act::Decided(wrong))];
        assert_eq!(label(acts, Risk::Low), Standing::Conflict);
    }
}
