//! Hidden audits: who gets them, how many, and what follows from misses.

use super::*;
use crate::domain::log::{Act, Seat};
use crate::review::fixture::*;

/// Items 100.. decided by an adjudicator and made gold; the judges got every second one wrong.
fn pool_acts(n: u64) -> Vec<(&'static str, Act)> {
    let decided = (0..n).map(|i| ("judy", Act::Decided(decides(100 + i, Seat::Adjudicator, Some(5)))));
    let gold = (0..n).map(|i| ("owner", Act::Gold { of: id(usize::try_from(i).unwrap()), on: true }));
    decided.chain(gold).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "the form that the pool asks for")]
fn facts(on: &ItemRef) -> Option<GoldFacts> {
    let judged = if on.seq.is_multiple_of(2) { Judged::Fail } else { Judged::Pass };
    Some(GoldFacts { mark: MARK, judged, tags: vec![] })
}

fn gold(n: u64, score: u8) -> Act {
    Act::Decided(decides(n, Seat::Gold, Some(score)))
}

#[test]
fn the_first_five_are_open_warm_ups_and_then_about_one_in_twelve_is_hidden() {
    let mut acts = pool_acts(60);
    let (mut warm, mut hidden, mut wrong) = (0, 0, 0);
    for place in 0..400_u64 {
        let l = ledger(&acts);
        let pool = GoldPool::of(&l, &facts);
        let due = pool.due(&person("ana"), &l, 7);
        assert_eq!(due, pool.due(&person("ana"), &l, 7), "the same until it is decided");
        let act = match due {
            Some(Serve::WarmUp(g)) => {
                assert!(place < u64::from(WARM_UPS));
                warm += 1;
                Act::Decided(decides(g.on.seq, Seat::Session, Some(5)))
            }
            Some(Serve::Hidden(g)) => {
                hidden += 1;
                wrong += u64::from(g.judge_wrong);
                gold(g.on.seq, 5)
            }
            None => gives(1000 + place, 4),
        };
        acts.push(("ana", act));
    }
    assert_eq!(warm, 5);
    assert!((20..=46).contains(&hidden), "{hidden}: 33 are expected");
    assert!(wrong * 4 >= hidden && wrong * 4 <= 3 * hidden, "{wrong} of {hidden}: half are expected");
}

#[test]
fn nobody_is_audited_on_what_they_know_or_do_not() {
    let mut acts = pool_acts(1);
    let due = |acts: &[(&str, Act)], p: &Person| {
        let l = ledger(acts);
        let tags = vec!["skill:legal".to_owned()];
        GoldPool::of(&l, &|on| facts(on).map(|f| GoldFacts { tags: tags.clone(), ..f })).due(p, &l, 7).is_some()
    };
    assert!(due(&acts, &person("ana")));
    assert!(!due(&acts, &person("judy")), "who made the key");
    assert!(!due(&acts, &Person { skills: Fields::these(["sales"]), ..person("ana") }), "out of field");
    acts.push(("bo", Act::Disputed { on: on(100), why: Digest::of_bytes(b"w") }));
    assert!(!due(&acts, &person("ana")), "disputed");
    let mut withdrawn = pool_acts(1);
    withdrawn.push(("owner", Act::Gold { of: id(0), on: false }));
    assert!(!due(&withdrawn, &person("ana")));
}

#[test]
fn two_misses_in_the_last_ten_pause_until_a_calibration_session() {
    let mut acts = pool_acts(20);
    let pause = |acts: &[(&str, Act)]| {
        let l = ledger(acts);
        GoldPool::of(&l, &facts).pause(&name("ana"), &l)
    };
    acts.extend((0..9).map(|n| ("ana", gold(100 + n, 5))));
    acts.push(("ana", gold(109, 1)));
    assert_eq!(pause(&acts), None);
    acts.push(("ana", gold(110, 3)));
    assert!(pause(&acts).unwrap().contains("2 of your last 10"));
    let mut disputed = acts.clone();
    disputed.push(("ana", Act::Disputed { on: on(110), why: Digest::of_bytes(b"it is wrong") }));
    assert_eq!(pause(&disputed), None, "the item is settled first");
    acts.push(("ana", Act::Decided(decides(500, Seat::Session, Some(4)))));
    assert_eq!(pause(&acts), None);
    let l = ledger(&acts);
    let missed = GoldPool::of(&l, &facts).results(&name("ana"), &l).iter().filter(|r| r.missed).count();
    assert_eq!(missed, 2, "for the feedback at the end of a session");
}
