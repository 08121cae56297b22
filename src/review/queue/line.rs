//! One line of the queue as a grader may see it.
//!
//! Invariant: like the blind view it has no field for a verdict, a trigger, a band or the kind of the item.

use serde::Serialize;

use super::{Item, State};
use crate::domain::{CaseId, Digest, GraderName, Risk, SetName};

/// An item in a list that graders see before they have decided on it. Its order says nothing either: see `Queue::picks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Identity of the item.
    pub item: Digest,
    /// The set.
    pub set: SetName,
    /// The case.
    pub case: CaseId,
    /// The case's tags.
    pub tags: Vec<String>,
    /// What an error costs.
    pub risk: Risk,
    /// Open, done or withdrawn.
    pub state: &'static str,
    /// The person has decided on it.
    pub yours: bool,
    /// The person holds it.
    pub held_by_you: bool,
    /// It is given to the person.
    pub given_to_you: bool,
}

impl Line {
    /// What this person may see of an item.
    #[must_use]
    pub fn of(item: &Item, by: &GraderName) -> Self {
        let state = match item.state {
            State::Withdrawn { .. } => "withdrawn",
            s if s.is_done() => "done",
            _ => "open",
        };
        Self {
            item: item.digest(),
            set: item.on().set.clone(),
            case: item.on().case.clone(),
            tags: item.listed.tags.clone(),
            risk: item.listed.risk,
            state,
            yours: item.graders.contains(by),
            held_by_you: item.held.iter().any(|c| c.grader == *by),
            given_to_you: item.assigned.as_ref() == Some(by),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::fixture::{listed, name, queue, routine};

    #[test]
    fn an_audit_and_a_disputed_item_look_alike() {
        let q = queue(vec![listed(0), routine(1)], &[], &[], 0);
        let text = |n: usize| {
            let line = Line::of(&q.items()[n], &name("ana"));
            let (item, case) = (line.item.to_string(), line.case.to_string());
            serde_json::to_string(&line).unwrap().replace(&item, "ITEM").replace(&case, "CASE")
        };
        assert_eq!(text(0), text(1));
        assert!(!text(0).contains("audit") && !text(0).contains("split"));
    }
}
