//! Reads one score as it is written. Strict: whatever is not plainly one of 1 to 5 is something else.

use std::borrow::Cow;

use crate::domain::Score;

/// What is written where a score should stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Plainly one of 1 to 5.
    Score(Score),
    /// Plainly a number, and not one of 1 to 5.
    Off,
    /// Nothing: null, empty, "n/a".
    Missing,
    /// Something else, and what.
    Unclear(&'static str),
}

/// Reads a raw JSON value.
pub fn of_json(raw: &str) -> Reading {
    match raw.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<String>(raw).map_or(Reading::Unclear("the score is no text"), |s| of_text(&s)),
        Some(b'n') | None => Reading::Missing,
        Some(b't' | b'f') => Reading::Unclear("the score is a boolean"),
        Some(b'{' | b'[') => Reading::Unclear("the score is a list or an object"),
        Some(_) => number(raw).unwrap_or(Reading::Unclear("the score is no plainly written number")),
    }
}

/// Reads text: `4`, `4.0`, `4/5`, `4 out of 5`, with or without markdown around it.
pub fn of_text(text: &str) -> Reading {
    let text = half_width(text).to_ascii_lowercase();
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`' | '"' | '\'' | '[' | ']'));
    let text = text.strip_suffix('.').unwrap_or(text).trim_end_matches(['*', '_', '`', ' ']);
    if matches!(text, "" | "null" | "none" | "n/a" | "na" | "-" | "?") {
        return Reading::Missing;
    }
    if let Some(reading) = number(text) {
        return reading;
    }
    if let Some((part, whole)) = ["/", " out of ", " of "].iter().find_map(|sep| text.split_once(sep)) {
        return match (number(part.trim()), number(whole.trim())) {
            (Some(part), Some(Reading::Score(whole))) if whole.get() == 5 => part,
            (Some(_), Some(_)) => Reading::Off,
            _ => Reading::Unclear("the score is no plainly written number"),
        };
    }
    if text.contains(|c: char| c.is_ascii_digit()) {
        Reading::Unclear("the score is no single number")
    } else {
        Reading::Unclear("the score is not written in digits")
    }
}

/// A plain decimal number; `None` for anything else, exponents, plus signs and leading zeros included.
fn number(text: &str) -> Option<Reading> {
    let (negative, digits) = text.strip_prefix(['-', '\u{2212}']).map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    let integral = fraction.bytes().all(|b| b == b'0');
    let score = whole.parse().ok().and_then(|n: u8| Score::try_from(n).ok());
    Some(match score {
        Some(score) if integral && !negative => Reading::Score(score),
        _ => Reading::Off,
    })
}

/// Full-width forms as ASCII (`４／５` -> `4/5`). Nothing else is folded: a circled or raised digit is no score.
pub fn half_width(text: &str) -> Cow<'_, str> {
    let is_full = |c: char| matches!(c, '\u{FF10}'..='\u{FF19}' | '\u{FF0F}' | '\u{FF0E}' | '\u{FF1A}' | '\u{FF1D}' | '\u{FF0D}');
    if !text.contains(is_full) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_full(c) { char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c) } else { c }).collect())
}
