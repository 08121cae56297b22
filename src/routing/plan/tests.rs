//! Facts about plans: within budget, nobody left out, draws that stay, and the router's own audit as a design.

use proptest::prelude::*;

use super::*;
use crate::domain::{Risk, Stratum};
use crate::routing::{AuditPolicy, Router, identity};
use crate::stats::estimate::Label;
use crate::stats::fixture::{agent, edit, row, run};

fn candidate(seq: u64, predicted: f64, minutes: f32) -> Candidate {
    Candidate {
        seq,
        key: draw_key(1, &Digest::of_bytes(&seq.to_le_bytes())),
        predicted,
        minutes,
        cost: 1.0,
        agent: 0,
        standing: Standing::Open,
        label: if predicted >= 0.5 { Label::Pass } else { Label::Fail },
    }
}

/// A panel that is unsure of every fifth item, passes three in five and fails the rest.
fn usual(n: u64) -> Vec<Candidate> {
    let predicted = |i: u64| match i % 5 {
        0 => 0.4 + 0.001 * (i % 100) as f64,
        1 => 0.05,
        _ => 0.97,
    };
    (0..n).map(|i| candidate(i, predicted(i), 0.5 + (i % 4) as f32 * 0.25)).collect()
}

fn made(candidates: &[Candidate], minutes: f64) -> Plan {
    plan(&[agent("a"), agent("b")], candidates, Budget::Minutes(minutes), PlanOptions::default(), Digest::of_bytes(b"c")).unwrap()
}

fn of(plan: &Plan, reason: Reason) -> Vec<u64> {
    let is = |i: &&DesignItem| plan.design.strata[i.stratum as usize].reason == reason;
    drawn(&plan.design, &plan.items).filter(is).map(|i| i.seq).collect()
}

#[test]
fn a_quarter_of_the_minutes_puts_verdicts_right_and_the_rest_audits() {
    let p = made(&usual(1000), 120.0);
    let minutes = |r: Reason| of(&p, r).iter().map(|s| p.items[usize::try_from(*s).unwrap()].minutes).sum::<f64>();
    assert!((28.0..=30.0).contains(&minutes(Reason::Evr)), "{:?}", p.forecasts);
    assert!(of(&p, Reason::Evr).iter().all(|s| s % 5 == 0), "only what is likely wrong");
    assert!(p.expected <= 120.0 && p.expected > 117.0 && !p.over_budget, "{}", p.expected);
    assert_eq!(p.design.strata.iter().filter(|s| s.reason == Reason::Audit).count(), 8);
    assert!(p.forecasts[0].efficiency.unwrap() > 1.1 && (p.forecasts[0].fix - 0.25).abs() < 1e-12);
    assert!(p.forecasts[0].half_width > 0.01 && p.forecasts[0].half_width < 0.08);
}

#[test]
fn a_weak_judge_leaves_no_minutes_for_putting_verdicts_right() {
    let weak: Vec<Candidate> = (0..1000).map(|i| candidate(i, 0.5 + 0.15 * f64::from(u8::from(i % 2 == 0)), 1.0)).collect();
    let p = made(&weak, 150.0);
    assert!(of(&p, Reason::Evr).is_empty() && p.forecasts[0].fix.abs() < 1e-12);
}

#[test]
fn what_must_be_reviewed_is_and_what_was_graded_costs_nothing() {
    let mut items = usual(300);
    for i in 0..10 {
        items[i].standing = Standing::Must;
        items[i + 10].standing = Standing::Replay;
        items[i + 20].label = Label::Unscored;
    }
    let p = made(&items, 60.0);
    assert_eq!(of(&p, Reason::Must), (0..10).chain(20..30).collect::<Vec<u64>>());
    assert_eq!(of(&p, Reason::Replay), (10..20).collect::<Vec<u64>>());
    assert!(p.expected <= 60.0);
    assert!(queue(&p.design, &p.items).iter().all(|s| !(10..20).contains(s)), "a replay is in nobody's queue");
    assert!(p.items[10].minutes.abs() < 1e-12);
}

#[test]
fn policy_may_take_more_than_there_is_and_the_audit_still_covers_everything() {
    let mut items = usual(100);
    for i in &mut items[..80] {
        i.standing = Standing::Must;
    }
    let p = made(&items, 10.0);
    assert!(p.over_budget);
    assert!(p.design.strata.iter().all(|s| s.drawn > 0));
}

