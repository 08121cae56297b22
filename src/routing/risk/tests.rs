//! What holds for any output: probabilities, order, hostile text; and what the embedded prior says of plain cases.

use proptest::prelude::*;

use super::auroc::{Graded, area, difference, found, table};
use super::*;
use crate::domain::{Ballot, Case, Judgment, Output, Score, TrialRow, panel};
use crate::stats::fixture::{POLICY, ballot, edit, row, with_ballots};

const MARK: Score = Score::ALL[3];

fn features(row: &TrialRow) -> Features {
    Features::of(row, MARK, &Words::default()).unwrap()
}

fn said(expected: &str, answer: &str, ballots: Vec<Ballot>) -> TrialRow {
    let mut r = edit(with_ballots(0, 0, "a", ballots), |c: &mut Case| {
        c.question = "who built the old lighthouse".into();
        c.expected = expected.into();
    });
    r.answer = Ok(Output::text(answer));
    r
}

fn chance(row: &TrialRow) -> f64 {
    ChanceWrong::default().of(&features(row))
}

#[test]
fn the_embedded_prior_is_sound_and_names_what_the_model_uses() {
    let file: PriorFile = serde_json::from_str(include_str!("prior.json")).unwrap();
    ChanceWrong::parse(include_str!("prior.json")).unwrap();
    let mut named: Vec<&str> = file.signals.keys().map(String::as_str).collect();
    let mut used: Vec<&str> = IN_MODEL.iter().map(|s| s.word()).collect();
    named.sort_unstable();
    used.sort_unstable();
    assert_eq!(named, used);
    assert!(!file.sources.is_empty() && file.sources.iter().all(|s| s.wrong > 0 && s.wrong < s.verdicts && s.blake3.len() == 64));
}

#[test]
fn a_prior_of_another_shape_is_refused() {
    assert!(matches!(ChanceWrong::parse("{}"), Err(PriorFault::Shape(_))));
    let text = include_str!("prior.json");
    assert!(matches!(ChanceWrong::parse(&text.replace(FORMAT, "x")), Err(PriorFault::Format(_))));
    assert!(matches!(ChanceWrong::parse(&text.replace("\"against\"", "\"aginst\"")), Err(PriorFault::Signal(_))));
    let mut file: PriorFile = serde_json::from_str(text).unwrap();
    file.intercept.scale = 0.0;
    assert!(matches!(ChanceWrong::parse(&serde_json::to_string(&file).unwrap()), Err(PriorFault::Number)));
}

#[test]
fn a_disputed_verdict_is_likelier_wrong_than_a_unanimous_one() {
    let unanimous = said("Anna Keller", "Anna Keller", vec![ballot(0, 0, 5), ballot(1, 0, 5), ballot(2, 0, 5)]);
    let disputed = said("Anna Keller", "Anna Keller", vec![ballot(0, 0, 5), ballot(1, 0, 5), ballot(2, 0, 1)]);
    let (d, u) = (chance(&disputed), chance(&unanimous));
    assert!(d > 1.5 * u, "{d} against {u}");
}

#[test]
fn words_against_a_verdict_raise_the_chance() {
    let pass = |answer| said("Anna Keller", answer, vec![ballot(0, 0, 5), ballot(1, 0, 5)]);
    assert!(chance(&pass("it was Ravi Menon")) > chance(&pass("it was Anna Keller")));
    let f = features(&pass("it was Ravi Menon"));
    assert!(f.get(Signal::WordsAgainst).unwrap() > 0.5 && !f.fails());
}

#[test]
fn an_absent_signal_is_absent_and_counts_as_an_average_one() {
    let f = features(&said("", "text", vec![ballot(0, 0, 5)]));
    for s in [Signal::WordsAgainst, Signal::ReasonLength, Signal::SamplesDisagree, Signal::Unsure, Signal::OthersDiffer] {
        assert_eq!(f.get(s), None, "{}", s.word());
    }
    assert!(ChanceWrong::default().why(&f).iter().all(|(s, _)| f.get(*s).is_some()));
}

