//! One answer against one case: the model, bounded by the rules, with a sentence that says what decided.

use super::features::rows;
use super::model::Model;
use super::rules::{Bound, Why, mentions, of_reference};
use super::signals::{Asked, Scene, Signals};
use super::tokens::{Text, head};
use crate::domain::{Case, Score};

/// No expected answer or phrase is read further than this, in bytes.
const MAX_EXPECTED: usize = 4096;

/// What the judge makes of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// The bounded linear score; see [`Model`].
    pub linear: f64,
    /// What decided, in one sentence.
    pub reason: String,
}

/// An assessment with what it was made from.
#[derive(Clone, Debug)]
pub struct Look {
    /// The assessment.
    pub assessment: Assessment,
    /// The signals of the expected answer that fits best; absent where nothing had to be measured: an empty answer, the
    /// expected one to the letter, or nothing expected.
    pub signals: Option<Signals>,
    /// Words of the answer that carry meaning.
    pub content: usize,
    /// What the question asks for.
    pub asked: Asked,
}

/// Assesses an answer. Pure; the order of `accept` never matters.
#[must_use]
pub fn assess(model: &Model, case: &Case, answer: &str) -> Assessment {
    look(model, case, answer).assessment
}

/// Assesses an answer and keeps what it was assessed by.
#[must_use]
pub fn look(model: &Model, case: &Case, answer: &str) -> Look {
    let scene = Scene::new(&case.question, answer);
    let (assessment, signals) = assess_scene(model, case, answer, &scene);
    Look { assessment, signals, content: scene.content, asked: scene.asked }
}

fn assess_scene(model: &Model, case: &Case, answer: &str, scene: &Scene) -> (Assessment, Option<Signals>) {
    let [one, two, three, _, five] = Score::ALL;
    if answer.trim().is_empty() {
        return (Assessment { linear: model.bounded(f64::NEG_INFINITY, one, one), reason: "the answer is empty".into() }, None);
    }
    let (linear, reason, signals) = if case.references().any(|r| r.trim() == answer.trim()) {
        (model.bounded(f64::INFINITY, five, five), "says the same as the expected answer".into(), None)
    } else {
        against_references(model, case, scene)
    };

    let phrase = |p: &String| Text::read(head(p, MAX_EXPECTED));
    if let Some(forbidden) = case.must_not_mention.iter().find(|p| mentions(&scene.answer, &phrase(p), true)) {
        let reason = format!("mentions what it must not: {}", quoted(forbidden));
        return (Assessment { linear: model.bounded(linear, one, two), reason }, signals);
    }
    let missing: Vec<&String> = case.must_mention.iter().filter(|p| !mentions(&scene.answer, &phrase(p), false)).collect();
    if let Some(first) = missing.first() {
        let cap = if missing.len() == case.must_mention.len() { two } else { three };
        let reason = format!("lacks {} of {} required mentions: {}", missing.len(), case.must_mention.len(), quoted(first));
        return (Assessment { linear: model.bounded(linear, one, cap), reason }, signals);
    }
    (Assessment { linear, reason }, signals)
}

fn quoted(phrase: &str) -> String {
    format!("\"{}\"", phrase.chars().take(60).collect::<String>())
}

/// The best of the expected answers, each bounded by its own rules.
fn against_references(model: &Model, case: &Case, scene: &Scene) -> (f64, String, Option<Signals>) {
    let references: Vec<Text> = case.references().map(|r| Text::read(head(r, MAX_EXPECTED))).collect();
    let mut best: Option<(f64, Bound, Signals)> = None;
    for (signals, row) in rows(scene, &references) {
        let bound = of_reference(scene, &signals);
        let linear = model.bounded(model.linear(&row), bound.low, bound.high);
        // Equal scores: the reason of the one that is held better, then the first by alphabet, so that the order never matters.
        let better = best.as_ref().is_none_or(|(best_linear, best_bound, best_signals)| {
            linear
                .total_cmp(best_linear)
                .then(signals.recall.total_cmp(&best_signals.recall))
                .then_with(|| reason(best_bound.why, best_signals).cmp(&reason(bound.why, &signals)))
                .is_gt()
        });
        if better {
            best = Some((linear, bound, signals));
        }
    }
    let [one, ..] = Score::ALL;
    best.map_or_else(
        || (model.bounded(f64::NEG_INFINITY, one, one), "the case expects nothing".into(), None),
        |(linear, bound, signals)| (linear, reason(bound.why, &signals), Some(signals)),
    )
}

fn reason(why: Why, s: &Signals) -> String {
    let held = format!("holds {} of {} content words of the expected answer", s.words.1, s.words.0);
    let number =
        s.numbers.conflict.filter(|_| s.numbers.near == 0).map(|(expected, got)| format!("number {got} conflicts with {expected}"));
    match why {
        Why::Same => "says the same as the expected answer".into(),
        Why::Nothing => "the answer has no words".into(),
        Why::Refusal => format!("declines to answer; {held}"),
        Why::YesNo => "says yes where no is expected, or no where yes is".into(),
        Why::Negation => format!("{held}, but one of the two is negated"),
        Why::Date => format!("{held}; another date than expected"),
        Why::Number | Why::Share | Why::Weights => {
            let mut parts = vec![held];
            parts.extend(number);
            if s.dates.conflict > 0 {
                parts.push("another date than expected".into());
            }
            if why == Why::Weights && s.contained && s.words.1 == s.words.0 {
                parts.push("in a row".into());
            }
            parts.join("; ")
        }
    }
}
