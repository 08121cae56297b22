//! Which words of an expected answer an answer holds, where, and how densely.
//!
//! Invariant: the work is bounded by constants times the length of the texts.

use super::dates::Agreement;
use super::lexicon::Unit;
use super::numbers::Likeness;
use super::search::{MAX_OCCURRENCES, Searched};
use super::tokens::{Text, Token};

/// Words without an exact match that are searched for typos and other forms.
const MAX_FUZZY: usize = 12;
/// Words of the answer in which typos and other forms are searched.
const MAX_FUZZY_WORDS: usize = 1024;
/// One word of the expected answer: what it weighs, how well it is matched (0 to 1), and where.
#[derive(Clone, Copy, Debug)]
pub struct Match {
    /// Its share in the recall: numbers weigh more, stop words and the question's own words less.
    pub weight: f64,
    /// 1 for the word itself, less for a typo or another form, 0 for nothing.
    pub likeness: f64,
    /// Where the answer has it first.
    pub at: Option<u32>,
}

/// The place of an answer where the words of the expected answer stand densest.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// Share of the expected weight that stands there.
    pub recall: f64,
    /// First and last matched token.
    pub span: Option<(u32, u32)>,
}

/// Finds every word of `reference` in the answer.
#[must_use]
pub fn align(question: &Searched, reference: &Text, answer: &Searched) -> Vec<Match> {
    let mut fuzzy_left = MAX_FUZZY;
    let mut out: Vec<Match> = reference
        .tokens
        .iter()
        .map(|token| {
            let weight = weight(token, question);
            if let Some(at) = answer.positions(token.key).next() {
                return Match { weight, likeness: 1.0, at: Some(at) };
            }
            let nothing = Match { weight, likeness: 0.0, at: None };
            if token.number || token.stop || fuzzy_left == 0 {
                return nothing;
            }
            fuzzy_left -= 1;
            alike(reference, token, &answer.text).map_or(nothing, |(likeness, at)| Match { weight, likeness, at: Some(at) })
        })
        .collect();
    quantities(reference, &answer.text, &mut out);
    dates(reference, &answer.text, &mut out);
    out
}

fn weight(token: &Token, question: &Searched) -> f64 {
    match token {
        t if t.number && !t.stop => 1.5,
        t if t.stop => 0.1,
        t if question.holds(t.key) => 0.35,
        t if t.initials => 0.3,
        _ => 1.0,
    }
}

/// The best typo, other form or initial of a word: how like, and where.
fn alike(reference: &Text, token: &Token, answer: &Text) -> Option<(f64, u32)> {
    let word = reference.word(token);
    let mut best: Option<(f64, u32)> = None;
    for (other, at) in answer.tokens.iter().zip(0..).take(MAX_FUZZY_WORDS) {
        if other.number {
            continue;
        }
        let found = likeness(word, token, answer.word(other), other);
        if found > 0.0 && best.is_none_or(|b| found > b.0) {
            best = Some((found, at));
        }
    }
    best
}

fn likeness(a: &str, ta: &Token, b: &str, tb: &Token) -> f64 {
    let (short, long) = (a.len().min(b.len()), a.len().max(b.len()));
    if short <= 2 {
        // `J.` for `Joanne`.
        let initial = (ta.initials || tb.initials) && ta.capital && tb.capital && a.as_bytes().first() == b.as_bytes().first();
        return if initial { 0.5 } else { 0.0 };
    }
    let typos = if long >= 8 { 2 } else { usize::from(long >= 5) };
    if typos > 0
        && long - short <= typos
        && (ta.letters ^ tb.letters).count_ones() as usize <= 2 * typos
        && strsim::osa_distance(a, b) <= typos
    {
        return 0.8;
    }
    // `Britain` and `British`, `American` and `America`, `photosynthesis` and `photosynthetic`.
    if short < 4 || a.as_bytes()[0] != b.as_bytes()[0] {
        return 0.0;
    }
    let common = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    if common >= 4 && common * 7 >= long * 4 { 0.6 } else { 0.0 }
}

fn same_unit(a: Option<Unit>, b: Option<Unit>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a.dimension == b.dimension)
}

/// A number is matched by the same amount, whatever its unit; the same digits of another unit are nearly nothing.
fn quantities(reference: &Text, answer: &Text, out: &mut [Match]) {
    for q in reference.quantities.iter().filter(|q| !q.dated) {
        let best = answer.quantities.iter().map(|a| (a, q.like(a))).min_by_key(|(_, l)| match l {
            Likeness::Equal => 0,
            Likeness::Near => 1,
            Likeness::Other | Likeness::Unlike => 2,
        });
        let Some(m) = out.get_mut(q.from as usize) else { continue };
        match best {
            Some((a, Likeness::Equal)) => {
                (m.likeness, m.at) = (1.0, Some(a.from));
                let converted = same_unit(q.unit, a.unit) && a.unit != q.unit;
                if converted && let Some(unit) = out.get_mut(q.to as usize) {
                    (unit.likeness, unit.at) = (1.0, Some(a.to.saturating_sub(1)));
                }
            }
            Some((a, Likeness::Near)) => (m.likeness, m.at) = (0.5, Some(a.from)),
            _ => m.likeness = m.likeness.min(0.2),
        }
    }
}

