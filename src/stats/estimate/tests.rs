//! Facts about the release estimate: unbiased over all samples, a plain mean when all is graded, refusals.

use proptest::prelude::*;

use super::*;

fn item(seq: u64, stratum: u32, predicted: f64, pass: bool, drawn: bool) -> Item {
    let score = if pass { 5.0 } else { 2.0 };
    Item {
        cluster: seq,
        stratum,
        predicted,
        expected_score: 3.5,
        score_variance: 1.0,
        minutes: 1.0,
        label: if predicted >= 0.5 { Label::Pass } else { Label::Fail },
        accepted: true,
        review: if drawn { Review::Graded(BlindGrade { score, pass, grader: u16::from(seq.is_multiple_of(3)) }) } else { Review::NotDrawn },
    }
}

fn estimate(items: &[Item]) -> Result<Estimated, Refusal> {
    match release(items, Settings::default()).estimate {
        Estimate::Estimated(e) => Ok(*e),
        Estimate::NotEstimable { refusal } => Err(refusal),
    }
}

/// All ways to draw `n` of `0..size`.
fn draws(size: usize, n: usize) -> Vec<Vec<usize>> {
    (0..1_usize << size)
        .filter(|mask| mask.count_ones() as usize == n)
        .map(|mask| (0..size).filter(|i| mask >> i & 1 == 1).collect())
        .collect()
}

/// 200 items in two strata: 60 of 150 and all of 50 are graded.
fn usual() -> Vec<Item> {
    (0..200)
        .map(|i| item(i, u32::from(i >= 150), 0.5 + 0.4 * f64::from(u8::from(i % 2 == 0)), i % 5 != 0, !(60..150).contains(&i)))
        .collect()
}

#[test]
fn nothing_drawn_is_the_judges_opinion_and_says_so() {
    let items: Vec<Item> = (0..50).map(|i| item(i, 0, 0.9, true, false)).collect();
    let r = release(&items, Settings::default());
    assert_eq!(r.estimate, Estimate::NotEstimable { refusal: Refusal::NothingDrawn });
    assert_eq!(r.judge_only.pass_rate, Some(1.0));
    assert!(Refusal::NothingDrawn.to_string().contains("judge only, uncorrected"));
}

#[test]
fn grades_of_disputed_items_alone_make_no_estimate() {
    let items: Vec<Item> = (0..50).map(|i| item(i, u32::from(i >= 10), 0.6, i % 2 == 0, i < 10)).collect();
    assert_eq!(estimate(&items), Err(Refusal::Unreviewed { stratum: 1, items: 40 }));
}

#[test]
fn one_missing_grade_in_twenty_is_bounded_and_two_are_refused() {
    let mut items: Vec<Item> = (0..100).map(|i| item(i, 0, 0.8, i % 4 != 0, i < 20)).collect();
    items[3].review = Review::Waiting;
    let e = estimate(&items).unwrap();
    let worst = e.worst.unwrap();
    assert!(worst.low < e.pass_rate.theta && e.pass_rate.theta < worst.high);
    assert!((worst.high - worst.low - 0.05).abs() < 1e-12, "one of twenty draws, which stand for everything");
    assert!(e.assumptions.iter().any(|a| a.starts_with("1 drawn items without a grade")));
    items[4].review = Review::Waiting;
    assert_eq!(estimate(&items), Err(Refusal::Ungraded { drawn: 20, graded: 18 }));
}

#[test]
fn numbers_off_their_scale_are_refused_where_they_stand() {
    for break_it in [
        (|i: &mut Item| i.predicted = 1.5) as fn(&mut Item),
        |i| i.predicted = f64::NAN,
        |i| i.expected_score = 0.0,
        |i| i.minutes = f32::INFINITY,
        |i| i.review = Review::Graded(BlindGrade { score: 9.0, pass: true, grader: 0 }),
    ] {
        let mut items = usual();
        break_it(&mut items[7]);
        assert_eq!(estimate(&items), Err(Refusal::OffScale { item: 7 }));
    }
    assert_eq!(estimate(&[]), Err(Refusal::NoItems));
}

