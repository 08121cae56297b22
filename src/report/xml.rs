//! Untrusted text in XML: well-formed XML 1.0 whatever it holds, and no line of it is a workflow command.

use crate::text::neutral;

/// Untrusted text as XML text or attribute value: hidden characters are shown as marks, and what XML 1.0 forbids is left out.
pub(super) fn text(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for (i, line) in s.split('\n').enumerate() {
        if i > 0 {
            out.push('\n');
        }
        for c in neutral::log_line(line).chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&apos;"),
                '\t' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}' => out.push(c),
                _ => {}
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_quoted_is_well_formed_and_no_command(s in any::<String>(), t in "[<>&\"'\u{0}-\u{20}:a-z]{0,40}") {
            for input in [s, t] {
                let made = text(&input);
                let doc = format!("<a b=\"{made}\">{made}</a>");
                prop_assert!(roxmltree::Document::parse(&doc).is_ok(), "{doc:?}");
                prop_assert!(!made.split('\n').any(|l| l.trim_start().starts_with("::")), "{made:?}");
            }
        }
    }
}
