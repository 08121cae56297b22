//! Which characters a terminal obeys or an eye misses, judged by their neighbours: a joiner inside an emoji is not hidden.

use crate::domain::invisible::is_invisible;

/// How a character shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// It is seen.
    Plain,
    /// Invisible, with an honest use right here (emoji joiner, Persian non-joiner, direction mark beside Hebrew).
    Useful,
    /// A carriage return that belongs to a line end.
    LineEnd,
    /// A control that a terminal may obey.
    Control,
    /// Changes the direction of the text that follows.
    Bidi,
    /// A tag character: hidden ASCII.
    Tag,
    /// A variation selector where it varies nothing.
    Variation,
    /// Takes no room: zero-width spaces and joiners, soft hyphens, fillers.
    ZeroWidth,
    /// A line or paragraph separator.
    Separator,
}

/// A character with its place and how it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Byte offset in the text.
    pub at: usize,
    /// The character.
    pub c: char,
    /// How it shows.
    pub sight: Sight,
}

/// Walks a text and says of each character how it shows. Pure, one pass, no allocation.
pub struct Scan<'a> {
    text: &'a str,
    at: usize,
    previous: Option<char>,
    /// In a flag made of tag characters (England, Scotland, Wales): where the flag ends.
    flag_until: usize,
    right_to_left: bool,
}

impl<'a> Scan<'a> {
    /// Starts at the beginning of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, previous: None, flag_until: 0, right_to_left: text.chars().any(is_right_to_left) }
    }

    fn sight(&mut self, c: char, next: Option<char>) -> Sight {
        let before = self.previous;
        let after = |set: fn(char) -> bool| before.is_some_and(set);
        let useful_if = |yes: bool, else_: Sight| if yes { Sight::Useful } else { else_ };
        match c {
            '\n' | '\t' | ' '..='~' => Sight::Plain,
            '\r' if next == Some('\n') => Sight::LineEnd,
            c if c.is_control() => Sight::Control,
            '\u{2028}' | '\u{2029}' => Sight::Separator,
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => Sight::Bidi,
            '\u{200D}' => {
                let emoji = after(ends_emoji) && next.is_some_and(is_pictographic);
                useful_if(emoji || after(joins), Sight::ZeroWidth)
            }
            '\u{200C}' => useful_if(after(joins), Sight::ZeroWidth),
            '\u{200B}' => useful_if(after(is_unspaced), Sight::ZeroWidth),
            '\u{200E}' | '\u{200F}' | '\u{061C}' => useful_if(self.right_to_left && !after(is_direction_mark), Sight::ZeroWidth),
            '\u{FE00}'..='\u{FE0F}' => useful_if(after(takes_variation), Sight::Variation),
            '\u{E0100}'..='\u{E01EF}' => useful_if(after(is_ideograph), Sight::Variation),
            '\u{180B}'..='\u{180D}' | '\u{180F}' => useful_if(after(|p| matches!(p, '\u{1820}'..='\u{18AF}')), Sight::Variation),
            '\u{E0000}'..='\u{E007F}' => {
                if before == Some('\u{1F3F4}') {
                    self.flag_until = flag_end(self.text, self.at);
                }
                useful_if(self.at < self.flag_until, Sight::Tag)
            }
            // Those that no rule of their own covers.
            c if is_invisible(c) => Sight::ZeroWidth,
            _ => Sight::Plain,
        }
    }
}

impl Iterator for Scan<'_> {
    type Item = Seen;

    fn next(&mut self) -> Option<Seen> {
        let mut rest = self.text[self.at..].chars();
        let c = rest.next()?;
        let seen = Seen { at: self.at, c, sight: self.sight(c, rest.next()) };
        // What follows a hidden character follows its mark once it is made visible: judged the same before and after.
        self.previous = Some(if matches!(seen.sight, Sight::Plain | Sight::Useful) { c } else { ']' });
        self.at += c.len_utf8();
        Some(seen)
    }
}

/// The end of a flag's tag sequence that starts at `at`: two to six lower-case letters or digits as tags, then the
/// cancel tag. `at` itself if it is no flag.
fn flag_end(text: &str, at: usize) -> usize {
    let mut n = 0;
    for (i, c) in text[at..].char_indices().take(7) {
        match c {
            '\u{E0030}'..='\u{E0039}' | '\u{E0061}'..='\u{E007A}' => n += 1,
            '\u{E007F}' if (2..=6).contains(&n) => return at + i + c.len_utf8(),
            _ => return at,
        }
    }
    at
}

