//! What the targets share: how an input is cut into texts, files in memory, and what holds for every finding and case.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tempfile::TempDir;
use tribunal::domain::Case;
use tribunal::source::{Diagnostic, Severity, render};
use tribunal::text::hidden::{Scan, Sight};

/// Cuts an input into texts at `%%`, so that one input can be several fields and stays readable as a seed.
pub fn fields(text: &str) -> impl Iterator<Item = &str> {
    text.split("%%").map(|f| f.trim_matches('\n'))
}

/// The entries of a field that is a list: one a line.
pub fn entries(field: &str) -> Vec<String> {
    field.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect()
}

/// A folder for the files of one target; in memory where the system has such a place.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    dir.expect("a temporary folder can be made")
}

/// Writes a file of a folder.
pub fn write(dir: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).expect("a temporary file can be written");
    path
}

/// Puts 256 KiB of blanks in place of the first form feed, so that what follows stands in another block of a streamed set.
pub fn stretched(data: &[u8]) -> Vec<u8> {
    let Some(at) = data.iter().position(|b| *b == 0x0C) else { return data.to_vec() };
    let mut all = data[..at].to_vec();
    for _ in 0..256 {
        all.resize(all.len() + 1023, b' ');
        all.push(b'\n');
    }
    all.extend_from_slice(&data[at + 1..]);
    all
}

/// The value of a future that never waits.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a replay waits for nothing"),
    }
}

/// Nothing in a text is obeyed by a terminal or missed by an eye.
pub fn harmless(text: &str) {
    for seen in Scan::new(text) {
        assert!(matches!(seen.sight, Sight::Plain | Sight::Useful), "{:?} is {:?} in {text:?}", seen.c, seen.sight);
    }
}

/// What holds for the findings about one text. `text` is the whole file where that is what spans count in.
pub fn findings(all: &[Diagnostic], text: Option<&str>) {
    for d in all {
        let code_is_kebab = d.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        assert!(!d.code.is_empty() && code_is_kebab, "{d:?}");
        assert!(!d.message.trim().is_empty() && !d.message.ends_with('.'), "{d:?}");
        let line_form = d.line_form();
        harmless(&line_form);
        assert!(!line_form.contains(['\n', '\t']), "{line_form:?}");
        let places = d.place.iter().map(AsRef::as_ref).chain(d.also.iter().map(|a| &a.0));
        for place in places {
            assert!(place.line >= 1 && place.column >= 1 && place.span.start <= place.span.end, "{place:?}");
            let Some(text) = text else { continue };
            assert!(text.get(place.span.clone()).is_some(), "{place:?} is not in the text");
            let line = text[..place.span.start].matches('\n').count() + 1;
            assert_eq!(place.line as usize, line, "{place:?}");
            let start = text[..place.span.start].rfind('\n').map_or(0, |i| i + 1);
            let column = text[start..place.span.start].chars().count() + 1;
            // At the end of a line with `\r\n`, the place is before both.
            assert!((column - 1..=column).contains(&(place.column as usize)), "{place:?} is in column {column}");
        }
    }
    let shown = render(all, false);
    assert!(all.is_empty() || shown.ends_with('\n'));
    harmless(&shown);
    assert_eq!(shown, render(all, false));
    _ = render(all, true);
}

/// What holds where a text was refused.
pub fn refused(all: &[Diagnostic], text: Option<&str>) {
    assert!(all.iter().any(|d| d.severity == Severity::Error), "refused without an error: {all:?}");
    findings(all, text);
}

/// What holds for a case that passed every check.
pub fn case(case: &Case) {
    assert!(!case.question.trim().is_empty() && !case.expected.trim().is_empty(), "{case:?}");
    let lists = [&case.accept, &case.must_mention, &case.must_not_mention];
    assert!(lists.into_iter().flatten().all(|t| !t.trim().is_empty()), "{case:?}");
    assert!(case.turns.iter().all(|t| !t.text.trim().is_empty()), "{case:?}");
    assert!((1..=1000).contains(&case.trials), "{case:?}");
    assert!(case.tags.windows(2).all(|t| t[0] < t[1]), "{case:?}");
    assert!(case.tags.iter().all(|t| !t.is_empty() && !t.contains([',', ' ', '\n'])), "{case:?}");
    let id = case.id.as_str();
    assert!((1..=200).contains(&id.chars().count()) && !id.chars().any(|c| c.is_whitespace() || c.is_control()), "{id:?}");
    assert!(case.line.is_some_and(|l| l >= 1), "{case:?}");
    let json = serde_json::to_string(case).expect("a case is written as JSON");
    let back: Case = serde_json::from_str(&json).expect("a case is read from its own JSON");
    assert_eq!(*case, back);
    assert_eq!(case.digest(), back.digest());
}