#[test]
fn no_judgment_has_no_signals() {
    assert_eq!(Features::of(&row(0, 0, "a", &[0, 0]), MARK, &Words::default()), None);
}

#[test]
fn other_outputs_count_without_the_output_itself() {
    let o = |answer, passes| Outcome { answer, passes, straddles: false };
    let case = [o(1, true), o(1, false), o(2, false), o(0, false)];
    assert_eq!(Others::count(&case[0], &case), Others { all: 3, differ: 3, split: 0, alike: 1 });
    assert_eq!(Others::count(&case[3], &case), Others { all: 3, differ: 1, split: 0, alike: 0 });
    assert_eq!(Others::count(&case[0], &case[..1]), Others::default());
    let f = features(&row(0, 0, "a", &[5, 5])).beside(&Others { all: 4, differ: 4, split: 1, alike: 2 });
    assert_eq!((f.get(Signal::OthersDiffer), f.get(Signal::OthersSplit)), (Some(1.0), Some(0.25)));
    assert_eq!((f.get(Signal::AlikeFail), f.get(Signal::AlikePass)), (Some(0.0), Some(0.5)));
}

#[test]
fn a_teams_decisions_move_the_model_towards_them() {
    let prior = ChanceWrong::default();
    let long = features(&said("Anna Keller", "Anna Keller", vec![ballot(0, 0, 5), ballot(1, 0, 5)]));
    let before = prior.of(&long);
    let decisions = |wrong, n: usize| vec![Decision { features: long, wrong, weight: 1.0 }; n];
    let few = prior.update(&decisions(true, 10), PRIOR_ITEMS).unwrap().of(&long);
    let many = prior.update(&decisions(true, 1000), PRIOR_ITEMS).unwrap().of(&long);
    assert!(before < few && few < many && many > 0.8, "{before} {few} {many}");
    assert!(prior.update(&decisions(false, 1000), PRIOR_ITEMS).unwrap().of(&long) < before);
    assert!(prior.update(&[], PRIOR_ITEMS).is_err());
}

#[test]
fn a_perfect_order_has_area_one_and_a_constant_one_half() {
    let graded = |s: f64, wrong| Graded { suspicion: s, wrong, weight: 1.0, cluster: s.to_bits() };
    let rows = [graded(0.1, false), graded(0.2, false), graded(0.8, true), graded(0.9, true)];
    let a = area(&rows).unwrap();
    assert!((a.value - 1.0).abs() < 1e-12 && (a.n, a.wrong) == (4, 2));
    assert_eq!(found(&rows, 0.5), Some(1.0));
    let flat = rows.map(|r| Graded { suspicion: 1.0, ..r });
    let flat: Vec<Graded> = flat.into_iter().zip(0u64..).map(|(r, cluster)| Graded { cluster, ..r }).collect();
    assert!((area(&flat).unwrap().value - 0.5).abs() < 1e-12);
    assert!((found(&flat, 0.25).unwrap() - 0.25).abs() < 1e-12, "ties are shared out");
    assert!(area(&rows[..2]).is_none() && found(&rows[..2], 0.5).is_none());
}

#[test]
fn outputs_of_one_case_do_not_count_as_independent() {
    let rows: Vec<Graded> = (0..60u32)
        .map(|i| Graded { suspicion: f64::from(i % 7), wrong: i % 3 == 0 || i % 7 == 6, weight: 1.0, cluster: u64::from(i) })
        .collect();
    let copies: Vec<Graded> = (0..4).flat_map(|_| rows.clone()).collect();
    let apart: Vec<Graded> = copies.iter().zip(0..).map(|(r, cluster)| Graded { cluster, ..*r }).collect();
    let width = |r: &[Graded]| area(r).map(|a| a.interval.high - a.interval.low).unwrap();
    assert!((width(&copies) - width(&rows)).abs() < 1e-9 && width(&apart) < 0.6 * width(&rows));
    let (d, interval) = difference(&rows, &rows).unwrap();
    assert!(d.abs() < 1e-12 && interval.high - interval.low < 1e-9);
}

