//! A person's own acts of earlier sittings, read from the log: what they may take back, and their usual pace.

use std::collections::HashMap;
use std::hash::BuildHasher;

use super::{Done, Draft, RulingDraft, RulingKind, Undoable, median_seconds};
use crate::domain::log::{Act, Decision, Event, Ruling, standing};
use crate::domain::{Digest, EventId, GraderName};
use crate::review::queue::Ledger;

/// The person's own acts that may still be taken back, oldest first. `texts` holds what their decisions name by digest; a text that is
/// missing comes back empty.
#[must_use]
pub fn history<S: BuildHasher>(events: &[Event], ledger: &Ledger, by: &GraderName, texts: &HashMap<Digest, String, S>) -> Vec<Done> {
    let mut items: HashMap<&EventId, Digest> = HashMap::new();
    let mut out = Vec::new();
    for e in standing(events).filter(|e| e.entry.by.name == *by) {
        let id = &e.entry.id;
        let (item, what) = match &e.entry.act {
            Act::Decided(d) => {
                items.insert(id, d.on.item);
                (d.on.item, Undoable::Decision(draft(d, texts)))
            }
            Act::Skipped { on, .. } => (on.item, Undoable::Skip),
            Act::Settled { on, .. } => (on.item, Undoable::Settlement),
            Act::Revised { of, .. } => match items.get(of) {
                Some(item) => (*item, Undoable::Revision),
                None => continue,
            },
            _ => continue,
        };
        if !ledger.is_folded(id) {
            out.push(Done { id: id.clone(), item, what });
        }
    }
    out
}

/// The median of a person's seconds a decision, in every seat.
#[must_use]
pub fn usual_seconds(ledger: &Ledger, by: &GraderName) -> Option<f64> {
    median_seconds(ledger.grades().all().iter().filter(|g| g.by == *by && g.decision.seconds > 0).map(|g| g.decision.seconds))
}

/// The digests of the texts that a decision names.
#[must_use]
pub fn texts_of(d: &Decision) -> Vec<Digest> {
    let of_ruling = match &d.ruling {
        Some(
            Ruling::ExpectedWrong { expected: t }
            | Ruling::Accept { text: t }
            | Ruling::RubricUnclear { note: t }
            | Ruling::Split { note: t }
            | Ruling::Retire { reason: t }
            | Ruling::Example { why: t },
        ) => Some(*t),
        Some(Ruling::Ambiguous { question }) => *question,
        Some(Ruling::Flaky { .. } | Ruling::NoSingleAnswer { .. }) | None => None,
    };
    of_ruling.into_iter().chain(d.note).collect()
}

/// A decision as the draft that it came from.
fn draft<S: BuildHasher>(d: &Decision, texts: &HashMap<Digest, String, S>) -> Draft {
    let text = |of: &Digest| texts.get(of).cloned().unwrap_or_default();
    let ruling = d.ruling.as_ref().map(|r| {
        let mut draft = match RulingKind::of(r.word()) {
            Some(kind) => RulingDraft::new(kind),
            None => RulingDraft::new(RulingKind::RubricUnclear),
        };
        match r {
            Ruling::Flaky { trials } => draft.trials = *trials,
            Ruling::NoSingleAnswer { low, high } => draft.range = Some((*low, *high)),
            Ruling::ExpectedWrong { expected: t }
            | Ruling::Accept { text: t }
            | Ruling::RubricUnclear { note: t }
            | Ruling::Split { note: t }
            | Ruling::Retire { reason: t }
            | Ruling::Example { why: t }
            | Ruling::Ambiguous { question: Some(t) } => draft.text = text(t),
            Ruling::Ambiguous { question: None } => {}
        }
        draft
    });
    Draft { choice: d.score, chip: d.chip, ruling, note: d.note.as_ref().map(text).unwrap_or_default(), opened: true, seconds: d.seconds }
}
