//! What the lints say of real files.

use std::path::Path;

use super::*;
use crate::evalset::{read_rubrics, read_sets};

fn lints(files: &[(&str, String)]) -> Vec<Diagnostic> {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let (rubrics, _) = read_rubrics(Path::new("rubrics"), dir.path());
    let paths: Vec<PathBuf> = files.iter().map(|(n, _)| PathBuf::from(n)).filter(|p| !p.starts_with("rubrics")).collect();
    let (sets, faults) = read_sets(&paths, dir.path(), &rubrics);
    assert!(faults.is_empty(), "{faults:?}");
    lint(&sets, &rubrics, None).unwrap()
}

fn codes(cases: &str) -> Vec<(&'static str, u32)> {
    let all = lints(&[("s.yaml", format!("name: s\nrubric: correctness\ndefaults: {{}}\ncases:\n{cases}"))]);
    all.into_iter().filter(|d| d.code != "never-checked").map(|d| (d.code, d.line_column().map_or(0, |l| l.0))).collect()
}

#[test]
fn an_expected_answer_without_a_fact_is_thin() {
    for thin in ["'Yes.'", "no", "It depends.", "'...'", "TBD", "see above", "yes it is"] {
        assert_eq!(codes(&format!("  - id: a\n    question: q\n    expected: {thin}\n")), [("thin-expected", 7)], "{thin}");
    }
    for good in [
        "Paris",
        "14",
        "Yes, within 14 days",
        "'No: never'\n    must_mention: [no]",
        "yes\n    context: c",
        "yes\n    accept: [Within 14 days]",
    ] {
        assert_eq!(codes(&format!("  - id: a\n    question: q\n    expected: {good}\n")), [], "{good}");
    }
}

#[test]
fn what_the_expected_answer_itself_would_fail_is_impossible() {
    let case =
        |rest: &str| format!("  - {{id: a, question: q, expected: It is free for 14 days, accept: [two weeks of refunds], {rest}}}\n");
    assert_eq!(codes(&case("must_mention: [30 days]")), [("impossible", 5)]);
    assert_eq!(codes(&case("must_mention: [14 DAYS, Two Weeks, refund]")), []);
    assert_eq!(codes(&case("must_not_mention: [free]")), [("impossible", 5)]);
    assert_eq!(codes(&case("must_not_mention: [day, for 1]")), []);
    assert_eq!(codes(&case("must_mention: [14 days], must_not_mention: [14]")), [("impossible", 5), ("impossible", 5)]);
}

#[test]
fn drafts_and_retired_cases_are_left_alone() {
    assert_eq!(codes("  - {id: a, question: q, expected: yes, status: draft}\n  - {id: b, question: q, expected: yes, retired: x}\n"), []);
}

#[test]
fn findings_are_shown_at_their_places() {
    let yaml = "# a set\nname: s\nrubric: correctness\ncases:\n  - id: a\n    question: What is the refund window?\n    expected: 14 days\n    must_mention: [30 days]\n  - {id: b, question: \"The refund window, what is it?\", expected: 15 days, reviewed: {by: x, on: 2026-01-01}}\n";
    let csv = "question,expected\nWhat is the refund window?,yes\n";
    let files = [
        ("s.yaml", yaml.to_owned()),
        ("t.csv", csv.to_owned()),
        ("rubrics/tone.yaml", "criteria: c\nanchors: {1: a, 2: b, 3: c, 4: d, 5: e}\n".to_owned()),
    ];
    insta::assert_snapshot!(crate::source::render(&lints(&files), false));
}

#[test]
fn a_thousand_findings_of_a_kind_are_counted() {
    let case = |i| format!("{{\"id\": \"c{i}\", \"question\": \"What is it?\", \"expected\": \"yes\"}}\n");
    let all = lints(&[("s.jsonl", (0..1000).map(case).collect::<Vec<_>>().concat())]);
    let of = |code| all.iter().filter(|d| d.code == code).count();
    assert_eq!((of("thin-expected"), of("look-alike"), of("more"), of("never-checked")), (20, 20, 2, 1));
    assert!(all.iter().any(|d| d.message == "979 more findings of the kind `look-alike`"));
    assert!(all.iter().any(|d| d.message == "980 more findings of the kind `thin-expected`"));
}

#[test]
fn a_gate_line_is_measured_by_the_rule_of_the_gate() {
    let line = |at_least, cases| tolerates_nothing(&GateLine { at_least, cases, path: "tribunal.yaml".into(), place: None });
    let said = |at_least, cases| line(at_least, cases).map(|d| (d.message, d.help.unwrap())).unwrap();
    let (message, help) = said(0.9, 20);
    assert_eq!(
        message,
        "an accuracy of 0.9 over 20 cases cannot pass, even if nothing fails: by the point value 2 could fail, but the gate asks for the 95% lower bound"
    );
    assert!(help.contains("it takes 29 to pass without a failure"), "{help}");
    let (message, _) = said(0.9, 29);
    assert!(message.contains("tolerates no failure: by the point value 2 could fail"), "{message}");
    let (message, help) = said(1.0, 1000);
    assert!(message.contains("no number of cases proves it") && help.contains("must_pass"), "{message}");
    assert!(line(0.9, 80).is_none() && line(0.0, 5).is_none() && line(0.9, 0).is_none());
}
