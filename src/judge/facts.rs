//! Rules over hard facts: required and forbidden mentions, numbers, dates, names, negation. Abstains where a case has none.
//!
//! What counts as a fact: each phrase of `must_mention`; of each expected answer, its numbers with their units, its dates,
//! and its names (two capitalised words or more in a row). The best expected answer counts.
//!
//! | rule | score |
//! | --- | --- |
//! | the answer is an expected one, but for case, articles and punctuation | 5 |
//! | it mentions something of `must_not_mention` | 1 |
//! | another number or date than expected, and none of the facts | 1 |
//! | another number or date than expected, or a negation more or less | 2 |
//! | all facts present | 5 |
//! | a part of them | 2, 3 or 4: less than a third, up to two thirds, more |
//! | none | 1 |
//!
//! Confidence is absent: what these rules are worth depends on the facts a team writes down.

use futures::future::BoxFuture;

use super::lexical::rules::mentions;
use super::lexical::signals::{Scene, Signals, measure};
use super::lexical::tokens::{Text, head};
use super::{Exhibit, Judge};
use crate::domain::digest::DigestBuilder;
use crate::domain::ids::JudgeName;
use crate::domain::money::Spend;
use crate::domain::run::JudgeHead;
use crate::domain::{Ballot, Case, Digest, JudgeFailure, JudgeFailureKind, Judgment, Score};

/// No expected answer or phrase is read further than this, in bytes.
const MAX_EXPECTED: usize = 4096;

/// The rules as a judge. One sample; never settles alone.
#[derive(Clone, Debug)]
pub struct FactsJudge {
    name: JudgeName,
    digest: Digest,
}

/// What an answer holds of one expected answer's facts.
struct Held {
    exact: bool,
    conflict: bool,
    flipped: bool,
    facts: usize,
    present: usize,
}

impl FactsJudge {
    /// A judge of this name.
    #[must_use]
    pub fn new(name: JudgeName) -> Self {
        let digest = DigestBuilder::new("judge/1").text("kind", "facts").text("version", "facts/1").finish();
        Self { name, digest }
    }

    /// Judges one answer. Pure; the order of `accept` never matters.
    ///
    /// # Errors
    /// Abstains ([`JudgeFailureKind::Abstained`]) where the case has no fact to hold on to.
    pub fn judgment(&self, case: &Case, answer: &str) -> Result<Judgment, JudgeFailure> {
        let scene = Scene::new(&case.question, answer);
        let phrase = |p: &String| Text::read(head(p, MAX_EXPECTED));
        if let Some(p) = case.must_not_mention.iter().find(|p| mentions(&scene.answer, &phrase(p), true)) {
            return Ok(judged(1, format!("mentions what it must not: {}", quoted(p))));
        }
        let required: Vec<Text> = case.must_mention.iter().map(phrase).filter(|t| !t.tokens.is_empty()).collect();
        let mentioned = required.iter().filter(|t| mentions(&scene.answer, t, false)).count();
        let all: Vec<Held> = case
            .references()
            .map(|r| {
                let reference = Text::read(head(r, MAX_EXPECTED));
                let held = hold(&scene, &reference);
                let (facts, present) = (held.facts + required.len(), held.present + mentioned);
                // Told by its characters too: an expected answer may have no word, e.g. a sign.
                let exact = held.exact || (r.trim() == answer.trim() && !r.trim().is_empty());
                Held { exact, facts, present, ..held }
            })
            .collect();
        let any = all.iter().any(|h| h.facts > 0);
        let best = all
            .into_iter()
            .filter(|h| h.facts > 0 || (any && h.exact))
            .max_by_key(|h| (score(h), h.facts > 0, h.present, std::cmp::Reverse(h.facts), h.exact, h.conflict, h.flipped));
        match best {
            Some(held) => Ok(judged(score(&held), reason(&held))),
            None => Err(JudgeFailure::new(
                JudgeFailureKind::Abstained,
                "the case has no required mention, number, date or name of several words to hold on to",
            )),
        }
    }
}

fn judged(score: u8, reason: String) -> Judgment {
    Judgment::new(Score::ALL[usize::from(score.clamp(1, 5) - 1)], reason)
}

fn quoted(phrase: &str) -> String {
    format!("\"{}\"", phrase.chars().take(60).collect::<String>())
}

fn hold(scene: &Scene, reference: &Text) -> Held {
    let s: Signals = measure(scene, reference);
    let names = names(reference);
    let named = names.iter().filter(|n| mentions(&scene.answer, n, false)).count();
    let facts = s.numbers.expected + s.dates.expected;
    let present = s.numbers.agree + s.dates.full;
    Held {
        exact: s.exact,
        conflict: s.numbers.conflict.is_some() || s.dates.conflict > 0,
        flipped: s.flipped || s.polarity == Some(false),
        facts: facts as usize + names.len(),
        present: present as usize + named,
    }
}

fn score(h: &Held) -> u8 {
    match () {
        () if h.exact && h.present == h.facts => 5,
        () if h.conflict && h.present == 0 => 1,
        () if h.conflict || h.flipped => 2,
        () if h.present == h.facts => 5,
        () if h.present == 0 => 1,
        () if h.present * 3 < h.facts => 2,
        () if h.present * 3 <= h.facts * 2 => 3,
        () => 4,
    }
}

fn reason(h: &Held) -> String {
    let held = format!("{} of {} facts present", h.present, h.facts);
    match (h.conflict, h.flipped) {
        _ if h.exact && h.facts == 0 => "the answer is an expected one".to_owned(),
        _ if h.exact => held,
        (true, _) => format!("{held}; a number or date differs from the expected one"),
        (_, true) => format!("{held}; one of the two is negated"),
        _ => held,
    }
}