#[test]
fn predictions_that_the_grades_contradict_widen_the_interval_and_say_so() {
    // One in ten fails, as promised; then one in three.
    let world = |every: u64| -> Vec<Item> { (0..500).map(|i| item(i, 0, 0.9, !i.is_multiple_of(every), i < 120)).collect() };
    let (kept, broken) = (world(10), world(3));
    let e = estimate(&kept).unwrap();
    let (plain, _) = share::share(&kept, Item::pass_row, Settings::default()).unwrap();
    assert!(!e.calibration.contradicted && (e.pass_rate.variance - plain.variance).abs() < 1e-15);
    let e = estimate(&broken).unwrap();
    let (plain, _) = share::share(&broken, Item::pass_row, Settings::default()).unwrap();
    assert!(e.calibration.contradicted && e.calibration.z.unwrap() > 5.0);
    assert!(e.pass_rate.variance > plain.variance && (e.pass_rate.theta - plain.theta).abs() < 1e-15);
    assert!(e.assumptions.iter().any(|a| a.contains("contradict")));
}

#[test]
fn everything_in_one_cluster_says_nothing_of_other_questions() {
    let mut items = usual();
    for i in &mut items {
        i.cluster = 1;
    }
    assert_eq!(estimate(&items), Err(Refusal::OneCluster));
}

#[test]
fn repeats_of_the_same_question_widen_the_interval() {
    let alone = usual();
    let mut fours = alone.clone();
    for i in &mut fours {
        i.cluster /= 20;
    }
    let (alone, fours) = (estimate(&alone).unwrap(), estimate(&fours).unwrap());
    assert!((alone.pass_rate.theta - fours.pass_rate.theta).abs() < 1e-12);
    assert!(fours.pass_rate.v_population >= alone.pass_rate.v_population);
    assert_eq!((alone.pass_rate.clusters, fours.pass_rate.clusters), (200, 10));
    assert!(fours.pass_rate.df < alone.pass_rate.df);
}

#[test]
fn a_clean_sample_is_not_certain() {
    let items: Vec<Item> = (0..1000).map(|i| item(i, 0, 0.99, true, i < 100)).collect();
    let rate = estimate(&items).unwrap().pass_rate;
    assert_eq!(rate.form, Some(Form::KornGraubard));
    assert!(rate.interval.low < 0.996 && rate.interval.low < rate.lower && rate.lower < 0.998 && rate.interval.high >= 1.0);
}

#[test]
fn the_interval_of_this_set_keeps_to_what_was_seen() {
    let mut items: Vec<Item> = (0..20).map(|i| item(i, 0, 0.5, i != 0, i < 19)).collect();
    items[0].predicted = 0.99;
    let own = estimate(&items).unwrap().pass_rate.this_set;
    assert!(own.low >= 18.0 / 20.0 - 1e-12 && own.high <= 19.0 / 20.0 + 1e-12);
}

#[test]
fn the_bar_decides_by_bounds_and_never_by_the_point() {
    let r = release(&usual(), Settings::default());
    let rate = r.estimated().unwrap().pass_rate;
    assert_eq!(decide(&r, rate.lower), Decision::Pass);
    assert_eq!(decide(&r, rate.upper + 1e-9), Decision::Fail);
    for bar in [rate.theta - 0.02, rate.theta + 0.02] {
        assert!(matches!(decide(&r, bar), Decision::Undecided { .. }), "{bar}");
    }
}

