//! From biased judges to an honest gate, through the real binary: run, plan, grades of people, gate with every exit code.

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use support::Sandbox;

const CASES: u32 = 300;

/// People fail every third answer; a kind judge fails every tenth only.
fn truly_good(case: u32) -> bool {
    !case.is_multiple_of(3)
}

/// A project of recorded answers and ballots, run once.
fn project(gate: &str) -> Sandbox {
    let s = Sandbox::empty();
    s.write(
        "tribunal.yaml",
        format!(
            "agents:\n  bot: {{kind: replay, file: answers.jsonl}}\njudges:\n  kind: {{kind: replay, file: ballots.jsonl}}\nsets: [evalsets]\n{gate}"
        ),
    );
    let (mut cases, mut answers, mut ballots) = (String::new(), String::new(), String::new());
    for i in 0..CASES {
        let score = if i.is_multiple_of(10) { 2 } else { 5 };
        writeln!(cases, "{{\"id\":\"c{i}\",\"question\":\"question {i}\",\"expected\":\"expected {i}\"}}").unwrap();
        writeln!(answers, "{{\"id\":\"c{i}\",\"answer\":\"answer {i}\"}}").unwrap();
        writeln!(ballots, "{{\"id\":\"c{i}\",\"score\":{score}}}").unwrap();
    }
    s.write("evalsets/all.jsonl", cases).write("answers.jsonl", answers).write("ballots.jsonl", ballots);
    s.run(&["run", "--reports", "none"]).exits(0);
    s
}

/// People grade everything that the queue holds.
fn grade_the_queue(s: &Sandbox) -> usize {
    let queue = s.run(&["queue", "--format", "json"]).exits(0).json();
    let mut file = String::new();
    let items = queue["items"].as_array().unwrap();
    for item in items {
        let case = item["case"].as_str().unwrap();
        let score = if truly_good(case[1..].parse().unwrap()) { 5 } else { 1 };
        writeln!(file, "{{\"case\":\"{case}\",\"grader\":\"ana\",\"score\":{score}}}").unwrap();
    }
    s.write("grades.jsonl", file);
    s.run(&["grades", "import", "grades.jsonl"]).exits(0);
    items.len()
}

fn accuracy(s: &Sandbox) -> serde_json::Value {
    let gate: serde_json::Value = serde_json::from_str(&s.run(&["gate", "--format", "json"]).stdout).unwrap();
    gate["lines"].as_array().unwrap().iter().find(|l| l["name"] == "accuracy").unwrap().clone()
}

#[test]
fn random_grades_turn_a_flattering_pass_into_an_honest_fail() {
    let s = project("gate: {accuracy: {at_least: 0.8}}\n");
    s.run(&["gate"]).exits(0);
    assert_eq!(accuracy(&s)["basis"], "judges");
    s.run(&["plan", "--budget-items", "120"]).exits(0);
    let n = grade_the_queue(&s);
    assert!((90..=125).contains(&n), "{n} items for a budget of 120");
    let line = accuracy(&s);
    assert_eq!((line["basis"].as_str(), line["verdict"].as_str()), (Some("people"), Some("fail")));
    let (low, high) = (line["interval"]["low"].as_f64().unwrap(), line["interval"]["high"].as_f64().unwrap());
    assert!(low < 2.0 / 3.0 && 2.0 / 3.0 < high && high < 0.8, "{line}");
    s.run(&["gate"]).exits(1);
    s.run(&["gate", "--fail-code", "100"]).exits(100);
    let text = s.run(&["report", "--format", "txt", "--out", "-"]).exits(0).stdout;
    assert!(text.contains("corrected by people's grades") && text.contains("judges only, uncorrected"), "{text}");
    let json = s.run(&["report", "--format", "json", "--out", "-"]).exits(0).json();
    assert!(json["honest"]["agents"][0]["pass_rate"]["value"].as_f64().unwrap() < 0.8);
    s.run(&["report"]).exits(0);
    let quoted = std::fs::read_dir(s.join("reports"))
        .unwrap()
        .filter_map(Result::ok)
        .find_map(|d| std::fs::read_to_string(d.path().join("log.head")).ok());
    assert_eq!(quoted.unwrap().trim(), json["log"].as_str().unwrap(), "the head of the log is written down with the report");
    assert_eq!(s.run(&["queue", "--format", "json"]).exits(0).json()["items"], serde_json::json!([]), "what is graded waits for nobody");
    let verify = s.run(&["audit", "verify", "--format", "json"]).exits(0).json();
    assert_eq!(verify["events"].as_u64(), Some(n as u64 + 1), "the plan is in the log too");
}

