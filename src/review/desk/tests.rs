//! A desk over a real file: two people, one slot; drafts, undo, reveal, disputes, the stop rule.

use std::sync::atomic::{AtomicI64, Ordering};

use super::*;
use crate::domain::claim::LEASE_MS;
use crate::domain::log::{Act, Cause, Seat, Via};
use crate::domain::{ReviewItem, Risk, Stratum, Tier, Trigger};
use crate::gate::{AccuracyLine, GateSpec};
use crate::review::fixture::{name, s};
use crate::review::queue::{Filter, Role, State};
use crate::review::session::{Answer, Intent, Load, Session, Stage, Task};
use crate::stats::fixture::{edit, row, run};
use crate::store::sqlite::SqliteStore;

struct World {
    _dir: tempfile::TempDir,
    store: Arc<dyn Store>,
    head: RunHead,
    clock: Arc<AtomicI64>,
}

impl World {
    /// A run of `items` disputed answers and five that nothing speaks against.
    async fn new(items: u64, risk: Risk) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&dir.path().join("t.db")).unwrap());
        let mut head = run(1, 2);
        head.planned = items + 5;
        store.create_run(&head).await.unwrap();
        let mut wanted = Vec::new();
        for c in 0..items + 5 {
            let scores: &[u8] = if c < items { &[1, 5] } else { &[5, 5] };
            let mut r = edit(row(c, 0, "a", scores), |k| {
                k.question = format!("question{c}");
                k.risk = risk;
            });
            if let Ok(o) = &mut r.answer {
                o.text = format!("answer {c}");
            }
            for b in &mut r.ballots {
                if let Ok(j) = &mut b.outcome {
                    j.reason = format!("PLANTED-REASON-{c}");
                }
            }
            let (seq, ballots, tally) = (r.key.seq, r.ballots.clone(), r.tally.clone().unwrap());
            store.put_output(&head.id, r).await.unwrap();
            for b in ballots {
                store.put_ballot(&head.id, seq, b).await.unwrap();
            }
            store.put_tally(&head.id, seq, tally).await.unwrap();
            if c < items {
                let tier = crate::routing::tier(risk);
                wanted.push(ReviewItem {
                    seq,
                    triggers: vec![Trigger::SplitPanel],
                    priority: 1.0,
                    tier,
                    stratum: Stratum::Certain,
                    inclusion: 1.0,
                });
            }
        }
        assert!(wanted.iter().all(|i| i.tier == Tier::T1 || risk >= Risk::High));
        store.put_items(&head.id, wanted).await.unwrap();
        Self { _dir: dir, store, head, clock: Arc::new(AtomicI64::new(1_000)) }
    }

    async fn desk(&self, gate: Option<Gate>) -> Desk {
        let clock = Arc::clone(&self.clock);
        let setup = Setup { policy: Policy::default(), people: vec![], gate, clock: Arc::new(move || clock.load(Ordering::SeqCst)) };
        Desk::open(Arc::clone(&self.store), self.head.clone(), setup, &|l| l).await.unwrap()
    }

    fn pass(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }
}

fn who(n: &str) -> Who {
    let mut who = Who::local(name(n), false, Via::Terminal);
    who.person.role = Role::Adjudicator;
    who
}

fn all() -> Filter {
    Filter::default()
}

fn blind(session: &Session) -> &Task {
    match session.stage() {
        Stage::Blind(t) => t,
        other => panic!("{other:?}"),
    }
}

async fn act(desk: &Desk, who: &Who, session: &mut Session, intent: Intent) -> Vec<String> {
    let effects = session.act(intent, desk.now_ms());
    desk.carry_out(who, &all(), session, effects).await
}

#[tokio::test]
async fn two_people_never_get_the_same_slot_and_an_empty_queue_says_why() {
    let w = World::new(2, Risk::Medium).await;
    let desk = w.desk(None).await;
    let item = |a: Answer| match a {
        Answer::Loaded(t) => Some(t.on.item),
        _ => None,
    };
    let (ana, bo, cy) = (who("ana"), who("bo"), who("cy"));
    let filter = all();
    let (a, b) = tokio::join!(desk.pick(&ana, &filter), desk.pick(&bo, &filter));
    let (a, b) = (item(a.unwrap()), item(b.unwrap()));
    assert!(a.is_some() && b.is_some() && a != b);
    let Answer::Nothing(why) = desk.pick(&cy, &filter).await.unwrap() else { panic!() };
    assert!(why.contains("2 held by others until"), "{why}");
    w.pass(LEASE_MS + 1);
    assert!(item(desk.pick(&cy, &filter).await.unwrap()).is_some(), "a lease ends by itself");
}