#[test]
fn what_would_decide_it_is_grades_then_items_then_nothing() {
    let items: Vec<Item> = (0..4000).map(|i| item(i, 0, 0.5 + 0.3 * f64::from(u8::from(i % 2 == 0)), i % 4 != 0, i < 100)).collect();
    let r = release(&items, Settings::default());
    let theta = r.estimated().unwrap().pass_rate.theta;
    let needed = |bar: f64| match decide(&r, bar) {
        Decision::Undecided { needed } => needed,
        other => panic!("{bar}: {other:?}"),
    };
    let (Needed::Grades { grades: few, minutes }, Needed::Grades { grades: many, .. }) = (needed(theta - 0.05), needed(theta - 0.03))
    else {
        panic!("grades decide it");
    };
    assert!(few >= 1 && few < many && many < 3900 && minutes > 0.0);
    let Needed::Items { items: Some(more) } = needed(theta - 0.004) else { panic!("more items") };
    assert!(more > 4000);
    assert_eq!(needed(theta), Needed::Items { items: None });
    let none = release(&items[200..], Settings::default());
    assert_eq!(decide(&none, 0.5), Decision::Undecided { needed: Needed::Estimate { refusal: Refusal::NothingDrawn } });
}

/// Grading what was asked for decides it, if the estimate stays where it is.
#[test]
fn the_grades_that_are_asked_for_suffice() {
    let world = |graded: u64| -> Release {
        let pass = |i: u64| (i * 7) % 10 < 8;
        let items: Vec<Item> = (0..4000).map(|i| item(i, 0, 0.8, pass(i), i < graded)).collect();
        release(&items, Settings::default())
    };
    let Decision::Undecided { needed: Needed::Grades { grades, .. } } = decide(&world(200), 0.76) else { panic!("undecided") };
    assert!(grades > 20);
    assert_eq!(decide(&world(200 + grades * 11 / 10), 0.76), Decision::Pass);
    assert_ne!(decide(&world(200 + grades / 3), 0.76), Decision::Pass);
}

#[test]
fn minutes_for_a_half_width_fall_with_the_width_and_may_not_suffice() {
    let e = Effort::planned((0..1000).map(|i| (if i % 2 == 0 { 0.9 } else { 0.6 }, 0.5)), 0.02);
    let (narrow, wide) = (e.minutes_for_half_width(0.04, 0.75).unwrap(), e.minutes_for_half_width(0.08, 0.75).unwrap());
    assert!(narrow > wide && narrow <= e.all);
    assert_eq!(e.minutes_for_half_width(0.02, 0.75), None, "1000 items alone are worth +-2.7 points");
}

#[test]
fn silent_errors_are_bounded_though_none_was_seen() {
    let items: Vec<Item> = (0..2000).map(|i| item(i, 0, 0.9, true, i < 59)).collect();
    let s = silent(&items, 0.05).unwrap();
    assert_eq!((s.accepted, s.audited, s.wrong), (2000, 59, 0));
    assert!(s.rate.abs() < 1e-12 && s.upper <= 0.05 && s.upper > 0.049);
    let mut none = items;
    for i in &mut none {
        i.accepted = false;
    }
    assert_eq!(silent(&none, 0.05), Err(Refusal::NoItems));
}

#[test]
fn a_million_items_are_summed_up_without_growing_with_them() {
    let items: Vec<Item> = (0..1_000_000).map(|i| item(i, (i % 8) as u32, 0.8, i % 5 != 0, i % 5000 < 8)).collect();
    assert_eq!(size_of::<Item>(), 48);
    let e = estimate(&items).unwrap();
    assert!((e.pass_rate.theta - 0.75).abs() < 0.2);
}

