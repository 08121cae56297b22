//! Real files, read back.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

use futures::executor::block_on;
use proptest::prelude::*;

use super::*;
use crate::domain::{Case, CaseId};

fn agent(file: &str, content: impl AsRef<[u8]>) -> (tempfile::TempDir, Result<ReplayAgent, AppError>) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(file), content).unwrap();
    let spec = ReplayAgentSpec { file: file.into() };
    let agent = ReplayAgent::new(AgentName::new("r").unwrap(), &spec, dir.path());
    (dir, agent)
}

fn ask(agent: &ReplayAgent, id: &str, trial: u16) -> Result<Output, AgentFailure> {
    let case = Arc::new(Case::new(CaseId::new(id).unwrap(), "q", "e"));
    block_on(agent.answer(&Ask { case, trial })).result
}

fn faults(file: &str, content: impl AsRef<[u8]>) -> String {
    agent(file, content).1.unwrap_err().snippet().unwrap().to_owned()
}

#[test]
fn an_answer_comes_back_with_all_that_was_recorded() {
    let line = r#"{"id":"a","answer":"vierzehn \u2026 Tage","context":"policy","latency_ms":12,"model":"m","set":"s","other":[1]}"#;
    let (_dir, a) = agent("x.jsonl", format!("\u{FEFF}{line}\r\n\r\n"));
    let a = a.unwrap();
    let output = ask(&a, "a", 0).unwrap();
    assert_eq!((output.text.as_str(), output.latency_ms), ("vierzehn … Tage", 12));
    assert_eq!((output.context.as_deref(), output.model.as_deref()), (Some("policy"), Some("m")));
    assert_eq!((a.len(), a.head().kind.as_str()), (1, "replay"));
}

#[test]
fn repeated_ids_take_the_next_free_trial() {
    let lines = [r#"{"id":"a","answer":"x"}"#, r#"{"id":"a","answer":"one","trial":1}"#, r#"{"id":"a","answer":"y"}"#];
    let (_dir, a) = agent("x.jsonl", lines.join("\n"));
    let a = a.unwrap();
    assert_eq!([0, 1, 2].map(|t| ask(&a, "a", t).unwrap().text), ["x", "one", "y"]);
    let missing = ask(&a, "a", 3).unwrap_err();
    assert_eq!(missing.kind, AgentFailureKind::NotRecorded);
    assert!(missing.detail.contains("3 trial(s)"), "{missing}");
    assert_eq!(ask(&a, "b", 0).unwrap_err().kind, AgentFailureKind::NotRecorded);
}

#[test]
fn csv_fields_may_hold_commas_quotes_and_line_ends() {
    let text = "trial,id,answer,latency_ms\r\n,a,\"x, \"\"y\"\"\nz\",7\r\n1,a,second,\r\n,b,,\r\n";
    let (_dir, a) = agent("x.CSV", text);
    let a = a.unwrap();
    assert_eq!(ask(&a, "a", 0).unwrap().text, "x, \"y\"\nz");
    assert_eq!(ask(&a, "a", 0).unwrap().latency_ms, 7);
    assert_eq!(ask(&a, "a", 1).unwrap().text, "second");
    assert_eq!(ask(&a, "b", 0).unwrap().text, "");
}

#[test]
fn every_fault_is_named_at_its_line_and_column() {
    let said = faults(
        "x.jsonl",
        "{\"id\":\"a\",\"answer\":\"x\"}\n{\"id\":\"b\"}\n{\"id\":\"c\",\"answer\":5}\n\n{\"id\":\"d\" \"answer\":\"\"}\nx\n",
    );
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 4, "{said}");
    assert!(lines[0].starts_with("error: x.jsonl:2:10: missing field `answer`"), "{said}");
    assert!(lines[1].starts_with("error: x.jsonl:3:20: invalid type"), "{said}");
    assert!(lines[2].starts_with("error: x.jsonl:5:11:"), "{said}");
    assert!(lines[3].starts_with("error: x.jsonl:6:1:"), "{said}");
}