#[test]
fn a_budget_of_items_is_kept_to_the_item() {
    let p = plan(&[agent("a")], &usual(1000), Budget::Items(150), PlanOptions::default(), Digest::of_bytes(b"c")).unwrap();
    let n = drawn(&p.design, &p.items).count();
    assert!((148..=150).contains(&n), "{n}");
    assert!((p.expected - n as f64).abs() < 1e-9);
    assert!(p.design.minutes.unwrap() > 0.0);
}

#[test]
fn strata_never_cross_agents() {
    let mut items = usual(600);
    for i in &mut items {
        i.agent = u16::from(i.seq % 3 == 0);
    }
    let p = made(&items, 100.0);
    let name = |seq: u64| if seq.is_multiple_of(3) { "b" } else { "a" };
    assert!(p.items.iter().all(|i| p.design.strata[i.stratum as usize].agent.as_str() == name(i.seq)));
    assert_eq!(p.forecasts.iter().map(|f| (f.agent, f.items)).collect::<Vec<_>>(), [(0, 400), (1, 200)]);
}

#[test]
fn a_top_up_keeps_what_was_drawn_takes_the_next_ranks_and_is_another_design() {
    let p = made(&usual(1000), 60.0);
    let before: Vec<u64> = drawn(&p.design, &p.items).map(|i| i.seq).collect();
    let more = top_up(&p.design, &p.items, 37);
    let after: Vec<u64> = drawn(&more, &p.items).map(|i| i.seq).collect();
    assert_eq!(after.len(), before.len() + 37);
    assert!(before.iter().all(|s| after.contains(s)));
    assert!(more.digest != p.design.digest && more.holds(&p.items));
    assert_eq!(drawn(&top_up(&p.design, &p.items, 1_000_000), &p.items).count(), 1000, "never more than there is");
}

#[test]
fn the_queue_does_not_tell_why_an_item_is_in_it() {
    let p = made(&usual(1000), 120.0);
    let order = queue(&p.design, &p.items);
    let reason = |seq: u64| p.design.strata[p.items[usize::try_from(seq).unwrap()].stratum as usize].reason;
    let first = order[..order.len() / 2].iter().filter(|s| reason(**s) == Reason::Evr).count();
    let all = of(&p, Reason::Evr).len();
    assert!(all > 20 && first > all / 5 && first < all * 4 / 5, "{first} of {all} in the first half");
}

#[test]
fn a_plan_from_nothing_or_of_nothing_is_a_fault() {
    let agents = [agent("a")];
    let fault = |items: &[Candidate], budget| plan(&agents, items, budget, PlanOptions::default(), Digest::of_bytes(b"")).unwrap_err();
    assert_eq!(fault(&[], Budget::Minutes(5.0)), PlanFault::NoItems);
    assert_eq!(fault(&usual(5), Budget::Minutes(f64::NAN)), PlanFault::NoBudget);
    assert_eq!(fault(&usual(5), Budget::Items(0)), PlanFault::NoBudget);
    assert_eq!(fault(&[candidate(1, 0.5, 1.0), candidate(1, 0.5, 1.0)], Budget::Items(1)), PlanFault::Twice { seq: 1 });
    for broken in [candidate(3, f64::NAN, 1.0), candidate(3, 0.5, 0.0), Candidate { agent: 9, ..candidate(3, 0.5, 1.0) }] {
        assert_eq!(fault(&[broken], Budget::Items(1)), PlanFault::OffScale { seq: 3 });
    }
}

