//! JSON strings in which no character acts on a terminal or hides from an eye, and which no CI log reads as a command. They
//! parse to the same text.

use std::io::{self, Write};

use serde_json::ser::Formatter;

use crate::domain::invisible::is_invisible;

/// Compact JSON with hazardous characters as `\u` escapes.
pub(super) struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain = 0;
        let mut before = None;
        for (at, c) in fragment.char_indices() {
            // `##[command]` counts anywhere in a line of a CI log, `::command::` at its start: the second half is escaped.
            let command = matches!(c, '#' | ':') && before == Some(c);
            before = Some(c);
            if command || hazardous(c) {
                writer.write_all(&fragment.as_bytes()[plain..at])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                plain = at + c.len_utf8();
            }
        }
        writer.write_all(&fragment.as_bytes()[plain..])
    }
}

/// Controls and what an eye misses. (JSON itself escapes C0.)
fn hazardous(c: char) -> bool {
    matches!(c, '\u{7F}'..='\u{9F}') || is_invisible(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(s: &str) -> String {
        let mut out = Vec::new();
        super::super::value(&s, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
        assert_eq!(text("a\u{1b}[2Jb\u{9b}c\u{202E}d\u{E0041}"), r#""a\u001b[2Jb\u009bc\u202ed\udb40\udc41""#);
        assert_eq!(text("caf\u{e9} \u{1F600}"), "\"caf\u{e9} \u{1F600}\"");
    }

    #[test]
    fn no_ci_log_reads_a_command() {
        assert_eq!(text("##[error]x ::set-env::y :::"), "\"#\\u0023[error]x :\\u003aset-env:\\u003ay :\\u003a\\u003a\"");
    }

    proptest! {
        #[test]
        fn every_text_survives_and_none_is_hazardous(s in any::<String>()) {
            let json = text(&s);
            prop_assert!(!json.chars().any(|c| hazardous(c) || c.is_control()));
            prop_assert!(!json.contains("##") && !json.contains("::"));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), s);
        }
    }
}
