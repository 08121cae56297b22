//! What a queue promises: who gets what, in which order, and why nothing is left.

use std::collections::BTreeSet;

use super::*;
use crate::domain::log::{Act, Seat, SkipReason};
use crate::domain::{Risk, RunId, Trigger};
use crate::gate::GateVerdict;
use crate::review::fixture::*;

fn clock(ms: i64) -> String {
    format!("{:02}:{:02}", ms / 3_600_000, ms / 60_000 % 60)
}

fn why(q: &Queue, p: &Person) -> String {
    q.why_empty(p, &Filter::default()).text(&clock)
}

fn seqs(q: &Queue, p: &Person) -> Vec<u64> {
    q.picks(p, &Filter::default()).iter().map(|p| p.item.on().seq).collect()
}

fn skip(n: u64) -> Act {
    Act::Skipped { on: on(n), why: SkipReason::NotMyField }
}

fn dispute(n: u64) -> Act {
    Act::Disputed { on: on(n), why: Digest::of_bytes(b"why") }
}

fn state(q: &Queue, n: u64) -> State {
    q.get(&on(n).item).unwrap().state
}

#[test]
fn an_empty_queue_says_why() {
    let until = 14 * 3_600_000 + 20 * 60_000;
    let legal = |n| Listed { tags: vec!["skill:legal".into()], ..listed(n) };
    let items = vec![listed(0), listed(1), listed(2), listed(3), legal(4), legal(5)];
    let claims = [held(0, "bo", until + 60_000), held(1, "cy", until), held(2, "di", until), held(3, "ed", until + 1)];
    let mut ana = person("ana");
    ana.skills = Fields::these(["sales"]);
    let q = queue(items, &[], &claims, 0);
    assert!(q.next_for(&ana, &Filter::default()).is_none());
    assert_eq!(why(&q, &ana), "6 left: 4 held by others until 14:20, 2 need `legal`");
    assert_eq!(why(&queue(vec![], &[], &[], 0), &ana), "nothing wants a person");
    assert_eq!(why(&queue(vec![listed(0)], &[("bo", gives(0, 4))], &[], 0), &ana), "nothing is left: the one item is done");
    let own = queue(vec![risky(0, Risk::High)], &[("ana", gives(0, 5))], &[], 0);
    assert_eq!(why(&own, &ana), "1 left: 1 waits for another grader after you");
    let conflict = queue(vec![risky(0, Risk::High)], &[("bo", gives(0, 5)), ("cy", gives(0, 1))], &[], 0);
    assert_eq!(why(&conflict, &ana), "1 left: 1 waits for an adjudicator");
}

#[test]
fn what_is_skipped_goes_to_others_and_after_three_skips_to_an_owner() {
    let one = queue(vec![listed(0)], &[("ana", skip(0))], &[], 0);
    assert_eq!(state(&one, 0), State::Deferred { skips: 1 });
    assert!(seqs(&one, &person("ana")).is_empty());
    assert_eq!(seqs(&one, &person("bo")), [0]);
    let three = queue(vec![listed(0)], &[("ana", skip(0)), ("bo", skip(0)), ("cy", skip(0))], &[], 0);
    assert!(seqs(&three, &person("di")).is_empty());
    assert_eq!(seqs(&three, &owner("di")), [0]);
    let again = queue(vec![listed(0)], &[("ana", skip(0)), ("ana", skip(0)), ("ana", skip(0))], &[], 0);
    assert_eq!(seqs(&again, &person("di")), [0], "one person who skips three times is one person");
}

#[test]
fn skills_and_languages_route_until_half_of_the_time_is_over() {
    let german = Listed { tags: vec!["lang:de".into(), "skill:legal".into()], ..listed(0) };
    let policy = Policy { sla_ms: 1000, ..Policy::default() };
    let at = |now| with(vec![german.clone()], &[], &[], now, &policy, &[]);
    let mut ana = person("ana");
    ana.langs = Fields::these(["en"]);
    assert_eq!(at(0).may(&ana, &at(0).items()[0]), Err(Bar::Lang("de".into())));
    ana.langs = Fields::these(["en", "de"]);
    assert!(at(0).may(&ana, &at(0).items()[0]).is_ok());
    ana.skills = Fields::these(["sales"]);
    assert_eq!(at(499).may(&ana, &at(499).items()[0]), Err(Bar::Skill("legal".into())));
    assert!(at(500).may(&ana, &at(500).items()[0]).is_ok());
}

