//! A text as the lexical judge reads it: tokens with keys to compare by, then its quantities and dates.
//!
//! Invariant: reading is linear in the text, and never goes past [`MAX_BYTES`] of it.

use std::borrow::Cow;

use super::dates::{self, Date};
use super::lexicon::{Entry, entry, key};
use super::numbers::{self, Quantity};
use crate::text::words::{stem, unaccented};

/// No text is read further than this, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// One word, number or acronym. Articles are left out.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// What it is compared by: hash of its stem, or of its value if it is a number.
    pub key: u64,
    /// Its folded letters in the text's buffer.
    pub start: u32,
    /// End of its letters.
    pub end: u32,
    /// Number of its sentence, from 0.
    pub sentence: u32,
    /// Set of its letters, to rule typos out quickly.
    pub letters: u32,
    /// The one character between it and the token before; `'\0'` if there are none or several.
    pub gap: char,
    /// Carries little meaning of its own.
    pub stop: bool,
    /// Turns a statement into its opposite.
    pub negator: bool,
    /// Hints at a refusal.
    pub hedge: bool,
    /// Written with a capital.
    pub capital: bool,
    /// Written in capitals only.
    pub upper: bool,
    /// Initials: a single letter, or several joined (`J. K.` -> `jk`).
    pub initials: bool,
    /// Part of a quantity or a date.
    pub number: bool,
}

impl Token {
    /// A word that carries meaning.
    #[must_use]
    pub fn content(&self) -> bool {
        !self.stop
    }
}

/// A text, read.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// Folded letters of all tokens, without spaces.
    pub squeezed: String,
    /// The tokens in order.
    pub tokens: Vec<Token>,
    /// The numbers that are no dates, in order.
    pub quantities: Vec<Quantity>,
    /// The dates, in order.
    pub dates: Vec<Date>,
}

impl Text {
    /// Reads a text, at most [`MAX_BYTES`] of it.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let plain = unaccented(head(text, MAX_BYTES));
        let mut reader = Reader { out: Self::default(), sentence: 0, single: false };
        reader.out.squeezed.reserve(plain.len());
        reader.out.tokens.reserve(plain.len() / 5 + 1);
        reader.run(&plain);
        let mut out = reader.out;
        numbers::mark(&mut out);
        dates::mark(&mut out);
        out
    }

    /// The folded letters of a token.
    #[must_use]
    pub fn word(&self, token: &Token) -> &str {
        self.squeezed.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    /// What the lexicon knows of a token's word as written.
    #[must_use]
    pub fn meaning(&self, token: &Token) -> &'static Entry {
        entry(key(self.word(token)))
    }

    /// The tokens `from..to` as a text of their own, without quantities and dates.
    #[must_use]
    pub fn part(&self, from: usize, to: usize) -> Self {
        let mut out = Self::default();
        for token in self.tokens.get(from..to).unwrap_or_default() {
            let start = out.squeezed.len();
            out.squeezed.push_str(self.word(token));
            let at = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            out.tokens.push(Token { start: at(start), end: at(out.squeezed.len()), ..*token });
        }
        out
    }

    /// Number of tokens that carry meaning.
    #[must_use]
    pub fn content_count(&self) -> usize {
        self.tokens.iter().filter(|t| t.content()).count()
    }
}

