//! A text with its lines, and places in it that outlive the text.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::domain::invisible::is_variation;
use crate::text::hidden::{Scan, Sight};

/// Characters of a line kept before the marked place; a mark further right is shown with its surroundings only.
const LEFT: usize = 2000;
/// Characters of a line kept from the start of the marked place on.
const RIGHT: usize = 200;

/// A text file or a part of one, in memory.
#[derive(Clone, Debug)]
pub struct Source {
    /// As given or found, relative to the project where possible.
    pub path: PathBuf,
    /// Its text: valid UTF-8, BOM removed.
    pub text: Arc<str>,
    first_line: u32,
    /// What it is called in messages.
    pub(super) noun: &'static str,
    starts: Arc<OnceLock<Vec<u32>>>,
}

/// A place in a file, with the line that it is on.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
    /// Byte range in the text of its [`Source`].
    pub span: Range<usize>,
    pub(super) excerpt: Option<Excerpt>,
}

/// One line, or a window of it, made harmless character by character.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Excerpt {
    pub text: Box<str>,
    pub mark: Range<usize>,
    /// Whether the window starts later than the line does.
    pub cut_left: bool,
}

impl Place {
    /// A whole line of a file that is not in memory.
    #[must_use]
    pub fn line(line: u32) -> Self {
        Self { line, column: 1, span: 0..0, excerpt: None }
    }
}

impl Source {
    /// A text with the path that messages name.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Self {
        Self { noun: "file", ..Self::part(path, text, 1) }
    }

    /// A part of a file that starts at the beginning of a line, e.g. one line of JSONL.
    pub fn part(path: impl Into<PathBuf>, text: impl Into<Arc<str>>, first_line: u32) -> Self {
        Self { path: path.into(), text: text.into(), first_line, noun: "line", starts: Arc::default() }
    }

    /// Byte offsets at which lines start.
    fn starts(&self) -> &[u32] {
        self.starts.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
            std::iter::once(0).chain(breaks.map(|(i, _)| clamp(i + 1))).collect()
        })
    }

    /// 1-based line of a byte offset.
    #[must_use]
    pub fn line_of(&self, offset: usize) -> u32 {
        let before = self.starts().partition_point(|s| *s as usize <= offset);
        self.first_line.saturating_add(clamp(before.saturating_sub(1)))
    }

    /// The place of a byte range. Ranges past the end or inside a character are moved to the next character boundary before.
    #[must_use]
    pub fn place(&self, span: Range<usize>) -> Place {
        let start = self.text.floor_char_boundary(span.start);
        let end = self.text.floor_char_boundary(span.end).max(start);
        let line = self.line_of(start);
        let from = self.starts().get((line - self.first_line) as usize).map_or(0, |s| *s as usize);
        let rest = &self.text[from..];
        let text = rest.split('\n').next().unwrap_or(rest);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let at = (start - from).min(text.len());
        let mark = at..(end - from).min(text.len()).max(at);
        let column = clamp(text[..at].chars().count()).saturating_add(1);
        Place { line, column, span: start..end, excerpt: Some(excerpt(text, mark)) }
    }
}

/// Keeps what a person needs to see of a line.
fn excerpt(line: &str, mark: Range<usize>) -> Excerpt {
    let left = line[..mark.start].char_indices().rev().nth(LEFT - 1).map_or(0, |(i, _)| i);
    let cut_left = left > 0;
    // With so much before the mark, only its surroundings help.
    let left = if cut_left { line[..mark.start].char_indices().rev().nth(40).map_or(0, |(i, _)| i) } else { 0 };
    let right = line[mark.start..].char_indices().nth(RIGHT).map_or(line.len(), |(i, _)| mark.start + i);
    let before = harmless(&line[left..mark.start]);
    let marked = harmless(&line[mark.start..mark.end.min(right)]);
    let after = harmless(&line[mark.end.min(right)..right]);
    let mark = before.len()..before.len() + marked.len();
    let dots = if right < line.len() { "..." } else { "" };
    Excerpt { text: format!("{before}{marked}{after}{dots}").into(), mark, cut_left }
}

/// Replaces each control or invisible character by one visible character, so that columns stay. Joiners and direction
/// marks are replaced even where they are of use: columns count them.
pub(super) fn harmless(text: &str) -> String {
    Scan::new(text)
        .map(|seen| match seen.c {
            '\t' => ' ',
            c @ '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{FFFD}'),
            '\u{7F}' => '\u{2421}',
            c if seen.sight == Sight::Plain => c,
            // An emoji, an ideograph or a Mongolian letter keeps the look that was chosen for it.
            c if is_variation(c) && seen.sight == Sight::Useful => c,
            _ => '\u{FFFD}',
        })
        .collect()
}

fn clamp(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str, span: Range<usize>) -> (u32, u32) {
        let p = Source::new("x", text).place(span);
        (p.line, p.column)
    }

    #[test]
    fn columns_count_characters_and_lines_count_line_feeds() {
        assert_eq!(at("ab\ncd", 3..4), (2, 1));
        assert_eq!(at("全角: x\r\nü: 😀 y", 8..9), (1, 5));
        assert_eq!(at("全角: x\r\nü: 😀 y", 20..21), (2, 6));
        assert_eq!(at("é: 😀 y", 9..10), (1, 6));
        assert_eq!(at("", 0..0), (1, 1));
        assert_eq!(at("a\n", 2..2), (2, 1));
    }

    #[test]
    fn a_part_of_a_file_keeps_the_line_numbers_of_the_file() {
        assert_eq!(Source::part("x", "ab\ncd", 41).place(3..4).line, 42);
    }

    #[test]
    fn an_excerpt_is_bounded_and_harmless() {
        let line = format!("{}\u{1b}[31mX\u{202e}{}", "a".repeat(1_000_000), "b".repeat(1_000_000));
        let p = Source::new("x", line.as_str()).place(1_000_000..1_000_006);
        let e = p.excerpt.unwrap();
        assert_eq!(p.column, 1_000_001);
        assert!(e.text.len() < 1000 && e.cut_left);
        assert_eq!(&e.text[e.mark.clone()], "\u{241b}[31mX");
        assert!(!e.text.contains(['\u{1b}', '\u{202e}']));
    }

    #[test]
    fn nothing_that_an_eye_misses_is_left_in_an_excerpt() {
        for c in ['\u{61C}', '\u{34F}', '\u{3164}', '\u{FFA0}', '\u{FE01}', '\u{E0101}', '\u{E0041}', '\u{1D173}', '\u{FFF0}', '\u{200D}'] {
            assert_eq!(harmless(&format!("a{c}b")), "a\u{FFFD}b");
        }
        assert_eq!(harmless("❤\u{FE0F} 葛\u{E0100}"), "❤\u{FE0F} 葛\u{E0100}");
    }

    proptest! {
        #[test]
        fn any_range_of_any_text_has_a_place(text in any::<String>(), a in 0usize..80, n in 0usize..80) {
            let p = Source::new("x", text.as_str()).place(a..a + n);
            prop_assert!(text.is_char_boundary(p.span.start) && text.is_char_boundary(p.span.end));
            let e = p.excerpt.unwrap();
            prop_assert!(e.text.get(e.mark).is_some());
            prop_assert!(p.line as usize <= 1 + text.matches('\n').count());
        }
    }
}
