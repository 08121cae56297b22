//! Which events still stand: not taken back by their author before they were folded.

use std::collections::HashSet;

use super::{Act, Event};
use crate::domain::ids::{EventId, GraderName};

/// The events that count, in order. Only its author takes an event back, and not while it is folded into a set. Folds, plans,
/// erasures and what was taken back are facts: they are never void.
pub fn standing(events: &[Event]) -> impl Iterator<Item = &Event> {
    let mut folded: HashSet<&EventId> = HashSet::new();
    let mut voided: HashSet<(&EventId, &GraderName)> = HashSet::new();
    for e in events {
        match &e.entry.act {
            Act::Folded { of, .. } => _ = folded.insert(of),
            Act::Unfolded { of } => _ = folded.remove(of),
            Act::Voided { of } if !folded.contains(of) => _ = voided.insert((of, &e.entry.by.name)),
            _ => {}
        }
    }
    let is_fact = |act: &Act| {
        matches!(act, Act::Planned { .. } | Act::Voided { .. } | Act::Folded { .. } | Act::Unfolded { .. } | Act::Erased { .. })
    };
    events.iter().filter(move |e| is_fact(&e.entry.act) || !voided.contains(&(&e.entry.id, &e.entry.by.name)))
}
