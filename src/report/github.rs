//! What a GitHub job prints: annotations of failed cases at their lines.
//!
//! Invariant: untrusted text stands in the data or a property of our own commands only, with everything escaped that could end
//! it; nothing else is printed while commands are listened to.

use std::io::Write;

use super::view::{State, TrialView};
use super::{RenderError, Report, Rows, words};
use crate::text::neutral;

/// More annotations of a kind GitHub does not show for one step.
pub const MOST: usize = 10;

/// Writes an `::error` for each of the first [`MOST`] cases that failed, then how many more there are, inside a guard: `token` must
/// be a word that nobody can guess, since whoever knows it could end the guard.
///
/// # Errors
/// [`RenderError`] when the writer fails or a row cannot be read.
pub fn annotations(report: &Report, rows: &mut Rows<'_>, token: &str, out: &mut dyn Write) -> Result<(), RenderError> {
    let (mut shown, mut more) = (0, 0_u64);
    for row in rows {
        let row = row?;
        let v = TrialView::new(&report.head, &row);
        if v.state != State::Fail {
            continue;
        }
        if shown == MOST {
            more += 1;
            continue;
        }
        shown += 1;
        writeln!(out, "{}", command(report, &v))?;
    }
    // What follows may quote names; no line of it is obeyed.
    writeln!(out, "::stop-commands::{token}")?;
    let failed = words::counted(shown as u64 + more, "case fails", "cases fail");
    writeln!(out, "{}", neutral::log_line(&format!("run {}: {failed}; {}", report.head.id, report.headline())))?;
    writeln!(out, "::{token}::")?;
    Ok(())
}

fn command(report: &Report, v: &TrialView<'_>) -> String {
    let (row, key) = (v.row, &v.row.key);
    let mut properties = Vec::new();
    if let Some(set) = report.head.sets.iter().find(|s| s.name == key.set) {
        properties.push(format!("file={}", property(&set.path.display().to_string().replace('\\', "/"))));
    }
    if let Some(line) = row.case.line {
        properties.push(format!("line={line}"));
    }
    properties.push(format!("title={}", property(&format!("{}: {} scores {}", row.case.id, key.agent, v.score()))));
    let answer = row.answer.as_ref().map_or("", |o| o.text.as_str());
    let said = format!(
        "asked: {}\nexpected: {}\nanswered: {}",
        words::clip(&neutral::visible(&row.case.question), 300),
        words::clip(&neutral::visible(&row.case.expected), 300),
        words::clip(&neutral::visible(answer), 300)
    );
    format!("::error {}::{}", properties.join(","), data(&said))
}

/// The data of a command: `%`, CR and LF are escaped, as the runner unescapes them.
fn data(text: &str) -> String {
    neutral::visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command: data in which `:` and `,` are escaped too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_ends_its_place_in_a_command(s in any::<String>(), t in "[%:,\r\n\u{0}-\u{20}a-z=]{0,40}") {
            for text in [s, t] {
                let (d, p) = (data(&text), property(&text));
                prop_assert!(!d.contains(['\n', '\r']) && !p.contains(['\n', '\r', ':', ',']));
                let back = d.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%");
                prop_assert_eq!(back, neutral::visible(&text).into_owned());
            }
        }
    }
}
