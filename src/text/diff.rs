//! Two texts word by word: what is the same, what went, what came.
//!
//! Invariant: the pieces without `New` are the first text, without `Gone` the second, byte for byte.

/// Texts with more words than this (after what is the same at both ends) are not compared: time grows with the square.
const MOST_WORDS: usize = 1_500;

/// A part of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// In both.
    Same(String),
    /// Only in the first.
    Gone(String),
    /// Only in the second.
    New(String),
}

/// Two texts compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    /// The parts, in order; what went stands before what came.
    pub pieces: Vec<Piece>,
    /// Share of words that both have, 0 to 1: twice the common ones over all; white space does not count.
    pub similarity: f64,
}

/// Compares two texts by the longest common sequence of words. `None` for texts that are too long.
#[must_use]
pub fn words(first: &str, second: &str) -> Option<Diff> {
    let (old, new) = (tokens(first), tokens(second));
    let head = old.iter().zip(&new).take_while(|(x, y)| x == y).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let mut out = Out::default();
    old[..head].iter().for_each(|t| out.same(t));
    middle(&old[head..old.len() - tail], &new[head..new.len() - tail], &mut out)?;
    old[old.len() - tail..].iter().for_each(|t| out.same(t));
    out.flush();
    let count = |all: &[&str]| all.iter().filter(|t| !t.trim().is_empty()).count();
    let all = count(&old) + count(&new);
    let similarity = if all == 0 { 1.0 } else { 2.0 * out.common as f64 / all as f64 };
    Some(Diff { pieces: out.pieces, similarity })
}

/// What is neither at the beginning nor at the end of both.
fn middle(old: &[&str], new: &[&str], out: &mut Out) -> Option<()> {
    if old.len() > MOST_WORDS || new.len() > MOST_WORDS {
        return None;
    }
    // longest[i * wide + j]: length of the longest common sequence of old[i..] and new[j..].
    let wide = new.len() + 1;
    let mut longest = vec![0_u16; (old.len() + 1) * wide];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * wide + j] = if old[i] == new[j] {
                longest[(i + 1) * wide + j + 1] + 1
            } else {
                longest[(i + 1) * wide + j].max(longest[i * wide + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            out.same(old[i]);
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && longest[(i + 1) * wide + j] >= longest[i * wide + j + 1]) {
            out.gone.push_str(old[i]);
            i += 1;
        } else {
            out.new.push_str(new[j]);
            j += 1;
        }
    }
    Some(())
}

#[derive(Default)]
struct Out {
    pieces: Vec<Piece>,
    gone: String,
    new: String,
    common: usize,
}

impl Out {
    fn same(&mut self, token: &str) {
        self.common += usize::from(!token.trim().is_empty());
        self.flush();
        match self.pieces.last_mut() {
            Some(Piece::Same(text)) => text.push_str(token),
            _ => self.pieces.push(Piece::Same(token.to_owned())),
        }
    }

    fn flush(&mut self) {
        if !self.gone.is_empty() {
            self.pieces.push(Piece::Gone(std::mem::take(&mut self.gone)));
        }
        if !self.new.is_empty() {
            self.pieces.push(Piece::New(std::mem::take(&mut self.new)));
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Word,
    White,
    Other,
}

/// Runs of letters and digits, runs of white space, and every other character alone.
fn tokens(text: &str) -> Vec<&str> {
    let kind = |c: char| {
        if c.is_alphanumeric() {
            Kind::Word
        } else if c.is_whitespace() {
            Kind::White
        } else {
            Kind::Other
        }
    };
    let mut out = Vec::new();
    let (mut start, mut before) = (0, None);
    for (at, c) in text.char_indices() {
        let now = kind(c);
        if before.is_some_and(|b| b != now || now == Kind::Other) {
            out.push(&text[start..at]);
            start = at;
        }
        before = Some(now);
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Piece::{Gone, New, Same};
    use super::*;

    #[test]
    fn a_changed_word_is_one_that_went_and_one_that_came() {
        let d = words("You have 14 days.", "You have 30 days!").unwrap();
        let s = |t: &str| t.to_owned();
        assert_eq!(d.pieces, [Same(s("You have ")), Gone(s("14")), New(s("30")), Same(s(" days")), Gone(s(".")), New(s("!"))]);
        assert!((d.similarity - 0.6).abs() < 1e-12);
    }

    #[test]
    fn texts_without_end_are_not_compared_and_empty_ones_are_the_same() {
        let long = |w: &str| format!("{w} ").repeat(2_000);
        assert_eq!(words(&long("a"), &long("b")), None);
        assert!(words(&long("a"), &format!("{}b", long("a"))).is_some(), "what is the same at the ends costs nothing");
        assert_eq!(words("", "").unwrap(), Diff { pieces: vec![], similarity: 1.0 });
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_off(a in "[ab ,\u{e9}\n]{0,30}", b in "[ab ,\u{e9}\n]{0,30}") {
            let d = words(&a, &b).unwrap();
            let (mut x, mut y) = (String::new(), String::new());
            for p in &d.pieces {
                match p {
                    Same(t) => { x.push_str(t); y.push_str(t); }
                    Gone(t) => x.push_str(t),
                    New(t) => y.push_str(t),
                }
            }
            prop_assert_eq!((x, y), (a.clone(), b.clone()));
            prop_assert!((0.0..=1.0).contains(&d.similarity));
        }
    }
}
