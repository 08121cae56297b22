//! What a summary says of small runs.

use proptest::prelude::*;

use super::super::fixture::{agent, ballot, edit, failed, row, run, with_ballots};
use super::super::summary::Summary;
use super::*;
use crate::domain::{Risk, Stratum, Tier, Tokens, Trigger, Usd};

fn summary(head: &RunHead, rows: &[TrialRow]) -> Summary {
    let mut b = SummaryBuilder::new(head);
    for r in rows {
        b.add(r);
    }
    b.finish()
}

fn latency(mut row: TrialRow, ms: u64) -> TrialRow {
    if let Ok(output) = &mut row.answer {
        output.latency_ms = ms;
    }
    row
}

#[test]
fn an_empty_run_has_no_figures() {
    let s = summary(&run(1, 2), &[]);
    let a = &s.agents[0];
    assert_eq!((a.trials, a.accuracy.value, a.accuracy_bounds, a.mean_score, a.latency_ms), (0, None, None, None, None));
    assert_eq!(s.agreement.alpha, Err("no unit has two ratings".into()));
    assert!(a.sets.is_empty() && a.risks.is_empty());
}

#[test]
fn a_failed_agent_is_neither_right_nor_wrong() {
    let s = summary(&run(1, 2), &[row(0, 0, "a", &[5, 5]), failed(1, 0, "a")]);
    let a = &s.agents[0];
    assert_eq!((a.trials, a.cases, a.accuracy.settled, a.accuracy.value), (2, 2, 1, Some(1.0)));
    assert_eq!(a.failures, [("timeout".to_owned(), 1)]);
    assert_eq!(a.accuracy_bounds, Some(super::super::summary::Interval { low: 1.0, high: 1.0 }));
}

#[test]
fn open_trials_widen_the_bounds_and_leave_the_accuracy_alone() {
    let rows = [row(0, 0, "a", &[5, 5]), row(1, 0, "a", &[1, 1]), row(2, 0, "a", &[1, 5]), row(3, 0, "a", &[0, 0])];
    let a = summary(&run(1, 2), &rows).agents.remove(0);
    assert_eq!((a.split, a.unscored, a.accuracy.value), (1, 1, Some(0.5)));
    let bounds = a.accuracy_bounds.unwrap();
    assert!((bounds.low - 0.25).abs() < 1e-12 && (bounds.high - 0.75).abs() < 1e-12);
    assert_eq!(a.histogram, [2, 0, 0, 0, 1], "a split trial stands at its lower median, an unscored one nowhere");
    assert!((a.mean_score.unwrap() - 3.0).abs() < 1e-12);
}

#[test]
fn a_case_counts_once_however_often_it_is_tried() {
    let mut rows: Vec<_> = (0..9).map(|t| row(0, t, "a", &[5, 5])).collect();
    rows.push(row(1, 0, "a", &[1, 1]));
    let a = summary(&run(1, 2), &rows).agents.remove(0);
    assert_eq!((a.accuracy.value, a.accuracy.passed, a.accuracy.settled, a.cases), (Some(0.5), 9, 10, 2));
    assert_eq!(a.mean_score, Some(3.0), "a mean of case means, as the accuracy is");
    assert_eq!(a.score_interval, Some(super::super::summary::Interval { low: 1.0, high: 5.0 }), "two cases are two observations");
}

#[test]
fn groups_are_by_tag_risk_and_set() {
    let tagged = |c, scores: &[u8], tags: &[&str], risk| {
        edit(row(c, 0, "a", scores), |case| {
            case.tags = tags.iter().map(|t| (*t).to_owned()).collect();
            case.risk = risk;
        })
    };
    let rows = [tagged(0, &[5], &["x", "y"], Risk::Low), tagged(1, &[1], &["y"], Risk::Critical)];
    let a = summary(&run(1, 1), &rows).agents.remove(0);
    let of = |groups: &[super::super::summary::TagSummary]| -> Vec<(String, Option<f64>)> {
        groups.iter().map(|g| (g.name.clone(), g.accuracy.value)).collect()
    };
    assert_eq!(of(&a.tags), [("x".to_owned(), Some(1.0)), ("y".to_owned(), Some(0.5))]);
    assert_eq!(of(&a.risks), [("critical".to_owned(), Some(0.0)), ("low".to_owned(), Some(1.0))]);
    assert_eq!(of(&a.sets), [("s0".to_owned(), Some(0.5))]);
}

