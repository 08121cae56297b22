//! What the lexical judge says of short and long answers of our own making.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::{CaseId, Output, RubricName, Score};

fn judge() -> LexicalJudge {
    LexicalJudge::new(JudgeName::new("lexical").unwrap(), &LexicalJudgeSpec::default(), Path::new(".")).unwrap()
}

fn rubric(pass_mark: u8) -> Rubric {
    Rubric {
        name: RubricName::new("correctness").unwrap(),
        criteria: String::new(),
        anchors: std::array::from_fn(|_| String::new()),
        pass_mark: Score::try_from(pass_mark).unwrap(),
        notes: Vec::new(),
        examples: Vec::new(),
        template: None,
    }
}

fn case(question: &str, expected: &str) -> Case {
    Case::new(CaseId::new("c").unwrap(), question, expected)
}

fn on(case: &Case, answer: &str) -> Judgment {
    judge().judgment(case, &rubric(4), answer)
}

fn score(question: &str, expected: &str, answer: &str) -> u8 {
    on(&case(question, expected), answer).score.get()
}

#[track_caller]
fn passes(question: &str, expected: &str, answer: &str) {
    let j = on(&case(question, expected), answer);
    assert!(j.score.get() >= 4, "{}: {answer:?} for {expected:?}: {}", j.score, j.reason);
}

#[track_caller]
fn fails(question: &str, expected: &str, answer: &str) {
    let j = on(&case(question, expected), answer);
    assert!(j.score.get() <= 2, "{}: {answer:?} for {expected:?}: {}", j.score, j.reason);
}

const RETURNS: &str = "How long do I have to return a jacket bought online?";
const HANDBOOK: &str = "What does exit code 4 mean?";
const RESUME: &str = "A run that was killed is resumed by the same command; only what was in flight is repeated.";

#[test]
fn an_answer_that_differs_in_case_articles_and_punctuation_scores_five() {
    assert_eq!(score(RETURNS, "14 days from the delivery.", "14 days from delivery"), 5);
    assert_eq!(score("Who wrote it?", "The Brontë Sisters", "the bronte sisters!"), 5);
}

#[test]
fn numbers_in_words_pass() {
    passes(RETURNS, "14 days from delivery.", "fourteen days from delivery");
    passes("How many judges sit on it?", "nine", "9");
    passes("How many?", "250,000", "two hundred and fifty thousand");
}

#[test]
fn another_unit_of_the_same_amount_passes() {
    passes(RETURNS, "14 days from delivery.", "You have two weeks from delivery.");
    passes("How long is the track?", "1.5 km", "1500 metres");
}

#[test]
fn a_wrong_number_in_an_otherwise_equal_sentence_fails() {
    fails(RETURNS, "You can return it within 14 days of delivery.", "You can return it within 30 days of delivery.");
    fails(RETURNS, "14 days from delivery.", "14 hours from delivery.");
    fails("What does it cost?", "The plan costs 20 dollars a month.", "The plan costs 25 dollars a month.");
}

#[test]
fn all_forms_of_a_date_pass() {
    for form in ["11 July 1901", "1901-07-11", "It was first shown on July 11, 1901.", "on the 11th of July 1901"] {
        passes("When was it first shown?", "July 11, 1901", form);
    }
}

#[test]
fn another_year_fails() {
    fails("When was it first shown?", "July 11, 1901", "July 11, 1908");
    fails("When did the library open?", "The library opened in May 1984.", "The library opened in May 1987.");
}

#[test]
fn a_surname_with_or_without_initials_passes() {
    passes("Who wrote the books?", "J. K. Rowling", "Rowling");
    passes("Who wrote the books?", "Rowling", "J.K. Rowling wrote them.");
    passes("Who led the survey?", "Anna Maria Keller", "Anna Keller");
}

#[test]
fn a_typo_in_a_name_passes() {
    passes("Who painted it?", "Giovanni Bellini", "Giovanni Belini");
    passes("Where is it?", "Reykjavík", "Reykjavik, Iceland");
}

#[test]
fn a_roman_numeral_equals_its_number() {
    passes("Which war was it?", "World War II", "World War 2");
    passes("Which king?", "Louis XIV", "Louis the 14th, Louis XIV");
}

#[test]
fn another_name_fails() {
    fails("Who painted it?", "Giovanni Bellini", "Titian");
    fails("What is the capital?", "Canberra", "Sydney is the capital.");
}

#[test]
fn a_negation_flip_fails() {
    fails("Can I return a worn jacket?", "You can return it.", "You can NOT return it.");
    fails("Can I return a worn jacket?", "You cannot return it once it was worn.", "You can return it once it was worn.");
    fails("Does an outage fail the gate?", "An outage never counts as a drop in quality.", "An outage counts as a drop in quality.");
}

#[test]
fn a_negation_about_something_else_does_not_matter() {
    passes(
        RETURNS,
        "You can return it within 14 days of delivery.",
        "You can return it within 14 days of delivery. Gift cards are not returnable.",
    );
}

#[test]
fn yes_for_no_fails() {
    fails("Is the store encrypted?", "No, the store is not encrypted.", "Yes, the store is encrypted.");
    fails("Is the store encrypted?", "No.", "Yes.");
}

#[test]
fn a_refusal_fails() {
    fails(RETURNS, "14 days from delivery.", "I don't know.");
    assert_eq!(score(RETURNS, "14 days from delivery.", "I'm sorry, I cannot answer that."), 1);
}

#[test]
fn empty_and_wordless_answers_score_one() {
    for answer in ["", "  \n", "...", "\u{200B}", "?!"] {
        assert_eq!(score(RETURNS, "14 days from delivery.", answer), 1, "{answer:?}");
    }
}

