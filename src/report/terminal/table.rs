//! Tables and paint for the terminal: the interface to `comfy-table` is kept here. Meaning never rests on colour.

use std::fmt::Display;

use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width};

use crate::report::Look;
use crate::text::neutral;

const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('\u{2500}').junction('\u{2500}'));

/// An empty table with a rule under its header, as wide as it must be and never wider than the terminal.
#[must_use]
pub fn table(look: Look, header: &[&str]) -> Table {
    let mut t = Table::new();
    t.load_style(STYLE);
    t.set_content_arrangement(ContentArrangement::Dynamic);
    t.set_width(u16::try_from(look.width.clamp(20, 400)).unwrap_or(80));
    if look.color {
        t.enforce_styling();
    } else {
        t.force_no_tty();
    }
    t.set_header(header.iter().map(|h| Cell::new(safe(h)).add_attribute(Attribute::Bold)).collect::<Vec<_>>());
    for c in t.column_iter_mut() {
        c.set_padding((0, 1));
    }
    t
}

/// Aligns these columns to the right, as numbers want it.
pub fn right(t: &mut Table, columns: &[usize]) {
    for &i in columns {
        if let Some(c) = t.column_mut(i) {
            c.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// Never breaks a column's lines.
pub fn whole(t: &mut Table, columns: &[usize]) {
    for &i in columns {
        if let Some(c) = t.column_mut(i) {
            c.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

/// Fixes a column's width, padding included; the table adds one column between two of them.
pub fn fixed(t: &mut Table, column: usize, width: usize) {
    if let Some(c) = t.column_mut(column) {
        c.set_constraint(ColumnConstraint::Absolute(Width::Fixed(u16::try_from(width).unwrap_or(u16::MAX))));
    }
}

/// A table's text: no trailing white space, one line feed at its end.
#[must_use]
pub fn text(t: &Table) -> String {
    let mut out: String = t.lines().flat_map(|l| [l.trim_end().to_owned(), "\n".to_owned()]).collect();
    if out.is_empty() {
        out.push('\n');
    }
    out
}

/// Untrusted text made harmless, on one line.
#[must_use]
pub fn safe(text: &str) -> String {
    neutral::log_line(&text.replace(['\n', '\r', '\t'], " "))
}

/// Puts attributes around a text where colours are on.
#[derive(Clone, Copy, Debug)]
pub struct Paint(pub bool);

impl Paint {
    /// A heading.
    #[must_use]
    pub fn bold(self, text: impl Display) -> String {
        self.wrap("1", text)
    }

    /// Beside the point.
    #[must_use]
    pub fn dim(self, text: impl Display) -> String {
        self.wrap("2", text)
    }

    /// Good news.
    #[must_use]
    pub fn good(self, text: impl Display) -> String {
        self.wrap("32", text)
    }

    /// Bad news.
    #[must_use]
    pub fn bad(self, text: impl Display) -> String {
        self.wrap("31", text)
    }

    /// Worth a look.
    #[must_use]
    pub fn warn(self, text: impl Display) -> String {
        self.wrap("33", text)
    }

    fn wrap(self, code: &str, text: impl Display) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// Breaks a text at spaces into lines of at most `width` columns; longer words are cut.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    use unicode_width::UnicodeWidthChar;
    let width = width.max(8);
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for word in text.split_inclusive(' ') {
        let wide: usize = word.trim_end().chars().filter_map(UnicodeWidthChar::width).sum();
        if used > 0 && used + wide > width {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0;
        }
        for c in word.chars() {
            let w = c.width().unwrap_or(0);
            if used + w > width && c != ' ' {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                used = 0;
            }
            line.push(c);
            used += w;
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_lines_fit_and_lose_nothing() {
        let text = "one two three averyveryverylongwordthatfitsnowhere end";
        let lines = wrap(text, 12);
        assert!(lines.iter().all(|l| l.chars().count() <= 12), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        assert_eq!(wrap("", 12), [""]);
    }

    #[test]
    fn without_colour_no_escape_is_written() {
        assert_eq!(Paint(false).bad("x"), "x");
        let mut t = table(Look::default(), &["a"]);
        t.add_row(["b"]);
        assert!(!text(&t).contains('\x1b'));
        let mut t = table(Look { color: true, ..Look::default() }, &["a"]);
        t.add_row(["b"]);
        assert!(text(&t).contains('\x1b'));
    }
}
