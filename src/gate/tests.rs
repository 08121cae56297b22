//! What a gate says of small runs.

use proptest::prelude::*;

use super::super::{AccuracyLine, BaselineBuilder, OPINION, Selector};
use super::*;
use crate::domain::{Output, Risk, RunHead};
use crate::stats::fixture::{edit, failed, row, run};
use GateVerdict::{Fail, Pass, Undecided};

const GOOD: &[u8] = &[5, 5];
const BAD: &[u8] = &[1, 1];
const SPLIT: &[u8] = &[1, 5];

fn at_least(x: f64) -> GateSpec {
    GateSpec { accuracy: Some(AccuracyLine { at_least: Some(x), max_drop: None }), ..GateSpec::default() }
}

fn max_drop(x: f64) -> GateSpec {
    GateSpec { accuracy: Some(AccuracyLine { at_least: None, max_drop: Some(x) }), ..GateSpec::default() }
}

fn must(selector: &str) -> GateSpec {
    GateSpec { must_pass: vec![selector.parse().unwrap()], ..GateSpec::default() }
}

/// Cases by their scores, `n` of each kind.
fn rows(kinds: &[(u64, &[u8])]) -> Vec<TrialRow> {
    let scores = kinds.iter().flat_map(|(n, s)| (0..*n).map(|_| *s));
    (0u64..).zip(scores).map(|(c, s)| row(c, 0, "a", s)).collect()
}

fn check(spec: GateSpec, rows: &[TrialRow]) -> GateResult {
    let mut g = GateBuilder::new(&run(1, 2), spec);
    for r in rows {
        g.add(r);
    }
    g.finish()
}

/// Text of an answer, so that it differs from the baseline's.
fn says(mut row: TrialRow, text: &str) -> TrialRow {
    row.answer = Ok(Output::text(text));
    row
}

fn against(before: &[TrialRow], now: &[TrialRow], most: f64) -> GateLine {
    let head = run(1, 2);
    let mut b = BaselineBuilder::new(&head);
    for r in before {
        b.add(r);
    }
    let mut g = GateBuilder::new(&head, max_drop(most)).with_baseline(b.finish());
    for r in now {
        g.add(r);
    }
    g.finish().lines.remove(0)
}

#[test]
fn the_bound_decides_rather_than_the_point() {
    assert_eq!(check(at_least(0.9), &rows(&[(80, GOOD)])).verdict, Pass);
    assert_eq!(check(at_least(0.9), &rows(&[(75, GOOD), (5, BAD)])).verdict, Undecided, "93.8%, yet 80 cases cannot tell it from 90%");
    assert_eq!(check(at_least(0.9), &rows(&[(60, GOOD), (20, BAD)])).verdict, Fail);
}

#[test]
fn the_gate_agrees_with_what_the_lint_says_is_tolerated() {
    for n in [29, 40, 80, 200] {
        let k = super::super::tolerated_failures(0.9, n).by_interval.unwrap();
        assert_eq!(check(at_least(0.9), &rows(&[(n - k, GOOD), (k, BAD)])).verdict, Pass);
        assert_eq!(check(at_least(0.9), &rows(&[(n - k - 1, GOOD), (k + 1, BAD)])).verdict, Undecided);
    }
}

#[test]
fn disputed_trials_count_against_a_pass_and_against_a_fail() {
    let r = check(at_least(0.9), &rows(&[(70, GOOD), (10, SPLIT)]));
    assert_eq!(r.verdict, Undecided);
    assert_eq!(r.lines[0].value, Some(1.0), "the figure itself is over settled trials");
    assert_eq!(r.lines[0].why, "passes if all open trials (10) pass: grade or repeat them");
    assert_eq!(check(at_least(0.9), &rows(&[(60, GOOD), (10, BAD), (10, SPLIT)])).verdict, Undecided);
    assert_eq!(check(at_least(0.9), &rows(&[(40, GOOD), (30, BAD), (10, SPLIT)])).verdict, Fail);
}

#[test]
fn an_undecided_line_says_how_many_cases_it_takes() {
    let r = check(at_least(0.9), &rows(&[(19, GOOD), (1, BAD)]));
    assert_eq!(r.lines[0].why, "too few cases to tell 95.0% from the line: about 98 are needed, there are 20");
}

#[test]
fn an_outage_never_passes_a_gate_and_never_fails_one() {
    let down: Vec<_> = (0..50).map(|c| failed(c, 0, "a")).collect();
    assert_eq!(check(at_least(0.9), &down).verdict, Undecided);
    assert_eq!(check(at_least(0.9), &[]).verdict, Undecided);
    let mut half = rows(&[(50, GOOD)]);
    half.extend((50..100).map(|c| failed(c, 0, "a")));
    assert_eq!(check(at_least(0.9), &half).verdict, Undecided);
}