#[test]
fn who_wrote_the_expected_answer_is_not_the_only_grader_of_a_dispute_about_it() {
    let mut ana = person("ana");
    ana.authored.entry(on(0).set).or_default().insert(on(0).case);
    let policy = Policy { graders: [1; 4], ..Policy::default() };
    let q = |acts: &[(&str, Act)]| with(vec![listed(0)], acts, &[], 0, &policy, std::slice::from_ref(&ana));
    let (calm, disputed) = (q(&[]), q(&[("eng", dispute(0))]));
    assert_eq!(seqs(&calm, &ana), [0], "without a dispute anybody may grade");
    assert_eq!(seqs(&disputed, &ana), [0], "two are wanted, so somebody else looks as well");
    let second = q(&[("eng", dispute(0)), ("ana", gives(0, 4)), ("bo", gives(0, 4))]);
    assert_eq!(state(&second, 0), State::Agreed { score: Some(s(4)) });
    let alone = q(&[("ana", gives(0, 4)), ("eng", dispute(0))]);
    assert_eq!(state(&alone, 0), State::Graded { given: 1, of: 2 });
}

#[test]
fn who_made_the_change_does_not_decide_a_gate_alone() {
    let policy = Policy { changed_by: BTreeSet::from([name("ana")]), ..Policy::default() };
    let q = |acts: &[(&str, Act)]| {
        let ledger = ledger(acts);
        let items = vec![listed(0)];
        Queue::build(Inputs { items, ledger: &ledger, claims: &[], people: &[], policy: &policy, leverage: &|_| 1.0, now_ms: 0 })
    };
    assert_eq!(q(&[]).items()[0].band, Band::P0);
    assert_eq!(q(&[]).may(&person("ana"), &q(&[]).items()[0]), Err(Bar::Interest));
    assert!(q(&[]).may(&person("bo"), &q(&[]).items()[0]).is_ok());
    let graded = q(&[("ana", gives(0, 5))]);
    assert_eq!(state(&graded, 0), State::Graded { given: 1, of: 2 }, "a grade of hers that is there already wants a second one");
}

#[test]
fn the_dearest_expected_error_a_minute_goes_first_and_its_terms_can_be_shown() {
    let cheap = Listed { p_wrong: 0.1, ..listed(0) };
    let fail = Listed { judged: Judged::Fail, ..listed(1) };
    let unscored = Listed { judged: Judged::Unscored, p_wrong: 0.5, ..listed(2) };
    let q = queue(vec![cheap, fail, unscored, risky(3, Risk::Critical)], &[], &[], 0);
    let order: Vec<u64> = q.items().iter().map(|i| i.on().seq).collect();
    assert_eq!(order, [3, 2, 0, 1]);
    let t = q.items()[0].terms;
    assert!((t.loss - 30.0).abs() < 1e-9 && (t.score - 30.0 / 3.0).abs() < 1e-9, "{t:?}");
    assert!((q.items()[2].terms.score - 0.1 * 4.0 / 0.5).abs() < 1e-9);
}

#[test]
fn leverage_doubles_and_age_adds() {
    let policy = Policy { sla_ms: 86_400_000, ..Policy::default() };
    let ledger = Ledger::default();
    let at = |leverage: f64, now_ms| {
        let items = vec![listed(0)];
        let q = Queue::build(Inputs { items, ledger: &ledger, claims: &[], people: &[], policy: &policy, leverage: &|_| leverage, now_ms });
        q.items()[0].terms.score
    };
    let plain = at(0.0, 0);
    assert!((at(1.0, 0) - 2.0 * plain).abs() < 1e-9);
    assert!((at(0.0, 2 * 86_400_000) - (plain + 1.2 * 4.0)).abs() < 1e-9, "typical loss 1.2, twice the time");
}

#[test]
fn similar_questions_stand_together() {
    let ask = |n, q: &str, p| Listed { question: q.into(), p_wrong: p, ..listed(n) };
    let q = queue(
        vec![
            ask(0, "Can I return a jacket?", 0.5),
            ask(1, "Where is my parcel?", 0.4),
            ask(2, "Can I return a coat?", 0.1),
            ask(3, "Where is my parcel now?", 0.2),
        ],
        &[],
        &[],
        0,
    );
    assert_eq!(q.items().iter().map(|i| i.on().seq).collect::<Vec<_>>(), [0, 2, 1, 3]);
}

#[test]
fn equal_answers_are_one_item_whatever_their_order() {
    let twin = |seq| Listed { on: ItemRef { seq, ..on(0) }, ..listed(0) };
    let one = queue(vec![twin(7), twin(3), listed(1)], &[], &[], 0);
    let other = queue(vec![listed(1), twin(3), twin(7)], &[], &[], 0);
    let view = |q: &Queue| q.items().iter().map(|i| (i.on().seq, i.copies, i.terms.score.to_bits())).collect::<Vec<_>>();
    assert_eq!(view(&one), view(&other));
    assert_eq!(one.get(&on(0).item).map(|i| (i.on().seq, i.copies)), Some((3, 2)));
}

