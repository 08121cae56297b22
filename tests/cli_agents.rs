//! Several agents in one run, with the real binary: one column each, compared case by case.

mod support;

use std::fmt::Write as _;

use serde_json::{Value, json};
use support::Sandbox;

const CASES: usize = 20;

/// What an agent answers.
enum Answer {
    Right,
    Wrong,
    Nothing,
}

/// What an agent answers to a case, by its number.
type Agent = fn(usize) -> Answer;

/// A project of 20 cases and some agents.
fn project(agents: &[(&str, Agent)]) -> Sandbox {
    let s = Sandbox::empty();
    let mut set = "name: colours\nrubric: correctness\ncases:\n".to_owned();
    for i in 0..CASES {
        writeln!(set, "  - {{id: c{i}, question: \"Which word belongs to number {i}?\", expected: word{i}}}").unwrap();
    }
    let mut config = "judges:\n  lexical: {kind: lexical}\nagents:\n".to_owned();
    for (name, answer) in agents {
        let mut answers = String::new();
        for i in 0..CASES {
            match answer(i) {
                Answer::Right => writeln!(answers, "{}", json!({"id": format!("c{i}"), "answer": format!("word{i}")})).unwrap(),
                Answer::Wrong => writeln!(answers, "{}", json!({"id": format!("c{i}"), "answer": "something else entirely"})).unwrap(),
                Answer::Nothing => {}
            }
        }
        s.write(&format!("{name}.jsonl"), answers);
        writeln!(config, "  {name}: {{kind: replay, file: {name}.jsonl}}").unwrap();
    }
    s.write("evalsets/colours.yaml", set).write("tribunal.yaml", config);
    s
}

fn good(i: usize) -> Answer {
    if i == 19 { Answer::Wrong } else { Answer::Right }
}

fn weak(i: usize) -> Answer {
    if i % 2 == 1 { Answer::Right } else { Answer::Wrong }
}

fn shy(i: usize) -> Answer {
    if i < 12 { Answer::Right } else { Answer::Nothing }
}

fn close(v: &Value, want: f64) {
    assert!((v.as_f64().unwrap() - want).abs() < 1e-9, "{v} is not {want}");
}

#[test]
fn two_agents_are_compared_case_by_case_in_every_format() {
    let s = project(&[("good", good), ("weak", weak)]);
    let ran = s.run(&["run", "--agent", "good,weak", "--format", "json"]).exits(0).json();
    let pairs = ran["summary"]["pairs"].as_array().unwrap();
    assert_eq!((ran["schema_version"].as_u64(), pairs.len()), (Some(1), 1));
    let p = &pairs[0];
    assert_eq!((p["first"].as_str(), p["second"].as_str()), (Some("good"), Some("weak")));
    let counts = ["common_cases", "settled_cases", "both_pass", "only_first_passes", "only_second_passes", "neither_passes"];
    assert_eq!(counts.map(|c| p[c].as_u64().unwrap()), [20, 20, 9, 10, 1, 0], "{p}");
    close(&p["accuracy_second_minus_first"], -9.0 / 20.0);
    // Bonett and Price by hand: 2 gained and 11 lost of 22, Student's t with 19 degrees of freedom.
    let (up, down) = (2.0 / 22.0, 11.0 / 22.0);
    let half = 2.093_024_05 * f64::sqrt((up + down - (up - down) * (up - down)) / 22.0);
    assert!((p["accuracy_interval"]["low"].as_f64().unwrap() - (up - down - half)).abs() < 1e-6, "{p}");
    assert!((p["accuracy_interval"]["high"].as_f64().unwrap() - (up - down + half)).abs() < 1e-6, "{p}");
    let agents = ran["summary"]["agents"].as_array().unwrap();
    let means: Vec<f64> = agents.iter().map(|a| a["mean_score"].as_f64().unwrap()).collect();
    close(&p["mean_score_second_minus_first"], means[1] - means[0]);
    assert!(agents[0]["mean_score_interval"]["low"].as_f64().unwrap() < means[0]);

    let shown = s.run(&["report", "last", "--format", "txt", "--out", "-"]).exits(0).stdout;
    // Lines are wrapped where the terminal ends.
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = shown.lines().find(|l| l.starts_with("- weak against good: -45.0 points")).unwrap_or_else(|| panic!("{shown}"));
    assert!(
        words.contains("good passes more settled for both: 20 of 20 common cases; 9 pass for both, 10 only for good")
            && line.contains("points ("),
        "{shown}"
    );
    let markdown = s.run(&["report", "last", "--format", "md", "--out", "-"]).exits(0).stdout;
    assert!(markdown.contains("| `weak` | `good` | -45.0 points |"), "{markdown}");
    let html = s.run(&["report", "last", "--format", "html", "--out", "-"]).exits(0).stdout;
    assert!(html.contains("Case by case") && html.contains("-45.0 points") && html.contains("10 only for good"));
}

#[test]
fn the_agent_that_is_named_first_is_the_one_compared_with() {
    let s = project(&[("good", good), ("weak", weak)]);
    let pairs = s.run(&["run", "--agent", "weak,good", "--format", "json"]).exits(0).json()["summary"]["pairs"].clone();
    assert_eq!((pairs[0]["first"].as_str(), pairs[0]["second"].as_str()), (Some("weak"), Some("good")));
    close(&pairs[0]["accuracy_second_minus_first"], 9.0 / 20.0);
}

#[test]
fn cases_that_one_agent_did_not_answer_are_not_compared() {
    let s = project(&[("good", good), ("shy", shy)]);
    let ran = s.run(&["run", "--agent", "good,shy", "--format", "json"]).exits(4).json();
    let p = &ran["summary"]["pairs"][0];
    assert_eq!((p["common_cases"].as_u64(), p["settled_cases"].as_u64()), (Some(20), Some(12)));
    close(&p["accuracy_second_minus_first"], 0.0);
    let shown = s.run(&["report", "last", "--format", "txt", "--out", "-"]).exits(0).stdout;
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("not told apart") && words.contains("12 of 20 common cases"), "{shown}");
}

#[test]
fn repeats_do_not_multiply_cases() {
    let s = project(&[("good", good), ("weak", weak)]);
    let mut three = String::new();
    for i in 0..CASES {
        for trial in 0..3 {
            writeln!(three, "{}", json!({"id": format!("c{i}"), "trial": trial, "answer": if trial < i % 4 { format!("word{i}") } else { "something else".to_owned() }})).unwrap();
        }
    }
    s.write("good.jsonl", &three).write("weak.jsonl", &three);
    let p = s.run(&["run", "--agent", "good,weak", "--trials", "3", "--format", "json"]).exits(0).json()["summary"]["pairs"][0].clone();
    assert_eq!((p["common_cases"].as_u64(), p["settled_cases"].as_u64()), (Some(20), Some(20)));
    // Two or three of three trials are more than half.
    assert_eq!((p["both_pass"].as_u64(), p["neither_passes"].as_u64()), (Some(10), Some(10)));
    close(&p["accuracy_second_minus_first"], 0.0);
    assert!(p["accuracy_interval"]["high"].as_f64().unwrap() > 0.05, "20 equal cases are no certainty: {p}");
}

#[test]
fn one_agent_is_compared_with_nobody() {
    let s = project(&[("good", good)]);
    let ran = s.run(&["run", "--format", "json"]).exits(0).json();
    assert_eq!(ran["summary"]["pairs"], json!([]));
    let shown = s.run(&["report", "last", "--format", "txt", "--out", "-"]).exits(0).stdout;
    assert!(!shown.contains("case by case"), "{shown}");
}
