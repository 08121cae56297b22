//! Text that speaks to a grader, holds fake scores or boundaries, or hides characters: said, never silently dropped.
//!
//! Fixed rules only, made for few false alarms: an answer *about* graders is not flagged, one that gives them orders is.
//! A quoted order is flagged too, since rules cannot tell a quotation from an attempt.

mod folded;
mod phrases;

use serde::{Deserialize, Serialize};

use self::folded::Folded;
use self::phrases::RULES;
use super::hidden::{Scan, Seen, Sight};
use super::neutral::{clip, visible};

/// What kind of attempt a text seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Orders for whoever grades, or orders to forget the instructions.
    SpeaksToGrader,
    /// A score in the form of a judge's reply.
    FakeScore,
    /// Characters that no one sees: tags, overrides, escapes, runs of zero-width characters.
    HiddenCharacters,
    /// The end of a data block, a closing tag without an opening one, a chat template's own tokens.
    FakeBoundary,
}

impl NoticeKind {
    /// In words, for people.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::SpeaksToGrader => "speaks to the grader",
            Self::FakeScore => "holds a fake score",
            Self::HiddenCharacters => "hides characters",
            Self::FakeBoundary => "fakes a boundary",
        }
    }
}

/// One finding in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What kind.
    pub kind: NoticeKind,
    /// 1-based line in the text.
    pub line: u32,
    /// The place with some text around it; already visible and at most 120 columns wide, on one line. For hidden
    /// characters: what they spell, where they spell something.
    pub excerpt: String,
}

/// At most this many notices are returned for one text.
pub const MAX_NOTICES: usize = 20;

/// Finds what in an answer is addressed to a grader. Sorted by line, then kind; one notice a kind and line.
#[must_use]
pub fn notices(answer: &str) -> Vec<Notice> {
    let mut found = spoken(answer, |at| line_of(answer, at));
    for hidden in hidden(answer) {
        // What hidden characters spell may itself speak to the grader.
        found.extend(spoken(&hidden.excerpt, |_| hidden.line));
        found.push(hidden);
    }
    found.sort_by_key(|n| (n.line, n.kind));
    found.dedup_by_key(|n| (n.line, n.kind));
    found.truncate(MAX_NOTICES);
    found
}

/// What the phrase rules find; `line` tells the line of a byte offset.
fn spoken(text: &str, line: impl Fn(usize) -> u32) -> Vec<Notice> {
    let folded = Folded::new(text);
    let mut found = Vec::new();
    for rule in RULES.set.matches(folded.text.as_bytes()) {
        let Some((kind, rule)) = RULES.each.get(rule) else { continue };
        for m in rule.find_iter(folded.text.as_bytes()).take(MAX_NOTICES) {
            let at = folded.origin(m.start());
            found.push(Notice { kind: *kind, line: line(at), excerpt: excerpt(text, at) });
        }
    }
    if let Some(at) = folded.unopened_closer() {
        let at = folded.origin(at);
        found.push(Notice { kind: NoticeKind::FakeBoundary, line: line(at), excerpt: excerpt(text, at) });
    }
    found
}

fn line_of(text: &str, at: usize) -> u32 {
    let ends = text[..at].matches('\n').count();
    u32::try_from(ends).map_or(u32::MAX, |n| n.saturating_add(1))
}

/// Up to 120 columns around a byte offset.
fn excerpt(text: &str, at: usize) -> String {
    let start = text[..at].char_indices().rev().take(20).take_while(|(_, c)| *c != '\n').last().map_or(at, |(i, _)| i);
    let around: String = text[start..].chars().take(160).map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let seen = visible(&around);
    let cut = clip(seen.trim(), 120);
    // The letter that excused a direction mark may have been cut off.
    clip(&visible(&cut), 120).into_owned()
}

/// A run of zero-width characters at least this long spells something; a stray one or two came with a web page.
const RUN: usize = 4;

/// This many single zero-width characters between letters are no accident.
const SCATTERED: usize = 10;

