//! JSON strings in which no character acts on a terminal or hides from an eye. They parse to the same text.

use std::io::{self, Write};

use serde_json::ser::Formatter;

/// Compact JSON with hazardous characters as `\u` escapes.
pub(super) struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| hazardous(*c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

/// C1 controls, zero-width and bidirectional characters, line separators, tag characters. (JSON itself escapes C0.)
fn hazardous(c: char) -> bool {
    matches!(
        c,
        '\u{7F}'..='\u{9F}'
            | '\u{AD}'
            | '\u{61C}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    )
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

    proptest! {
        #[test]
        fn every_text_survives_and_none_is_hazardous(s in any::<String>()) {
            let json = text(&s);
            prop_assert!(!json.chars().any(|c| hazardous(c) || c.is_control()));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), s);
        }
    }
}
