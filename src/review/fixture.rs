//! Test help: small logs, items and people.

use crate::domain::grade::plain;
use crate::domain::log::{Act, Author, Decision, Entry, Event, ItemRef, Known, Seat, Via};
use crate::domain::{AgentName, CaseId, Claim, Digest, EventId, GraderName, Risk, RunId, Score, SetName, Stratum, Tier, Trigger};
use crate::review::queue::{Inputs, Judged, Ledger, Listed, Person, Policy, Queue, Role};

pub(crate) const MARK: Score = Score::ALL[3];

pub(crate) fn s(n: u8) -> Score {
    Score::try_from(n).unwrap()
}

pub(crate) fn name(who: &str) -> GraderName {
    GraderName::new(who).unwrap()
}

pub(crate) fn id(n: usize) -> EventId {
    EventId::new(&format!("d-{n}")).unwrap()
}

pub(crate) fn on(n: u64) -> ItemRef {
    ItemRef {
        item: Digest::of_bytes(&n.to_le_bytes()),
        run: RunId::new("r").unwrap(),
        seq: n,
        set: SetName::new("set").unwrap(),
        case: CaseId::new(&format!("c{n}")).unwrap(),
        case_digest: Digest::of_bytes(b"case"),
    }
}

/// An item with a split panel that waits since 0; every question is different.
pub(crate) fn listed(n: u64) -> Listed {
    Listed {
        on: on(n),
        agent: AgentName::new("a").unwrap(),
        question: format!("question{n}"),
        risk: Risk::Medium,
        tags: vec![],
        mark: MARK,
        triggers: vec![Trigger::SplitPanel],
        stratum: Stratum::Certain,
        tier: Tier::T1,
        p_wrong: 0.3,
        judged: Judged::Pass,
        since_ms: 0,
        rubric: Digest::of_bytes(b"rubric"),
        stale: None,
    }
}

/// An item that was drawn at random.
pub(crate) fn routine(n: u64) -> Listed {
    Listed { triggers: vec![Trigger::RandomAudit], stratum: Stratum::AuditPass, p_wrong: 0.05, ..listed(n) }
}

pub(crate) fn risky(n: u64, risk: Risk) -> Listed {
    Listed { risk, tier: crate::routing::tier(risk), ..listed(n) }
}

pub(crate) fn gives(n: u64, score: u8) -> Act {
    Act::Decided(plain(on(n), s(score), Via::Command))
}

pub(crate) fn decides(n: u64, seat: Seat, score: Option<u8>) -> Decision {
    Decision { seat, score: score.map(s), ..plain(on(n), s(1), Via::Web) }
}

/// A log of these acts; event `i` has the id `d-i` and the time `i`. It is not sealed: nobody here looks at the chain.
pub(crate) fn log(acts: &[(&str, Act)]) -> Vec<Event> {
    let event = |(i, (by, act)): (usize, &(&str, Act))| {
        let by = Author { name: name(by), known: Known::Local };
        let entry = Entry { id: id(i), at_ms: i64::try_from(i).unwrap(), by, act: act.clone() };
        Event { position: i as u64, prev: Digest::of_bytes(b""), entry }
    };
    acts.iter().enumerate().map(event).collect()
}

pub(crate) fn ledger(acts: &[(&str, Act)]) -> Ledger {
    Ledger::of(&log(acts))
}

pub(crate) fn held(n: u64, who: &str, until_ms: i64) -> Claim {
    Claim { item: on(n).item, seat: Seat::Grader, slot: 0, grader: name(who), until_ms }
}

pub(crate) fn person(who: &str) -> Person {
    Person::new(name(who), Role::Grader)
}

pub(crate) fn adjudicator(who: &str) -> Person {
    Person::new(name(who), Role::Adjudicator)
}

pub(crate) fn owner(who: &str) -> Person {
    Person::new(name(who), Role::Owner)
}

/// A queue with nothing special about it.
pub(crate) fn queue(items: Vec<Listed>, acts: &[(&str, Act)], claims: &[Claim], now_ms: i64) -> Queue {
    with(items, acts, claims, now_ms, &Policy::default(), &[])
}

pub(crate) fn with(items: Vec<Listed>, acts: &[(&str, Act)], claims: &[Claim], now_ms: i64, policy: &Policy, people: &[Person]) -> Queue {
    let ledger = ledger(acts);
    Queue::build(Inputs { items, ledger: &ledger, claims, people, policy, leverage: &|_| 0.0, now_ms })
}