#[test]
fn the_default_audit_is_estimated_from_too() {
    let s = project("gate: {accuracy: {at_least: 0.8}, undecided: undecided}\n");
    assert_eq!(grade_the_queue(&s), 30);
    let line = accuracy(&s);
    assert_eq!(line["basis"], "people", "{line}");
    assert!(line["value"].as_f64().unwrap() < 0.85, "{line}");
}

#[test]
fn disputed_answers_alone_leave_the_number_uncorrected() {
    let s = project("gate: {accuracy: {at_least: 0.8}}\n");
    s.write("some.jsonl", "{\"case\":\"c1\",\"grader\":\"ana\",\"score\":1}\n{\"case\":\"c2\",\"grader\":\"ana\",\"score\":1}\n");
    s.run(&["grades", "import", "some.jsonl"]).exits(0);
    let line = accuracy(&s);
    assert_eq!((line["basis"].as_str(), line["value"].as_f64()), (Some("judges"), Some(0.9)));
}

#[test]
fn a_second_plan_takes_what_was_graded_as_given_and_adds_to_it() {
    let s = project("gate: {accuracy: {at_least: 0.58}, undecided: undecided}\n");
    s.run(&["plan", "--budget-items", "40"]).exits(0);
    grade_the_queue(&s);
    let undecided = s.run(&["gate"]).exits(3);
    assert!(undecided.stdout.contains("more random grades"), "{}", undecided.stdout);
    let again = s.run(&["plan", "--budget-items", "100", "--format", "json"]).exits(0).json();
    let replay: u64 =
        again["strata"].as_array().unwrap().iter().filter(|x| x["reason"] == "replay").map(|x| x["drawn"].as_u64().unwrap()).sum();
    assert!(replay >= 35, "{again}");
    let queue = s.run(&["queue", "--format", "json"]).exits(0).json();
    let names = |v: &serde_json::Value| {
        v["items"].as_array().unwrap().iter().map(|i| i["case"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let graded: BTreeSet<String> = s
        .read("grades.jsonl")
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()["case"].as_str().unwrap().to_owned())
        .collect();
    assert!(names(&queue).is_disjoint(&graded), "nothing is graded twice");
    grade_the_queue(&s);
    assert_eq!(accuracy(&s)["basis"], "people");
    s.run(&["plan", "--more", "20"]).exits(0);
    let topped = accuracy(&s);
    assert_eq!(topped["basis"], "judges", "what was just drawn has no grade yet: {topped}");
}

#[test]
fn a_plan_needs_a_budget_and_a_finished_run() {
    let s = project("");
    assert!(s.run(&["plan"]).exits(2).stderr.contains("--minutes 120"));
    s.run(&["plan", "--minutes", "0"]).exits(2);
    let dry = s.run(&["plan", "--minutes", "20", "--dry-run", "--format", "json"]).exits(0).json();
    assert_eq!(dry["frozen"], false);
    assert_eq!(s.run(&["audit", "verify", "--format", "json"]).json()["events"], 0);
    let text = s.run(&["plan", "--minutes", "20"]).exits(0).stdout;
    assert!(text.contains("drawn at random") && text.contains("points either way"), "{text}");
}

#[test]
fn every_exit_code_of_a_gate() {
    let s = project("");
    let config = s.read("tribunal.yaml");
    let with = |gate: &str| s.write("tribunal.yaml", format!("{config}gate: {gate}\n"));
    for (gate, args, code) in [
        ("{accuracy: {at_least: 0.8}}", &["gate"][..], 0),
        ("{accuracy: {at_least: 0.95}}", &["gate"], 1),
        ("{accuracy: {at_least: 0.9}}", &["gate"], 3),
        ("{accuracy: {at_least: 0.9}}", &["gate", "--undecided", "pass"], 0),
        ("{accuracy: {at_least: 0.9}}", &["gate", "--undecided", "fail"], 1),
        ("{accuracy: {at_least: 0.9}, undecided: fail}", &["gate"], 1),
        ("{accuracy: {at_least: 0.9}}", &["gate", "--point"], 0),
        ("{accuracy: {at_least: 0.91}}", &["gate", "--point"], 1),
        ("{mean_score: 4.5}", &["gate"], 0),
        ("{groups: {\"risk:medium\": 0.8}}", &["gate"], 0),
        ("{groups: {\"case:c1\": 0.8}}", &["gate"], 3),
        ("{each_case: 1 of 1}", &["gate"], 1),
        ("{must_pass: [\"case:c0\"]}", &["gate"], 1),
        ("{must_pass: [\"case:c1\"]}", &["gate"], 0),
        ("{unscored: 0.0}", &["gate"], 0),
        ("{agreement: 0.5}", &["gate"], 3),
        ("{cost_usd: 0.01}", &["gate"], 0),
        ("{accuracy: {at_least: 1.5}}", &["gate"], 2),
        ("{each_case: 3 of 2}", &["gate"], 2),
        ("{groups: {\"tga:x\": 0.5}}", &["gate"], 2),
        ("{accuracy: {at_least: 0.8}}", &["gate", "nonsense"], 2),
        ("{accuracy: {at_least: 0.8}}", &["run", "--gate", "--fresh", "--reports", "none"], 0),
        ("{accuracy: {at_least: 0.8}}", &["run", "--gate", "--case", "nothing"], 5),
        ("{accuracy: {at_least: 0.8}}", &["run", "--point"], 2),
    ] {
        with(gate);
        let ran = s.run(args);
        assert_eq!(ran.code, Some(code), "{gate} {args:?}\n{}\n{}", ran.stdout, ran.stderr);
    }
    with("{accuracy: {at_least: 0.8}}");
    let db = rusqlite::Connection::open(s.join(".tribunal/tribunal.db")).unwrap();
    db.execute("update runs set status = 'incomplete'", []).unwrap();
    s.run(&["gate"]).exits(4);
    db.execute("update runs set status = 'complete'", []).unwrap();
    s.write("one.csv", "case,grader,score\nc0,ana,5\n");
    s.run(&["grades", "import", "one.csv"]).exits(0);
    db.execute("update designs set body = replace(body, '\"drawn\":', '\"drawn\":1')", []).unwrap();
    assert!(s.run(&["gate"]).exits(6).stderr.contains("design"));
}

#[test]
fn people_outrank_judges_where_a_single_answer_must_pass() {
    let s = project("gate: {must_pass: [\"case:c0\"]}\n");
    s.run(&["gate"]).exits(1);
    s.write("one.csv", "case,grader,score\nc0,ana,5\n");
    s.run(&["grades", "import", "one.csv"]).exits(0);
    s.run(&["gate"]).exits(0);
}

#[test]
fn one_line_for_logs() {
    let s = project("gate: {accuracy: {at_least: 0.8}}\n");
    let line = s.run(&["gate", "--format", "line"]).exits(0).stdout;
    assert_eq!(line.lines().count(), 1);
    assert!(line.starts_with("gate=pass run=") && line.contains("bot/accuracy=90.0%["), "{line}");
}

#[test]
fn a_rerun_of_the_same_version_adds_data_and_is_no_second_chance() {
    let s = project("gate: {accuracy: {at_least: 0.8}}\n");
    let runs = |s: &Sandbox| s.run(&["gate", "--format", "json"]).json()["runs"].as_u64();
    assert_eq!(runs(&s), Some(1), "without a version nothing says that it is the same agent");
    for n in 1..=3 {
        s.run(&["run", "--fresh", "--reports", "none", "--agent-version", "4f2a"]).exits(0);
        assert_eq!(runs(&s), Some(n));
    }
    assert!(s.run(&["gate"]).exits(0).stdout.contains("3 runs of this version of the agent are taken together"));
    s.run(&["run", "--fresh", "--reports", "none", "--agent-version", "5c00"]).exits(0);
    assert_eq!(runs(&s), Some(1), "another version is measured anew");
}