#[test]
fn what_one_holds_comes_first_then_what_is_given_to_one() {
    let given = [("ed", Act::Assigned { on: on(2), to: name("ana") })];
    let q = queue(vec![risky(0, Risk::Critical), listed(1), listed(2)], &given, &[held(1, "ana", 10)], 5);
    assert_eq!(seqs(&q, &person("ana")), [1, 2, 0]);
    assert_eq!(seqs(&q, &person("bo")), [0], "what is held or given is not for others");
    let later = queue(vec![listed(1), listed(2)], &given, &[held(1, "ana", 10)], 10 + Policy::default().sla_ms);
    assert_eq!(seqs(&later, &person("bo")).len(), 2, "leases end, and so do assignments");
}

#[test]
fn random_audits_are_spread_over_the_others_and_never_show_by_their_place() {
    let items: Vec<Listed> = (0..40).map(listed).chain((40..50).map(routine)).collect();
    // One after the other, as it is lived: what is graded is done.
    let mut acts: Vec<(&str, Act)> = Vec::new();
    let mut places = Vec::new();
    for place in 0..50 {
        let q = queue(items.clone(), &acts, &[], 0);
        let next = q.next_for(&person("ana"), &Filter::default()).unwrap().item.on().seq;
        if next >= 40 {
            places.push(place);
        }
        acts.push(("ana", gives(next, 5)));
    }
    assert_eq!(places.len(), 10);
    let early = places.iter().filter(|p| **p < 25).count();
    assert!((2..=8).contains(&early), "{places:?}");
    assert!(places.windows(2).any(|w| w[1] - w[0] > 1), "{places:?}");
}

#[test]
fn the_stop_rule_speaks_only_when_both_ends_agree() {
    let q = queue((0..14).map(listed).collect(), &[], &[], 0);
    let decided = q.stop(|_| GateVerdict::Pass);
    assert_eq!(decided, Stop::Decided { verdict: GateVerdict::Pass, optional: 14 });
    assert_eq!(decided.text(), "the verdict can no longer change (pass): 14 items are optional");
    let open = q.stop(|a| if a == Assume::AllPass { GateVerdict::Pass } else { GateVerdict::Undecided });
    assert_eq!(open.text(), "14 items are open: the gate says pass if all pass and undecided if all fail");
    assert!(q.stop(|_| GateVerdict::Undecided).text().starts_with("the gate stays undecided"));
}

#[test]
fn an_unchanged_item_keeps_its_grade_and_says_so() {
    let mut now = listed(0);
    now.on.run = RunId::new("later").unwrap();
    let q = queue(vec![now], &[("ana", gives(0, 4))], &[], 0);
    let item = &q.items()[0];
    assert!(item.carried && item.state.is_done());
    assert!(!queue(vec![listed(0)], &[("ana", gives(0, 4))], &[], 0).items()[0].carried);
}

fn stale(l: &Listed, now: CaseNow<'_>) -> Option<Stale> {
    l.clone().against(now).stale
}

#[test]
fn a_changed_or_retired_case_withdraws_its_item() {
    use crate::domain::{Case, Status};
    let mut case = Case::new(on(0).case, "q", "e");
    let rubric = Digest::of_bytes(b"rubric");
    let mut l = listed(0);
    l.on.case_digest = case.digest();
    assert_eq!(stale(&l, CaseNow::There { case: &case, rubric }), None);
    assert_eq!(stale(&l, CaseNow::There { case: &case, rubric: Digest::of_bytes(b"new") }), Some(Stale::RubricChanged));
    assert_eq!(stale(&l, CaseNow::Gone), Some(Stale::Gone));
    case.expected.push('!');
    assert_eq!(stale(&l, CaseNow::There { case: &case, rubric }), Some(Stale::CaseChanged));
    case.status = Status::Retired;
    assert_eq!(stale(&l, CaseNow::There { case: &case, rubric }), Some(Stale::Retired));
    let withdrawn = Listed { stale: Some(Stale::Retired), ..listed(0) };
    let q = queue(vec![withdrawn], &[("ana", gives(0, 4))], &[], 0);
    assert_eq!(state(&q, 0), State::Withdrawn { why: Stale::Retired });
    assert_eq!(q.progress().of, 0);
}

