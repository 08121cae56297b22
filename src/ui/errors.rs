//! An error as people read it: snippet first, then what happened, why, and after a blank line what to do next.
//! Invariant: no escape sequence of an untrusted part reaches the terminal; ours in a snippet pass only as colours.

use std::error::Error as _;
use std::fmt::Write as _;

use crate::error::AppError;
use crate::text::neutral;

/// The text of an error, with its final line feed.
#[must_use]
pub fn error_text(error: &AppError, color: bool) -> String {
    let mut out = String::new();
    if let Some(snippet) = error.snippet() {
        out.push_str(painted(snippet, color).trim_end());
        out.push_str("\n\n");
    }
    let label = |text: &str, code: &str| if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    _ = writeln!(out, "{} {}", label("error:", "1;31"), indented(&error.to_string(), "  "));
    let mut cause = error.source();
    let mut last = error.to_string();
    while let Some(c) = cause {
        let text = c.to_string();
        // A transparent wrapper says what its source says: once is enough.
        if text != last {
            _ = writeln!(out, "  {} {}", label("because:", "1"), indented(&text, "    "));
        }
        last = text;
        cause = c.source();
    }
    if let Some(help) = error.help() {
        _ = writeln!(out, "\n{} {}", label("help:", "1;36"), indented(help, "      "));
    }
    out
}

/// Harmless text, with every further line pushed in so that none can pass for one of ours.
fn indented(text: &str, by: &str) -> String {
    text.trim_end().lines().map(neutral::log_line).collect::<Vec<_>>().join(&format!("\n{by}"))
}

/// A rendered snippet: its colour codes pass where colours are on and vanish where not; everything else is neutralised.
fn painted(snippet: &str, color: bool) -> String {
    let mut out = String::new();
    let mut rest = snippet;
    while let Some(at) = rest.find("\x1b[") {
        out.push_str(&neutral::visible(&rest[..at]));
        let code = &rest[at + 2..];
        let end = code.find(|c: char| !(c.is_ascii_digit() || c == ';')).unwrap_or(code.len());
        let taken = if code[end..].starts_with('m') {
            if color {
                out.push_str(&rest[at..=at + 2 + end]);
            }
            3 + end
        } else {
            out.push_str(&neutral::visible("\x1b["));
            2
        };
        rest = &rest[at + taken..];
    }
    out.push_str(&neutral::visible(rest));
    out
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn full() -> AppError {
        AppError::usage("the set evalsets/a.yaml has 1 fault")
            .with_snippet("\x1b[1merror\x1b[0m: unknown key\n --> evalsets/a.yaml:3:5\n")
            .because(io::Error::other("first line\nsecond line"))
            .with_help("the nearest known key is `question`")
    }

    #[test]
    fn snippet_message_cause_and_help_come_in_this_order() {
        insta::assert_snapshot!(error_text(&full(), false), @r"
        error: unknown key
         --> evalsets/a.yaml:3:5

        error: the set evalsets/a.yaml has 1 fault
          because: first line
            second line

        help: the nearest known key is `question`
        ");
    }

    #[test]
    fn only_colour_codes_pass_and_only_where_colours_are_on() {
        assert!(error_text(&full(), true).contains("\x1b[1merror\x1b[0m: unknown key"));
        assert!(!error_text(&full(), false).contains('\x1b'));
        assert_eq!(painted("a\x1b[31mb\x1b[0m", false), "ab");
        assert_eq!(painted("\u{E9}\x1b[31m\u{E9}\x1b[", true).matches("\x1b[31m").count(), 1);
    }

    #[test]
    fn a_wrapper_that_says_the_same_is_not_said_twice() {
        let e = AppError::usage("no").because(AppError::usage("no").because(io::Error::other("why")));
        assert_eq!(error_text(&e, false), "error: no\n  because: why\n");
    }
}
