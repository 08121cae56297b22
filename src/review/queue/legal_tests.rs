//! Legal transitions only: random logs never lead a state where the table of states does not.

use proptest::prelude::*;

use super::*;
use crate::domain::log::{Act, Cause, Ruling, Seat, SkipReason};
use crate::domain::{Claim, Risk};
use crate::review::fixture::*;

const PEOPLE: [&str; 5] = ["ana", "bo", "cy", "di", "ed"];

/// One act of a random log; `of` picks an earlier event.
#[derive(Clone, Debug)]
enum Step {
    Grade { item: u64, who: usize, score: Option<u8> },
    Third { item: u64, who: usize, score: Option<u8> },
    Aside { item: u64, who: usize, score: u8, gold: bool },
    Skip { item: u64, who: usize },
    Dispute { item: u64, who: usize },
    Settle { item: u64, who: usize, score: Option<u8> },
    Revise { of: usize, who: usize, score: u8 },
    Void { of: usize, who: usize },
    Fold { of: usize },
    Unfold { of: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let (item, who, score) = (|| 0..3_u64, || 0..PEOPLE.len(), || 1..=5_u8);
    let maybe = || prop::option::weighted(0.8, 1..=5_u8);
    prop_oneof![
        6 => (item(), who(), maybe()).prop_map(|(item, who, score)| Step::Grade { item, who, score }),
        2 => (item(), who(), maybe()).prop_map(|(item, who, score)| Step::Third { item, who, score }),
        1 => (item(), who(), score(), any::<bool>()).prop_map(|(item, who, score, gold)| Step::Aside { item, who, score, gold }),
        1 => (item(), who()).prop_map(|(item, who)| Step::Skip { item, who }),
        1 => (item(), who()).prop_map(|(item, who)| Step::Dispute { item, who }),
        1 => (item(), who(), maybe()).prop_map(|(item, who, score)| Step::Settle { item, who, score }),
        1 => (0..30_usize, who(), score()).prop_map(|(of, who, score)| Step::Revise { of, who, score }),
        3 => (0..30_usize, who()).prop_map(|(of, who)| Step::Void { of, who }),
        2 => (0..30_usize).prop_map(|of| Step::Fold { of }),
        1 => (0..30_usize).prop_map(|of| Step::Unfold { of }),
    ]
}

fn decided(item: u64, seat: Seat, score: Option<u8>) -> Act {
    let mut d = decides(item, seat, score);
    if score.is_none() {
        d.ruling = Some(Ruling::Retire { reason: Digest::of_bytes(b"old") });
    }
    Act::Decided(d)
}

fn acts(steps: &[Step]) -> Vec<(&'static str, Act)> {
    let file = |of: usize| Act::Folded { of: id(of), file: "s.yaml".into(), before: Digest::of_bytes(b"b"), after: Digest::of_bytes(b"a") };
    steps
        .iter()
        .enumerate()
        .map(|(i, step)| (step, move |of: usize| of % i.max(1)))
        .map(|(step, earlier)| match *step {
            Step::Grade { item, who, score } => (PEOPLE[who], decided(item, Seat::Grader, score)),
            Step::Third { item, who, score } => (PEOPLE[who], decided(item, Seat::Adjudicator, score)),
            Step::Aside { item, who, score, gold } => {
                (PEOPLE[who], decided(item, if gold { Seat::Gold } else { Seat::Session }, Some(score)))
            }
            Step::Skip { item, who } => (PEOPLE[who], Act::Skipped { on: on(item), why: SkipReason::NeedContext }),
            Step::Dispute { item, who } => (PEOPLE[who], Act::Disputed { on: on(item), why: Digest::of_bytes(b"w") }),
            Step::Settle { item, who, score } => {
                (PEOPLE[who], Act::Settled { on: on(item), score: score.map(s), cause: Cause::RealDifference })
            }
            Step::Revise { of, who, score } => {
                (PEOPLE[who], Act::Revised { of: id(earlier(of)), score: s(score), why: Digest::of_bytes(b"w") })
            }
            Step::Void { of, who } => (PEOPLE[who], Act::Voided { of: id(earlier(of)) }),
            Step::Fold { of } => ("owner", file(earlier(of))),
            Step::Unfold { of } => ("owner", Act::Unfolded { of: id(earlier(of)) }),
        })
        .collect()
}

fn items() -> Vec<Listed> {
    vec![listed(0), risky(1, Risk::High), risky(2, Risk::Critical)]
}

fn states(acts: &[(&str, Act)]) -> Vec<State> {
    let q = queue(items(), acts, &[], 0);
    (0..3).map(|n| q.get(&on(n).item).unwrap().state).collect()
}

/// The table of states: where one event may lead from where.
fn legal(from: State, to: State, act: &Act) -> bool {
    use State::{Adjudicated, Agreed, Conflicted, Deferred, Folded, Graded, Pending};
    if std::mem::discriminant(&from) == std::mem::discriminant(&to) {
        return true;
    }
    match act {
        Act::Decided(d) if d.seat == Seat::Grader => match from {
            Pending | Deferred { .. } | Graded { .. } => matches!(to, Graded { .. } | Agreed { .. } | Conflicted { .. }),
            // An extra opinion may open a conflict; after a third person only a fail on a critical item that one person let pass.
            Agreed { .. } | Adjudicated { score: Some(_) } => matches!(to, Conflicted { .. }),
            _ => false,
        },
        Act::Decided(d) if d.seat == Seat::Adjudicator => {
            from.is_open() || from.is_done() && matches!(to, Adjudicated { .. } | Conflicted { .. })
        }
        Act::Skipped { .. } => matches!((from, to), (Pending, Deferred { .. })),
        Act::Disputed { .. } => {
            matches!((from, to), (Agreed { .. }, Graded { .. } | Conflicted { .. }) | (Adjudicated { .. }, Conflicted { .. }))
        }
        Act::Settled { .. } => !matches!(from, Folded { .. }) && matches!(to, Adjudicated { .. } | Conflicted { .. }),
        Act::Revised { .. } => {
            let scored = |x| matches!(x, Graded { .. } | Agreed { .. } | Conflicted { .. } | Adjudicated { .. });
            scored(from) && scored(to)
        }
        // Back to wherever it would be without it: the other property says where. Never out of a fold.
        Act::Voided { .. } => !matches!(from, Folded { .. }) && !matches!(to, Folded { .. }),
        Act::Folded { .. } => from != Pending && matches!(to, Folded { .. }),
        Act::Unfolded { .. } => matches!(from, Folded { .. }),
        _ => false,
    }
}

/// The item that an act is about, also where it names an event.
fn about(acts: &[(&str, Act)], act: &Act) -> Option<Digest> {
    let of = |e: &crate::domain::EventId| acts.iter().enumerate().find(|(i, _)| id(*i) == *e).map(|(_, (_, a))| a);
    match act {
        Act::Voided { of: e } | Act::Folded { of: e, .. } | Act::Unfolded { of: e } | Act::Revised { of: e, .. } => match of(e)? {
            a @ (Act::Voided { .. } | Act::Folded { .. } | Act::Unfolded { .. }) => a.item().map(|i| i.item),
            Act::Revised { of: e, .. } => of(e)?.item().map(|i| i.item),
            a => a.item().map(|i| i.item),
        },
        a => a.item().map(|i| i.item),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_event_leads_where_the_table_says_and_touches_no_other_item(steps in prop::collection::vec(step(), 1..30)) {
        let all = acts(&steps);
        let mut before = states(&[]);
        for n in 1..=all.len() {
            let act = &all[n - 1].1;
            let after = states(&all[..n]);
            for (i, (from, to)) in before.iter().zip(&after).enumerate() {
                prop_assert!(legal(*from, *to, act), "item {i}: {from:?} -> {to:?} by {act:?}");
                let own = about(&all, act) == Some(on(i as u64).item);
                prop_assert!(own || from == to, "item {i} was touched: {from:?} -> {to:?} by {act:?}");
            }
            before = after;
        }
    }

    #[test]
    fn a_void_brings_back_what_was_there(steps in prop::collection::vec(step(), 0..20), item in 0..3_u64, who in 0..PEOPLE.len(), score in 1..=5_u8) {
        let mut all = acts(&steps);
        let before = states(&all);
        let n = all.len();
        all.push((PEOPLE[who], decided(item, Seat::Grader, Some(score))));
        let between = states(&all);
        all.push((PEOPLE[(who + 1) % PEOPLE.len()], Act::Voided { of: id(n) }));
        prop_assert_eq!(&states(&all), &between, "nobody takes another's decision back");
        all.push((PEOPLE[who], Act::Voided { of: id(n) }));
        prop_assert_eq!(states(&all), before);
    }

    #[test]
    fn sessions_and_gold_never_label(steps in prop::collection::vec(step(), 0..20), item in 0..3_u64, score in 1..=5_u8, gold in any::<bool>()) {
        let mut all = acts(&steps);
        let before = states(&all);
        all.push(("zoe", decided(item, if gold { Seat::Gold } else { Seat::Session }, Some(score))));
        prop_assert_eq!(states(&all), before);
    }

    #[test]
    fn the_order_of_claims_and_items_never_matters(
        steps in prop::collection::vec(step(), 0..12),
        claims in prop::collection::vec((0..3_u64, 0..PEOPLE.len(), 0..4_i64, any::<bool>()), 0..8),
        seed in any::<u64>(),
    ) {
        let all = acts(&steps);
        let claims: Vec<Claim> = claims.into_iter().enumerate().map(|(i, (n, who, until_ms, third))| Claim {
            slot: u16::try_from(i).unwrap(),
            seat: if third { Seat::Adjudicator } else { Seat::Grader },
            ..held(n, PEOPLE[who], until_ms)
        }).collect();
        let mut shuffled = claims.clone();
        shuffled.sort_by_key(|c| Digest::of_bytes(format!("{seed}{c:?}").as_bytes()));
        let mut other = items();
        other.reverse();
        let (one, two) = (queue(items(), &all, &claims, 2), queue(other, &all, &shuffled, 2));
        prop_assert_eq!(format!("{:?}", one.items()), format!("{:?}", two.items()));
        for p in PEOPLE.map(person).iter().chain(&[adjudicator("zoe"), owner("yan")]) {
            let seqs = |q: &Queue| q.picks(p, &Filter::default()).iter().map(|p| p.item.on().seq).collect::<Vec<_>>();
            prop_assert_eq!(seqs(&one), seqs(&two));
            // Nobody is asked twice, and every open item is either theirs or has a reason.
            let empty = one.why_empty(p, &Filter::default());
            prop_assert_eq!(empty.left, empty.free + empty.because.iter().map(|g| g.items).sum::<usize>());
            prop_assert_eq!(empty.free, seqs(&one).len());
            for pick in one.picks(p, &Filter::default()) {
                prop_assert!(!pick.item.graders.contains(&p.name) && pick.item.state.is_open());
                prop_assert!(pick.resumed || pick.item.held.len() < usize::from(pick.item.wanted - pick.item.given));
            }
        }
    }
}
