//! What holds for any case and answer: bounds, order, distribution, the judge's seam, and the recorded accuracy.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::Output;

/// Recorded human labels; the folder is not part of the repository.
#[test]
fn four_of_five_verdicts_agree_with_people_on_recorded_answers() {
    let folder = std::env::var_os("TRIBUNAL_DATA").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), Into::into);
    let Ok(text) = std::fs::read_to_string(folder.join("openqa-nq301.jsonl")) else {
        eprintln!("skipped: no openqa-nq301.jsonl in {}", folder.display());
        return;
    };
    let judge = judge();
    let right = text.lines().filter(|line| {
        let v: serde_json::Value = serde_json::from_str(line).unwrap();
        let mut references = v["expected"].as_str().unwrap().split(" | ").map(str::to_owned);
        let mut c = case(v["question"].as_str().unwrap(), &references.next().unwrap());
        c.accept = references.collect();
        let passed = judge.judgment(&c, &rubric(4), v["answer"].as_str().unwrap()).score.get() >= 4;
        passed == (v["gold"].as_f64().unwrap() >= 0.5)
    });
    let accuracy = right.count() as f64 / text.lines().count() as f64;
    assert!(accuracy >= 0.80, "{accuracy}");
}

#[test]
fn a_missing_mention_caps_and_a_part_of_them_caps_less() {
    let mut c = case(RETURNS, "14 days from delivery.");
    c.must_mention = vec!["free of charge".into()];
    let j = on(&c, "14 days from delivery.");
    assert_eq!(j.score.get(), 2, "{}", j.reason);
    assert!(j.reason.contains("free of charge"));
    c.must_mention.push("14 days".into());
    assert_eq!(on(&c, "14 days from delivery.").score.get(), 3);
    c.must_mention = vec!["fourteen days".into()];
    assert_eq!(on(&c, "14 days from delivery.").score.get(), 5);
}

#[test]
fn a_forbidden_mention_caps_at_two() {
    let mut c = case(RETURNS, "14 days from delivery.");
    c.must_not_mention = vec!["30 days".into()];
    assert_eq!(on(&c, "14 days from delivery, or thirty days for members").score.get(), 2);
    assert!(on(&c, "14 days from delivery").score.get() == 5);
}

#[test]
fn an_accepted_alternative_is_as_good() {
    let mut c = case(RETURNS, "14 days from delivery.");
    c.accept = vec!["until the end of the second week".into()];
    assert_eq!(on(&c, "Until the end of the second week.").score.get(), 5);
}

#[test]
fn the_reason_says_what_decided() {
    let c = case("What does it cost?", "The plan costs 20 dollars a month.");
    assert_eq!(
        on(&c, "The plan costs 25 dollars a month.").reason,
        "holds 4 of 5 content words of the expected answer; number 25 conflicts with 20"
    );
    assert_eq!(on(&c, "").reason, "the answer is empty");
}

#[test]
fn confidence_follows_the_pass_mark() {
    let c = case("Who painted it?", "Giovanni Bellini");
    let sure = |mark, answer: &str| judge().judgment(&c, &rubric(mark), answer).confidence.unwrap();
    let half_right = "Bellini or perhaps someone else from Venice";
    assert!((sure(4, half_right) - sure(2, half_right)).abs() > 1e-6);
    assert!(sure(4, "Giovanni Bellini") > 0.9 && sure(4, "Titian") > 0.7);
}

#[test]
fn a_megabyte_is_judged_like_its_head() {
    let long = "lorem ipsum dolor sit amet 14 days ".repeat(30_000);
    let j = on(&case(RETURNS, "14 days from delivery."), &long);
    assert!(j.probabilities.is_some());
    let one_word = "x".repeat(1_000_000);
    fails(RETURNS, "14 days from delivery.", &one_word);
    let mut c = case(&long, &long);
    c.accept = vec![long.clone(); 3];
    assert_eq!(on(&c, &long).score.get(), 5);
}