#[test]
fn a_dispute_lists_a_confident_item_and_brings_an_agreed_one_back() {
    let confident = Listed { triggers: vec![], ..listed(0) };
    assert!(queue(vec![confident.clone()], &[], &[], 0).items().is_empty());
    let q = queue(vec![confident], &[("eng", dispute(0))], &[], 0);
    assert_eq!(q.items()[0].listed.triggers, [Trigger::Disputed]);
    assert_eq!((q.items()[0].wanted, q.items()[0].level, q.items()[0].band), (2, Level::T2, Band::P1));
    let agreed = [("ana", gives(0, 4)), ("bo", gives(0, 4)), ("eng", dispute(0))];
    assert_eq!(state(&queue(vec![listed(0)], &agreed, &[], 0), 0), State::Conflicted { given: 0, of: 1 });
}

#[test]
fn a_third_person_closes_a_conflict_with_or_without_a_score() {
    let two = [("ana", gives(0, 5)), ("bo", gives(0, 1))];
    let q = |more: Vec<(&'static str, Act)>| queue(vec![risky(0, Risk::High)], &[two.to_vec(), more].concat(), &[], 0);
    let open = q(vec![]);
    assert_eq!(state(&open, 0), State::Conflicted { given: 0, of: 1 });
    assert!(seqs(&open, &person("cy")).is_empty());
    let pick = open.next_for(&adjudicator("cy"), &Filter::default()).unwrap();
    assert_eq!((pick.seat, pick.slots, pick.item.level), (Seat::Adjudicator, 1, Level::T3));
    assert!(open.next_for(&adjudicator("ana"), &Filter::default()).is_none(), "a third person is a third person");
    assert_eq!(state(&q(vec![("cy", Act::Decided(decides(0, Seat::Adjudicator, Some(2))))]), 0), State::Adjudicated { score: Some(s(2)) });
    let mut wrong = decides(0, Seat::Adjudicator, None);
    wrong.ruling = Some(crate::domain::log::Ruling::Retire { reason: Digest::of_bytes(b"old") });
    assert_eq!(state(&q(vec![("cy", Act::Decided(wrong))]), 0), State::Adjudicated { score: None });
}

#[test]
fn a_critical_fail_is_overturned_by_two() {
    let acts = [("ana", gives(0, 1)), ("bo", gives(0, 5)), ("cy", Act::Decided(decides(0, Seat::Adjudicator, Some(5))))];
    let q = queue(vec![risky(0, Risk::Critical)], &acts, &[], 0);
    assert_eq!(state(&q, 0), State::Conflicted { given: 1, of: 2 });
    assert!(q.next_for(&adjudicator("cy"), &Filter::default()).is_none());
    assert_eq!(q.next_for(&adjudicator("di"), &Filter::default()).map(|p| p.slots), Some(2));
}

#[test]
fn a_filter_reads_what_it_writes_and_lets_through_what_it_says() {
    let text = "state:open risk:high tag:eu trigger:split_panel band:P1 by:ana";
    let f: Filter = text.parse().unwrap();
    assert_eq!(f.to_string().parse::<Filter>().unwrap(), f);
    assert!(!f.is_blind() && Filter::default().is_blind());
    for bad in ["eu", "tag:", "state:gone", "risk:huge", "colour:red", "band:P9", "trigger:x"] {
        assert!(bad.parse::<Filter>().is_err(), "{bad}");
    }
    let q = queue(vec![listed(0), Listed { tags: vec!["eu".into()], ..risky(1, Risk::High) }], &[("ana", gives(0, 5))], &[], 0);
    let of = |text: &str| q.filtered(&text.parse().unwrap()).map(|i| i.on().seq).collect::<Vec<_>>();
    assert_eq!((of("tag:eu"), of("state:done"), of("by:ana"), of("risk:high state:done")), (vec![1], vec![0], vec![0], vec![]));
}

#[test]
fn an_item_goes_to_whom_has_the_least_on_hand() {
    let given = [("ed", Act::Assigned { on: on(1), to: name("ana") })];
    let q = queue(vec![listed(0), listed(1)], &given, &[], 0);
    let people = [person("ana"), person("bo"), Person { skills: Fields::these(["x"]), ..person("cy") }];
    assert_eq!(q.least_loaded(q.get(&on(0).item).unwrap(), &people).map(|p| p.name.as_str()), Some("bo"));
}

#[test]
fn a_viewer_gets_nothing_and_who_is_spared_no_sensitive_item() {
    let q = queue(vec![Listed { tags: vec!["sensitive".into()], ..listed(0) }], &[], &[], 0);
    assert!(seqs(&q, &Person::new(name("v"), Role::Viewer)).is_empty());
    assert_eq!(q.may(&Person { spared: true, ..person("ana") }, &q.items()[0]), Err(Bar::Sensitive));
}