#[test]
fn the_slowest_cases_are_named_once_each() {
    let mut rows = vec![latency(row(0, 0, "a", &[5]), 90), latency(row(0, 1, "a", &[5]), 100)];
    rows.extend((1..8).map(|c| latency(row(c, 0, "a", &[5]), c * 10)));
    let a = summary(&run(1, 1), &rows).agents.remove(0);
    assert_eq!(a.latency_ms, Some([50, 100, 100]));
    let names: Vec<_> = a.slowest.iter().map(|(c, ms)| (c.as_str(), *ms)).collect();
    assert_eq!(names, [("c0", 100), ("c7", 70), ("c6", 60), ("c5", 50), ("c4", 40)]);
}

#[test]
fn a_judges_failures_are_counted_and_never_scored() {
    let mut paid = with_ballots(0, 0, "a", vec![ballot(0, 0, 5), ballot(0, 1, 0), ballot(1, 0, 0)]);
    paid.ballots[1].spend = Spend { attempts: 3, cost: Usd(7), tokens: Tokens { input: 1, output: 2 }, ..Spend::default() };
    paid.ballots[1].latency_ms = 40;
    paid.spend.cost = Usd(5);
    let s = summary(&run(1, 2), &[paid]);
    let j = &s.judges[0];
    assert_eq!((j.ballots, j.scored, j.mean_score, j.latency_ms), (2, 1, Some(5.0), Some(40)));
    assert_eq!(j.failures, [("timeout".to_owned(), 1)]);
    assert_eq!((s.judges[1].scored, s.judges[1].mean_score), (0, None));
    assert_eq!((s.spend.cost, s.agents[0].spend.cost), (Usd(12), Usd(5)));
}

#[test]
fn a_cascade_says_what_it_saved() {
    let mut head = run(1, 2);
    head.cascade = true;
    head.judges[1].samples = 3;
    let s = summary(&head, &[row(0, 0, "a", &[5]), row(1, 0, "a", &[5, 5]), failed(2, 0, "a")]);
    assert_eq!((s.ballots_saved, s.judges[0].settled_alone, s.judges[1].settled_alone), (3, 1, 0));
    head.cascade = false;
    let s = summary(&head, &[row(0, 0, "a", &[5])]);
    assert_eq!((s.ballots_saved, s.judges[0].settled_alone), (0, 0), "a panel's missing judge is not a saving");
}

#[test]
fn what_goes_to_people_is_counted_by_reason() {
    let item = |triggers: &[Trigger]| ReviewItem {
        seq: 0,
        triggers: triggers.to_vec(),
        priority: 1.0,
        tier: Tier::T1,
        stratum: Stratum::Certain,
        inclusion: 1.0,
    };
    let mut one = row(0, 0, "a", &[1, 5]);
    one.item = Some(item(&[Trigger::SplitPanel, Trigger::StraddlesPassMark]));
    let mut b = SummaryBuilder::new(&run(1, 2));
    b.add(&one);
    b.add_item(&agent("a"), &item(&[Trigger::StraddlesPassMark]));
    let a = b.finish().agents.remove(0);
    assert_eq!(a.review, 2);
    assert_eq!(a.triggers, [("straddles_pass_mark".to_owned(), 2), ("split_panel".to_owned(), 1)]);
}

#[test]
fn each_agent_has_its_own_column() {
    let s = summary(&run(2, 1), &[row(0, 0, "a", &[5]), row(0, 0, "b", &[1]), row(0, 0, "zz", &[1])]);
    assert_eq!((s.agents[0].accuracy.value, s.agents[1].accuracy.value, s.done), (Some(1.0), Some(0.0), 3));
    assert_eq!((s.pairs.len(), s.pairs[0].only_first), (1, 1));
}

proptest! {
    #[test]
    fn order_within_a_case_and_of_ballots_never_matters(
        cases in prop::collection::vec(prop::collection::vec((prop::collection::vec(0u8..=5, 0..4), any::<bool>(), 0u64..5000), 1..5), 1..12)
    ) {
        let head = run(2, 3);
        let mut forward = Vec::new();
        let mut backward = Vec::new();
        for (c, trials) in (0u64..).zip(&cases) {
            let rows: Vec<TrialRow> = (0u16..).zip(trials).map(|(t, (scores, second, ms))| {
                latency(edit(row(c, t, if *second { "b" } else { "a" }, scores), |case| case.tags = vec![format!("t{}", c % 3)]), *ms)
            }).collect();
            forward.extend(rows.iter().cloned());
            backward.extend(rows.into_iter().rev().map(|mut r| { r.ballots.reverse(); r }));
        }
        prop_assert_eq!(summary(&head, &forward), summary(&head, &backward));
    }
}
