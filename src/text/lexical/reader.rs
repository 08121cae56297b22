//! Takes a text apart into tokens: where words end, what joins and what parts, where sentences end.

use std::borrow::Cow;

use super::lexicon::{entry, key};
use super::tokens::{Text, Token};
use crate::text::words::stem;

/// Reads one text.
pub struct Reader {
    out: Text,
    sentence: u32,
    /// The last token is a capital letter, or a letter before a dot: another one joins it.
    single: bool,
    /// What stood before an article that was left out, if more than a space.
    carried: Option<char>,
}

impl Reader {
    /// Takes a text without accents apart; quantities and dates are not looked for yet.
    #[must_use]
    pub fn read(plain: &str) -> Text {
        let mut reader = Self { out: Text::default(), sentence: 0, single: false, carried: None };
        reader.out.squeezed.reserve(plain.len());
        reader.out.tokens.reserve(plain.len() / 5 + 1);
        reader.run(plain);
        reader.out
    }

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
            self.carried = self.carried.or(Some(gap).filter(|g| *g != ' '));
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
            gap: self.carried.take().unwrap_or(gap),
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