proptest! {
    /// The exact statement of design-unbiasedness: the mean over every sample that the design could draw is the truth.
    #[test]
    fn the_mean_over_all_samples_is_the_truth(
        first in prop::collection::vec((0.0f64..=1.0, any::<bool>()), 2..5),
        second in prop::collection::vec((0.0f64..=1.0, any::<bool>()), 1..5),
        n in 1usize..5, m in 1usize..5,
    ) {
        let (n, m) = (n.min(first.len()), m.min(second.len()));
        let all: Vec<(f64, bool)> = first.iter().chain(&second).copied().collect();
        let truth = all.iter().filter(|i| i.1).count() as f64 / all.len() as f64;
        let (mut sum, mut people, mut grade, mut count) = (0.0, 0.0, 0.0, 0.0);
        for one in draws(first.len(), n) {
            for two in draws(second.len(), m) {
                let items: Vec<Item> = (0..).zip(&all).map(|(i, (p, pass))| {
                    let at = usize::try_from(i).unwrap();
                    let late = at >= first.len();
                    let drawn = if late { two.contains(&(at - first.len())) } else { one.contains(&at) };
                    item(i, u32::from(late), *p, *pass, drawn)
                }).collect();
                let e = estimate(&items).unwrap();
                sum += e.pass_rate.theta;
                people += e.people_only.theta;
                grade += e.mean_grade.theta;
                count += 1.0;
            }
        }
        prop_assert!((sum / count - truth).abs() < 1e-12);
        prop_assert!((people / count - truth).abs() < 1e-12);
        prop_assert!((grade / count - (2.0 + 3.0 * truth)).abs() < 1e-12);
    }

    #[test]
    fn all_graded_is_the_plain_mean_without_design_error(items in prop::collection::vec((0.0f64..=1.0, any::<bool>(), 0u32..4), 1..80)) {
        let items: Vec<Item> = (0..).zip(&items).map(|(i, &(p, pass, k))| item(i, k, p, pass, true)).collect();
        let e = estimate(&items).unwrap();
        let passes = items.iter().filter(|i| i.grade().unwrap().pass).count() as f64;
        prop_assert!((e.pass_rate.theta - passes / items.len() as f64).abs() < 1e-12);
        prop_assert!(e.pass_rate.v_design.abs() < 1e-12);
        prop_assert!((e.pass_rate.this_set.high - e.pass_rate.this_set.low).abs() < 1e-9);
    }

    #[test]
    fn the_order_of_items_never_matters(items in prop::collection::vec((0.0f64..=1.0, any::<bool>(), 0u32..3, 0u64..9), 6..60), by in 0usize..60) {
        let mut items: Vec<Item> = (0..).zip(&items).map(|(i, &(p, pass, k, cluster))| Item { cluster, ..item(i, k, p, pass, i % 3 != 2) }).collect();
        let before = estimate(&items);
        let by = by % items.len();
        items.rotate_left(by);
        items.reverse();
        match (before, estimate(&items)) {
            (Ok(a), Ok(b)) => for (x, y) in [
                (a.pass_rate.theta, b.pass_rate.theta), (a.pass_rate.interval.low, b.pass_rate.interval.low),
                (a.pass_rate.variance, b.pass_rate.variance), (a.pass_rate.df, b.pass_rate.df),
                (a.mean_grade.theta, b.mean_grade.theta), (a.diagnostics.brier, b.diagnostics.brier),
            ] {
                prop_assert!((x - y).abs() <= 1e-9 * x.abs().max(1.0), "{x} {y}");
            },
            (a, b) => prop_assert_eq!(a.map(|_| ()), b.map(|_| ())),
        }
    }

    #[test]
    fn bounds_are_ordered_and_on_the_scale(items in prop::collection::vec((0.0f64..=1.0, any::<bool>()), 4..80), every in 1u64..4) {
        let items: Vec<Item> = (0..).zip(&items).map(|(i, &(p, pass))| item(i, 0, p, pass, i % every == 0)).collect();
        let e = estimate(&items).unwrap();
        let r = e.pass_rate;
        prop_assert!(0.0 <= r.interval.low && r.interval.low <= r.lower && r.lower <= r.upper && r.upper <= r.interval.high && r.interval.high <= 1.0);
        prop_assert!(r.interval.low <= r.theta.clamp(0.0, 1.0) + 1e-9 && r.theta.clamp(0.0, 1.0) <= r.interval.high + 1e-9);
        prop_assert!(e.mean_grade.interval.low >= 1.0 && e.mean_grade.interval.high <= 5.0);
        prop_assert!(r.df >= 1.0 && r.variance > 0.0);
        if let Ok(s) = e.silent { prop_assert!(s.upper >= s.rate && s.upper <= 1.0); }
    }
}