#[test]
fn a_passage_that_holds_the_fact_passes() {
    passes(
        HANDBOOK,
        "The run is incomplete: an agent or a judge was down, or the budget was spent.",
        "The exit code tells a script how a run ended. 0 means that the gate passed, 1 that it failed, 2 that usage or a set is at fault. \
         4 means that the run is incomplete: the agent or a judge was down, or the budget was spent; the same command resumes it. \
         130 means that it was interrupted.",
    );
    passes(
        "What happens to a run that was killed?",
        RESUME,
        "Every output and every ballot is stored before the next step starts. So a run that was killed is resumed by giving the same \
         command again, and only what was in flight at that moment is repeated. Nothing that was paid for is lost.",
    );
    passes(
        RETURNS,
        "14 days from delivery.",
        "Thank you for asking! Jackets that were bought in our online shop may be sent back within 14 days, counted from delivery. Please keep the label.",
    );
}

#[test]
fn a_passage_on_another_topic_fails() {
    for passage in [
        "The report is a single page without network access. Its charts are inline, and every case can be filtered by tag, risk and score. \
         It follows the colour scheme of the reader's system.",
        "Rubrics hold five anchors, one for each score. Notes that people add are shown to the judges in the order they were written.",
    ] {
        fails("What happens to a run that was killed?", RESUME, passage);
        fails(HANDBOOK, "The run is incomplete: an agent or a judge was down, or the budget was spent.", passage);
        fails(RETURNS, "14 days from delivery.", passage);
    }
}

#[test]
fn one_of_two_facts_scores_about_three() {
    let expected = "Outputs are stored before they are judged, and decisions are appended to a journal that nobody edits.";
    let half = "Outputs are stored before they are judged.";
    assert_eq!(score("How is data kept safe?", expected, half), 3);
    let passage =
        "There is one rule about agents: outputs are stored on disk before they are judged. Judges come later, and may be asked again.";
    assert_eq!(score("How is data kept safe?", expected, passage), 3);
}

#[test]
fn a_paraphrase_that_keeps_the_words_passes() {
    passes(
        "Who may settle alone?",
        "A cheap judge settles alone when its confidence reaches the calibrated threshold.",
        "When the confidence of a cheap judge reaches its calibrated threshold, that judge settles the case alone.",
    );
    passes(
        "How are seeds used?",
        "The seed draws the audit sample.",
        "The audit sample is drawn with the seed, so the seed draws it again.",
    );
}

#[test]
fn the_fact_in_a_list_passes() {
    passes(
        "Which kinds of agents are there?",
        "openai, http, command, replay and retrieval",
        "- retrieval\n- replay\n- command\n- http\n- openai",
    );
}

#[test]
fn repeating_the_question_is_no_answer() {
    fails("Which store does a team share?", "PostgreSQL", "A team shares a store.");
    fails(RETURNS, "14 days from delivery.", "How long do you have to return a jacket bought online?");
}

#[test]
fn scattered_words_do_not_pass() {
    let passage = "The queue is short. Then much is said of other things, such as colours, fonts, tables, margins and the width of a page in a \
        terminal window. Reviewers like a quick start. Elsewhere in the handbook there are chapters on prices, tokens, caches and retries. \
        A random draw happens. Somewhere confident people audit something, and many other matters are told at length after that as well.";
    let j = on(
        &case("What is audited?", "A random sample of confident items from the queue, so that shared errors of the judges show."),
        passage,
    );
    assert!(j.score.get() <= 3, "{}: {}", j.score, j.reason);
}

#[test]
fn a_line_of_a_table_or_a_list_holds_its_fact() {
    let codes = "Exit codes: 0 gate passed (or no gate asked for) - 1 gate failed - 2 usage, config or set at fault - 3 undecided: people must \
        grade more - 4 run incomplete: agent or judge down, or budget spent - 5 nothing selected";
    passes("What does exit code 3 mean?", "Undecided: people must grade more before the gate can decide.", codes);
    passes(
        "What is the default audit share?",
        "3%, at least 30 items",
        "The audit takes 3 percent of the confident items, and at least 30 of them.",
    );
    fails(
        "What is the default audit share?",
        "3%, at least 30 items",
        "The audit takes 5 percent of the confident items, and at least 50 of them.",
    );
}

#[test]
fn a_leading_no_is_an_answer_and_not_a_negation() {
    let (question, expected) = ("Does the gate fail when a judge is down?", "No, the run is incomplete and exits with 4.");
    passes(question, expected, "An outage never looks like a drop in quality: the run is incomplete and exits with code 4.");
    fails(question, expected, "Yes. If a judge is down the gate fails and the run exits with 1.");
    passes("Is telemetry sent?", "No telemetry.", "One static binary, an embedded database, no account, no telemetry.");
    fails("Is telemetry sent?", "No telemetry.", "Telemetry is sent daily.");
}

#[test]
fn a_sentence_that_is_split_in_the_answer_still_counts() {
    let question = "What happens at Ctrl-C?";
    let expected = "In-flight work finishes, a partial summary is printed and the program exits with 130; a second Ctrl-C stops at once.";
    let half = "Press Ctrl-C once and work in flight finishes, then a partial summary is printed.";
    assert_eq!(score(question, expected, half), 3);
    passes(
        question,
        expected,
        "Press Ctrl-C once and work in flight finishes, then a partial summary is printed and the exit code is 130. Press it twice and the \
         program stops at once.",
    );
}

#[test]
fn a_year_within_the_expected_decade_passes_and_another_century_fails() {
    passes("When was the bridge built?", "the 1980s", "It was built in 1984.");
    fails("When was the bridge built?", "in the 19th century", "in 1984");
}

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
