//! Bounds on the score that the fitted data cannot teach, since it has short names and hardly a statement in it.
//!
//! | rule | bound |
//! | --- | --- |
//! | the answer is an expected one, but for case, articles, punctuation and word forms | 5 |
//! | the answer has no words, or briefly declines to answer | 1 |
//! | it declines to answer at length, without the expected words | at most 2 |
//! | yes where no is expected, or no where yes is | at most 2 |
//! | `not` where the expected statement has none, or none where it has one | at most 2 |
//! | another number or date in an otherwise expected statement | at most 2, or 3 if other numbers agree |
//! | four fifths of an expected statement of six words or more stand together, numbers included | at least 4 |
//! | half of it (0.35 to 0.65) | 2 to 3 |
//! | less | at most 2 |
//! | it holds something of `must_not_mention` | at most 2 |
//! | it holds nothing of `must_mention`; only a part of it | at most 2; at most 3 |

use super::align::{align, densest};
use super::search::Searched;
use super::signals::{Scene, Signals};
use super::tokens::Text;
use crate::domain::Score;

/// Words that carry meaning from which the shares above hold.
const LONG_STATEMENT: u32 = 6;

/// The scores that a rule allows, and which rule it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Lowest.
    pub low: Score,
    /// Highest.
    pub high: Score,
    /// Why.
    pub why: Why,
}

/// What decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The weights alone.
    Weights,
    /// The same words.
    Same,
    /// No words.
    Nothing,
    /// It declines.
    Refusal,
    /// Yes for no, or no for yes.
    YesNo,
    /// A negation more or less.
    Negation,
    /// Another number.
    Number,
    /// Another date.
    Date,
    /// The share of a long statement.
    Share,
}

fn bound(low: u8, high: u8, why: Why) -> Bound {
    let at = |n: u8| Score::ALL[usize::from(n.clamp(1, 5) - 1)];
    Bound { low: at(low), high: at(high), why }
}

/// The bound that one expected answer sets. The first rule that holds, in the order of the table.
#[must_use]
pub fn of_reference(scene: &Scene, s: &Signals) -> Bound {
    let other_words = s.words.0.saturating_sub(s.numbers.expected + s.dates.expected) >= 2 || s.statement;
    let numbers_wrong = s.numbers.conflict.is_some() && s.numbers.near == 0;
    let dates_wrong = s.dates.conflict > 0;
    let recall = s.place.recall;
    match () {
        () if s.exact => bound(5, 5, Why::Same),
        () if scene.answer.text.tokens.is_empty() => bound(1, 1, Why::Nothing),
        () if scene.refusal && recall < 0.5 => bound(1, if scene.content <= 15 { 1 } else { 2 }, Why::Refusal),
        () if s.polarity == Some(false) => bound(1, 2, Why::YesNo),
        () if s.flipped => bound(1, 2, Why::Negation),
        () if numbers_wrong && other_words => bound(1, if s.numbers.agree > 0 { 3 } else { 2 }, Why::Number),
        () if dates_wrong && other_words => bound(1, if s.dates.full > 0 { 3 } else { 2 }, Why::Date),
        () if s.words.0 >= LONG_STATEMENT && recall >= 0.8 && s.numbers.agree == s.numbers.expected => bound(4, 5, Why::Share),
        () if s.words.0 >= LONG_STATEMENT && recall < 0.35 => bound(1, 2, Why::Share),
        () if s.words.0 >= LONG_STATEMENT && recall < 0.65 => bound(2, 3, Why::Share),
        () => bound(1, 5, Why::Weights),
    }
}

/// Whether a text mentions a phrase: its words in a row, or all of its words close together with every amount equal.
/// `strictly` takes no typos and no other forms of a word.
#[must_use]
pub fn mentions(answer: &Searched, phrase: &Text, strictly: bool) -> bool {
    if phrase.tokens.is_empty() {
        return false;
    }
    if answer.holds_in_a_row(phrase) {
        return true;
    }
    let matches = align(&Searched::new(Text::default()), phrase, answer);
    let least = if strictly { 1.0 } else { 0.8 };
    let content = |i: usize| phrase.tokens[i].content();
    let any = (0..matches.len()).any(content);
    let all = (0..matches.len()).filter(|&i| content(i) || !any).all(|i| matches[i].likeness >= least);
    all && densest(phrase, &matches, answer).recall >= 0.75 * least
}
