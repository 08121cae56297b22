//! Tests of the graders' numbers, on made-up grades.

use super::*;

const S: [Score; 5] = Score::ALL;
const SETTINGS: Settings = Settings { pass: Score::ALL[3], judge_error: Some(0.15) };

fn record<'a>(grader: &'a str, case: &'a str, blind: Score) -> Record<'a> {
    Record { grader, case, blind, after: blind, settled: None, shown: None, seconds: None, position: 0, gold: None }
}

fn names(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("case {i:03}")).collect()
}

fn of<'a>(reports: &'a [GraderReport], name: &str) -> &'a Numbers {
    reports.iter().find(|r| r.grader == name).unwrap().numbers.value().unwrap()
}

#[test]
fn a_grader_with_nineteen_grades_stays_hidden() {
    let cases = names(20);
    let mut all: Vec<Record<'_>> = cases.iter().map(|c| record("ann", c, S[3])).collect();
    all.extend(cases[..19].iter().map(|c| record("bo", c, S[3])));
    let got = report(&all, &SETTINGS);
    assert_eq!(got.iter().map(|r| r.grader.as_str()).collect::<Vec<_>>(), ["ann", "bo"]);
    assert!(got[0].numbers.value().is_some());
    assert_eq!(got[1].numbers, Known::TooFew { n: 19, needed: 20 });
    assert!(report(&[], &SETTINGS).is_empty());
}

#[test]
fn a_mild_grader_shows_in_bias_severity_and_confusion() {
    let cases = names(40);
    let mut all = Vec::new();
    for (i, c) in cases.iter().enumerate() {
        let truth = S[i % 4];
        let settled = Some(truth);
        all.push(Record { settled, ..record("fair", c, truth) });
        all.push(Record { settled, ..record("also fair", c, truth) });
        all.push(Record { settled, ..record("mild", c, S[i % 4 + 1]) });
    }
    let got = report(&all, &SETTINGS);
    let mild = of(&got, "mild");
    let severity = mild.severity.unwrap();
    assert!((severity.raw - 1.0).abs() < 1e-12 && (severity.shrunk - 40.0 / 60.0).abs() < 1e-12);
    let (others, settled) = (mild.others.unwrap(), mild.settled.unwrap());
    assert_eq!((others.n, settled.n), (80, 40));
    assert!((others.bias - 1.0).abs() < 1e-12 && others.exact < 1e-12 && (others.adjacent - 1.0).abs() < 1e-12);
    assert!((settled.same_side - 0.75).abs() < 1e-12, "only a 3 called 4 changes sides");
    assert_eq!(mild.confusion.counts[2][3], 10);
    assert!((mild.confusion.chances[2][3] - 10.2 / 11.0).abs() < 1e-12);
    assert!(mild.confusion.chances.iter().all(|r| (r.iter().sum::<f64>() - 1.0).abs() < 1e-12));
    assert!((of(&got, "fair").severity.unwrap().raw + 0.5).abs() < 1e-12);
}

#[test]
fn approving_98_per_cent_is_an_alarm_only_where_judges_err_more() {
    let cases = names(200);
    let all: Vec<Record<'_>> =
        cases.iter().enumerate().map(|(i, c)| Record { shown: Some(S[4]), ..record("ann", c, if i < 4 { S[0] } else { S[4] }) }).collect();
    let with = |judge_error| *of(&report(&all, &Settings { judge_error, ..SETTINGS }), "ann").reliance.value().unwrap();
    let asleep = with(Some(0.15));
    assert_eq!((asleep.n, asleep.overrides, asleep.alarm), (200, 4, Alarm::TooFewOverrides));
    assert!(asleep.chance.unwrap() < 1e-9 && (asleep.approval - 0.98).abs() < 1e-12);
    assert_eq!(with(Some(0.02)).alarm, Alarm::No);
    assert_eq!(with(None).alarm, Alarm::ApprovesEverything);
    assert_eq!(with(None).chance, None);
    assert_eq!(with(None).towards_judges, None, "nothing was revised");
}

#[test]
fn revisions_towards_the_judges_are_counted() {
    let cases = names(40);
    let one = |(i, c)| {
        let (blind, after) = if i % 4 == 0 { (S[1], S[3]) } else { (S[3], S[3]) };
        Record { shown: Some(S[4]), after, ..record("ann", c, blind) }
    };
    let all: Vec<Record<'_>> = cases.iter().enumerate().map(|(i, c)| one((i, c.as_str()))).collect();
    let got = *of(&report(&all, &SETTINGS), "ann").reliance.value().unwrap();
    assert!((got.revised - 0.25).abs() < 1e-12);
    assert_eq!((got.towards_judges, got.overrides), (Some(1.0), 0));
}

