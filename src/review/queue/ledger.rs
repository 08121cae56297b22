//! What the decision log says, item by item: grades, skips, disputes, assignments, folds.

use std::collections::{HashMap, HashSet};

use crate::domain::log::{Act, Event, SkipReason, standing};
use crate::domain::{Digest, EventId, Grade, GraderName, Grades};

/// Somebody passed an item on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The event.
    pub id: EventId,
    /// Who.
    pub by: GraderName,
    /// Why.
    pub why: SkipReason,
}

/// Somebody disputes a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The event.
    pub id: EventId,
    /// Who.
    pub by: GraderName,
    /// Why, by the digest of its text.
    pub why: Digest,
    /// Its place in the log.
    pub position: u64,
    /// When, in Unix milliseconds.
    pub at_ms: i64,
}

/// The log, by item. What was taken back is not in it.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    grades: Grades,
    skips: HashMap<Digest, Vec<Skip>>,
    disputes: HashMap<Digest, Vec<Dispute>>,
    assigned: HashMap<Digest, (GraderName, i64)>,
    folded: HashSet<EventId>,
    settled_at: HashMap<Digest, u64>,
    gold: HashSet<EventId>,
    seen: HashSet<(Digest, GraderName)>,
}

impl Ledger {
    /// Reads a log, whole and in order.
    #[must_use]
    pub fn of(events: &[Event]) -> Self {
        let mut l = Self { grades: Grades::of(events), ..Self::default() };
        // Who decided has seen the other side, also if they took it back since.
        for e in events {
            if let Act::Decided(d) = &e.entry.act {
                l.seen.insert((d.on.item, e.entry.by.name.clone()));
            }
        }
        for e in standing(events) {
            let by = || e.entry.by.name.clone();
            let id = || e.entry.id.clone();
            match &e.entry.act {
                Act::Skipped { on, why } => l.skips.entry(on.item).or_default().push(Skip { id: id(), by: by(), why: *why }),
                Act::Disputed { on, why } => {
                    let dispute = Dispute { id: id(), by: by(), why: *why, position: e.position, at_ms: e.entry.at_ms };
                    l.disputes.entry(on.item).or_default().push(dispute);
                }
                Act::Assigned { on, to } => _ = l.assigned.insert(on.item, (to.clone(), e.entry.at_ms)),
                Act::Settled { on, .. } => _ = l.settled_at.insert(on.item, e.position),
                Act::Folded { of, .. } => _ = l.folded.insert(of.clone()),
                Act::Unfolded { of } => _ = l.folded.remove(of),
                Act::Gold { of, on: true } => _ = l.gold.insert(of.clone()),
                Act::Gold { of, on: false } => _ = l.gold.remove(of),
                _ => {}
            }
        }
        l
    }

    /// Every grade.
    #[must_use]
    pub fn grades(&self) -> &Grades {
        &self.grades
    }

    /// Whether the log alone makes an item worth listing: somebody disputed, assigned, passed on or graded it.
    #[must_use]
    pub fn knows(&self, item: &Digest) -> bool {
        self.disputes.contains_key(item)
            || self.assigned.contains_key(item)
            || self.skips.contains_key(item)
            || self.grades.on(item).next().is_some()
    }

    /// Who passed an item on, in order.
    #[must_use]
    pub fn skips(&self, item: &Digest) -> &[Skip] {
        self.skips.get(item).map_or(&[], Vec::as_slice)
    }

    /// Who disputes it, in order.
    #[must_use]
    pub fn disputes(&self, item: &Digest) -> &[Dispute] {
        self.disputes.get(item).map_or(&[], Vec::as_slice)
    }

    /// To whom it was given last, and when.
    #[must_use]
    pub fn assigned(&self, item: &Digest) -> Option<(&GraderName, i64)> {
        self.assigned.get(item).map(|(to, at)| (to, *at))
    }

    /// Whether a decision is folded into a set or rubric at the moment.
    #[must_use]
    pub fn is_folded(&self, decision: &EventId) -> bool {
        self.folded.contains(decision)
    }

    /// The grade of one person on one item, in a labelling seat.
    #[must_use]
    pub fn grade_of(&self, item: &Digest, by: &GraderName) -> Option<&Grade> {
        self.grades.on(item).find(|g| g.by == *by)
    }

    /// Whether a person may have seen the judges' scores of an item: they decided on it once. What they give now is not blind.
    #[must_use]
    pub fn has_seen(&self, item: &Digest, by: &GraderName) -> bool {
        self.seen.contains(&(*item, by.clone()))
    }

    /// How many decisions a person has made, in every seat.
    #[must_use]
    pub fn count_of(&self, by: &GraderName) -> u32 {
        u32::try_from(self.grades.all().iter().filter(|g| g.by == *by).count()).unwrap_or(u32::MAX)
    }

    /// Where in the log the last third person closed the item.
    pub(super) fn settled_at(&self, item: &Digest) -> Option<u64> {
        self.settled_at.get(item).copied()
    }

    /// Whether a decision is the key of a hidden audit.
    pub(super) fn is_gold(&self, decision: &EventId) -> bool {
        self.gold.contains(decision)
    }
}
