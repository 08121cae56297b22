//! Rows of text as the terminal shows them: hostile text made visible, wrapped to a width in columns. Pure.
//!
//! Invariant: no row holds a control character, whatever the text held.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::text::neutral::visible;

/// How a stretch of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As it is.
    Plain,
    /// The name of a part.
    Label,
    /// Important.
    Strong,
    /// Less important.
    Quiet,
    /// A warning.
    Alarm,
    /// In the second text only.
    Added,
    /// In the first text only.
    Removed,
}

/// One row of the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Its stretches, from left to right.
    pub spans: Vec<(Kind, String)>,
    /// It is a row of the answer.
    pub answer: bool,
}

impl Row {
    /// A row of one look.
    #[must_use]
    pub fn of(kind: Kind, text: &str) -> Self {
        Self { spans: vec![(kind, text.to_owned())], answer: false }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        self.spans.iter().map(|(_, t)| t.as_str()).collect()
    }
}

/// Columns of the names of parts.
pub const LABEL: usize = 12;

/// Wraps stretches to a width; a line feed ends a row. Words are kept whole where they fit.
#[must_use]
pub fn wrap(spans: &[(Kind, String)], width: usize) -> Vec<Vec<(Kind, String)>> {
    let width = width.max(8);
    let mut rows = vec![Vec::<(Kind, String)>::new()];
    let mut used = 0;
    for (kind, text) in spans {
        let text = visible(text).replace('\t', "    ");
        for (n, line) in text.split('\n').enumerate() {
            if n > 0 {
                rows.push(Vec::new());
                used = 0;
            }
            for word in line.split_inclusive(' ') {
                let columns = word.trim_end().width();
                if used > 0 && used + columns > width {
                    rows.push(Vec::new());
                    used = 0;
                }
                for c in word.chars() {
                    let w = c.width().unwrap_or(0);
                    if used + w > width {
                        // A space at the very end of a row needs no row of its own.
                        if c == ' ' {
                            continue;
                        }
                        rows.push(Vec::new());
                        used = 0;
                    }
                    used += w;
                    push(&mut rows, *kind, c);
                }
            }
        }
    }
    rows
}

fn push(rows: &mut [Vec<(Kind, String)>], kind: Kind, c: char) {
    let Some(row) = rows.last_mut() else { return };
    match row.last_mut() {
        Some((k, text)) if *k == kind => text.push(c),
        _ => row.push((kind, c.to_string())),
    }
}

/// A part with its name at the left and its text beside it.
pub fn part(out: &mut Vec<Row>, label: &str, kind: Kind, text: &str, width: usize) {
    spans(out, label, &[(kind, text.to_owned())], width);
}

/// A part of several looks.
pub fn spans(out: &mut Vec<Row>, label: &str, text: &[(Kind, String)], width: usize) {
    for (n, row) in wrap(text, width.saturating_sub(LABEL + 1)).into_iter().enumerate() {
        let name = if n == 0 { label } else { "" };
        let mut all = vec![(Kind::Label, format!(" {name:<width$}", width = LABEL - 1))];
        all.extend(row);
        out.push(Row { spans: all, answer: false });
    }
}

/// A block of text, indented.
pub fn block(out: &mut Vec<Row>, text: &[(Kind, String)], indent: usize, width: usize, answer: bool) {
    for row in wrap(text, width.saturating_sub(indent + 1)) {
        let mut all = vec![(Kind::Plain, " ".repeat(indent))];
        all.extend(row);
        out.push(Row { spans: all, answer });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(text: &str, width: usize) -> Vec<String> {
        wrap(&[(Kind::Plain, text.to_owned())], width).iter().map(|r| r.iter().map(|(_, t)| t.as_str()).collect()).collect()
    }

    #[test]
    fn words_stay_whole_where_they_fit_and_long_ones_are_cut() {
        assert_eq!(plain("a bc defgh ij", 8), ["a bc ", "defgh ij"]);
        assert_eq!(plain("abcdefghijk", 8), ["abcdefgh", "ijk"]);
        assert_eq!(plain("one\n\ntwo", 8), ["one", "", "two"]);
    }

    #[test]
    fn escapes_and_hidden_characters_are_marks() {
        assert_eq!(plain("\u{1b}[2Jx\u{200b}y", 40), ["[ESC][2Jx[U+200B]y"]);
    }

    proptest! {
        #[test]
        fn no_row_is_too_wide_or_holds_a_control_character(text in "\\PC{0,80}|[\\x00-\\x7f]{0,80}", width in 8..60_usize) {
            for row in plain(&text, width) {
                prop_assert!(row.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>() <= width, "{row:?}");
                prop_assert!(!row.chars().any(char::is_control));
            }
        }
    }
}