/// The default audit, drawn by the router and written as a design, are the same outputs with the same probabilities.
#[test]
fn the_default_design_is_what_the_router_sends_to_people() {
    let head = run(2, 2);
    let mut router = Router::new(&head, AuditPolicy::default());
    let mut offered = Vec::new();
    for case in 0..400_u64 {
        for name in ["a", "b"] {
            let scores: &[u8] = match case % 10 {
                0 => &[1, 5],
                1..=3 => &[1, 1],
                _ => &[5, 5],
            };
            let mut trial = edit(row(case, 0, name, scores), |c| c.risk = Risk::Low);
            trial.key.seq = case * 2 + u64::from(name == "b");
            router.add(&trial, false);
            let stratum =
                [Stratum::Certain, Stratum::AuditFail, Stratum::AuditPass][usize::from(case % 10 > 0) + usize::from(case % 10 > 3)];
            let key = draw_key(head.seed, &identity(&trial.key, &trial.case.id));
            let base = candidate(trial.key.seq, 0.9, 1.0);
            offered.push((Candidate { key, agent: u16::from(name == "b"), ..base }, stratum));
        }
    }
    let mut sent: Vec<(u64, u64)> = router.finish().iter().map(|i| (i.seq, i.inclusion.to_bits())).collect();
    sent.sort_unstable();
    let p = default_design(&[agent("a"), agent("b")], &offered, AuditPolicy::default(), head.seed, Digest::of_bytes(b"c")).unwrap();
    let planned: Vec<(u64, u64)> =
        drawn(&p.design, &p.items).map(|i| (i.seq, p.design.strata[i.stratum as usize].inclusion().to_bits())).collect();
    assert_eq!(planned, sent);
    assert!(planned.len() >= 2 * (40 + 30));
    assert_eq!(p.design.strata.len(), 6);
    assert_eq!(p.design.minutes, None);
}

#[test]
fn a_million_candidates_fit_in_forty_bytes_each() {
    assert_eq!(size_of::<Candidate>(), 40);
    assert_eq!(size_of::<DesignItem>(), 40);
}

fn any_candidates() -> impl Strategy<Value = Vec<Candidate>> {
    prop::collection::vec((0.0f64..=1.0, 0.1f32..5.0, 0u8..12, 0u16..2), 2..150).prop_map(|rows| {
        (0..)
            .zip(rows)
            .map(|(i, (p, minutes, standing, agent))| {
                let standing = match standing {
                    0 => Standing::Must,
                    1 => Standing::Replay,
                    _ => Standing::Open,
                };
                Candidate { agent, standing, ..candidate(i, p, minutes) }
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn everyone_can_be_drawn_and_the_minutes_suffice(items in any_candidates(), share in 0.02f64..1.2) {
        let all: f64 = items.iter().map(|i| f64::from(i.minutes)).sum();
        let p = made(&items, all * share);
        prop_assert_eq!(p.items.len(), items.len());
        prop_assert!(p.items.windows(2).all(|w| w[0].seq < w[1].seq));
        prop_assert!(p.design.strata.iter().all(|s| s.drawn >= s.size.min(2) && s.drawn <= s.size && s.inclusion() > 0.0));
        let mut sizes = vec![0; p.design.strata.len()];
        for i in &p.items { sizes[i.stratum as usize] += 1; }
        prop_assert_eq!(sizes, p.design.strata.iter().map(|s| s.size).collect::<Vec<_>>());
        let spent: f64 = p.items.iter().map(|i| p.design.strata[i.stratum as usize].inclusion() * i.minutes).sum();
        prop_assert!((spent - p.expected).abs() < 1e-6 * all.max(1.0));
        prop_assert_eq!(p.over_budget, p.expected > all * share * (1.0 + 1e-9));
        // Only what policy demands, and two items a stratum, may exceed the budget.
        let must: f64 = items.iter().filter(|c| c.kind() == Standing::Must).map(|c| f64::from(c.minutes)).sum();
        let two = p.design.strata.iter().any(|s| s.reason == Reason::Audit && s.drawn <= 2);
        prop_assert!(!p.over_budget || must > all * share || two, "{} of {}: {:?}", p.expected, all * share, p.design.strata);
    }

    #[test]
    fn the_order_of_candidates_never_matters_and_another_seed_draws_others(items in any_candidates()) {
        let forward = made(&items, 20.0);
        let mut turned = items.clone();
        turned.reverse();
        let turned = made(&turned, 20.0);
        prop_assert_eq!(&forward.items, &turned.items);
        prop_assert_eq!(&forward.design, &turned.design);
        let options = PlanOptions { seed: 9, ..PlanOptions::default() };
        let other = plan(&[agent("a"), agent("b")], &items, Budget::Minutes(20.0), options, Digest::of_bytes(b"c")).unwrap();
        prop_assert_ne!(other.design.digest, forward.design.digest);
    }
}