#[tokio::test]
async fn what_was_entered_survives_a_kill_at_its_place_and_what_was_submitted_stands() {
    let w = World::new(3, Risk::Medium).await;
    let ana = who("ana");
    let place;
    {
        let desk = w.desk(None).await;
        let (mut session, _) = desk.start(&ana, &all()).await.unwrap();
        act(&desk, &ana, &mut session, Intent::Choose(s(4))).await;
        act(&desk, &ana, &mut session, Intent::Submit).await;
        let Stage::Revealed { view, .. } = session.stage() else { panic!() };
        assert!(view.judges.iter().any(|j| j.reason.starts_with("PLANTED-REASON")), "the other side is open now");
        act(&desk, &ana, &mut session, Intent::Next).await;
        act(&desk, &ana, &mut session, Intent::Choose(s(2))).await;
        act(&desk, &ana, &mut session, Intent::Note("halfway".into())).await;
        w.pass(10);
        act(&desk, &ana, &mut session, Intent::Next).await;
        act(&desk, &ana, &mut session, Intent::Previous).await;
        place = blind(&session).on.item;
    }
    let desk = w.desk(None).await;
    let (session, _) = desk.start(&ana, &all()).await.unwrap();
    let task = blind(&session);
    assert_eq!((task.on.item, task.draft.choice, task.draft.note.as_str()), (place, Some(s(2)), "halfway"));
    assert_eq!(desk.progress().await.unwrap().done, 1);
    assert_eq!(session.history().len(), 1);
}

#[tokio::test]
async fn undo_gives_the_draft_and_the_slot_back() {
    let w = World::new(1, Risk::Medium).await;
    let desk = w.desk(None).await;
    let ana = who("ana");
    let (mut session, _) = desk.start(&ana, &all()).await.unwrap();
    act(&desk, &ana, &mut session, Intent::Choose(s(5))).await;
    act(&desk, &ana, &mut session, Intent::Submit).await;
    act(&desk, &ana, &mut session, Intent::Undo).await;
    assert_eq!((blind(&session).draft.choice, blind(&session).blind), (Some(s(5)), false));
    assert_eq!(desk.progress().await.unwrap().done, 0);
}

#[tokio::test]
async fn the_other_side_is_refused_to_who_has_not_decided() {
    let w = World::new(1, Risk::Medium).await;
    let desk = w.desk(None).await;
    let item = desk.snapshot().await.unwrap().queue.items()[0].digest();
    assert!(desk.reveal(&who("ana"), &item).await.is_err());
    let Answer::Loaded(task) = desk.load(&who("ana"), Load::Next, &all()).await.unwrap() else { panic!() };
    assert!(!serde_json::to_string(&task.view).unwrap().contains("PLANTED"));
}

#[tokio::test]
async fn a_disputed_answer_that_nothing_spoke_against_joins_the_queue() {
    let w = World::new(0, Risk::Medium).await;
    let desk = w.desk(None).await;
    assert!(matches!(desk.pick(&who("ana"), &all()).await.unwrap(), Answer::Nothing(_)));
    let on = desk.answers_of("c2").await.unwrap().remove(0);
    let why = "it is wrong";
    desk.append(&who("eng"), Act::Disputed { on, why: digest_of(why) }, vec![why.into()]).await.unwrap();
    let Answer::Loaded(task) = desk.pick(&who("ana"), &all()).await.unwrap() else { panic!() };
    assert_eq!(task.view.case.as_str(), "c2");
    assert!(desk.find(&desk.snapshot().await.unwrap(), "c2").unwrap().disputed);
}

#[tokio::test]
async fn a_conflict_goes_to_a_third_person_who_settles_it() {
    let w = World::new(1, Risk::High).await;
    let desk = w.desk(None).await;
    for (n, score) in [("ana", 5), ("bo", 1)] {
        let me = who(n);
        let (mut session, _) = desk.start(&me, &all()).await.unwrap();
        act(&desk, &me, &mut session, Intent::Choose(s(score))).await;
        act(&desk, &me, &mut session, Intent::Submit).await;
    }
    let cy = who("cy");
    let (mut session, _) = desk.start(&cy, &all()).await.unwrap();
    assert_eq!(blind(&session).seat, Seat::Adjudicator);
    act(&desk, &cy, &mut session, Intent::Choose(s(2))).await;
    act(&desk, &cy, &mut session, Intent::Submit).await;
    let Stage::Revealed { view, .. } = session.stage() else { panic!() };
    assert_eq!(view.others.len(), 2);
    act(&desk, &cy, &mut session, Intent::Settle { score: Some(s(2)), cause: Cause::Slip }).await;
    let now = desk.snapshot().await.unwrap();
    assert_eq!(now.queue.items()[0].state, State::Adjudicated { score: Some(s(2)) });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stop_rule_asks_the_gate_with_all_passing_and_with_all_failing() {
    let w = World::new(2, Risk::Medium).await;
    let spec = |at_least| GateSpec { accuracy: Some(AccuracyLine { at_least: Some(at_least), max_drop: None }), ..GateSpec::default() };
    let stop = async |at_least| {
        let gate = gate_of(Arc::clone(&w.store), w.head.clone(), spec(at_least));
        w.desk(Some(gate)).await.stop().await.unwrap().unwrap()
    };
    assert!(matches!(stop(0.0001).await, Stop::Decided { optional: 2, .. }), "{:?}", stop(0.0001).await);
    assert!(w.desk(None).await.stop().await.unwrap().is_none(), "no gate, no rule");
}

#[test]
fn ids_sort_by_time_and_differ() {
    let ids: Vec<String> = (0..100).map(|_| new_event_id().to_string()).collect();
    assert!(ids.iter().all(|i| i.len() == 16 && i.starts_with("d-")));
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), 100);
}

#[test]
fn a_name_is_made_of_whatever_a_system_says() {
    assert_eq!(name_of("Ana Müller\n").unwrap().as_str(), "ana-müller");
    assert_eq!(name_of("  \u{200b} "), None);
}
