//! Finds secrets that stand literally in `tribunal.yaml`, and hides them before anything else sees the text.
//!
//! Invariant: the masked text has the same length and the same lines, so that every place stays true.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::source::{Diagnostic, Source};

/// A pattern, and what it finds in words. The group `s` is the secret.
struct Pattern {
    regex: Regex,
    what: &'static str,
}

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    [
        // Keys with a prefix that only keys have.
        (
            r"(?:^|[^A-Za-z0-9_])(?P<s>(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|hf_[A-Za-z0-9]{20,}|AIza[A-Za-z0-9_-]{30,}|AKIA[A-Z0-9]{16}|gsk_[A-Za-z0-9]{20,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*)",
            "an API key stands in the file",
        ),
        // A key by its name: `api_key: ...`.
        (r#"(?im)(?:^|[\s,{"'-])api_?key["']?[ \t]*:[ \t]+(?P<s>"[^"\n]+"|'[^'\n]+'|[^\s"'#,}][^\s,}]*)"#, "an API key stands in the file"),
        // A key where the name of a variable is wanted: no variable is called so.
        (
            r#"(?im)(?:^|[\s,{"'])api_key_env["']?[ \t]*:[ \t]+["']?(?P<s>[0-9a-f]{32,}|[A-Za-z0-9_]*[^A-Za-z0-9_\s"',}{#$][^\s"',}]*)"#,
            "an API key stands where the name of an environment variable is wanted",
        ),
        // A header that carries a credential, without `${...}`.
        (
            r#"(?im)(?:^|[\s,{"'])(?:proxy-authorization|authorization|x-api-key|api-key|x-auth-token|cookie)["']?[ \t]*:[ \t]+["']?(?:(?:bearer|basic|token)[ \t]+)?(?P<s>[^\s"',}$][^\s"',}$]*)["']?[ \t]*(?:[,}#\r\n]|$)"#,
            "a credential stands in a header",
        ),
        // A password inside a URL.
        (r#"://[^/\s:@"']+:(?P<s>[^/\s@"'$]+)@"#, "a password stands in a URL"),
    ]
    .into_iter()
    .filter_map(|(text, what)| Some(Pattern { regex: Regex::new(text).ok()?, what }))
    .collect()
});

/// The text with every secret replaced by the letter X (an asterisk would be a YAML alias), and where each was, with what it is.
#[must_use]
pub fn mask(text: &str) -> (String, Vec<(Range<usize>, &'static str)>) {
    let mut masked = text.to_owned();
    let mut found: Vec<(Range<usize>, &'static str)> = Vec::new();
    for Pattern { regex, what } in PATTERNS.iter() {
        // Each pattern reads what the earlier ones left, so that no secret is reported twice.
        let ranges: Vec<Range<usize>> = regex.captures_iter(&masked).filter_map(|c| Some(c.name("s")?.range())).collect();
        for range in ranges {
            if masked[range.clone()].bytes().all(|b| b == b'X') {
                continue;
            }
            masked.replace_range(range.clone(), &"X".repeat(range.len()));
            found.push((range, what));
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    (masked, found)
}

/// The source with its secrets hidden, and an error for each.
#[must_use]
pub fn hide(source: Source) -> (Source, Vec<Diagnostic>) {
    let (masked, found) = mask(&source.text);
    if found.is_empty() {
        return (source, Vec::new());
    }
    let source = Source::new(source.path, masked);
    let errors = found.into_iter().map(|(span, what)| error(&source, span, what)).collect();
    (source, errors)
}

fn error(source: &Source, span: Range<usize>, what: &str) -> Diagnostic {
    Diagnostic::error("secret-in-file", what, source, span)
        .label("hidden here; treat it as leaked if this file was shared")
        .help("put it in an environment variable and name that: `api_key_env: MY_KEY` for a model, `${MY_KEY}` in a url, header or env")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_is_hidden_wherever_it_stands() {
        for text in [
            "api_key_env: sk-proj-abcdefghijklmnop1234\n",
            "headers: {Authorization: \"Bearer abcdef\"}\n",
            "headers:\n  x-api-key: 12345\n",
            "a: {kind: openai, api_key: hunter2, model: m}\n",
            "api_key: 'hunter two'\n",
            "api_key_env: hunter2-3\n",
            "{api_key_env: 'abcdef0123456789abcdef0123456789'}\n",
            "url: https://bob:hunter2@example.com/\n",
            "# old: ghp_abcdefghijklmnopqrst0123\n",
            "store: postgres://bob:hunter2@db/x\n",
        ] {
            let (masked, found) = mask(text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(masked.len(), text.len());
            for secret in ["hunter", "abcdef", "12345"] {
                assert!(!masked.contains(secret), "{masked}");
            }
        }
    }

    #[test]
    fn names_of_variables_are_no_secrets() {
        for text in [
            "api_key_env: OPENAI_API_KEY\n",
            "headers: {Authorization: \"Bearer ${TOKEN}\"}\n",
            "headers:\n  x-api-key: ${KEY}\n",
            "url: http://localhost:8080/chat\n",
            "run: [./task-runner-with-a-long-name-indeed, risk-assessment-of-a-thing]\n",
            "url: https://bob:${PW}@example.com/\n",
            "api_key:\n",
        ] {
            assert_eq!(mask(text).1, [], "{text}");
        }
    }

    #[test]
    fn all_patterns_compile() {
        assert_eq!(PATTERNS.len(), 5);
    }

    proptest! {
        #[test]
        fn masking_moves_nothing(text in "[a-z:/@\\n \"${}'é-]{0,60}(api_key: |authorization: |sk-)[a-z0-9é\\n]{0,30}") {
            let (masked, _) = mask(&text);
            prop_assert_eq!(masked.len(), text.len());
            prop_assert_eq!(masked.matches('\n').count(), text.matches('\n').count());
        }
    }
}
