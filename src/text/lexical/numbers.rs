//! Quantities: `14`, `fourteen`, `1.5 million`, `XIV`, `2 weeks`. Equal ones get equal keys, whatever they are written like.

use super::lexicon::{Dimension, Unit};
use super::tokens::Text;

/// A number with its unit, where it has one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// Its value, in its own unit.
    pub value: f64,
    /// Its unit.
    pub unit: Option<Unit>,
    /// First token.
    pub from: u32,
    /// One past its last token, the unit not counted.
    pub to: u32,
    /// `one`, `first`, `II`: may as well be no number, so that it never contradicts.
    pub soft: bool,
    /// Written with digits only: may be a year or a day.
    pub literal: bool,
    /// Part of a date, and no quantity of its own.
    pub dated: bool,
}

/// How two quantities compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The same amount.
    Equal,
    /// Within two parts in a hundred.
    Near,
    /// Another amount of the same kind.
    Other,
    /// Amounts of different kinds.
    Unlike,
}

impl Quantity {
    /// Compares two quantities; a missing unit is no difference.
    #[must_use]
    pub fn like(&self, other: &Self) -> Likeness {
        let (a, b) = match (self.unit, other.unit) {
            (Some(x), Some(y)) if x.dimension == y.dimension => (self.value * x.worth, other.value * y.worth),
            (Some(_), Some(_)) => return Likeness::Unlike,
            _ => (self.value, other.value),
        };
        let size = a.abs().max(b.abs());
        match (a - b).abs() {
            d if d <= size * 1e-6 => Likeness::Equal,
            d if d <= size * 0.02 => Likeness::Near,
            _ => Likeness::Other,
        }
    }
}

/// The key of a number: of its value, so that `14` and `fourteen` are one.
#[must_use]
pub fn number_key(value: f64) -> u64 {
    // An odd multiplier spreads the bits; the tag keeps numbers apart from words.
    (value + 0.0).to_bits().wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x6e75_6d62_6572
}

/// Finds the quantities of a text and gives their first tokens the keys of their values.
pub fn mark(text: &mut Text) {
    let mut i = 0;
    while i < text.tokens.len() {
        let Some((value, to, soft, literal)) = at(text, i) else {
            i += 1;
            continue;
        };
        for (n, token) in text.tokens[i..to].iter_mut().enumerate() {
            token.number = true;
            token.stop = n > 0;
        }
        text.tokens[i].key = number_key(value);
        let unit = unit_around(text, i, to);
        text.quantities.push(Quantity {
            value,
            unit,
            from: u32::try_from(i).unwrap_or(u32::MAX),
            to: u32::try_from(to).unwrap_or(u32::MAX),
            soft,
            literal,
            dated: false,
        });
        i = to;
    }
}

fn unit_around(text: &Text, from: usize, to: usize) -> Option<Unit> {
    let close = |i: usize| text.tokens.get(i).filter(|t| t.sentence == text.tokens[from].sentence);
    let behind = close(to).and_then(|t| text.meaning(t).unit);
    // `14 calendar days`: one word may stand between.
    let further = || close(to).filter(|t| t.content() && !t.number).and_then(|_| close(to + 1)).and_then(|t| text.meaning(t).unit);
    let before = || {
        let t = close(from.checked_sub(1)?)?;
        text.meaning(t).unit.filter(|u| matches!(u.dimension, Dimension::Money(_)))
    };
    before().or(behind).or_else(further)
}

/// The number that starts at token `i`: value, end, soft, literal.
fn at(text: &Text, i: usize) -> Option<(f64, usize, bool, bool)> {
    let token = &text.tokens[i];
    let word = text.word(token);
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let end = word.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(word.len());
        let value: f64 = word[..end].parse().ok()?;
        let value = if token.gap == '\u{2212}' { -value } else { value };
        return match &word[end..] {
            "" => {
                let (value, to) = scaled(text, value, i + 1);
                Some((value, to, false, to == i + 1))
            }
            "st" | "nd" | "rd" | "th" => Some((value, i + 1, false, false)),
            _ => None,
        };
    }
    let known = text.meaning(token);
    if let Some(v) = known.cardinal {
        let (value, to, ordinal) = spelled(text, v, i + 1);
        return Some((value, to, ordinal || v <= 1.0 && to == i + 1, false));
    }
    if let Some(v) = known.ordinal {
        return Some((v, i + 1, true, false));
    }
    roman(text, i).map(|v| (v, i + 1, true, false))
}

/// `1.5 million`: scales behind a value.
fn scaled(text: &Text, value: f64, mut to: usize) -> (f64, usize) {
    let mut value = value;
    while let Some(scale) = text.tokens.get(to).and_then(|t| text.meaning(t).scale) {
        value *= scale;
        to += 1;
    }
    (value, to)
}

