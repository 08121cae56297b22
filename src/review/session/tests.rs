//! What a session promises, played against a small world.

use proptest::prelude::*;

use super::fixture::{ME, World, item_of, task};
use super::*;
use crate::domain::log::{Act, Cause, Chip, Seat, SkipReason, Via};
use crate::domain::{Digest, Risk, Trigger};
use crate::review::fixture::{adjudicator, name, s};
use crate::review::queue::State;
use crate::stats::fixture::edit;

#[test]
fn a_score_and_enter_are_a_grade_and_enter_goes_on() {
    let mut w = World::new(3);
    let mut session = w.start(None);
    let first = item_of(&session);
    w.act(&mut session, Intent::Choose(s(4)));
    assert_eq!(w.decisions(), 0, "choosing decides nothing");
    w.act(&mut session, Intent::Submit);
    assert_eq!(w.decisions(), 1);
    let Stage::Revealed { view, .. } = session.stage() else { panic!("{:?}", session.stage()) };
    assert_eq!((view.given, view.judges.len(), view.triggers.as_slice()), (Some(s(4)), 2, &[Trigger::SplitPanel][..]));
    assert!(view.others.is_empty(), "a grader sees no colleague's score");
    w.act(&mut session, Intent::Submit);
    assert!(matches!(session.stage(), Stage::Blind(_)) && item_of(&session) != first);
    let Act::Decided(d) = &w.acts[0].1 else { panic!() };
    assert_eq!((d.seconds, d.blind, d.seat, d.place, d.via), (20, true, Seat::Grader, 0, Via::Terminal));
}

#[test]
fn nothing_is_preset_and_nothing_chosen_is_nothing_submitted() {
    let mut w = World::new(1);
    let mut session = w.start(None);
    assert!(task(&session).draft.is_empty());
    w.act(&mut session, Intent::Submit);
    w.act(&mut session, Intent::Choose(s(2)));
    w.act(&mut session, Intent::Choose(s(2)));
    w.act(&mut session, Intent::Submit);
    assert_eq!((w.decisions(), w.said.len()), (0, 2));
    assert!(w.said[0].contains("choose a score"));
}

#[test]
fn a_case_that_is_wrong_wants_its_text_and_some_want_a_score_too() {
    let mut w = World::new(2);
    let mut session = w.start(None);
    w.act(&mut session, Intent::Rule(RulingKind::ExpectedWrong));
    w.act(&mut session, Intent::Submit);
    assert!(w.said[0].contains("the right expected answer"));
    w.act(&mut session, Intent::RulingText(" 30 days ".into()));
    w.act(&mut session, Intent::Submit);
    let Act::Decided(d) = &w.acts[0].1 else { panic!() };
    assert_eq!(d.ruling, Some(crate::domain::log::Ruling::ExpectedWrong { expected: Digest::of_bytes(b"30 days") }));
    w.act(&mut session, Intent::Next);
    w.act(&mut session, Intent::Rule(RulingKind::Accept));
    w.act(&mut session, Intent::Submit);
    assert_eq!((w.decisions(), w.said.last().map(String::as_str)), (1, Some("choose a score as well")));
    let answer = task(&session).view.answer.text.clone();
    w.act(&mut session, Intent::Choose(s(5)));
    w.act(&mut session, Intent::Submit);
    let Act::Decided(d) = &w.acts[1].1 else { panic!() };
    assert_eq!(d.ruling, Some(crate::domain::log::Ruling::Accept { text: Digest::of_bytes(answer.as_bytes()) }), "this very answer");
}

#[test]
fn what_was_entered_survives_a_kill_and_comes_back_at_its_place() {
    let mut w = World::new(3);
    let mut session = w.start(None);
    w.act(&mut session, Intent::Next);
    w.act(&mut session, Intent::Choose(s(3)));
    w.act(&mut session, Intent::Chip(Chip::MissingPart));
    w.act(&mut session, Intent::Note("half of it".into()));
    let (before, place) = (task(&session).draft.clone(), item_of(&session));
    drop(session); // killed
    let resumed = w.start(place);
    assert_eq!(item_of(&resumed), place);
    let after = &task(&resumed).draft;
    assert_eq!((after.choice, after.chip, &after.note), (before.choice, before.chip, &before.note));
    assert_eq!(after.seconds, 30, "the time on the item counts on");
}

#[test]
fn a_decision_that_could_not_be_saved_is_a_draft_again() {
    let mut w = World::new(1);
    let mut session = w.start(None);
    w.act(&mut session, Intent::Choose(s(3)));
    w.broken = true;
    w.act(&mut session, Intent::Submit);
    assert_eq!((w.decisions(), task(&session).draft.choice), (0, Some(s(3))));
    assert!(w.said[0].contains("disk full"));
    w.act(&mut session, Intent::Submit);
    assert_eq!(w.decisions(), 1);
}

