//! Slots, leases and drafts on a real file: of many who want a slot exactly one gets it, and no decision is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use tribunal::domain::claim::{ANY_SLOTS, LEASE_MS};
use tribunal::domain::grade::plain;
use tribunal::domain::log::{Act, Author, Entry, ItemRef, Known, Seat, SkipReason, Via};
use tribunal::domain::*;
use tribunal::store::sqlite::SqliteStore;
use tribunal::store::{Store, events};

fn open(dir: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(&dir.join("tribunal.db")).unwrap())
}

fn name(who: &str) -> GraderName {
    GraderName::new(who).unwrap()
}

fn on(n: u64) -> ItemRef {
    ItemRef {
        item: Digest::of_bytes(&n.to_le_bytes()),
        run: RunId::new("r").unwrap(),
        seq: n,
        set: SetName::new("s").unwrap(),
        case: CaseId::new(&format!("c{n}")).unwrap(),
        case_digest: Digest::of_bytes(b"c"),
    }
}

fn ask(n: u64, slots: u16, who: &str, now_ms: i64) -> ClaimAsk {
    ClaimAsk { item: on(n).item, seat: Seat::Grader, slots, grader: name(who), now_ms, until_ms: now_ms + LEASE_MS }
}

fn by(who: &str) -> Author {
    Author { name: name(who), known: Known::Local }
}

fn sent(id: &str, n: u64, slots: u16, who: &str, at_ms: i64) -> Submission {
    Submission {
        id: EventId::new(id).unwrap(),
        at_ms,
        by: by(who),
        decision: plain(on(n), Score::ALL[3], Via::Command),
        texts: vec![],
        slots,
    }
}

fn slot(c: &Claimed) -> Option<u16> {
    if let Claimed::Yes(c) = c { Some(c.slot) } else { None }
}