/// `two hundred and fifty thousand`, `twenty-one`, `twenty-first`: the value, its end, whether it is an ordinal.
fn spelled(text: &Text, first: f64, mut to: usize) -> (f64, usize, bool) {
    let (mut total, mut current) = (0.0, first);
    while let Some(token) = text.tokens.get(to) {
        let known = text.meaning(token);
        let room = |v: f64| {
            ((20.0..100.0).contains(&current) && current % 10.0 == 0.0 && v < 10.0 && v > 0.0)
                || (current >= 100.0 && current % 100.0 == 0.0 && v < 100.0)
        };
        if let Some(scale) = known.scale {
            if scale < 1000.0 {
                current *= scale;
            } else {
                total += current * scale;
                current = 0.0;
            }
        } else if let Some(v) = known.cardinal.filter(|&v| room(v) || current == 0.0 && total > 0.0 && v < 1000.0) {
            current += v;
        } else if let Some(v) = known.ordinal.filter(|&v| room(v)) {
            return (total + current + v, to + 1, true);
        } else if text.word(token) == "and"
            && (current >= 100.0 || total > 0.0)
            && text.tokens.get(to + 1).is_some_and(|t| text.meaning(t).cardinal.is_some_and(|v| v < 100.0))
        {
            // The next turn takes the number behind it.
        } else {
            break;
        }
        to += 1;
    }
    (total + current, to, false)
}

/// A roman numeral in capitals: of two letters or more, or a single one behind a name (`Henry V`).
fn roman(text: &Text, i: usize) -> Option<f64> {
    let token = &text.tokens[i];
    let word = text.word(token);
    if !token.upper || word.len() > 7 || !word.bytes().all(|b| matches!(b, b'i' | b'v' | b'x' | b'l')) {
        return None;
    }
    if word.len() == 1 {
        let before = text.tokens.get(i.checked_sub(1)?)?;
        if word == "l" || !before.capital || before.stop || before.sentence != token.sentence || before.initials {
            return None;
        }
    }
    let digits: Vec<u32> = word
        .bytes()
        .map(|b| match b {
            b'i' => 1,
            b'v' => 5,
            b'x' => 10,
            _ => 50,
        })
        .collect();
    let value = (0..digits.len()).fold(0, |sum: i64, n| {
        let smaller = digits.get(n + 1).is_some_and(|&next| digits[n] < next);
        sum + i64::from(digits[n]) * if smaller { -1 } else { 1 }
    });
    (written(value) == word).then_some(value as f64)
}

/// A number below 90 as a roman numeral; anything else is empty.
fn written(mut value: i64) -> String {
    let mut out = String::new();
    if !(1..90).contains(&value) {
        return out;
    }
    for (worth, letters) in [(50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")] {
        while value >= worth {
            out.push_str(letters);
            value -= worth;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<f64> {
        Text::read(text).quantities.iter().map(|q| q.value).collect()
    }

    #[test]
    fn numbers_in_words_have_the_value_of_their_digits() {
        assert_eq!(values("fourteen"), [14.0]);
        assert_eq!(values("twenty-one cats and ninety dogs"), [21.0, 90.0]);
        assert_eq!(values("two hundred and fifty thousand"), [250_000.0]);
        assert_eq!(values("1.5 million; 3,000"), [1_500_000.0, 3000.0]);
        assert_eq!(values("the 42nd, the third, the twenty-first"), [42.0, 3.0, 21.0]);
    }

    #[test]
    fn roman_numerals_are_numbers_behind_a_name_or_when_long() {
        assert_eq!(values("World War II"), [2.0]);
        assert_eq!(values("Henry V and Louis XIV"), [5.0, 14.0]);
        assert_eq!(values("I saw Vivi mix it"), [0.0; 0]);
        assert_eq!(values("Super Bowl XLIX"), [49.0]);
    }

    #[test]
    fn two_weeks_are_fourteen_days_and_fourteen_hours_are_not() {
        let of = |t: &str| Text::read(t).quantities[0];
        assert_eq!(of("2 weeks").like(&of("14 days")), Likeness::Equal);
        assert_eq!(of("14 hours").like(&of("14 days")), Likeness::Other);
        assert_eq!(of("14 km").like(&of("14 days")), Likeness::Unlike);
        assert_eq!(of("14").like(&of("fourteen days")), Likeness::Equal);
        assert_eq!(of("1000").like(&of("1,005")), Likeness::Near);
        assert_eq!(of("$5").like(&of("5 euros")), Likeness::Unlike);
        assert_eq!(of("14 calendar days").like(&of("2 weeks")), Likeness::Equal);
    }

    #[test]
    fn a_minus_counts_and_a_hyphen_does_not() {
        assert_eq!(values("at -5 degrees"), [-5.0]);
        assert_eq!(values("1910-1939"), [1910.0, 1939.0]);
    }
}
