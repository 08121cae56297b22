//! Comparisons of small runs.

use proptest::prelude::*;

use super::*;

fn how() -> Resampling {
    Resampling { seed: 1, times: 2000 }
}

fn side(pass: f64, trials: u32) -> Option<Side> {
    Some(Side { trials, pass: Some(pass), score: Some(1.0 + 4.0 * pass) })
}

fn pair(a: f64, b: f64) -> CasePair<'static> {
    CasePair { a: side(a, 1), b: side(b, 1), same_answers: false, tags: vec![] }
}

/// Cases by who passed: both, only A, only B, neither.
fn run(both: usize, only_a: usize, only_b: usize, neither: usize) -> Vec<CasePair<'static>> {
    let mut all = vec![pair(1.0, 1.0); both];
    all.extend(vec![pair(1.0, 0.0); only_a]);
    all.extend(vec![pair(0.0, 1.0); only_b]);
    all.extend(vec![pair(0.0, 0.0); neither]);
    all
}

#[test]
fn one_trial_a_case_is_mcnemar() {
    let got = compare(&run(60, 15, 5, 20), how());
    assert_eq!((got.compared, got.better, got.worse), (100, 5, 15));
    let pass = got.pass.unwrap();
    assert!((pass.a - 0.75).abs() < 1e-12 && (pass.b - 0.65).abs() < 1e-12 && (pass.difference + 0.1).abs() < 1e-12);
    let Ok(Test::McNemar { table, exact, .. }) = pass.test else { panic!("{:?}", pass.test) };
    assert_eq!(table, PairedShares { both: 60, only_a: 15, only_b: 5, neither: 20 });
    // 2 P(at most 5 of 20 coins) = 2 x 21700 / 2^20.
    assert!((exact - 2.0 * 21_700.0 / 1_048_576.0).abs() < 1e-12);
    let interval = pass.interval.unwrap();
    assert!(interval.low < -0.1 && interval.high < 0.0);
}

#[test]
fn several_trials_a_case_flip_signs() {
    let mut cases = run(60, 15, 5, 20);
    cases[0] = CasePair { a: side(0.5, 2), b: side(1.0, 2), same_answers: false, tags: vec![] };
    assert!(matches!(compare(&cases, how()).pass.unwrap().test, Ok(Test::SignFlip(SignFlip { exact: true, .. }))));
}

#[test]
fn what_only_one_run_has_is_counted_and_left_out() {
    let mut cases = run(3, 1, 0, 1);
    cases.push(CasePair { a: side(1.0, 1), b: None, same_answers: false, tags: vec!["t"] });
    cases.push(CasePair { a: None, b: side(0.0, 1), same_answers: false, tags: vec![] });
    cases.push(CasePair { a: None, b: None, same_answers: false, tags: vec![] });
    cases.push(CasePair { a: side(1.0, 1), b: Some(Side::default()), same_answers: false, tags: vec![] });
    let got = compare(&cases, how());
    assert_eq!((got.compared, got.only_a, got.only_b, got.unsettled, got.tags.len()), (5, 1, 1, 1, 0));
}

#[test]
fn same_answers_cannot_have_changed() {
    let mut cases = run(30, 0, 0, 10);
    cases.push(CasePair { same_answers: true, ..pair(1.0, 0.0) });
    let got = compare(&cases, how());
    assert_eq!((got.same_answers, got.worse, got.better), (1, 0, 0));
    let pass = got.pass.unwrap();
    assert_eq!((pass.difference, pass.test.unwrap().p()), (0.0, 1.0));
    assert!(pass.interval.unwrap().low < -0.01, "no change seen is not proof of none");
    assert_eq!(got.score.unwrap().interval, Err(Undefined::NoVariation));
}

#[test]
fn nothing_in_common_says_nothing() {
    let got = compare(&[], how());
    assert_eq!((got.compared, got.pass, got.score), (0, None, None));
    let one = compare(&run(1, 0, 0, 0), how()).pass.unwrap();
    assert_eq!((one.interval, one.least_difference, one.cases_needed(0.1)), (None, None, None));
}

#[test]
fn the_needed_cases_show_the_least_difference() {
    let pass = compare(&run(300, 40, 40, 20), how()).pass.unwrap();
    let least = pass.least_difference.unwrap();
    let needed = pass.cases_needed(least).unwrap();
    assert!((400..=404).contains(&needed), "{needed}");
    assert!(pass.cases_needed(least / 2.0).unwrap() > 3 * needed);
    assert_eq!(pass.cases_needed(0.0), None);
}

#[test]
fn a_tag_that_broke_stands_out_and_a_small_one_stays_silent() {
    let tagged = |tag, list: Vec<CasePair<'static>>| list.into_iter().map(move |c| CasePair { tags: vec![tag, tag], ..c });
    let cases: Vec<_> =
        tagged("broke", run(10, 14, 0, 2)).chain(tagged("quiet", run(30, 4, 4, 2))).chain(tagged("small", run(0, 19, 0, 0))).collect();
    let tags = compare(&cases, how()).tags;
    let said: Vec<_> = tags.iter().map(|t| (t.tag.as_str(), t.cases, t.change)).collect();
    assert_eq!(said, [("broke", 26, TagChange::LookHere), ("quiet", 40, TagChange::Quiet), ("small", 19, TagChange::TooFew)]);
    assert!((tags[0].p.unwrap() - 0.5_f64.powi(14)).abs() < 1e-12);
    assert!(tags[0].q.unwrap() > tags[0].p.unwrap() && tags[2].q.is_none());
}

#[test]
fn the_number_of_threads_never_matters() {
    let cases: Vec<_> = (0..80)
        .map(|i| CasePair {
            a: side(f64::from(i % 4) / 3.0, 3),
            b: side(f64::from(i * i % 4) / 3.0, 3),
            same_answers: i % 9 == 0,
            tags: vec!["t"],
        })
        .collect();
    let on = |n| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap().install(|| compare(&cases, how()));
    assert_eq!(on(1), on(4));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn order_never_matters_and_exchanging_the_runs_mirrors(list in prop::collection::vec((0u8..=2, 0u8..=2, any::<bool>()), 1..40)) {
        let cases: Vec<_> = list
            .iter()
            .map(|&(a, b, same)| CasePair { a: side(f64::from(a) / 2.0, 2), b: side(f64::from(b) / 2.0, 2), same_answers: same, tags: vec!["t"] })
            .collect();
        let forward = compare(&cases, how());
        let reversed: Vec<_> = cases.iter().rev().cloned().collect();
        prop_assert_eq!(&forward, &compare(&reversed, how()));
        let exchanged: Vec<_> = cases.into_iter().map(|c| CasePair { a: c.b, b: c.a, ..c }).collect();
        let mirrored = compare(&exchanged, how());
        prop_assert_eq!((forward.better, forward.worse), (mirrored.worse, mirrored.better));
        let (f, m) = (forward.pass.unwrap(), mirrored.pass.unwrap());
        prop_assert!((f.difference + m.difference).abs() < 1e-12);
        prop_assert!((f.test.unwrap().p() - m.test.unwrap().p()).abs() < 1e-12);
        if let (Some(f), Some(m)) = (f.interval, m.interval) {
            prop_assert!((f.low + m.high).abs() < 1e-9);
        }
    }
}