/// Finds characters that no one sees and no one needs.
fn hidden(text: &str) -> Vec<Notice> {
    let mut found = Vec::new();
    let mut run: Vec<Seen> = Vec::new();
    let mut scattered: Vec<Seen> = Vec::new();
    let mut direction = Direction::default();
    for seen in Scan::new(text).filter(|s| s.at != 0 || s.c != '\u{FEFF}') {
        if !matches!(seen.sight, Sight::Tag | Sight::Variation | Sight::ZeroWidth) {
            spelled(text, &mut run, &mut scattered, &mut found);
        }
        match seen.sight {
            Sight::Tag | Sight::Variation | Sight::ZeroWidth => run.push(seen),
            // An escape or a backspace rewrites what a terminal shows; a form feed came with a PDF.
            Sight::Control if matches!(seen.c, '\u{1B}' | '\u{8}' | '\u{7F}' | '\u{9B}' | '\u{9D}' | '\u{90}') => {
                found.push(at(text, seen.at));
            }
            Sight::Bidi => direction.turn(seen),
            Sight::Plain if seen.c == '\n' => found.extend(direction.end_of_line().map(|s| at(text, s.at))),
            _ => {}
        }
        // Each place costs a walk to its line: a flood of escapes must not.
        if found.len() >= MAX_NOTICES {
            return found;
        }
    }
    spelled(text, &mut run, &mut scattered, &mut found);
    found.extend(direction.end_of_line().map(|s| at(text, s.at)));
    if let (true, Some(first)) = (scattered.len() >= SCATTERED, scattered.first()) {
        found.push(at(text, first.at));
    }
    found
}

fn at(text: &str, at: usize) -> Notice {
    Notice { kind: NoticeKind::HiddenCharacters, line: line_of(text, at), excerpt: excerpt(text, at) }
}

/// Ends a run of invisible characters: a notice if it is long enough to spell something, else it only counts.
fn spelled(text: &str, run: &mut Vec<Seen>, scattered: &mut Vec<Seen>, found: &mut Vec<Notice>) {
    let Some(first) = run.first().copied() else { return };
    let long = run.len() >= RUN || run.iter().any(|s| s.sight == Sight::Tag);
    if long {
        let letters: String = run.iter().filter_map(|s| meaning(s.c)).collect();
        let mut notice = at(text, first.at);
        if !letters.is_empty() {
            notice.excerpt = clip(&visible(&letters).replace('\n', " "), 120).into_owned();
        }
        found.push(notice);
    } else {
        // A soft hyphen says where a long word may break: never an alarm by itself.
        scattered.extend(run.iter().filter(|s| s.c != '\u{AD}'));
    }
    run.clear();
}

/// The ASCII that a tag character hides, or the byte that a variation selector stands for.
fn meaning(c: char) -> Option<char> {
    let code = u32::from(c);
    let byte = match code {
        0xE0000..=0xE007F => code - 0xE0000,
        0xFE00..=0xFE0F => code - 0xFE00,
        0xE0100..=0xE01EF => code - 0xE0100 + 16,
        _ => return None,
    };
    char::from_u32(byte).filter(|c| matches!(c, ' '..='~' | '\n'))
}

/// Embeddings and isolates that a line opens. An override is always worth a notice; the others only where they are
/// left open, since programs that mix languages put whole pairs around names.
#[derive(Default)]
struct Direction {
    open: Vec<Seen>,
    overridden: Option<Seen>,
}

impl Direction {
    fn turn(&mut self, seen: Seen) {
        match seen.c {
            '\u{202D}' | '\u{202E}' => {
                self.overridden.get_or_insert(seen);
                self.open.push(seen);
            }
            '\u{202C}' | '\u{2069}' => _ = self.open.pop(),
            _ => self.open.push(seen),
        }
    }

    /// The first character of this line that is worth a notice, if there is one.
    fn end_of_line(&mut self) -> Option<Seen> {
        let first = self.overridden.take().or(self.open.first().copied());
        self.open.clear();
        first
    }
}

#[cfg(test)]
mod tests;