#[test]
fn an_unfinished_run_is_undecided() {
    let mut head = run(1, 2);
    head.planned = 100;
    let mut g = GateBuilder::new(&head, at_least(0.5));
    for r in rows(&[(50, GOOD)]) {
        g.add(&r);
    }
    let r = g.finish();
    assert_eq!((r.found, r.lines[0].name.as_str()), (Undecided, "run"));
}

#[test]
fn undecided_becomes_what_the_team_chose() {
    for policy in [Pass, Fail, Undecided] {
        let r = check(GateSpec { undecided: policy, ..at_least(0.9) }, &rows(&[(10, GOOD)]));
        assert_eq!((r.found, r.verdict), (Undecided, policy));
        let r = check(GateSpec { undecided: policy, ..at_least(0.9) }, &rows(&[(10, BAD)]));
        assert_eq!(r.verdict, Fail);
    }
}

#[test]
fn every_result_says_that_it_is_the_judges_opinion() {
    assert_eq!(check(at_least(0.9), &[]).note, OPINION);
}

#[test]
fn a_gate_that_asks_nothing_does_not_pass() {
    assert_eq!(check(GateSpec::default(), &rows(&[(80, GOOD)])).found, Undecided);
}

#[test]
fn one_failing_trial_breaks_a_must_pass() {
    let tagged = |c, scores| edit(row(c, 0, "a", scores), |case| case.tags = vec!["safety".into()]);
    let verdict = |list: &[TrialRow]| check(must("tag:safety"), list).lines.remove(0);
    assert_eq!(verdict(&[tagged(0, GOOD), row(1, 0, "a", BAD)]).verdict, Pass);
    assert_eq!(verdict(&[tagged(0, GOOD), tagged(1, SPLIT)]).verdict, Undecided);
    let broken = verdict(&[tagged(0, SPLIT), tagged(1, BAD)]);
    assert_eq!((broken.verdict, broken.why.as_str()), (Fail, "1 of 2 trials fail: c1"));
    assert_eq!(verdict(&[row(0, 0, "a", GOOD)]).verdict, Undecided, "a group that nothing is in does not pass");
}

#[test]
fn must_pass_selects_by_case_and_risk_too() {
    assert_eq!(check(must("case:c1"), &rows(&[(1, BAD), (1, GOOD)])).verdict, Pass);
    let critical = edit(row(0, 0, "a", BAD), |c| c.risk = Risk::Critical);
    assert_eq!(check(must("risk:critical"), &[critical]).verdict, Fail);
    assert!(Selector::Risk(Risk::Medium).selects(&row(0, 0, "a", GOOD).case));
}

#[test]
fn the_mean_score_is_held_to_its_lower_bound() {
    let spec = |x| GateSpec { mean_score: Some(x), ..GateSpec::default() };
    assert_eq!(check(spec(4.0), &rows(&[(80, GOOD), (5, BAD)])).verdict, Pass);
    assert_eq!(check(spec(4.9), &rows(&[(3, GOOD)])).verdict, Undecided);
    assert_eq!(check(spec(4.0), &rows(&[(40, BAD), (5, GOOD)])).verdict, Fail);
    assert_eq!(check(spec(4.0), &rows(&[(60, GOOD), (60, SPLIT)])).verdict, Undecided);
    assert_eq!(check(spec(4.0), &[]).verdict, Undecided);
}

#[test]
fn too_many_unscored_trials_fail_their_line() {
    let spec = |x| GateSpec { unscored_at_most: Some(x), ..GateSpec::default() };
    let mostly = rows(&[(9, GOOD), (1, &[0, 0])]);
    assert_eq!(check(spec(0.1), &mostly).verdict, Pass);
    assert_eq!(check(spec(0.05), &mostly).verdict, Fail);
    assert_eq!(check(spec(0.1), &[failed(0, 0, "a")]).verdict, Undecided);
}

#[test]
fn every_agent_is_held_to_the_gate() {
    let mut list = rows(&[(40, GOOD)]);
    list.extend((0..40).map(|c| row(c, 0, "b", BAD)));
    list.sort_by_key(|r| r.key.seq);
    let mut g = GateBuilder::new(&run(2, 2), at_least(0.9));
    for r in &list {
        g.add(r);
    }
    let r = g.finish();
    assert_eq!(r.lines.iter().map(|l| l.verdict).collect::<Vec<_>>(), [Pass, Fail]);
    assert_eq!(r.verdict, Fail);
}

#[test]
fn unchanged_answers_are_no_drop_even_if_a_judge_changed_its_mind() {
    let before = rows(&[(40, GOOD)]);
    let now = rows(&[(20, GOOD), (10, BAD), (10, SPLIT)]);
    let l = against(&before, &now, 0.02);
    assert_eq!((l.verdict, l.value), (Pass, Some(0.0)));
}

