//! Which events still stand: not taken back by their author before they were folded.

use std::collections::HashSet;

use super::{Act, Event};
use crate::domain::ids::{EventId, GraderName};

/// The events that count, in order. Only its author takes an event back, and not while it is folded into a set.
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
    events.iter().filter(move |e| !voided.contains(&(&e.entry.id, &e.entry.by.name)))
}