#[test]
fn the_table_names_every_signal() {
    let rows: Vec<_> = (0..20u8).map(|i| (features(&row(u64::from(i), 0, "a", &[1 + i % 5, 5])), i % 3 == 0, 1.0, u64::from(i))).collect();
    let table = table(&rows);
    assert_eq!(table.len(), Signal::ALL.len());
    assert!(table.iter().any(|(s, a)| *s == Signal::Against && a.is_some_and(|a| a.n == 20)));
    assert!(table.iter().all(|(s, a)| *s != Signal::Unsure || a.is_none()), "no judge told how sure it was");
}

#[test]
fn every_name_is_a_signal_and_every_signal_has_one() {
    for (i, s) in Signal::ALL.into_iter().enumerate() {
        assert_eq!((s as usize, Signal::named(s.word())), (i, Some(s)));
    }
}

fn any_ballot() -> impl Strategy<Value = Ballot> {
    (0usize..3, 0u16..3, 0u8..=5, "\\PC{0,40}", prop::option::of(-0.5f64..1.5), prop::option::of(prop::array::uniform5(-0.1f64..1.0)))
        .prop_map(|(judge, sample, score, reason, confidence, probabilities)| {
            let mut b = ballot(judge, sample, score);
            if let Ok(j) = &mut b.outcome {
                *j = Judgment { reason, confidence, probabilities, ..j.clone() };
            }
            b
        })
}

proptest! {
    #[test]
    fn any_output_has_a_probability_and_the_order_of_ballots_does_not_matter(
        ballots in prop::collection::vec(any_ballot(), 0..8),
        texts in prop::array::uniform3("\\PC{0,60}|[\\x00-\\x7f\u{202e}\u{feff}]{0,60}"),
        mark in 0usize..5,
        turn in 0usize..8,
    ) {
        let [question, expected, answer] = texts;
        let mut one = edit(with_ballots(0, 0, "a", ballots.clone()), |c| (c.question, c.expected) = (question.clone(), expected.clone()));
        one.answer = Ok(Output::text(answer));
        let mut other = one.clone();
        if !ballots.is_empty() {
            other.ballots.rotate_left(turn % ballots.len());
            other.ballots.reverse();
        }
        other.tally = Some(panel::settle(&other.ballots, &POLICY));
        let (mark, words, model) = (Score::ALL[mark], Words::default(), ChanceWrong::default());
        let f = Features::of(&one, mark, &words);
        prop_assert_eq!(f, Features::of(&other, mark, &words));
        if let Some(f) = f {
            let p = model.of(&f);
            prop_assert!(p > 0.0 && p < 1.0 && p.is_finite());
            prop_assert!((model.passes(&f) - p).abs() < 1e-12 || (model.passes(&f) - (1.0 - p)).abs() < 1e-12);
        }
    }

    #[test]
    fn areas_stay_in_their_bounds_and_agree_with_the_shared_score(
        data in prop::collection::vec((0u8..6, any::<bool>(), 0u64..10, 0.1f64..5.0), 2..60),
        budget in 0.0f64..=1.0,
    ) {
        use crate::stats::calibrate::scores::{Forecast, auroc};
        let rows: Vec<Graded> =
            data.iter().map(|&(s, wrong, cluster, weight)| Graded { suspicion: f64::from(s), wrong, weight, cluster }).collect();
        let same: Vec<Forecast> = rows.iter().map(|r| Forecast { p: r.suspicion, yes: r.wrong, weight: r.weight }).collect();
        if let Some(a) = area(&rows) {
            prop_assert!((a.value - auroc(&same).unwrap()).abs() < 1e-8);
            prop_assert!((0.0..=1.0).contains(&a.interval.low) && a.interval.low <= a.value + 1e-9 && a.value <= a.interval.high + 1e-9);
        }
        if let Some(share) = found(&rows, budget) {
            prop_assert!((-1e-9..=1.0 + 1e-9).contains(&share));
        }
    }
}
