//! A text as the lexical judge reads it: tokens with keys to compare by, then its quantities and dates.
//!
//! Invariant: reading is linear in the text, and never goes past [`MAX_BYTES`] of it.

use super::dates::{self, Date};
use super::lexicon::{Entry, entry, key};
use super::numbers::{self, Quantity};
use super::reader::Reader;
use crate::text::words::unaccented;

/// No text is read further than this, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// One word, number or acronym. Articles are left out.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each read by its name")]
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
        let mut out = Reader::read(&plain);
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
