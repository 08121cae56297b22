//! Makes hostile text harmless and visible: for terminals, logs, pages and prompts. HTML escaping is the report's.
//!
//! Invariant: what [`visible`] returns holds no control character but `\n` and `\t`, and a text without hostile
//! characters comes back borrowed and unchanged.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::hidden::{Scan, Sight};

/// Replaces what a terminal would obey and what an eye would miss by visible marks (`[ESC]`, `[U+200B]`); keeps line
/// feeds and tabs. A carriage return before a line feed is dropped, a lone one is marked. Joiners inside an emoji or
/// between letters of scripts that join, and direction marks in a text with right-to-left letters, stay.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n' | b'\t')) {
        return Cow::Borrowed(text);
    }
    let mut out: Option<String> = None;
    for seen in Scan::new(text) {
        match (&mut out, seen.sight) {
            (None, Sight::Plain | Sight::Useful) => {}
            (Some(out), Sight::Plain | Sight::Useful) => out.push(seen.c),
            (out, Sight::LineEnd) => _ = out.get_or_insert_with(|| text[..seen.at].to_owned()),
            (out, _) => mark(seen.c, out.get_or_insert_with(|| text[..seen.at].to_owned())),
        }
    }
    out.map_or(Cow::Borrowed(text), Cow::Owned)
}

fn mark(c: char, out: &mut String) {
    match c {
        '\u{1B}' => out.push_str("[ESC]"),
        '\r' => out.push_str("[CR]"),
        '\0' => out.push_str("[NUL]"),
        c => _ = write!(out, "[U+{:04X}]", u32::from(c)),
    }
}

/// One line that is safe in a CI log: visible, line feeds as `\n`, and neither `::` nor `##` in it, so that no
/// `::command::`, `##[command]` or `##vso[...]` can start.
#[must_use]
pub fn log_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push(' '),
            ':' | '#' if out.ends_with(c) => {
                out.push(' ');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Cuts a line to a width in terminal columns, with an ellipsis where something was cut. Never cuts inside an emoji or
/// between a letter and its accents. For lines that went through [`visible`] or [`log_line`].
#[must_use]
pub fn clip(line: &str, columns: usize) -> Cow<'_, str> {
    // No character takes more than two columns, and none less than zero bytes: a short text needs no measuring.
    if line.len() <= columns && line.is_ascii() {
        return Cow::Borrowed(line);
    }
    // Where the text ends if an ellipsis must fit behind it.
    let mut keep = 0;
    let mut used = 0;
    for (start, cluster) in clusters(line) {
        let width = cluster.width();
        if used + width > columns {
            return if columns == 0 { Cow::Borrowed("") } else { Cow::Owned(format!("{}…", &line[..keep])) };
        }
        used += width;
        if used < columns {
            keep = start + cluster.len();
        }
    }
    Cow::Borrowed(line)
}

fn clusters(text: &str) -> Clusters<'_> {
    Clusters { text, at: 0 }
}

/// A character with all that is drawn on top of it or joined to it; at most 32 characters, so that a tower of accents
/// cannot hide in one column.
struct Clusters<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Clusters<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let mut chars = self.text[start..].char_indices().take(32).peekable();
        let (_, first) = chars.next()?;
        let mut end = first.len_utf8();
        let mut joined = false;
        while let Some((i, c)) = chars.next_if(|(_, c)| joined || sticks(*c)) {
            joined = c == '\u{200D}';
            end = i + c.len_utf8();
        }
        self.at = start + end;
        Some((start, &self.text[start..start + end]))
    }
}

