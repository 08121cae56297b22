//! An agent's answer where it is shown: made visible once and for all, one line in logs, cut without harm, notices in order.
#![no_main]

use std::borrow::Cow;

use libfuzzer_sys::fuzz_target;
use tribunal::text::neutral::{clip, log_line, visible};
use tribunal::text::notice::{MAX_NOTICES, notices};
use tribunal::text::words::{fold, stem, unaccented, words};
use tribunal_fuzz::harmless;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let seen = visible(&text);
    assert!(seen.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t')), "{seen:?}");
    harmless(&seen);
    assert!(matches!(visible(&seen), Cow::Borrowed(_)), "{text:?} -> {seen:?} -> {:?}", visible(&seen));

    let line = log_line(&text);
    assert!(!line.chars().any(char::is_control), "{line:?}");
    assert!(!line.contains("::") && !line.contains("##"), "{line:?}");
    harmless(&line);
    assert_eq!(line, log_line(&line), "of {text:?}");

    for columns in [0, 1, 7, 80] {
        let cut = clip(&line, columns);
        assert!(line.starts_with(cut.as_ref()) || cut.ends_with('…'), "{cut:?}");
        assert!(line.starts_with(cut.strip_suffix('…').unwrap_or(&cut)) || *cut == *line, "{cut:?}");
        assert_eq!(clip(&cut, columns), cut, "at {columns}");
    }

    let found = notices(&text);
    assert!(found.len() <= MAX_NOTICES);
    assert!(found.windows(2).all(|n| (n[0].line, n[0].kind) < (n[1].line, n[1].kind)), "{found:?}");
    let lines = text.matches('\n').count() + 1;
    for notice in &found {
        assert!((1..=lines).contains(&(notice.line as usize)), "{notice:?}");
        harmless(&notice.excerpt);
        assert!(!notice.excerpt.contains(['\n', '\t']), "{notice:?}");
        assert_eq!(clip(&notice.excerpt, 120), notice.excerpt);
    }

    for word in words(&text) {
        assert!(!word.is_empty() && !word.contains([' ', '\n', '\'', ',']), "{word:?}");
        assert!(word.starts_with(stem(&word)), "{word:?}");
    }
    assert_eq!(fold(&text), fold(&text));
    assert_eq!(unaccented(&text), unaccented(&unaccented(&text)), "{text:?}");
});