#[test]
fn undo_goes_all_the_way_back_and_whoever_saw_the_other_side_is_no_longer_blind() {
    let mut w = World::new(2);
    let mut session = w.start(None);
    for score in [2, 3] {
        w.act(&mut session, Intent::Choose(s(score)));
        w.act(&mut session, Intent::Submit);
        w.act(&mut session, Intent::Next);
    }
    assert!(matches!(session.stage(), Stage::Empty(_)));
    w.act(&mut session, Intent::Undo);
    assert_eq!((task(&session).draft.choice, task(&session).blind), (Some(s(3)), false));
    w.act(&mut session, Intent::Undo);
    assert_eq!((task(&session).draft.choice, task(&session).blind), (Some(s(2)), false));
    w.act(&mut session, Intent::Undo);
    assert!(w.said.last().unwrap().contains("nothing to take back"));
    assert!(w.ledger().grades().is_empty());
    w.act(&mut session, Intent::Submit);
    let Some((_, Act::Decided(d))) = w.acts.last() else { panic!() };
    assert!(!d.blind, "it labels the case and feeds no estimate");
}

#[test]
fn skips_and_revisions_are_taken_back_too_and_folds_are_not() {
    let mut w = World::new(1);
    let mut session = w.start(None);
    w.act(&mut session, Intent::Skip(SkipReason::NeedContext));
    assert!(matches!(session.stage(), Stage::Empty(_)));
    w.act(&mut session, Intent::Undo);
    assert!(task(&session).blind, "a skip shows nothing");
    w.act(&mut session, Intent::Choose(s(4)));
    w.act(&mut session, Intent::Submit);
    let item = item_of(&session).unwrap();
    w.act(&mut session, Intent::Revise { score: s(1), why: "  ".into() });
    assert!(w.said.last().unwrap().contains("write why"));
    w.act(&mut session, Intent::Revise { score: s(1), why: "it is a trap".into() });
    assert_eq!(w.queue().get(&item).map(|i| i.state), Some(State::Agreed { score: Some(s(1)) }));
    w.act(&mut session, Intent::Undo);
    assert_eq!(w.queue().get(&item).map(|i| i.state), Some(State::Agreed { score: Some(s(4)) }));
    let decision = session.history().last().unwrap().id.clone();
    session.folded([decision]);
    w.act(&mut session, Intent::Undo);
    assert!(w.said.last().unwrap().contains("folded"));
}

#[test]
fn a_new_sitting_can_take_back_what_an_earlier_one_decided() {
    let mut w = World::new(1);
    let mut session = w.start(None);
    w.act(&mut session, Intent::Choose(s(4)));
    w.act(&mut session, Intent::Submit);
    drop(session);
    let mut session = w.start(None);
    w.act(&mut session, Intent::Undo);
    assert_eq!(task(&session).draft.choice, Some(s(4)));
}

#[test]
fn a_third_person_scores_blind_sees_both_unnamed_and_names_the_cause() {
    let mut w = World::new(1);
    w.rows[0] = edit(w.rows[0].clone(), |c| c.risk = Risk::High);
    w.me = adjudicator(ME);
    let item = w.rows[0].item_digest(&w.head.rubrics[0]).unwrap();
    let on = w.queue().items()[0].on().clone();
    for (by, score) in [("bo", 5), ("cy", 1)] {
        w.acts.push((by, Act::Decided(crate::domain::grade::plain(on.clone(), s(score), Via::Web))));
    }
    let mut session = w.start(None);
    assert_eq!(task(&session).seat, Seat::Adjudicator);
    w.act(&mut session, Intent::Choose(s(2)));
    w.act(&mut session, Intent::Submit);
    let Stage::Revealed { view, settled, .. } = session.stage() else { panic!() };
    assert_eq!((view.others.iter().map(|o| o.score).collect::<Vec<_>>(), *settled), (vec![Some(s(5)), Some(s(1))], false));
    assert!(!serde_json::to_string(view).unwrap().contains("\"bo\""), "unnamed");
    w.act(&mut session, Intent::Next);
    assert!(w.said.last().unwrap().contains("name why"));
    w.act(&mut session, Intent::Settle { score: Some(s(2)), cause: Cause::Slip });
    w.act(&mut session, Intent::Next);
    assert!(matches!(session.stage(), Stage::Empty(_)));
    assert_eq!(w.ledger().grades().cause(&item), Some(Cause::Slip));
}

#[test]
fn a_deep_item_whose_fold_was_never_opened_is_asked_about_once() {
    let mut w = World::new(1);
    w.rows[0] = edit(w.rows[0].clone(), |c| c.risk = Risk::High);
    if let Ok(o) = &mut w.rows[0].answer {
        o.text = "line\n".repeat(60);
    }
    if let Some(i) = &mut w.rows[0].item {
        i.tier = crate::domain::Tier::T2;
    }
    let mut session = w.start(None);
    w.act(&mut session, Intent::Choose(s(2)));
    w.act(&mut session, Intent::Submit);
    assert_eq!((w.decisions(), w.said.last().unwrap().contains("20 lines")), (0, true));
    w.act(&mut session, Intent::Submit);
    assert_eq!(w.decisions(), 1);
}

