//! Findings as people read them: file:line:column, the line, what is marked, and what to do next.

use std::fmt::Write;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::place::{Place, harmless};
use super::{Diagnostic, Severity};
use crate::text::neutral;

/// Findings shown in full; the rest are counted.
const MAX_SHOWN: usize = 50;

/// Renders findings in the order given (see [`super::sort`]); at most 50, then how many more there are. Ends with a line feed.
#[must_use]
pub fn render(all: &[Diagnostic], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(120);
    let mut out = String::new();
    for d in all.iter().take(MAX_SHOWN) {
        let safe = Safe::of(d);
        out.push_str(&renderer.render(&[group(d, &safe)]));
        out.push_str("\n\n");
    }
    if all.len() > MAX_SHOWN {
        _ = writeln!(out, "... and {} more", all.len() - MAX_SHOWN);
    }
    out
}

impl Diagnostic {
    /// One line for machines: `path:line:column: error[code]: message`.
    #[must_use]
    pub fn line_form(&self) -> String {
        let at = self.line_column().map_or_else(String::new, |(l, c)| format!(":{l}:{c}"));
        let path = self.path.display().to_string();
        one_line(&format!("{path}{at}: {}[{}]: {}", self.severity.word(), self.code, self.message))
    }
}

/// The texts of a finding, made harmless: they quote files.
struct Safe {
    message: String,
    path: String,
    label: String,
    also: String,
    help: Option<String>,
}

impl Safe {
    fn of(d: &Diagnostic) -> Self {
        Self {
            message: one_line(&d.message),
            path: one_line(&d.path.display().to_string()),
            label: one_line(d.label.as_deref().unwrap_or("")),
            also: d.also.as_ref().map_or_else(String::new, |a| one_line(&a.1)),
            help: d.help.as_deref().map(one_line),
        }
    }
}

fn one_line(text: &str) -> String {
    harmless(&neutral::visible(text))
}

fn group<'a>(d: &'a Diagnostic, safe: &'a Safe) -> Group<'a> {
    let level = match d.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(safe.message.as_str()).id(d.code));
    match &d.place {
        Some(place) => group = mark(group, place, &safe.path, &safe.label, AnnotationKind::Primary),
        None => group = group.element(Origin::path(safe.path.as_str())),
    }
    if let Some(also) = &d.also {
        group = mark(group, &also.0, &safe.path, &safe.also, AnnotationKind::Context);
    }
    match &safe.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

fn mark<'a>(group: Group<'a>, place: &'a Place, path: &'a str, label: &'a str, kind: AnnotationKind) -> Group<'a> {
    let line = place.line as usize;
    match &place.excerpt {
        Some(e) if !e.cut_left => {
            let snippet = Snippet::source(&*e.text).path(path).line_start(line).fold(false);
            group.element(snippet.annotation(kind.span(e.mark.clone()).label((!label.is_empty()).then_some(label))))
        }
        excerpt => {
            let origin = Origin::path(path).line(line).char_column(place.column as usize);
            let words = match excerpt {
                Some(e) if label.is_empty() => format!("at: ...{}", e.text),
                Some(e) => format!("{label}: ...{}", e.text),
                None => label.to_owned(),
            };
            let group = group.element(origin);
            if words.is_empty() { group } else { group.element(Level::NOTE.message(words)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Source, sort};
    use super::*;

    fn finding(text: &str, span: std::ops::Range<usize>) -> Diagnostic {
        let s = Source::new("evalsets/a.yaml", text);
        Diagnostic::error("unknown-key", "unknown key `expcted`", &s, span).label("not a key of a case").help("did you mean `expected`?")
    }

    #[test]
    fn a_finding_shows_place_line_label_and_help() {
        insta::assert_snapshot!(render(&[finding("- id: a\n  expcted: 全角 x\n", 10..17)], false));
    }

    #[test]
    fn two_places_are_both_shown() {
        let s = Source::new("a.yaml", "- id: a\n  q: x\n\n\n\n- id: a\n");
        let d = Diagnostic::error("duplicate-id", "two cases have the id `a`", &s, 24..25)
            .label("again here")
            .also(s.place(6..7), "first here");
        insta::assert_snapshot!(render(&[d], false));
    }

    #[test]
    fn hostile_text_cannot_speak_to_the_terminal() {
        let text = format!("x: \u{1b}]0;own\u{7}\u{202e}ed {}\n", "y".repeat(5000));
        let mut d = finding(&text, 3..8);
        d.message = "bad \u{1b}[31m\nkey".to_owned();
        d.path = "a\u{1b}[2J.yaml".into();
        let shown = render(&[d.clone()], false) + &d.line_form();
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{shown:?}");
        assert!(shown.len() < 2000);
    }

    #[test]
    fn a_place_far_to_the_right_keeps_its_column() {
        let text = "a".repeat(10_000);
        assert!(render(&[finding(&text, 9000..9003)], false).contains("evalsets/a.yaml:1:9001"));
    }

    #[test]
    fn more_than_fifty_are_counted() {
        let all = vec![finding("ab", 0..1); 73];
        let shown = render(&all, false);
        assert_eq!(shown.matches("error[").count(), 50);
        assert!(shown.ends_with("... and 23 more\n"));
    }

    #[test]
    fn findings_are_sorted_by_file_and_place() {
        let mut all = vec![finding("ab\ncd", 3..4), finding("ab\ncd", 1..2), finding("ab\ncd", 0..1)];
        all[0].path = "a".into();
        sort(&mut all);
        assert_eq!(
            all.iter().map(Diagnostic::line_form).map(|l| l.split(": ").next().unwrap().to_owned()).collect::<Vec<_>>(),
            ["a:2:1", "evalsets/a.yaml:1:1", "evalsets/a.yaml:1:2"]
        );
    }
}