/// Capitalised words that stand in a row, two or more, numbers and months aside; each as a text of its own.
fn names(reference: &Text) -> Vec<Text> {
    let in_name = |i: usize| {
        let t = &reference.tokens[i];
        t.capital && !t.number && !t.stop
    };
    let n = reference.tokens.len();
    let mut out = Vec::new();
    let mut from = 0;
    while from < n {
        if !in_name(from) {
            from += 1;
            continue;
        }
        let same = |i: usize| reference.tokens[i].gap == ' ' && reference.tokens[i].sentence == reference.tokens[from].sentence;
        let to = (from + 1..n).find(|&i| !(in_name(i) && same(i))).unwrap_or(n);
        if to - from >= 2 {
            out.push(reference.part(from, to));
        }
        from = to;
    }
    out
}

impl Judge for FactsJudge {
    fn head(&self) -> JudgeHead {
        JudgeHead { name: self.name.clone(), kind: "facts".into(), model: None, samples: 1, digest: self.digest, settles_alone_at: None }
    }

    fn settles_alone_at(&self) -> Option<f64> {
        None
    }

    fn judge<'a>(&'a self, exhibit: &'a Exhibit, sample: u16) -> BoxFuture<'a, Ballot> {
        Box::pin(async move {
            Ballot {
                judge: self.name.clone(),
                judge_digest: self.digest,
                sample,
                outcome: self.judgment(&exhibit.case, &exhibit.output.text),
                spend: Spend::default(),
                latency_ms: 0,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CaseId;

    fn facts() -> FactsJudge {
        FactsJudge::new(JudgeName::new("facts").unwrap())
    }

    fn case(expected: &str) -> Case {
        Case::new(CaseId::new("c").unwrap(), "How long, when and who?", expected)
    }

    fn score(case: &Case, answer: &str) -> Option<u8> {
        facts().judgment(case, answer).ok().map(|j| j.score.get())
    }

    #[test]
    fn a_case_without_facts_is_abstained_from() {
        let failure = facts().judgment(&case("as soon as possible"), "soon").unwrap_err();
        assert_eq!(failure.kind, JudgeFailureKind::Abstained);
        assert_eq!(score(&case(""), ""), None);
    }

    #[test]
    fn all_facts_score_five_and_none_scores_one() {
        let c = case("Anna Keller, on 11 July 1901, for 14 days");
        assert_eq!(score(&c, "It was Anna Keller, from 1901-07-11 on, and it took two weeks."), Some(5));
        assert_eq!(score(&c, "Nobody knows."), Some(1));
    }

    #[test]
    fn a_part_of_the_facts_scores_two_to_four() {
        let c = case("Anna Keller, Mei Lin, Ravi Menon and Tomas Rey");
        assert_eq!(score(&c, "Anna Keller"), Some(2));
        assert_eq!(score(&c, "Anna Keller and Mei Lin"), Some(3));
        assert_eq!(score(&c, "Anna Keller, Mei Lin and Ravi Menon"), Some(4));
    }

    #[test]
    fn another_number_or_date_scores_one_or_two() {
        assert_eq!(score(&case("14 days"), "30 days"), Some(1));
        assert_eq!(score(&case("on 11 July 1901"), "on 12 July 1901"), Some(1));
        assert_eq!(score(&case("14 days, by Anna Keller"), "30 days, by Anna Keller"), Some(2));
    }

    #[test]
    fn a_negation_more_scores_two() {
        assert_eq!(score(&case("You can return it within 14 days."), "You can not return it within 14 days."), Some(2));
    }

    #[test]
    fn a_forbidden_mention_scores_one_even_without_other_facts() {
        let mut c = case("as soon as possible");
        c.must_not_mention = vec!["next year".into()];
        assert_eq!(score(&c, "Next year."), Some(1));
        assert_eq!(score(&c, "Soon."), None);
    }

    #[test]
    fn required_mentions_are_facts() {
        let mut c = case("as soon as possible");
        c.must_mention = vec!["proof of purchase".into(), "14 days".into()];
        assert_eq!(score(&c, "Within fourteen days, with a proof of purchase."), Some(5));
        assert_eq!(score(&c, "With a proof of purchase."), Some(3));
    }

    #[test]
    fn an_expected_answer_without_facts_is_right_beside_one_with_facts() {
        let mut c = case("in Berlin");
        c.accept = vec!["Anna Keller says in Berlin, since 3 October 1990".into()];
        assert_eq!(score(&c, "In Berlin."), Some(5));
        assert_eq!(facts().judgment(&c, "in Berlin").unwrap().reason, "the answer is an expected one");
        c.expected = "👍".into();
        assert_eq!(score(&c, " 👍"), Some(5));
        assert_eq!(score(&case("in Berlin"), "in Berlin"), None, "without any fact the judge has no say");
    }

    #[test]
    fn the_best_expected_answer_counts_whatever_the_order() {
        let mut c = case("30 days");
        c.accept = vec!["14 days".into(), "Anna Keller".into()];
        assert_eq!(score(&c, "14 days"), Some(5));
        let mut turned = case("Anna Keller");
        turned.accept = vec!["30 days".into(), "14 days".into()];
        assert_eq!(facts().judgment(&turned, "14 days"), facts().judgment(&c, "14 days"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(e in ".{0,60}", a in ".{0,80}", m in ".{0,20}") {
            let mut c = case(&e);
            c.must_mention = vec![m.clone()];
            c.must_not_mention = vec![a.clone()];
            let _ = facts().judgment(&c, &a);
            c.must_not_mention = vec![];
            let _ = facts().judgment(&c, &m);
        }
    }
}