#[test]
fn gold_catches_and_seeded_verdicts_have_a_lower_bound_and_stay_out_of_reliance() {
    let cases = names(20);
    let one = |i: usize, c| Record { gold: Some(S[0]), shown: Some(S[4]), ..record("ann", c, if i < 18 { S[0] } else { S[4] }) };
    let all: Vec<Record<'_>> = cases.iter().enumerate().map(|(i, c)| one(i, c.as_str())).collect();
    let got = report(&all, &SETTINGS);
    let seeded = of(&got, "ann").seeded.unwrap();
    assert_eq!((seeded.n, seeded.caught), (20, 18));
    assert!((seeded.at_least - 0.717).abs() < 1e-3);
    assert_eq!(of(&got, "ann").gold, Some(seeded));
    assert_eq!(of(&got, "ann").reliance, Known::TooFew { n: 0, needed: 20 });
}

#[test]
fn a_grader_who_drifts_off_gold_raises_an_alarm_and_a_steady_one_does_not() {
    let cases = names(60);
    let mut all = Vec::new();
    for (i, c) in cases.iter().enumerate() {
        let gold = Some(S[2]);
        all.push(Record {
            gold,
            ..record(
                "steady",
                c,
                if i % 6 == 0 {
                    S[3]
                } else if i % 6 == 3 {
                    S[1]
                } else {
                    S[2]
                },
            )
        });
        all.push(Record { gold, ..record("drifting", c, if i < 40 { S[2] } else { S[4] }) });
    }
    let got = report(&all, &SETTINGS);
    let (steady, drifting) = (of(&got, "steady").drift.value().unwrap(), of(&got, "drifting").drift.value().unwrap());
    assert!(!steady.alarm && drifting.alarm && drifting.now > 0.0, "{steady:?} {drifting:?}");
}

#[test]
fn misses_late_in_the_session_are_fatigue() {
    let cases = names(60);
    let mut all = Vec::new();
    for (position, c) in (0u32..).zip(&cases) {
        let miss = |m: bool| if m { S[4] } else { S[0] };
        let at = |grader, m| Record { gold: Some(S[0]), position, ..record(grader, c, miss(m)) };
        all.push(at("tired", position > 40 && position % 3 > 0));
        all.push(at("fresh", position % 10 == 5));
    }
    let got = report(&all, &SETTINGS);
    let (tired, fresh) = (of(&got, "tired").fatigue.value().unwrap(), of(&got, "fresh").fatigue.value().unwrap());
    assert!(tired.alarm && tired.per_ten > 0.3, "{tired:?}");
    assert!(!fresh.alarm && fresh.per_ten.abs() < 2.0 * fresh.error, "{fresh:?}");
}

#[test]
fn a_rushed_miss_shows_beside_the_own_pace() {
    let cases = names(30);
    let one =
        |i: usize, c| Record { seconds: Some(if i == 7 { 5.0 } else { 60.0 }), gold: (i == 7).then_some(S[0]), ..record("ann", c, S[4]) };
    let all: Vec<Record<'_>> = cases.iter().enumerate().map(|(i, c)| one(i, c.as_str())).collect();
    let got = *of(&report(&all, &SETTINGS), "ann").pace.value().unwrap();
    assert_eq!((got.n, got.rushed, got.rushed_and_missed), (30, 1, 1));
    assert!((got.minutes - 1.0).abs() < 1e-12);
}

fn series(n: usize, f: impl Fn(usize) -> usize) -> Vec<Option<Score>> {
    (0..n).map(|i| Some(S[f(i) % 5])).collect()
}

#[test]
fn a_judge_that_says_what_the_others_say_beats_a_careless_grader_but_a_random_one_beats_nobody() {
    let truth = |i: usize| i * 7 + i / 3;
    let graders = vec![series(60, truth), series(60, truth), series(60, |i| truth(i) + usize::from(i % 3 == 0))];
    let good = alt_test(&series(60, truth), &graders, &AltOptions::default()).unwrap();
    assert!(good.passes && good.enough_graders && good.rows.iter().all(|r| r.beaten), "{good:?}");
    let bad = alt_test(&series(60, |i| truth(i) + 2), &graders, &AltOptions::default()).unwrap();
    assert!(!bad.passes && bad.winning_rate < 1e-12 && bad.advantage < 0.3, "{bad:?}");
}

#[test]
fn too_few_shared_outputs_are_no_test() {
    let graders = vec![series(29, |i| i), series(29, |i| i)];
    assert_eq!(alt_test(&series(29, |i| i), &graders, &AltOptions::default()), Err(NoAltTest));
    assert_eq!(alt_test(&series(60, |i| i), &[series(60, |i| i)], &AltOptions::default()), Err(NoAltTest), "one grader has no others");
}