/// Letters that are written from right to left.
#[must_use]
pub fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{061B}' | '\u{061D}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}')
}

/// Letters and marks of scripts in which joiners shape what is drawn.
fn joins(c: char) -> bool {
    matches!(c, '\u{0620}'..='\u{08FF}' | '\u{0900}'..='\u{0DFF}' | '\u{0F00}'..='\u{109F}' | '\u{1780}'..='\u{17B3}' | '\u{17B6}'..='\u{180A}' | '\u{1820}'..='\u{18AF}' | '\u{1A00}'..='\u{1CFF}' | '\u{A8E0}'..='\u{ABFF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

/// Letters of scripts that are written without spaces, where a zero-width space says where a line may break.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0E01}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17B3}' | '\u{17B6}'..='\u{17FF}')
}

fn is_pictographic(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{3030}'..='\u{303D}' | '\u{3297}'..='\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
}

fn ends_emoji(c: char) -> bool {
    is_pictographic(c) || c == '\u{FE0F}'
}

/// Symbols, digits, punctuation, ideographs and the like: whatever has two looks. Not Latin letters, spaces or other
/// invisible characters.
fn takes_variation(c: char) -> bool {
    matches!(c, '#' | '*' | '0'..='9')
        || (!c.is_ascii() && !c.is_control() && !c.is_whitespace() && !is_invisible(c) && !matches!(c, '\u{00C0}'..='\u{024F}'))
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sights(text: &str) -> Vec<Sight> {
        Scan::new(text).map(|s| s.sight).filter(|s| *s != Sight::Plain).collect()
    }

    #[test]
    fn whatever_is_invisible_or_a_control_is_noticed_and_nothing_else_is() {
        for c in '\0'..=char::MAX {
            let noticed = !sights(&format!("a{c}a")).is_empty();
            assert_eq!(noticed, is_invisible(c) || c.is_control() && !matches!(c, '\n' | '\t'), "{c:?}");
        }
    }

    #[test]
    fn a_joiner_is_hidden_only_where_it_joins_nothing() {
        assert_eq!(sights("👩\u{200D}💻"), [Sight::Useful]);
        assert_eq!(sights("a\u{200D}b"), [Sight::ZeroWidth]);
        assert_eq!(sights("👩\u{200D}x"), [Sight::ZeroWidth]);
    }

    #[test]
    fn a_direction_mark_is_honest_beside_right_to_left_letters_and_once() {
        assert_eq!(sights("א\u{200F}"), [Sight::Useful]);
        assert_eq!(sights("a\u{200F}"), [Sight::ZeroWidth]);
        assert_eq!(sights("א\u{200F}\u{200E}"), [Sight::Useful, Sight::ZeroWidth]);
    }

    #[test]
    fn tags_are_honest_only_in_a_whole_flag() {
        assert_eq!(sights("🏴\u{E0067}\u{E0062}\u{E007F}"), [Sight::Useful; 3]);
        assert_eq!(sights("🏴\u{E0067}\u{E0062}"), [Sight::Tag; 2]);
        assert_eq!(sights("x\u{E0067}\u{E0062}\u{E007F}"), [Sight::Tag; 3]);
        assert_eq!(sights("🏴\u{E0067}\u{E0062}\u{E007F}\u{E0067}"), [Sight::Useful, Sight::Useful, Sight::Useful, Sight::Tag]);
    }

    #[test]
    fn a_hidden_character_gives_the_next_one_no_excuse() {
        assert_eq!(sights("\u{FE0F}\u{200D}👩"), [Sight::Variation, Sight::ZeroWidth]);
    }

    #[test]
    fn one_selector_varies_a_symbol_and_a_second_hides() {
        assert_eq!(sights("☺\u{FE0F}"), [Sight::Useful]);
        assert_eq!(sights("☺\u{FE0F}\u{FE01}\u{FE02}"), [Sight::Useful, Sight::Variation, Sight::Variation]);
        assert_eq!(sights("a\u{FE0F}"), [Sight::Variation]);
    }
}