#[test]
fn weights_of_another_format_or_set_of_features_are_refused() {
    let file: serde_json::Value = serde_json::from_str(EMBEDDED).unwrap();
    assert!(Model::parse(EMBEDDED).is_ok());
    let edits: [fn(&mut serde_json::Value); 4] = [
        |f| f["format"] = "something else/9".into(),
        |f| f["features"]["unheard_of"] = 1.0.into(),
        |f| _ = f["features"].as_object_mut().unwrap().remove("recall"),
        |f| f["thresholds"] = serde_json::json!([1.0, 0.5, 2.0, 3.0]),
    ];
    for edit in edits {
        let mut broken = file.clone();
        edit(&mut broken);
        assert!(Model::parse(&broken.to_string()).is_err());
    }
}

#[test]
fn a_missing_weights_file_is_a_usage_error_with_help() {
    let spec = LexicalJudgeSpec { weights: Some("nowhere.json".into()), ..LexicalJudgeSpec::default() };
    let e = LexicalJudge::new(JudgeName::new("lexical").unwrap(), &spec, Path::new(".")).unwrap_err();
    assert_eq!(e.exit(), crate::error::Exit::Usage);
    assert!(e.help().is_some());
}

#[tokio::test]
async fn a_ballot_bears_the_judges_name_digest_and_sample() {
    let j = judge();
    let exhibit = Exhibit {
        case: Arc::new(case(RETURNS, "14 days")),
        rubric: Arc::new(rubric(4)),
        output: Arc::new(Output::text("14 days")),
        trial: 0,
    };
    let ballot = j.judge(&exhibit, 0).await;
    assert_eq!((ballot.judge.as_str(), ballot.sample, ballot.judge_digest), ("lexical", 0, j.head().digest));
    assert_eq!(ballot.score(), Some(Score::ALL[4]));
    assert!(j.settles_alone_at().is_some_and(|t| (0.5..1.0).contains(&t)));
}

proptest! {
    #[test]
    fn probabilities_sum_to_one_and_the_score_is_their_median(q in ".{0,40}", e in ".{0,60}", a in ".{0,120}") {
        let j = on(&case(&q, &e), &a);
        let p = j.probabilities.unwrap();
        prop_assert!(p.iter().all(|x| x.is_finite() && *x >= 0.0));
        prop_assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let below: f64 = p[..j.score.index()].iter().sum();
        prop_assert!(below <= 0.5 + 1e-9 && below + p[j.score.index()] >= 0.5 - 1e-9);
        prop_assert!((0.5..=1.0).contains(&j.confidence.unwrap()));
    }

    #[test]
    fn an_identical_answer_scores_five_and_an_empty_one_scores_one(q in ".{0,40}", e in "\\PC{1,80}") {
        prop_assume!(!e.trim().is_empty());
        prop_assert_eq!(score(&q, &e, &e), 5);
        prop_assert_eq!(score(&q, &e, ""), 1);
    }

    #[test]
    fn the_order_of_alternatives_never_matters(words in prop::collection::vec("[a-z]{1,6}( [a-z0-9]{1,4})?", 2..6), a in "[a-z0-9 ]{0,30}", turn in 0usize..6) {
        let mut one = case("which word is it", &words[0]);
        one.accept = words[1..].to_vec();
        let mut rotated = words.clone();
        rotated.rotate_left(turn % words.len());
        let mut other = case("which word is it", &rotated[0]);
        other.accept = rotated[1..].to_vec();
        prop_assert_eq!(on(&one, &a), on(&other, &a));
    }

    #[test]
    fn numbers_dates_and_signs_never_panic(a in "[0-9IVXL.,:/$%€ -]{0,60}|(one|two|hundred|and|million|may|7|11|1901|st|-| ){0,30}") {
        on(&case(&a, "two hundred and 7 may 1901 $5"), &a);
        on(&case("when", &a), "7/11/1901 at -5%");
    }
}