#[test]
fn csv_faults_are_named_by_line_too() {
    assert_eq!(faults("x.csv", "id,text\na,b\n"), "error: x.csv:1:1: there is no column `answer`");
    assert_eq!(faults("x.csv", "id,answer,trial\na,\"b\nc\",0\nb,x,-1\n"), "error: x.csv:4:1: `trial` is no whole number in range: `-1`");
    assert!(faults("x.csv", b"id,answer\na,\xff\n").contains("not UTF-8"));
    assert!(faults("x.csv", "answer,id\nx\n").contains("no field for `id`"));
}

#[test]
fn a_trial_recorded_twice_is_refused() {
    let said = faults("x.jsonl", "{\"id\":\"a\",\"answer\":\"x\",\"trial\":2}\n{\"id\":\"a\",\"answer\":\"y\",\"trial\":2}\n");
    assert_eq!(said, "error: x.jsonl:2:1: trial 2 of this case is recorded twice (first in line 1)");
}

#[test]
fn one_id_of_two_sets_is_refused_rather_than_mixed_up() {
    let said = faults("x.jsonl", "{\"id\":\"a\",\"answer\":\"x\",\"set\":\"s\"}\n{\"id\":\"a\",\"answer\":\"y\",\"set\":\"t\"}\n");
    assert!(said.contains("another set (line 1)"), "{said}");
}

#[test]
fn a_file_that_changed_gives_a_bad_reply_rather_than_another_answer() {
    let (dir, a) = agent("x.jsonl", "{\"id\":\"a\",\"answer\":\"x\"}\n");
    let a = a.unwrap();
    let mut file = std::fs::OpenOptions::new().append(true).open(dir.path().join("x.jsonl")).unwrap();
    file.write_all(b"\n").unwrap();
    assert_eq!(ask(&a, "a", 0).unwrap_err().kind, AgentFailureKind::BadReply);
}

#[test]
fn the_digest_follows_the_content() {
    let digest = |text: &str| agent("x.jsonl", text).1.unwrap().head().digest;
    let one = "{\"id\":\"a\",\"answer\":\"x\"}\n";
    assert_eq!(digest(one), digest(one));
    assert_ne!(digest(one), digest("{\"id\":\"a\",\"answer\":\"y\"}\n"));
}

#[test]
fn an_entry_stays_small() {
    assert_eq!(size_of::<Entry>(), 32);
}

#[test]
fn a_missing_file_and_a_folder_are_usage_errors() {
    let dir = tempfile::tempdir().unwrap();
    for file in ["no.jsonl", "."] {
        let e = ReplayAgent::new(AgentName::new("r").unwrap(), &ReplayAgentSpec { file: file.into() }, dir.path()).unwrap_err();
        assert_eq!(e.exit(), crate::error::Exit::Usage);
    }
}

proptest! {
    #[test]
    fn what_is_recorded_is_what_comes_back(answers in prop::collection::vec((0u8..6, any::<String>()), 1..40)) {
        let mut text = String::new();
        for (id, answer) in &answers {
            writeln!(text, "{}", serde_json::json!({"answer": answer, "id": format!("case-{id}")})).unwrap();
        }
        let (_dir, a) = agent("x.jsonl", text);
        let a = a.unwrap();
        let mut seen = [0u16; 6];
        for (id, answer) in &answers {
            let trial = &mut seen[usize::from(*id)];
            prop_assert_eq!(&ask(&a, &format!("case-{id}"), *trial).unwrap().text, answer);
            *trial += 1;
        }
    }

    #[test]
    fn any_bytes_are_an_agent_or_faults(bytes in prop::collection::vec(any::<u8>(), 0..200), csv in any::<bool>()) {
        let (_dir, a) = agent(if csv { "x.csv" } else { "x.jsonl" }, bytes);
        if let Err(e) = a {
            prop_assert_eq!(e.exit(), crate::error::Exit::Usage);
        }
    }
}
