//! Whole files: what they become, and what is said about their faults.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::domain::{JudgeName, Risk};
use crate::gate::GateVerdict;
use crate::provider::CacheMode;

/// A folder with the files that the texts below name.
fn project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in ["answers.jsonl", "agent.sh", "prompt.txt"] {
        std::fs::write(dir.path().join(file), "").unwrap();
    }
    std::fs::write(dir.path().join("prices.json"), r#"{"prices": [{"model": "*", "input": 1, "output": 2}]}"#).unwrap();
    for folder in ["docs", "sets", "rubrics"] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
    }
    dir
}

fn read(text: &str) -> Result<Loaded, Faults> {
    check(Source::new(FILE_NAME, text), project().path())
}

/// `line:column severity code: message (help)` of every finding.
fn said(text: &str) -> String {
    let all = match read(text) {
        Ok(loaded) => loaded.warnings,
        Err(faults) => faults.diagnostics().to_vec(),
    };
    let line = |d: &Diagnostic| {
        let (l, c) = d.line_column().unwrap_or((0, 0));
        let help = d.help.as_deref().map_or(String::new(), |h| format!(" ({h})"));
        format!("{l}:{c} {} {}: {}{help}", d.severity.word(), d.code, d.message)
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

const FULL: &str = r#"
agent: [bot, recorded]
agents:
  bot: {kind: http, url: "http://localhost:8080/chat", body: {q: "{{ question }}"}, answer: /reply, headers: {Authorization: "Bearer ${TOKEN}"}}
  gpt: {kind: openai, model: gpt-5, system: "You answer for ACME."}
  script: {kind: command, run: [./agent.sh]}
  recorded: {kind: replay, file: answers.jsonl}
  baseline: {kind: retrieval, folder: docs}
judges:
  strict: {kind: openai, model: m, samples: 3, temperature: 1.0}
  other: {kind: openai, model: l, base_url: "http://localhost:8000/v1", api_key_env: VLLM_KEY}
  lexical: {kind: lexical}
panel: {judges: [strict, other], quorum: 2, max_spread: 1}
sets: sets
rubrics: rubrics
reports: out
review: {audit: 0.05, audit_at_least: 10, graders: {medium: 3}, costs: {high: {false_pass: 50, false_fail: 5}}}
gate:
  accuracy: {at_least: 0.90, max_drop: 0.02}
  mean_score: 4
  must_pass: ["tag:safety", "case:refund-eu-14d", "risk:critical"]
  undecided: fail
  unscored: 0.05
limits: {concurrency: 16, requests_per_minute: 500, tokens_per_minute: 200000, budget_usd: 5.0, deadline_seconds: 30}
store: sqlite:.tribunal/tribunal.db
cache: refresh
prices: prices.json
seed: 7
"#;

#[test]
fn a_full_file_becomes_settings() {
    let loaded = read(FULL).unwrap_or_else(|f| panic!("{}", f.into_error(false).snippet().unwrap()));
    let s = loaded.settings;
    assert_eq!(loaded.warnings, []);
    assert_eq!(s.agents_named(&[]).unwrap().iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["bot", "recorded"]);
    assert_eq!(s.panel.judges.iter().map(JudgeName::as_str).collect::<Vec<_>>(), ["strict", "other"]);
    assert_eq!((s.panel.policy.quorum, s.panel.policy.max_spread, s.panel.cascade), (2, 1, false));
    assert_eq!((s.review.graders, s.review.costs[2].false_pass, s.review.costs[3].false_pass), ([1, 3, 2, 2], 50.0, 100.0));
    let gate = s.gate.unwrap();
    assert_eq!(gate.accuracy.unwrap().at_least, Some(0.9));
    assert_eq!((gate.mean_score, gate.unscored_at_most, gate.undecided), (Some(4.0), Some(0.05), GateVerdict::Fail));
    assert_eq!(gate.must_pass.len(), 3);
    assert_eq!(s.limits.concurrency, Auto::Fixed(16.try_into().unwrap()));
    assert_eq!((s.cache, s.seed), (CacheMode::Refresh, 7));
    assert_eq!((s.sets[0].as_path(), s.reports.as_path()), (Path::new("sets"), Path::new("out")));
}

#[test]
fn a_short_file_is_a_project_of_defaults() {
    for text in ["agents: {a: {kind: retrieval, folder: docs}}", "seed: 0"] {
        let s = read(text).unwrap_or_else(|_| panic!("{text:?}: {}", said(text))).settings;
        assert_eq!(s.panel.judges, [JudgeName::new("lexical").unwrap()]);
        assert_eq!((s.panel.policy.quorum, s.panel.policy.max_spread), (1, 1));
        assert_eq!((s.review.audit, s.review.audit_at_least, s.review.graders), (0.03, 30, [1, 1, 2, 2]));
        assert_eq!((s.sets[0].as_path(), s.rubrics.as_path()), (Path::new("evalsets"), Path::new("rubrics")));
        assert_eq!(s.store, Path::new(".tribunal/tribunal.db"));
        assert_eq!((s.cache, s.gate, s.limits.concurrency), (CacheMode::On, None, Auto::Auto));
        assert_eq!(s.default_agents.len(), s.agents.len());
    }
}

#[test]
fn an_empty_file_is_a_fault() {
    assert!(said("# nothing yet\n").contains("empty-file"));
}

#[test]
fn every_semantic_fault_is_reported_in_one_pass() {
    let text = r#"agent: bto
agents:
  bot: {kind: http, url: localhost, answer: reply.text, method: post}
  a,b: {kind: replay, file: answers.jsonl}
  shell: {kind: command, run: ["./agent.sh --fast"]}
  two words: {kind: command, run: [echo hello]}
judges:
  strict: {kind: openai, model: " ", temperature: 3, parameters: {model: x, n: 2, temperature: 1}, api_key_env: $KEY}
panel: {judges: [strict, strct], cascade: [strict], quorum: 5}
review: {audit: 0, audit_at_least: 0}
gate: {must_pass: ["risk:critcal", "safety"]}
store: postgres://db/x
sets: [sets, nowhere]
prices: none.json
"#;
    insta::assert_snapshot!(said(text));
}

#[test]
fn shape_faults_are_reported_in_one_pass() {
    let text = "agnet: x\npanel: {quorum: 0, max_spread: 5}\nreview: {audit: 90}\ngate: {accuracy: {at_least: 1.5}, undecided: maybe}\nlimits: {concurrency: many}\ncache: maybe\nagents: {a: {kind: opneai, model: m}, b: {kind: openai, modle: m}}\n";
    insta::assert_snapshot!(said(text));
}

#[test]
fn a_cascade_that_cannot_settle_is_a_warning() {
    let text = "judges:\n  a: {kind: openai, model: m}\n  b: {kind: openai, model: m, settles_alone_at: 0.9}\n  c: {kind: openai, model: m, settles_alone_at: 0.9, logprobs: true}\n  lexical: {kind: lexical}\n  last: {kind: openai, model: m}\npanel: {cascade: [lexical, a, b, c, last]}\n";
    insta::assert_snapshot!(said(text));
    let s = read(text).unwrap().settings;
    assert!(s.panel.cascade);
    assert_eq!(s.panel.policy.quorum, 1);
}

#[test]
fn a_template_is_tried_before_anything_is_paid_for() {
    let dir = project();
    let diagnose = |template: &str, panel: &str| {
        std::fs::write(dir.path().join("prompt.txt"), template).unwrap();
        let text =
            format!("judges: {{a: {{kind: openai, model: m, template: prompt.txt}}, b: {{kind: lexical}}}}\npanel: {{judges: {panel}}}\n");
        match check(Source::new(FILE_NAME, text), dir.path()) {
            Ok(loaded) => loaded.warnings,
            Err(faults) => faults.diagnostics().to_vec(),
        }
    };
    let all = diagnose("Look.\n{{ answr }}", "a");
    assert_eq!((all.len(), all[0].code, all[0].severity, all[0].line_column()), (1, "bad-template", Severity::Error, Some((1, 48))));
    assert_eq!(all[0].label.as_deref(), Some("prompt.txt:2"));
    assert_eq!(diagnose("{{ answr }}", "b")[0].severity, Severity::Warning);
    assert_eq!(diagnose("{{ answer }}", "a"), []);
}

#[test]
fn a_price_file_is_read_before_anything_is_paid_for() {
    let dir = project();
    let said = |table: &str| {
        std::fs::write(dir.path().join("prices.json"), table).unwrap();
        match check(Source::new(FILE_NAME, "seed: 1\nprices: prices.json\n"), dir.path()) {
            Ok(loaded) => loaded.warnings,
            Err(faults) => faults.diagnostics().to_vec(),
        }
    };
    for table in ["", "prices: 3", "prices: [{model: a, input: -1, output: 0}]", "prices: [{model: a, input: 1}]"] {
        let all = said(table);
        assert_eq!((all.len(), all[0].code, all[0].severity, all[0].line_column()), (1, "bad-prices", Severity::Error, Some((2, 9))));
        assert!(!all[0].message.contains('\n') && all[0].help.as_deref().unwrap().contains("per million tokens"), "{:?}", all[0]);
    }
    assert_eq!(said("prices: [{model: a, input: 1, output: 2}]"), []);
}

#[test]
fn a_budget_that_cannot_be_held_is_a_warning_with_the_way_out() {
    let text = "agents:\n  a: {kind: openai, model: homegrown-7b}\n  b: {kind: http, url: 'http://h', answer: /a, usage: /u}\n  c: {kind: retrieval, folder: docs}\njudges:\n  j: {kind: openai, model: gpt-5}\n  k: {kind: openai, model: homegrown-7b}\n";
    assert_eq!(said(text), "", "nobody set a budget");
    insta::assert_snapshot!(said(&format!("{text}limits: {{budget_usd: 2}}\n")));
    assert_eq!(said(&format!("{text}limits: {{budget_usd: 2}}\nprices: prices.json\n")).matches("unpriced").count(), 1, "b names no model");
}

#[test]
fn a_nul_for_a_program_is_a_fault_at_its_place() {
    let text = "agents:\n  a: {kind: command, run: [cat, \"a\\0b\"], env: {K: \"\\0\", L: '\\0'}}\n";
    let all = said(text);
    let places: Vec<&str> = all.lines().filter_map(|l| l.split_once(" error nul: ")).map(|(place, _)| place).collect();
    assert_eq!((places, all.lines().count()), (vec!["2:33", "2:51"], 2), "{all}");
}

#[test]
fn the_body_of_a_get_is_its_query_and_so_a_mapping() {
    let text = |body| format!("agents: {{a: {{kind: http, url: \"http://h\", method: GET, answer: /a, body: {body}}}}}\n");
    assert_eq!(said(&text("{q: \"{{ question }}\"}")), "");
    assert!(said(&text("[q]")).contains("error body-of-get: with GET the body becomes the query"), "{}", said(&text("[q]")));
}

#[test]
fn facts_before_the_last_judge_of_a_cascade_is_a_warning() {
    let text = |order| format!("judges: {{f: {{kind: facts}}, l: {{kind: lexical}}}}\npanel: {{cascade: {order}}}\n");
    let all = said(&text("[f, l]"));
    assert!(all.starts_with("2:19 warning never-settles-alone: judge `f` can never settle alone"), "{all}");
    assert_eq!(said(&text("[l, f]")), "");
}

#[test]
fn one_judge_of_a_cascade_decides_so_a_quorum_over_one_is_a_fault() {
    let text = |quorum| format!("judges: {{f: {{kind: facts}}, l: {{kind: lexical}}}}\npanel: {{cascade: [l, f], quorum: {quorum}}}\n");
    let all = said(&text(2));
    assert!(all.starts_with("2:34 error quorum-too-high: a quorum of 2 can never be met in a cascade"), "{all}");
    assert_eq!(said(&text(1)), "");
}

#[test]
fn a_missing_file_fails_only_what_is_asked() {
    let text = "agents:\n  a: {kind: replay, file: gone.jsonl}\n  b: {kind: retrieval, folder: docs}\nagent: ";
    assert!(said(&format!("{text}b")).starts_with("2:27 warning no-such-file"), "{}", said(&format!("{text}b")));
    assert!(said(&format!("{text}a")).starts_with("2:27 error no-such-file"));
}

#[test]
fn a_secret_in_the_file_is_refused_and_never_shown() {
    let text = "agents:\n  a: {kind: openai, model: m, api_key: sk-proj-abcdefghijklmnop1234}\n";
    let error = read(text).unwrap_err().into_error(false);
    let shown = format!("{error} {:?} {:?}", error.snippet(), error.help());
    assert!(shown.contains("api_key_env"), "{shown}");
    assert!(!shown.contains("abcdefgh"), "{shown}");
}

#[test]
fn several_agents_want_a_choice() {
    let s = read("agents: {a: {kind: retrieval, folder: docs}, b: {kind: retrieval, folder: docs}}").unwrap().settings;
    assert!(s.agents_named(&[]).unwrap_err().help().unwrap().contains("`a`, `b`"));
    assert_eq!(s.agents_named(&["b,a".into(), "b".into()]).unwrap().len(), 2);
    assert!(s.agents_named(&["aa".into()]).unwrap_err().help().unwrap().contains("did you mean `a`?"));
    assert!(s.agents_named(&[",".into()]).is_err());
    assert!(s.judges_named(&["lexcial".into()]).unwrap_err().help().unwrap().contains("lexical"));
}

#[test]
fn a_gate_that_names_what_no_set_has_is_a_fault() {
    let loaded = read("gate:\n  must_pass:\n    - tag:saftey\n    - tag:safety\n    - case:a\n    - risk:critical\n").unwrap();
    let tags = BTreeSet::from(["safety".to_owned()]);
    let cases = BTreeSet::from(["b".to_owned()]);
    let risks = BTreeSet::from([Risk::Low]);
    let all = check_gate_names(&loaded, &KnownNames { tags: &tags, cases: Some(&cases), risks: &risks });
    let lines: Vec<_> = all.iter().map(|d| (d.line_column().unwrap(), d.severity)).collect();
    assert_eq!(lines, [((3, 7), Severity::Error), ((5, 7), Severity::Error), ((6, 7), Severity::Warning)]);
    assert_eq!(all[0].help.as_deref(), Some("did you mean `tag:safety`?"));
}

#[test]
fn the_schema_is_a_valid_schema_that_accepts_a_full_file() {
    let schema = config_schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value: serde_json::Value = serde_yaml::from_str(FULL).unwrap();
    assert!(validator.is_valid(&value), "{:?}", validator.iter_errors(&value).map(|e| e.to_string()).collect::<Vec<_>>());
    assert!(!validator.is_valid(&serde_json::json!({"agnet": "x"})));
}

proptest! {
    #[test]
    fn any_text_is_settings_or_faults(text in any::<String>()) {
        _ = read(&text);
    }

    #[test]
    fn any_mangled_file_is_settings_or_faults(at in 0..FULL.len(), cut in 0usize..40, put in "[\\[\\]{}:,\"'0-9a-z \\n-]{0,5}") {
        let at = FULL.floor_char_boundary(at);
        let end = FULL.floor_char_boundary((at + cut).min(FULL.len()));
        _ = read(&format!("{}{put}{}", &FULL[..at], &FULL[end.max(at)..]));
    }
}