#[test]
fn changed_answers_must_rule_the_drop_out() {
    let changed = |kinds: &[(u64, &[u8])]| rows(kinds).into_iter().map(|r| says(r, "other")).collect::<Vec<_>>();
    let before = rows(&[(300, GOOD)]);
    assert_eq!(against(&before, &changed(&[(300, GOOD)]), 0.02).verdict, Pass);
    assert_eq!(against(&before, &changed(&[(295, GOOD), (5, BAD)]), 0.02).verdict, Undecided);
    let l = against(&before, &changed(&[(250, GOOD), (50, BAD)]), 0.02);
    assert_eq!(l.verdict, Fail);
    assert!((l.value.unwrap() - 50.0 / 300.0).abs() < 1e-9);
    assert_eq!(against(&rows(&[(20, GOOD)]), &changed(&[(20, GOOD)]), 0.02).verdict, Undecided, "20 cases cannot rule out 2 points");
    assert_eq!(against(&before, &changed(&[(280, GOOD), (20, SPLIT)]), 0.02).verdict, Undecided);
}

#[test]
fn only_cases_in_common_are_compared_and_an_edited_one_is_another() {
    let edited = edit(row(0, 0, "a", BAD), |c| c.question.push('?'));
    let l = against(&rows(&[(1, GOOD)]), &[edited], 0.02);
    assert_eq!(l.verdict, Undecided);
    assert_eq!(l.why, "no case in common with run run");
}

#[test]
fn a_baseline_measured_otherwise_is_refused_by_name() {
    let (before, now) = (run(1, 2), {
        let mut now = run(1, 3);
        now.rubrics[0].criteria.push('!');
        now.judges[0].samples = 5;
        now
    });
    let r = GateBuilder::new(&now, max_drop(0.02)).with_baseline(BaselineBuilder::new(&before).finish()).finish();
    assert_eq!(r.verdict, Undecided);
    let why = &r.lines[0].why;
    for part in ["rubric of set `s0`", "judge `j0`", "judge `j2`, which only this run has"] {
        assert!(why.contains(part), "{why}");
    }
    assert_eq!(GateBuilder::new(&now, max_drop(0.02)).finish().lines[0].why, "no baseline run was given");
}

#[test]
fn a_cascade_that_settles_elsewhere_or_asks_in_another_order_measures_otherwise() {
    let cascade = |alone: Option<f64>| {
        let mut head = run(1, 2);
        (head.cascade, head.judges[0].settles_alone_at) = (true, alone);
        head
    };
    let why = |before: &RunHead, now: &RunHead| {
        let r = GateBuilder::new(now, max_drop(0.02)).with_baseline(BaselineBuilder::new(before).finish()).finish();
        r.lines[0].why.clone()
    };
    assert!(why(&cascade(Some(0.9)), &cascade(Some(0.5))).contains("where judge `j0` settles alone"));
    let mut turned = cascade(Some(0.9));
    turned.judges.reverse();
    assert!(why(&cascade(Some(0.9)), &turned).contains("the order of the cascade"));
    assert!(why(&cascade(Some(0.9)), &cascade(Some(0.9))).contains("no case in common"));
    let mut panel = run(1, 2);
    panel.judges.reverse();
    assert!(why(&run(1, 2), &panel).contains("no case in common"), "a panel has no order");
}

proptest! {
    #[test]
    fn the_order_of_trials_within_a_case_never_matters(
        cases in prop::collection::vec(prop::collection::vec((prop::collection::vec(0u8..=5, 0..4), any::<bool>()), 1..5), 1..15)
    ) {
        let (mut forward, mut backward) = (Vec::new(), Vec::new());
        for (c, trials) in (0u64..).zip(&cases) {
            let of = |(t, (scores, changed)): (u16, &(Vec<u8>, bool))| says(row(c, t, "a", scores), if *changed { "new" } else { "old" });
            let list: Vec<TrialRow> = (0u16..).zip(trials).map(of).collect();
            forward.extend(list.iter().cloned());
            backward.extend(list.into_iter().rev());
        }
        let before: Vec<TrialRow> = forward.iter().map(|r| says(r.clone(), "old")).collect();
        prop_assert_eq!(against(&before, &forward, 0.1), against(&before, &backward, 0.1));
        let spec = GateSpec { mean_score: Some(3.0), unscored_at_most: Some(0.1), ..at_least(0.5) };
        prop_assert_eq!(check(spec.clone(), &forward), check(spec, &backward));
    }

    #[test]
    fn settling_an_open_trial_badly_never_helps_and_well_never_hurts(good in 0u64..60, bad in 0u64..20, open in 1u64..10, line in 0.5f64..0.99) {
        let rank = |v| match v { Fail => 0, Undecided => 1, Pass => 2 };
        let of = |g, b, o| rank(check(at_least(line), &rows(&[(g, GOOD), (b, BAD), (o, SPLIT)])).found);
        prop_assert!(of(good, bad + 1, open - 1) <= of(good, bad, open).max(1));
        prop_assert!(of(good + 1, bad, open - 1) >= of(good, bad, open).min(1));
        // What is decided stays decided however the open trials turn out.
        let now = of(good, bad, open);
        if now != 1 {
            prop_assert_eq!(of(good + open, bad, 0), now);
            prop_assert_eq!(of(good, bad + open, 0), now);
        }
    }
}