fn sticks(c: char) -> bool {
    c.width() == Some(0) || matches!(c, '\u{1F3FB}'..='\u{1F3FF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_obeys_becomes_a_mark() {
        assert_eq!(visible("a\u{1B}[31mred\u{7}\u{9B}0m\0"), "a[ESC][31mred[U+0007][U+009B]0m[NUL]");
        assert_eq!(visible("del\u{7F}"), "del[U+007F]");
        assert_eq!(visible("over\rwrite\r\nnext"), "over[CR]write\nnext");
        assert_eq!(visible("two\u{2028}lines\u{2029}"), "two[U+2028]lines[U+2029]");
    }

    #[test]
    fn what_an_eye_misses_becomes_a_mark() {
        assert_eq!(visible("ig\u{200B}no\u{AD}re"), "ig[U+200B]no[U+00AD]re");
        assert_eq!(visible("abc\u{202E}fed\u{2066}x\u{2069}"), "abc[U+202E]fed[U+2066]x[U+2069]");
        assert_eq!(visible("hi\u{E0048}\u{E0049}"), "hi[U+E0048][U+E0049]");
        assert_eq!(visible("a\u{FE01}\u{E0101}"), "a[U+FE01][U+E0101]");
        assert_eq!(visible("\u{FEFF}x\u{200E}y"), "[U+FEFF]x[U+200E]y");
    }

    #[test]
    fn emoji_and_joining_scripts_stay_as_they_are() {
        let family = "👨\u{200D}👩\u{200D}👧\u{200D}👦";
        let england = "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}";
        let persian = "می\u{200C}خواهم";
        let hebrew = "שלום (world)\u{200F}.";
        let hindi = "क\u{094D}\u{200D}ष";
        for text in [
            family,
            england,
            persian,
            hebrew,
            hindi,
            "❤\u{FE0F}\u{200D}🔥 1\u{FE0F}\u{20E3}",
            "葛\u{E0100}",
            "ภาษา\u{200B}ไทย",
            "ünïcode naïve",
        ] {
            assert!(matches!(visible(text), Cow::Borrowed(t) if t == text), "{text:?} became {:?}", visible(text));
        }
    }

    #[test]
    fn no_workflow_command_can_start_in_a_log_line() {
        assert_eq!(log_line("a\n::error::x"), "a\\n: :error: :x");
        assert_eq!(log_line("##[group]x ###"), "# #[group]x # # #");
        assert_eq!(log_line(":::"), ": : :");
        assert_eq!(log_line("a\tb\r\nc"), "a b\\nc");
    }

    #[test]
    fn clipping_counts_columns_rather_than_characters() {
        assert_eq!(clip("hello", 5), "hello");
        assert_eq!(clip("hello!", 5), "hell…");
        assert_eq!(clip("日本語", 6), "日本語");
        assert_eq!(clip("日本語", 5), "日本…");
        assert_eq!(clip("日本語", 4), "日…");
        assert_eq!(clip("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(clip("👨\u{200D}👩\u{200D}👧ab", 3), "👨\u{200D}👩\u{200D}👧…");
        assert_eq!(clip("abc", 0), "");
        assert_eq!(clip("abc", 1), "…");
    }

    fn nasty() -> impl Strategy<Value = String> {
        let odd = prop::sample::select(vec![
            '\u{1B}',
            '\r',
            '\n',
            '\t',
            '\0',
            '\u{85}',
            '\u{7F}',
            '\u{200B}',
            '\u{200C}',
            '\u{200D}',
            '\u{200E}',
            '\u{200F}',
            '\u{202E}',
            '\u{2066}',
            '\u{2069}',
            '\u{2028}',
            '\u{AD}',
            '\u{FE0F}',
            '\u{E0041}',
            '\u{E007F}',
            '\u{E0100}',
            '👩',
            '🏴',
            '🏽',
            'ش',
            'ก',
            'क',
            'א',
            ':',
            '#',
            '[',
            'a',
            '葛',
            '\u{301}',
            '\u{180B}',
            '\u{FEFF}',
        ]);
        prop::collection::vec(prop_oneof![3 => odd, 1 => any::<char>()], 0..40).prop_map(|v| v.into_iter().collect())
    }

    proptest! {
        #[test]
        fn nothing_visible_holds_a_control_and_marking_twice_changes_nothing(text in nasty()) {
            let once = visible(&text);
            prop_assert!(once.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t')));
            let unseen = once.contains(['\u{202E}', '\u{2066}', '\u{2028}', '\u{AD}']);
            prop_assert!(!unseen);
            prop_assert!(matches!(visible(&once), Cow::Borrowed(_)), "{text:?} -> {once:?} -> {:?}", visible(&once));
        }

        #[test]
        fn a_log_line_is_one_line_without_commands(text in nasty()) {
            let line = log_line(&text);
            prop_assert!(!line.chars().any(char::is_control));
            prop_assert!(!line.contains("::") && !line.contains("##"));
        }

        #[test]
        fn a_clipped_line_fits(text in nasty(), columns in 0usize..20) {
            let line = log_line(&text);
            let short = clip(&line, columns);
            let width: usize = clusters(&short).map(|(_, c)| c.width()).sum();
            prop_assert!(width <= columns, "{short:?} takes {width} of {columns}");
            prop_assert!(line.starts_with(short.trim_end_matches('…')));
        }
    }
}
