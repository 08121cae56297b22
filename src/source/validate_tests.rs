//! What the schema check says, and where.

use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::source::{Diagnostic, Source, read_yaml};

/// A thing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "thing")]
#[expect(dead_code, reason = "only its schema and its reading matter")]
struct Thing {
    /// What it is called.
    name: String,
    #[serde(default)]
    #[schemars(range(min = 1, max = 9))]
    count: Option<u16>,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    #[schemars(length(min = 1))]
    tags: Vec<String>,
    #[serde(default)]
    mode: Option<Mode>,
    #[serde(default)]
    agents: BTreeMap<String, Agent>,
    #[serde(default)]
    limit: Option<AutoOr>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// Documented.
    PerCall,
    /// Documented.
    Lines,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema and its reading matter")]
enum Agent {
    Http(Http),
    Replay { file: String },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema and its reading matter")]
struct Http {
    url: String,
    #[serde(default)]
    model: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema and its reading matter")]
enum AutoOr {
    Number(u16),
    Word(Word),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Word {
    Auto,
}

fn faults(text: &str) -> Vec<Diagnostic> {
    read_yaml::<Thing>(&Source::new("t.yaml", text)).map_or_else(|d| d, |_| Vec::new())
}

/// `line:column code / message / help` of every fault.
fn said(text: &str) -> String {
    let line = |d: &Diagnostic| {
        let (l, c) = d.line_column().unwrap();
        format!("{l}:{c} {} / {} / {} / {}\n", d.code, d.message, d.label.clone().unwrap_or_default(), d.help.clone().unwrap_or_default())
    };
    faults(text).iter().map(line).collect()
}

#[test]
fn a_right_file_has_no_fault() {
    let text = "name: 1.10\ncount: 3\nstrict: true\ntags: [a, 7, no]\nmode: per_call\nlimit: auto\nagents:\n  a: {kind: http, url: x, model: '5'}\n  b: {kind: replay, file: y}\n";
    let (thing, _) = read_yaml::<Thing>(&Source::new("t.yaml", text)).unwrap();
    assert_eq!((thing.name.as_str(), thing.tags.join(" ").as_str()), ("1.10", "a 7 no"));
    assert_eq!(said("name: x\nlimit: 7\nmode:\ncount: ~\n"), "");
}

#[test]
fn every_fault_is_reported_in_one_pass() {
    let text = "nmae: x\ncount: 12\nstrict: yes\ntags: []\nmode: line\nagents:\n  a: {kind: htp}\n  b: {kind: http, model: 5, urll: x}\n  c: {file: x}\n  d: 7\nlimit: atuo\n";
    insta::assert_snapshot!(said(text));
}

#[test]
fn wrong_types_are_quoted_and_explained() {
    insta::assert_snapshot!(said("name:\ncount: \"3\"\nstrict: {a: 1}\ntags: eu\nmode: [lines]\nagents: [x]\nlimit: [1]\n"));
    insta::assert_snapshot!(said("name: [a]\ntags: [a, null, [b]]\ncount: -1\n"));
}

#[test]
fn a_file_that_is_no_mapping_is_a_wrong_type() {
    insta::assert_snapshot!(said("- a\n"));
}

#[test]
fn syntax_and_refusals_have_places() {
    let all = [
        "",
        "# only a comment\n",
        "---\n",
        "name: x\nname: y\n",
        "name: &a x\ntags: [*a]\n",
        "<<: {a: b}\nname: x\n",
        "name: !!str 5\n",
        "name: x\n---\nname: y\n",
        "name:\n\t- x\n",
        "name: a: b\n",
        "name: {{ q }}\n",
        "name: \"x\n",
        "name: @x\n",
        "name: x\n tags: []\n",
        "name: *nowhere\n",
        "tags: [a\n",
    ];
    let shown: Vec<String> = all.iter().map(|t| format!("{t:?}\n{}", said(t))).collect();
    insta::assert_snapshot!(shown.concat());
}

#[test]
fn deep_nesting_is_refused_at_once() {
    for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000), "a:\n ".repeat(3)] {
        let all = faults(&text);
        assert!(!all.is_empty());
    }
    assert_eq!(faults(&"[".repeat(100_000))[0].code, "too-deep");
    assert_eq!(faults(&"- ".repeat(100_000))[0].code, "too-deep");
}

#[test]
fn an_alias_bomb_is_refused_where_it_starts() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..30 {
        let refs = vec![format!("*a{}", i - 1); 9].join(", ");
        _ = writeln!(text, "a{i}: &a{i} [{refs}]");
    }
    let all = faults(&text);
    assert_eq!((all[0].code, all[0].line_column()), ("anchor", Some((1, 5))));
    assert!(all.len() < 70);
}

fn yamlish() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "name", "tags", "agents", "kind", "count", ": ", ":", "- ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", "'", "\"", "|", ">-",
        "#", "&a ", "*a", "!!str ", "<<", "? ", "---\n", "...\n", "\t", "\r\n", "全角", "😀", "é", "~", "null", "true", "1.5", "\\",
        "\\ud83d", "%", "@", "\u{feff}", "\u{a0}", "\u{2028}",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_a_value_or_faults_on_character_boundaries(text in prop_oneof![yamlish(), any::<String>()]) {
        for d in faults(&text) {
            let place = d.place.unwrap();
            prop_assert!(text.get(place.span.clone()).is_some(), "{:?}", place);
            prop_assert!(place.line as usize <= text.matches('\n').count() + 1);
        }
    }

    /// What the schema check lets pass, the type takes: nothing is reported in serde's words that could be in ours.
    #[test]
    fn what_the_check_passes_the_type_accepts(text in yamlish()) {
        let all = faults(&format!("name: x\n{text}"));
        prop_assert!(all.iter().all(|d| d.code != "bad-value"), "{:?}", all);
    }

    /// Two independent readers agree on every scalar that we read as text.
    #[test]
    fn our_reading_agrees_with_another_parser(text in yamlish()) {
        let source = Source::new("t", format!("a:\n  {text}\n"));
        let Ok(node) = crate::source::parse_yaml(&source) else { return Ok(()) };
        let Ok(ours) = crate::source::decode::<serde_json::Value>(&node, &source) else { return Ok(()) };
        let options = serde_saphyr::options! { strict_booleans: true };
        if let Ok(theirs) = serde_saphyr::from_str_with_options::<serde_json::Value>(&source.text, options) {
            prop_assert_eq!(ours, theirs);
        }
    }
}