/// The start of a text: at most `max` bytes, cut between characters.
#[must_use]
pub fn head(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

struct Reader {
    out: Text,
    sentence: u32,
    /// The last token is a capital letter, or a letter before a dot: another one joins it.
    single: bool,
}

impl Reader {
    fn run(&mut self, plain: &str) {
        let bytes = plain.as_bytes();
        let (mut i, mut gap_from) = (0, 0);
        while let Some(c) = next_char(plain, i) {
            if c.is_alphanumeric() {
                let end = word_end(plain, i);
                self.word(plain, i, end, gap_from);
                i = end;
                gap_from = end;
                continue;
            }
            match c {
                '\n' | ';' => self.sentence += 1,
                '.' | '!' | '?' if bytes.get(i + 1).is_none_or(u8::is_ascii_whitespace) && !(c == '.' && self.single) => self.sentence += 1,
                '%' => self.sign("percent"),
                '$' => self.sign("dollar"),
                '€' => self.sign("euro"),
                '£' => self.sign("gbp"),
                '₹' => self.sign("rupee"),
                _ => {}
            }
            if matches!(c, '%' | '$' | '€' | '£' | '₹') {
                gap_from = i + c.len_utf8();
            }
            i += c.len_utf8();
        }
    }

    fn sign(&mut self, word: &str) {
        self.push(word, false, '\0', false);
        self.single = false;
    }

    /// Takes the word `plain[start..end]` apart: possessive, digits before letters, initials.
    fn word(&mut self, plain: &str, start: usize, end: usize, gap_from: usize) {
        let gap_text = &plain[gap_from..start];
        let mut gaps = gap_text.chars();
        let gap = match (gaps.next(), gaps.next()) {
            (Some(c), None) => c,
            _ => '\0',
        };
        let raw = &plain[start..end];
        let raw = raw.strip_suffix("'s").or_else(|| raw.strip_suffix("'S")).unwrap_or(raw);
        let negative =
            gap_text.ends_with('-') && (gap_text.len() == 1 && gap_from == 0 || gap_text.ends_with(" -") || gap_text.ends_with("(-"));
        let capital = raw.starts_with(|c: char| c.is_uppercase());
        if raw.len() == 1 && raw.as_bytes()[0].is_ascii_alphabetic() {
            let dotted = plain.as_bytes().get(end) == Some(&b'.');
            let joins = self.single && gap_text.chars().all(|c| c == '.' || c == ' ') && (capital || gap == '.');
            let lone = capital && (dotted || self.out.tokens.last().is_some_and(|t| t.sentence == self.sentence));
            if joins && let Some(last) = self.out.tokens.last_mut() {
                self.out.squeezed.push(raw.as_bytes()[0].to_ascii_lowercase().into());
                last.end += 1;
                last.key = key(&self.out.squeezed[last.start as usize..]);
                last.stop = false;
            } else {
                self.push(raw, capital, gap, lone);
            }
            self.single = capital || dotted;
            return;
        }
        self.single = false;
        // `14days`, `5kg` and `90s`: a number and what is behind it; `1st` stays whole.
        let digits = raw.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.' || *b == b',').count();
        let behind = &raw[digits..];
        if digits > 0 && !behind.is_empty() && !matches!(behind, "st" | "nd" | "rd" | "th" | "s") && is_unit(behind) {
            self.push(&raw[..digits], false, gap, false);
            self.push(behind, false, '\0', false);
        } else {
            self.push(raw, capital, if negative { '\u{2212}' } else { gap }, false);
        }
    }

    fn push(&mut self, raw: &str, capital: bool, gap: char, keep: bool) {
        let start = self.out.squeezed.len();
        for c in raw.chars() {
            if c.is_ascii() {
                if c != '\'' && c != ',' {
                    self.out.squeezed.push(c.to_ascii_lowercase());
                }
            } else {
                self.out.squeezed.extend(c.to_lowercase());
            }
        }
        let word = &self.out.squeezed[start..];
        let as_written = key(word);
        let known = entry(as_written);
        if known.article && !keep {
            self.out.squeezed.truncate(start);
            return;
        }
        let letters = word.bytes().fold(0u32, |set, b| set | 1 << (b & 31));
        let stem = stem(word);
        self.out.tokens.push(Token {
            key: if stem.len() == word.len() { as_written } else { key(stem) },
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(self.out.squeezed.len()).unwrap_or(u32::MAX),
            sentence: self.sentence,
            letters,
            gap,
            stop: (known.stop || known.negator) && !keep,
            negator: known.negator,
            hedge: known.hedge,
            capital,
            upper: capital && raw.bytes().all(|b| b.is_ascii_uppercase()),
            initials: raw.len() == 1 && capital,
            number: false,
        });
    }
}

fn is_unit(behind: &str) -> bool {
    let lower: Cow<'_, str> =
        if behind.bytes().any(|b| b.is_ascii_uppercase()) { behind.to_ascii_lowercase().into() } else { behind.into() };
    let known = entry(key(&lower));
    known.unit.is_some() || known.scale.is_some() || matches!(&*lower, "am" | "pm" | "bc" | "ad" | "bce" | "ce")
}

fn next_char(text: &str, at: usize) -> Option<char> {
    let b = *text.as_bytes().get(at)?;
    if b.is_ascii() { Some(b.into()) } else { text[at..].chars().next() }
}

/// Where the word that starts at `start` ends: letters, digits, apostrophes between letters, dots and thousands commas
/// between digits, and a `+` or `#` that closes it (`A+`, `C#`).
fn word_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let alone = |c: char| matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}');
    let mut i = start;
    while let Some(c) = next_char(text, i) {
        let inside = match c {
            '.' => i > start && digit(i - 1) && digit(i + 1),
            ',' => i > start && digit(i - 1) && digit(i + 1) && digit(i + 2) && digit(i + 3) && !digit(i + 4),
            '\'' => i > start && bytes.get(i + 1).is_some_and(u8::is_ascii_alphabetic),
            '+' | '#' => i > start && !next_char(text, i + 1).is_some_and(char::is_alphanumeric),
            c if alone(c) => i == start,
            c => c.is_alphanumeric(),
        };
        if !inside {
            break;
        }
        i += c.len_utf8();
        if alone(c) {
            break;
        }
    }
    i
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let t = Text::read(text);
        t.tokens.iter().map(|k| t.word(k).to_owned()).collect()
    }

    #[test]
    fn articles_go_and_possessives_lose_their_s() {
        assert_eq!(read("The dog's bowl isn't a cup"), ["dog", "bowl", "isnt", "cup"]);
    }

    #[test]
    fn initials_join_however_they_are_written() {
        for text in ["J. K. Rowling", "J.K. Rowling", "JK Rowling", "J K Rowling"] {
            assert_eq!(read(text), ["jk", "rowling"], "{text}");
        }
        assert_eq!(read("in the U.S. today"), ["in", "us", "today"]);
    }

    #[test]
    fn a_letter_that_means_something_is_no_article() {
        assert_eq!(read("Vitamin A"), ["vitamin", "a"]);
        assert_eq!(read("blood type A+"), ["blood", "type", "a+"]);
        assert_eq!(read("A jacket"), ["jacket"]);
    }

    #[test]
    fn a_number_parts_from_its_unit() {
        assert_eq!(read("14days, 5kg, 10% and $3.50"), ["14", "days", "5", "kg", "10", "percent", "and", "dollar", "3.50"]);
        assert_eq!(read("1,000 or 1,2"), ["1000", "or", "1", "2"]);
    }

    #[test]
    fn sentences_end_at_a_stop_but_not_after_an_initial() {
        let t = Text::read("By J. Smith. Then 3.5 km! End");
        assert_eq!(t.tokens.iter().map(|k| k.sentence).collect::<Vec<_>>(), [0, 0, 0, 1, 1, 1, 2]);
    }

    #[test]
    fn scripts_without_spaces_are_read_letter_by_letter() {
        assert_eq!(read("東京"), ["東", "京"]);
        assert_eq!(read("Москва"), ["москва"]);
    }
}