#[tokio::test]
async fn a_slot_is_held_until_its_lease_ends_and_extended_by_a_sign_of_life() {
    let dir = tempfile::tempdir().unwrap();
    let s = open(dir.path());
    let (ana, item) = (name("ana"), on(1).item);
    assert_eq!(slot(&s.claim(ask(1, 1, "ana", 0)).await.unwrap()), Some(0));
    assert_eq!(s.claim(ask(1, 1, "bo", 1)).await.unwrap(), Claimed::Full { free_at_ms: Some(LEASE_MS) });
    assert_eq!(slot(&s.claim(ask(1, 1, "ana", 5)).await.unwrap()), Some(0), "what one holds is held for longer");
    assert!(s.extend_claim(&item, &ana, 2 * LEASE_MS).await.unwrap());
    assert_eq!(s.claims(LEASE_MS + 10).await.unwrap().len(), 1);
    assert!(slot(&s.claim(ask(1, 1, "bo", LEASE_MS + 10)).await.unwrap()).is_none());
    assert_eq!(slot(&s.claim(ask(1, 1, "bo", 2 * LEASE_MS)).await.unwrap()), Some(0), "an ended lease is taken over");
    assert!(!s.extend_claim(&item, &ana, 3 * LEASE_MS).await.unwrap(), "it is gone");
    assert!(s.release_claim(&item, &name("bo")).await.unwrap());
    assert!(!s.release_claim(&item, &name("bo")).await.unwrap());
    assert!(s.claims(0).await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_gets_two_slots_of_one_item_and_a_second_person_gets_the_second() {
    let dir = tempfile::tempdir().unwrap();
    let s = open(dir.path());
    assert_eq!(slot(&s.claim(ask(1, 2, "ana", 0)).await.unwrap()), Some(0));
    assert_eq!(slot(&s.claim(ask(1, 2, "ana", LEASE_MS + 1)).await.unwrap()), Some(0), "also after the lease");
    assert_eq!(slot(&s.claim(ask(1, 2, "bo", LEASE_MS + 2)).await.unwrap()), Some(1));
    let done = s.submit(sent("d-1", 1, 2, "ana", LEASE_MS + 3)).await.unwrap();
    assert_eq!((done.taken, done.slot), (Taken::InTime, 0));
    assert_eq!(s.claim(ask(1, 2, "ana", LEASE_MS + 4)).await.unwrap(), Claimed::Done { of: EventId::new("d-1").unwrap() });
    let third = ClaimAsk { seat: Seat::Adjudicator, ..ask(1, 1, "ana", LEASE_MS + 4) };
    assert!(matches!(s.claim(third).await.unwrap(), Claimed::Done { .. }), "a grader is no third person");
}

#[tokio::test]
async fn a_late_submission_is_kept_as_an_extra_opinion() {
    let dir = tempfile::tempdir().unwrap();
    let s = open(dir.path());
    s.claim(ask(1, 1, "ana", 0)).await.unwrap();
    assert_eq!(slot(&s.claim(ask(1, 1, "bo", LEASE_MS)).await.unwrap()), Some(0));
    let late = s.submit(sent("d-1", 1, 1, "ana", LEASE_MS + 1)).await.unwrap();
    assert_eq!((late.taken, late.slot), (Taken::Extra, 1));
    let own = s.submit(sent("d-2", 1, 1, "bo", LEASE_MS + 2)).await.unwrap();
    assert_eq!((own.taken, own.slot), (Taken::InTime, 0));
    let (log, _) = events(&*s).await.unwrap();
    assert_eq!(Grades::of(&log).on(&on(1).item).map(|g| (g.by.as_str(), g.decision.slot)).collect::<Vec<_>>(), [("ana", 1), ("bo", 0)]);
}

#[tokio::test]
async fn a_lease_that_ended_without_a_successor_still_submits_in_time() {
    let dir = tempfile::tempdir().unwrap();
    let s = open(dir.path());
    s.claim(ask(1, 1, "ana", 0)).await.unwrap();
    let done = s.submit(sent("d-1", 1, 1, "ana", 9 * LEASE_MS)).await.unwrap();
    assert_eq!((done.taken, done.slot, done.head.events), (Taken::InTime, 0, 1));
}

#[tokio::test]
async fn sending_twice_records_once_and_a_second_decision_of_one_person_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let s = open(dir.path());
    let first = s.submit(sent("d-1", 1, 2, "ana", 0)).await.unwrap();
    let again = s.submit(sent("d-1", 1, 2, "ana", 5)).await.unwrap();
    assert_eq!((first.taken, again.taken, again.head), (Taken::InTime, Taken::Again, first.head));
    let twice = s.submit(sent("d-2", 1, 2, "ana", 6)).await.unwrap();
    assert_eq!((twice.taken, twice.head), (Taken::Twice, first.head));
}

#[tokio::test]
async fn a_void_frees_the_slot_and_only_its_author_can() {
    let dir = tempfile::tempdir().unwrap();
    let s = open(dir.path());
    s.submit(sent("d-1", 1, 1, "ana", 0)).await.unwrap();
    let void = |id: &str, who: &str| Entry {
        id: EventId::new(id).unwrap(),
        at_ms: 1,
        by: by(who),
        act: Act::Voided { of: EventId::new("d-1").unwrap() },
    };
    s.append(vec![void("v-1", "bo")], vec![]).await.unwrap();
    assert_eq!(s.claim(ask(1, 1, "bo", 2)).await.unwrap(), Claimed::Full { free_at_ms: None });
    s.append(vec![void("v-2", "ana")], vec![]).await.unwrap();
    assert_eq!(slot(&s.claim(ask(1, 1, "bo", 3)).await.unwrap()), Some(0));
    assert_eq!(s.submit(sent("d-1", 1, 1, "ana", 4)).await.unwrap().taken, Taken::Again, "a retry does not bring it back");
    assert_eq!(s.submit(sent("d-2", 1, 1, "ana", 5)).await.unwrap().taken, Taken::Extra);
}

#[tokio::test]
async fn grades_that_came_in_another_way_fill_slots_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let s = open(dir.path());
    let entry = |id: &str, who: &str| Entry {
        id: EventId::new(id).unwrap(),
        at_ms: 1,
        by: by(who),
        act: Act::Decided(plain(on(1), Score::ALL[3], Via::Import)),
    };
    s.append(vec![entry("d-1", "ana"), entry("d-2", "bo")], vec![]).await.unwrap();
    assert_eq!(s.claim(ask(1, 2, "cy", 2)).await.unwrap(), Claimed::Full { free_at_ms: None });
    assert!(matches!(s.claim(ask(1, 2, "bo", 2)).await.unwrap(), Claimed::Done { .. }));
    assert_eq!(slot(&s.claim(ask(1, 3, "cy", 2)).await.unwrap()), Some(2));
}

#[tokio::test]
async fn in_sessions_and_on_gold_everybody_has_a_slot() {
    let dir = tempfile::tempdir().unwrap();
    let s = open(dir.path());
    s.submit(sent("d-0", 1, 1, "zoe", 0)).await.unwrap();
    for (i, who) in ["ana", "bo", "cy"].into_iter().enumerate() {
        let gold = ClaimAsk { seat: Seat::Gold, ..ask(1, ANY_SLOTS, who, 1) };
        assert_eq!(slot(&s.claim(gold).await.unwrap()).map(usize::from), Some(i));
        let mut sub = sent(&format!("g-{i}"), 1, ANY_SLOTS, who, 2);
        sub.decision.seat = Seat::Gold;
        assert_eq!(s.submit(sub).await.unwrap().taken, Taken::InTime);
    }
}

