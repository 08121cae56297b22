//! What the lexical judge says of short answers of our own making.

mod contract;
mod passages;

use std::path::Path;

use super::*;
use crate::domain::{CaseId, RubricName, Score};

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