#[test]
fn the_other_side_opens_with_the_right_key_only() {
    let mut w = World::new(2);
    let mut session = w.start(None);
    let item = item_of(&session).unwrap();
    assert!(Seen::find(&w.ledger(), &item, &w.me.name).is_none(), "without a decision there is no proof");
    w.act(&mut session, Intent::Choose(s(4)));
    w.act(&mut session, Intent::Submit);
    let ledger = w.ledger();
    let seen = Seen::find(&ledger, &item, &w.me.name).unwrap();
    let other = w.rows.iter().find(|r| r.item_digest(&w.head.rubrics[0]) != Some(item)).unwrap();
    assert!(RevealView::of(&seen, other, &w.head.rubrics[0]).is_none(), "nor for another item");
    assert!(Seen::find(&ledger, &item, &name("bo")).is_none(), "nor for another person");
}

#[test]
fn a_draft_reads_what_it_writes_and_a_broken_one_is_empty() {
    let mut d = Draft { choice: Some(s(2)), note: "n".into(), ..Draft::default() };
    d.ruling = Some(RulingDraft { range: Some((s(2), s(4))), ..RulingDraft::new(RulingKind::NoSingleAnswer) });
    assert_eq!(Draft::of_body(&d.to_body()), d);
    assert_eq!(Draft::of_body("{\"choice\": 9}"), Draft::default());
    for k in RulingKind::ALL {
        assert_eq!((RulingKind::of(k.word()), RulingKind::of_key(k.key())), (Some(k), Some(k)));
    }
}

fn intent() -> impl Strategy<Value = Intent> {
    let score = || (1..=5_u8).prop_map(s);
    prop_oneof![
        4 => score().prop_map(Intent::Choose),
        4 => Just(Intent::Submit),
        2 => Just(Intent::Next),
        1 => Just(Intent::Previous),
        2 => Just(Intent::Undo),
        1 => Just(Intent::Skip(SkipReason::BrokenItem)),
        1 => (0..RulingKind::ALL.len()).prop_map(|i| Intent::Rule(RulingKind::ALL[i])),
        1 => "[a-z]{0,3}".prop_map(Intent::RulingText),
        1 => "[a-z]{0,3}".prop_map(Intent::Note),
        1 => (score(), "[a-z]{0,2}").prop_map(|(score, why)| Intent::Revise { score, why }),
        1 => (score(), Just(Cause::Slip)).prop_map(|(s, cause)| Intent::Settle { score: Some(s), cause }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever is pressed, with writes that fail and kills in between: only Submit decides, no decision is lost, and the draft comes back.
    #[test]
    fn whatever_is_pressed_only_submit_decides(steps in prop::collection::vec((intent(), 0..12_u8), 1..40)) {
        let mut w = World::new(4);
        let mut session = w.start(None);
        for (intent, chance) in steps {
            if chance == 0 {
                w.broken = true;
            }
            if chance == 1 {
                let place = item_of(&session).filter(|_| matches!(session.stage(), Stage::Blind(_)));
                let kept = place.and_then(|p| w.drafts.get(&p)).map(|b| Draft::of_body(b));
                session = w.start(place);
                if let (Some(kept), Stage::Blind(t)) = (kept, session.stage()) {
                    prop_assert_eq!(&t.draft, &kept);
                }
            }
            let before = w.acts.len();
            let decided = w.decisions();
            let chosen = if let Stage::Blind(t) = session.stage() { t.draft.check().is_ok() } else { false };
            w.act(&mut session, intent.clone());
            w.broken = false;
            prop_assert!(w.acts.len() <= before + 1, "one act for one intent");
            if w.decisions() > decided {
                prop_assert!(chosen && intent == Intent::Submit);
                let revealed = matches!(session.stage(), Stage::Revealed { .. });
                prop_assert!(revealed);
            }
            match session.stage() {
                Stage::Sending(_) | Stage::Opening(_) => prop_assert!(false, "stuck in {:?}", session.stage()),
                Stage::Revealed { task, .. } => prop_assert!(w.ledger().has_seen(&task.on.item, &w.me.name)),
                Stage::Blind(task) => prop_assert_eq!(task.blind, !w.ledger().has_seen(&task.on.item, &w.me.name)),
                _ => {}
            }
        }
        let standing = w.ledger();
        let undoable = session.history().iter().filter(|d| matches!(d.what, Undoable::Decision(_))).count();
        prop_assert_eq!(standing.grades().all().len(), undoable, "what stands can be taken back, and nothing else");
        let blind_twice = standing.grades().all().iter().any(|g| g.decision.blind && w.acts.iter().filter(|(_, a)| {
            matches!(a, Act::Decided(d) if d.on.item == g.decision.on.item)
        }).count() > 1 && w.acts.iter().any(|(_, a)| matches!(a, Act::Decided(d) if d.on.item == g.decision.on.item && d != &g.decision)));
        prop_assert!(!blind_twice, "only the first decision on an item is blind");
    }
}