#[tokio::test]
async fn a_draft_survives_everything_but_its_submission() {
    let dir = tempfile::tempdir().unwrap();
    let draft = |n: u64, body: &str, at_ms| StoredDraft { item: on(n).item, grader: name("ana"), body: body.into(), at_ms };
    {
        let s = open(dir.path());
        s.claim(ask(1, 1, "ana", 0)).await.unwrap();
        s.put_draft(draft(1, "first", 1)).await.unwrap();
        s.put_draft(draft(2, "other", 2)).await.unwrap();
        s.put_draft(draft(1, "second", 3)).await.unwrap();
    }
    let s = open(dir.path());
    assert_eq!(slot(&s.claim(ask(1, 1, "bo", LEASE_MS)).await.unwrap()), Some(0), "the lease ended");
    let kept: Vec<String> = s.drafts(&name("ana")).await.unwrap().into_iter().map(|d| d.body).collect();
    assert_eq!(kept, ["second", "other"]);
    s.submit(sent("d-1", 1, 1, "ana", LEASE_MS + 1)).await.unwrap();
    assert_eq!(s.drafts(&name("ana")).await.unwrap(), [draft(2, "other", 2)]);
    assert!(s.delete_draft(&name("ana"), &on(2).item).await.unwrap());
    assert!(s.drafts(&name("ana")).await.unwrap().is_empty() && s.drafts(&name("bo")).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_skip_leaves_slots_alone() {
    let dir = tempfile::tempdir().unwrap();
    let s = open(dir.path());
    s.claim(ask(1, 1, "ana", 0)).await.unwrap();
    let act = Act::Skipped { on: on(1), why: SkipReason::NotMyField };
    s.append(vec![Entry { id: EventId::new("k-1").unwrap(), at_ms: 1, by: by("ana"), act }], vec![]).await.unwrap();
    assert_eq!(s.claims(1).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_graders_who_race_for_one_slot_exactly_one_wins() {
    let dir = tempfile::tempdir().unwrap();
    let stores = [open(dir.path()), open(dir.path())];
    for n in 0..40 {
        let race = [0, 1].map(|i| {
            let (s, who) = (Arc::clone(&stores[i]), ["ana", "bo"][i]);
            tokio::spawn(async move { s.claim(ask(n, 1, who, 0)).await.unwrap() })
        });
        let [a, b] = race;
        let won = [a.await.unwrap(), b.await.unwrap()].iter().filter_map(slot).count();
        assert_eq!(won, 1, "item {n}");
    }
    assert_eq!(stores[0].claims(0).await.unwrap().len(), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_late_submissions_for_one_slot_one_fills_it_and_the_other_is_extra() {
    let dir = tempfile::tempdir().unwrap();
    let stores = [open(dir.path()), open(dir.path())];
    for n in 0..20 {
        let race = [0, 1].map(|i| {
            let (s, who) = (Arc::clone(&stores[i]), ["ana", "bo"][i]);
            tokio::spawn(async move { s.submit(sent(&format!("d-{n}-{who}"), n, 1, who, 0)).await.unwrap() })
        });
        let [a, b] = race;
        let mut both = [a.await.unwrap(), b.await.unwrap()].map(|s| (s.slot, s.taken));
        both.sort_by_key(|(slot, _)| *slot);
        assert_eq!(both, [(0, Taken::InTime), (1, Taken::Extra)]);
    }
    assert_eq!(events(&*stores[0]).await.unwrap().0.len(), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_graders_on_five_hundred_items_grade_none_too_often_and_lose_none() {
    const ITEMS: u64 = 500;
    let dir = tempfile::tempdir().unwrap();
    let stores = [open(dir.path()), open(dir.path())];
    let slots = |n: u64| if n.is_multiple_of(4) { 2 } else { 1 };
    let graders = (0..20_u64).map(|g| {
        let s = Arc::clone(&stores[usize::from(g % 2 == 1)]);
        tokio::spawn(async move {
            let who = format!("g{g}");
            let mut acknowledged = Vec::new();
            // Everybody walks from another place, so that they meet everywhere.
            for step in 0..ITEMS {
                let n = (g * 25 + step) % ITEMS;
                if slot(&s.claim(ask(n, slots(n), &who, 0)).await.unwrap()).is_some() {
                    let done = s.submit(sent(&format!("d-{g}-{n}"), n, slots(n), &who, 1)).await.unwrap();
                    assert_eq!(done.taken, Taken::InTime);
                    acknowledged.push(format!("d-{g}-{n}"));
                }
            }
            acknowledged
        })
    });
    let mut acknowledged = BTreeSet::new();
    for g in graders.collect::<Vec<_>>() {
        acknowledged.extend(g.await.unwrap());
    }
    let (log, head) = events(&*stores[0]).await.unwrap();
    let recorded: BTreeSet<String> = log.iter().map(|e| e.entry.id.to_string()).collect();
    assert_eq!((recorded.len() as u64, &recorded), (head.events, &acknowledged), "what was acknowledged is there, once");
    let grades = Grades::of(&log);
    let mut of_item: BTreeMap<u64, BTreeSet<(u16, &GraderName)>> = BTreeMap::new();
    for g in grades.all() {
        of_item.entry(g.decision.on.seq).or_default().insert((g.decision.slot, &g.by));
    }
    for n in 0..ITEMS {
        let by = &of_item[&n];
        let wanted = usize::from(slots(n));
        assert_eq!(by.len(), wanted, "item {n}");
        assert!(by.iter().map(|(s, _)| usize::from(*s)).eq(0..wanted), "item {n}: one decision a slot");
        assert_eq!(by.iter().map(|(_, g)| g).collect::<BTreeSet<_>>().len(), wanted, "item {n}: nobody twice");
    }
}
