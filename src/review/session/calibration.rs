//! A calibration session: everybody scores the same items blind; then the spread is shown, and what to talk about.

use crate::domain::log::Seat;
use crate::domain::{Digest, GraderName, Score};
use crate::review::queue::Ledger;
use crate::stats::agreement::{Level, Undefined, Units, alpha, alpha_interval};
use crate::stats::summary::Interval;

/// One item of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Which.
    pub item: Digest,
    /// Who gave what: the last score of each person, by name.
    pub scores: Vec<(GraderName, Score)>,
}

impl Spread {
    /// Highest minus lowest; 0 for fewer than two scores.
    #[must_use]
    pub fn width(&self) -> u8 {
        let scores = || self.scores.iter().map(|(_, s)| s.get());
        scores().max().unwrap_or(0) - scores().min().unwrap_or(0)
    }

    /// True if it is worth talking about.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        self.width() >= 2
    }
}

/// One round of a calibration session.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// Its items, in the order given.
    pub items: Vec<Spread>,
    /// Krippendorff's ordinal alpha among the people, or why there is none.
    pub alpha: Result<f64, Undefined>,
    /// Its 95% interval, where there are enough items.
    pub interval: Option<Interval>,
}

impl Round {
    /// What people gave in a session on these items, from position `since` of the log on: the rounds before and after a talk differ in it.
    #[must_use]
    pub fn of(ledger: &Ledger, items: &[Digest], since: u64) -> Self {
        let spread = |item: &Digest| {
            let mut scores: Vec<(GraderName, Score)> = Vec::new();
            let given = ledger.grades().all().iter().filter(|g| g.decision.seat == Seat::Session && g.position >= since);
            for g in given.filter(|g| g.decision.on.item == *item) {
                if let Some(s) = g.decision.score {
                    scores.retain(|(by, _)| *by != g.by);
                    scores.push((g.by.clone(), s));
                }
            }
            scores.sort();
            Spread { item: *item, scores }
        };
        let items: Vec<Spread> = items.iter().map(spread).collect();
        let mut units = Units::of_scores();
        for i in &items {
            let mut counts = [0_u32; 5];
            for (_, s) in &i.scores {
                counts[s.index()] += 1;
            }
            units.add(counts);
        }
        Self { items, alpha: alpha(&units, Level::Ordinal), interval: alpha_interval(&units, Level::Ordinal) }
    }

    /// Items with a score of each of these people.
    #[must_use]
    pub fn complete(&self, people: &[GraderName]) -> usize {
        self.items.iter().filter(|i| people.iter().all(|p| i.scores.iter().any(|(by, _)| by == p))).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::log::Act;
    use crate::review::fixture::{decides, gives, ledger, name, on};

    #[test]
    fn a_round_shows_what_to_talk_about_and_the_next_one_stands_for_itself() {
        let session = |n, score| Act::Decided(decides(n, Seat::Session, Some(score)));
        let mut acts = Vec::new();
        for n in 0..6 {
            acts.push(("ana", session(n, if n < 3 { 5 } else { 2 })));
            acts.push(("bo", session(n, if n == 0 { 1 } else { 4 })));
        }
        acts.push(("cy", gives(0, 3)));
        let second = acts.len() as u64;
        for n in 0..6 {
            acts.push(("ana", session(n, if n < 3 { 5 } else { 2 })));
            acts.push(("bo", session(n, if n < 3 { 5 } else { 2 })));
        }
        let l = ledger(&acts);
        let items: Vec<Digest> = (0..6).map(|n| on(n).item).collect();
        let before = Round::of(&l, &items[..], 0);
        assert_eq!(before.items[0].scores.len(), 2, "a grade is no session score");
        let after = Round::of(&l, &items, second);
        assert!(after.items.iter().all(|i| !i.is_wide()));
        assert!((after.alpha.unwrap() - 1.0).abs() < 1e-9);
        assert_eq!((after.complete(&[name("ana"), name("bo")]), after.complete(&[name("cy")])), (6, 0));
        let first = ledger(&acts[..usize::try_from(second).unwrap()]);
        let round = Round::of(&first, &items, 0);
        assert_eq!(round.items.iter().filter(|i| i.is_wide()).count(), 4);
        assert!(round.alpha.unwrap() < 0.5);
    }
}
