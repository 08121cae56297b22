//! Who may grade what now, and what a person gets next.

use super::{Filter, Item, Person, Queue, Role, State};
use crate::domain::claim::LEASE_MS;
use crate::domain::log::Seat;
use crate::domain::{ClaimAsk, DigestBuilder, GraderName};

/// Why an open item is not for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bar {
    /// The person only reads.
    Viewer,
    /// The person has decided on it; it waits for somebody else.
    Yours,
    /// The person has passed it on.
    Skipped,
    /// Wants this field.
    Skill(String),
    /// Wants this language.
    Lang(String),
    /// The person would rather not read such items.
    Sensitive,
    /// Too many people passed it on: for an owner.
    Owner,
    /// A conflict: for a third person who may decide it.
    Adjudicator,
    /// Given to somebody.
    Assigned(GraderName),
    /// The person wrote the expected answer or made the change that it decides on, and somebody else must look first.
    Interest,
    /// Others hold every slot until then (Unix milliseconds; the first lease to end).
    Held(i64),
}

/// What a person gets next.
#[derive(Clone, Copy, Debug)]
pub struct Pick<'a> {
    /// Which item.
    pub item: &'a Item,
    /// In which seat.
    pub seat: Seat,
    /// How many people may sit in it: what a claim is asked with.
    pub slots: u16,
    /// The person holds it already.
    pub resumed: bool,
}

impl Pick<'_> {
    /// The claim to ask the store for.
    #[must_use]
    pub fn ask(&self, grader: &GraderName, now_ms: i64) -> ClaimAsk {
        ClaimAsk {
            item: self.item.digest(),
            seat: self.seat,
            slots: self.slots,
            grader: grader.clone(),
            now_ms,
            until_ms: now_ms.saturating_add(LEASE_MS),
        }
    }
}

impl Queue {
    /// Whether somebody may take an item now.
    ///
    /// # Errors
    /// [`Bar`]: why not. Of several reasons the most lasting one.
    pub fn may(&self, person: &Person, item: &Item) -> Result<(), Bar> {
        let me = &person.name;
        let waited = self.now_ms.saturating_sub(item.listed.since_ms);
        if person.role == Role::Viewer {
            return Err(Bar::Viewer);
        }
        if item.graders.contains(me) {
            return Err(Bar::Yours);
        }
        if item.skipped.contains(me) {
            return Err(Bar::Skipped);
        }
        if person.role < Role::Owner && item.skipped.len() >= usize::from(self.policy.skips_to_owner) {
            return Err(Bar::Owner);
        }
        if person.role < Role::Adjudicator && matches!(item.state, State::Conflicted { .. }) {
            return Err(Bar::Adjudicator);
        }
        // Whoever it was given to has had a look at the field; after half of the time anybody may.
        if item.assigned.as_ref() != Some(me) && waited < self.policy.sla_ms / 2 && person.role < Role::Owner {
            if let Some(s) = item.listed.tagged("skill:").find(|s| !person.skills.hold(s)) {
                return Err(Bar::Skill(s.to_owned()));
            }
            let mut langs = item.listed.tagged("lang:").peekable();
            if let Some(first) = langs.peek().map(|l| (*l).to_owned())
                && !langs.any(|l| person.langs.hold(l))
            {
                return Err(Bar::Lang(first));
            }
        }
        if person.spared && item.listed.tags.iter().any(|t| t == "sensitive") {
            return Err(Bar::Sensitive);
        }
        if let Some(to) = item.assigned.as_ref().filter(|to| *to != me) {
            return Err(Bar::Assigned(to.clone()));
        }
        if is_last_and_partial(item, me) {
            return Err(Bar::Interest);
        }
        let others: Vec<i64> = item.held.iter().filter(|c| c.grader != *me).map(|c| c.until_ms).collect();
        let free = usize::from(item.wanted.saturating_sub(item.given));
        match others.iter().min() {
            Some(first) if others.len() >= free => Err(Bar::Held(*first)),
            _ => Ok(()),
        }
    }

    /// What a person may take, the best first: what they hold, what is given to them, then the queue, with routine items mixed in.
    pub fn picks<'a>(&'a self, person: &Person, filter: &Filter) -> Vec<Pick<'a>> {
        let open = self.items.iter().filter(|i| i.state.is_open() && filter.lets(i) && self.may(person, i).is_ok());
        let pick =
            |item: &'a Item| Pick { item, seat: item.seat, slots: item.wanted, resumed: item.held.iter().any(|c| c.grader == person.name) };
        let (mut first, mut urgent, mut routine) = (Vec::new(), Vec::new(), Vec::new());
        for p in open.map(pick) {
            if p.resumed || p.item.assigned.as_ref() == Some(&person.name) {
                first.push(p);
            } else if p.item.listed.is_routine() {
                routine.push(p);
            } else {
                urgent.push(p);
            }
        }
        first.sort_by_key(|p| !p.resumed);
        first.extend(self.mixed(person, urgent, routine));
        first
    }

    /// Routine items spread over the others, so that nothing shows by its place: which one comes next is a keyed draw, by how much
    /// of each is left.
    fn mixed<'a>(&self, person: &Person, urgent: Vec<Pick<'a>>, routine: Vec<Pick<'a>>) -> Vec<Pick<'a>> {
        let mut out = Vec::with_capacity(urgent.len() + routine.len());
        let behind = self.items.iter().filter(|i| i.graders.contains(&person.name) || i.skipped.contains(&person.name)).count();
        let (mut urgent, mut routine) = (urgent.into_iter(), routine.into_iter());
        while urgent.len() > 0 {
            let share = routine.len() as f64 / (routine.len() + urgent.len()) as f64;
            // By the place in the person's whole sequence: what was drawn once is not drawn again after the next decision.
            let place = behind + out.len();
            let draw = DigestBuilder::new("queue-mix/1")
                .bytes("seed", &self.policy.seed.to_le_bytes())
                .text("grader", person.name.as_str())
                .bytes("place", &place.to_le_bytes())
                .finish()
                .unit();
            let from = if draw < share.min(self.policy.routine_share) { &mut routine } else { &mut urgent };
            out.extend(from.next());
        }
        out.extend(routine);
        out
    }

    /// What a person gets next. Claim it ([`Pick::ask`]); if somebody else was faster, take the next of [`Queue::picks`].
    #[must_use]
    pub fn next_for<'a>(&'a self, person: &Person, filter: &Filter) -> Option<Pick<'a>> {
        self.picks(person, filter).into_iter().next()
    }

    /// Of these people, who should get an item: who may, with the least on hand.
    #[must_use]
    pub fn least_loaded<'p>(&self, item: &Item, people: &'p [Person]) -> Option<&'p Person> {
        let load = |p: &Person| {
            self.items.iter().filter(|i| i.assigned.as_ref() == Some(&p.name) || i.held.iter().any(|c| c.grader == p.name)).count()
        };
        people.iter().filter(|p| self.may(p, item).is_ok()).min_by_key(|p| (load(p), &p.name))
    }
}

/// True if the person may not decide alone, and nobody else has looked or would still look.
fn is_last_and_partial(item: &Item, me: &GraderName) -> bool {
    if !item.partial.contains(me) {
        return false;
    }
    let independent = item.graders.iter().chain(item.held.iter().map(|c| &c.grader)).any(|g| !item.partial.contains(g));
    let left = item.wanted.saturating_sub(item.given);
    item.seat == Seat::Adjudicator || (!independent && left < 2)
}
