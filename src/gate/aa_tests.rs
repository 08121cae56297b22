//! A/A experiments: the same agent again and again. How often a gate fails it must be what it promises: at most one run in twenty.

use super::*;
use crate::domain::TrialRow;
use crate::gate::{AccuracyLine, BaselineBuilder, GateVerdict};
use crate::stats::estimate::{BlindGrade, Item, Label, Review, Settings, release, score_variance};
use crate::stats::fixture::{row, run};

const RUNS: u64 = 500;
const CASES: u64 = 200;
const PROMISED: f64 = 0.05;

/// SplitMix64 (Steele, Lea and Flood 2014): a number from 0 to 1 for each counter.
fn draw(run: u64, case: u64, what: u64) -> f64 {
    let mut z = (run << 40 | case << 8 | what).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// One run of an agent that passes 90% of questions; every answer's text is new.
fn rows(run: u64) -> impl Iterator<Item = TrialRow> {
    (0..CASES).map(move |c| {
        let mut r = row(c, 0, "a", if draw(run, c, 0) < 0.9 { &[5, 5] } else { &[1, 1] });
        r.answer = Ok(crate::domain::Output::text(format!("{run} {c}")));
        r
    })
}

fn spec(accuracy: AccuracyLine) -> GateSpec {
    GateSpec { accuracy: Some(accuracy), ..GateSpec::default() }
}

fn share(fails: u64) -> f64 {
    fails as f64 / RUNS as f64
}

#[test]
fn an_agent_that_stands_on_the_line_fails_at_most_one_run_in_twenty() {
    let head = run(1, 2);
    let fails = (0..RUNS).filter(|r| {
        let mut gate = GateBuilder::new(&head, spec(AccuracyLine { at_least: Some(0.9), max_drop: None }));
        rows(*r).for_each(|row| gate.add(&row));
        gate.finish().found == GateVerdict::Fail
    });
    let found = share(fails.count() as u64);
    assert!(found <= PROMISED, "{found}");
    assert!(found > 0.01, "a gate that never fails would pass this test, too: {found}");
}

#[test]
fn an_agent_compared_with_itself_fails_at_most_one_run_in_twenty() {
    let head = run(1, 2);
    let fails = (0..RUNS).filter(|r| {
        let mut before = BaselineBuilder::new(&head);
        rows(2 * r + 1_000).for_each(|row| before.add(&row));
        let gate = GateBuilder::new(&head, spec(AccuracyLine { at_least: None, max_drop: Some(0.0) }));
        let mut gate = gate.with_baseline(before.finish());
        rows(2 * r + 1_001).for_each(|row| gate.add(&row));
        gate.finish().found == GateVerdict::Fail
    });
    let found = share(fails.count() as u64);
    assert!(found <= PROMISED, "{found}");
    assert!(found > 0.01, "{found}");
}

/// Judges pass 97%, people 90%; 60 of the 200 answers are drawn and graded blind.
fn graded(run: u64) -> Vec<Item> {
    let item = |c: u64| {
        let good = draw(run, c, 0) < 0.9;
        let passed = good || draw(run, c, 1) < 0.7;
        let predicted = if passed { 0.95 } else { 0.05 };
        #[expect(clippy::cast_possible_truncation, reason = "a small number")]
        Item {
            cluster: c,
            stratum: 0,
            predicted,
            expected_score: if passed { 5.0 } else { 1.0 },
            score_variance: score_variance(predicted) as f32,
            minutes: 0.5,
            label: if passed { Label::Pass } else { Label::Fail },
            accepted: true,
            review: Review::NotDrawn,
        }
    };
    let mut items: Vec<Item> = (0..CASES).map(item).collect();
    let mut order: Vec<u64> = (0..CASES).collect();
    order.sort_by(|a, b| draw(run, *a, 2).total_cmp(&draw(run, *b, 2)));
    for c in order.into_iter().take(60) {
        let pass = draw(run, c, 0) < 0.9;
        items[usize::try_from(c).unwrap()].review = Review::Graded(BlindGrade { score: if pass { 5.0 } else { 1.0 }, pass, grader: 0 });
    }
    items
}

#[test]
fn the_corrected_number_fails_an_agent_on_the_line_at_most_one_run_in_twenty_and_the_judges_never_would() {
    let (mut fails, mut flattered) = (0, 0);
    for r in 0..RUNS {
        let found = release(&graded(r), Settings::default());
        let line = super::super::corrected::accuracy(Some(&found), 0.9).unwrap();
        fails += u64::from(line.verdict == GateVerdict::Fail);
        flattered += u64::from(found.judge_only.interval.unwrap().low > 0.9);
    }
    assert!(share(fails) <= PROMISED, "{}", share(fails));
    assert!(share(flattered) > 0.9, "judges alone are sure that it is better than it is in {}", share(flattered));
}