/// The words of a date stand and fall together.
fn dates(reference: &Text, answer: &Text, out: &mut [Match]) {
    for date in &reference.dates {
        let best = answer.dates.iter().map(|a| (date.agreement(a), a)).max_by_key(|(agreement, a)| (*agreement, std::cmp::Reverse(a.from)));
        let Some(words) = out.get_mut(date.from as usize..date.to as usize) else { continue };
        match best {
            Some((Agreement::Full, a)) => words.iter_mut().for_each(|m| (m.likeness, m.at) = (1.0, Some(a.from))),
            Some((Agreement::Conflict, _)) => words.iter_mut().for_each(|m| m.likeness *= 0.25),
            _ => {}
        }
    }
}

/// Weighted share of the expected words that were found.
#[must_use]
pub fn recall(matches: &[Match]) -> f64 {
    let (found, all) = matches.iter().fold((0.0, 0.0), |(f, a), m| (f + m.weight * m.likeness, a + m.weight));
    if all > 0.0 { found / all } else { 0.0 }
}

/// The densest place: the stretch of the answer, somewhat longer than the expected answer, that holds most of its weight.
#[must_use]
pub fn densest(reference: &Text, matches: &[Match], answer: &Searched) -> Place {
    let width = u32::try_from(reference.tokens.len()).unwrap_or(u32::MAX / 4) * 2 + 10;
    let mut hits: Vec<(u32, u32)> = Vec::with_capacity(matches.len() * 2);
    for ((token, m), n) in reference.tokens.iter().zip(matches).zip(0..) {
        if m.likeness > 0.0 {
            hits.extend(m.at.map(|at| (at, n)));
            hits.extend(answer.positions(token.key).take(MAX_OCCURRENCES).filter(|&at| Some(at) != m.at).map(|at| (at, n)));
        }
    }
    hits.sort_unstable();
    let all: f64 = matches.iter().map(|m| m.weight).sum();
    let mut counts = vec![0u32; matches.len()];
    let (mut from, mut held, mut best) = (0, 0.0, Place::default());
    for to in 0..hits.len() {
        let (at, n) = hits[to];
        let m = &matches[n as usize];
        if counts[n as usize] == 0 {
            held += m.weight * m.likeness;
        }
        counts[n as usize] += 1;
        // Too far off, or there again further on.
        while at - hits[from].0 > width || counts[hits[from].1 as usize] > 1 {
            let gone = hits[from].1 as usize;
            counts[gone] -= 1;
            if counts[gone] == 0 {
                held -= matches[gone].weight * matches[gone].likeness;
            }
            from += 1;
        }
        let share = if all > 0.0 { held / all } else { 0.0 };
        let tighter = best.span.is_some_and(|(a, b)| share > best.recall - 1e-9 && at - hits[from].0 < b - a);
        if share > best.recall + 1e-9 || tighter {
            best = Place { recall: share.max(best.recall), span: Some((hits[from].0, at)) };
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(expected: &str, answer: &str) -> f64 {
        let question = Searched::new(Text::default());
        recall(&align(&question, &Text::read(expected), &Searched::new(Text::read(answer))))
    }

    #[test]
    fn a_word_is_found_in_its_other_forms() {
        assert!(found("jackets", "a jacket") > 0.99);
        assert!(found("Ferdinand", "Ferdinnand") > 0.75);
        assert!(found("Britain", "British") > 0.5);
        assert!(found("jacket", "trousers") < 0.01);
    }

    #[test]
    fn an_amount_is_found_in_another_unit_and_not_in_a_wrong_one() {
        assert!(found("14 days", "two weeks") > 0.99);
        assert!(found("14 days", "14 hours") < 0.2);
    }

    #[test]
    fn a_date_is_found_in_another_form_and_not_by_its_month_alone() {
        assert!(found("July 11, 1901", "1901-07-11") > 0.99);
        assert!(found("July 11, 1901", "on July 12, 1902") < 0.3);
    }

    #[test]
    fn the_densest_place_is_where_the_words_stand_together() {
        let filler = "and then something else happened far away in a land of plenty ".repeat(5);
        let (near, far) = (format!("{filler} red fox {filler}"), format!("red {filler} fox"));
        let reference = Text::read("red fox");
        let dense = |answer: &str| {
            let answer = Searched::new(Text::read(answer));
            let matches = align(&Searched::new(Text::default()), &reference, &answer);
            densest(&reference, &matches, &answer).recall
        };
        assert!(dense(&near) > 0.99);
        assert!(dense(&far) < 0.6);
    }
}
