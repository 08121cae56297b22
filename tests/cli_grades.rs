//! `grades` and `audit` through the real binary.

#[path = "support/mod.rs"]
mod support;

use support::Sandbox;

fn graded() -> Sandbox {
    let s = Sandbox::small();
    s.run(&["run", "--reports", "none"]).exits(0);
    s.write("grades.csv", "case,grader,score,note\nfr,ana,5,\nde,ana,1,she lives in Berlin\n");
    s.run(&["grades", "import", "grades.csv"]).exits(0);
    s
}

#[test]
fn grades_come_in_once_and_go_out_with_who_gave_them() {
    let s = graded();
    let again = s.run(&["grades", "import", "grades.csv"]).exits(0);
    assert!(again.stderr.contains("0 grades came in") && again.stderr.contains("2 were there already"), "{}", again.stderr);
    let out = s.run(&["grades", "export"]).exits(0).stdout;
    let lines: Vec<serde_json::Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[1]["case"].as_str(), lines[1]["grader"].as_str(), lines[1]["score"].as_u64()), (Some("de"), Some("ana"), Some(1)));
    assert_eq!(lines[1]["note"], "she lives in Berlin");
}

#[test]
fn an_unchanged_answer_keeps_its_grade_in_the_next_run() {
    let s = graded();
    s.run(&["run", "--fresh", "--reports", "none"]).exits(0);
    let out = s.run(&["grades", "export"]).exits(0).stdout;
    assert_eq!(out.lines().filter(|l| l.contains("\"carried\":true")).count(), 2, "{out}");
}

#[test]
fn every_line_that_does_not_fit_is_told_and_nothing_is_stored() {
    let s = Sandbox::small();
    s.run(&["run", "--reports", "none"]).exits(0);
    s.write("bad.jsonl", "{\"case\":\"fr\",\"grader\":\"ana\",\"score\":5}\n{\"case\":\"xx\",\"grader\":\"ana\",\"score\":5}\n{\"case\":\"fr\",\"grader\":\"ana\",\"score\":4}\n");
    let e = s.run(&["grades", "import", "bad.jsonl"]).exits(2).stderr;
    assert!(e.contains("bad.jsonl:2: the run has no such answer to case `xx`"), "{e}");
    assert!(e.contains("bad.jsonl:3: line 1 has another score of ana"), "{e}");
    assert!(s.run(&["grades", "export"]).exits(0).stdout.is_empty());
    s.write("off.jsonl", "{\"case\":\"fr\",\"grader\":\"ana\",\"score\":9}\n");
    assert!(s.run(&["grades", "import", "off.jsonl"]).exits(2).stderr.contains("off.jsonl:1: score 9 is off the scale"));
}

#[test]
fn another_score_of_the_same_person_is_a_fault_and_not_a_second_grade() {
    let s = graded();
    s.write("other.csv", "case,grader,score\nfr,ana,2\n");
    let e = s.run(&["grades", "import", "other.csv"]).exits(2).stderr;
    assert!(e.contains("other.csv:2: ana has graded this answer 5 already"), "{e}");
}

#[test]
fn the_log_holds_until_somebody_edits_it() {
    let s = graded();
    let ok = s.run(&["audit", "verify", "--format", "json"]).exits(0).json();
    assert_eq!((ok["holds"].as_bool(), ok["events"].as_u64()), (Some(true), Some(2)));
    let head = ok["head"].as_str().unwrap().to_owned();
    s.run(&["audit", "verify", "--head", &head]).exits(0);
    let db = rusqlite::Connection::open(s.join(".tribunal/tribunal.db")).unwrap();
    db.execute("delete from log where position = 1", []).unwrap();
    let e = s.run(&["audit", "verify", "--head", &head]).exits(6).stderr;
    assert!(e.contains("its tail was cut or rewritten"), "{e}");
    db.execute("update log set body = replace(body, '\"score\":5', '\"score\":4')", []).unwrap();
    let e = s.run(&["audit", "verify"]).exits(6).stderr;
    assert!(e.contains("event 0 was edited"), "{e}");
    s.run(&["grades", "export"]).exits(6);
    s.run(&["audit", "verify", "--head", "nonsense"]).exits(2);
}

#[test]
fn an_erased_note_is_gone_and_the_chain_holds() {
    let s = graded();
    let out = s.run(&["grades", "export"]).stdout;
    let line: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    let id = line["decision"].as_str().unwrap();
    s.run(&["audit", "erase", "--of", id, "--as", "lead"]).exits(0);
    assert!(!s.run(&["grades", "export"]).exits(0).stdout.contains("Berlin"));
    let ok = s.run(&["audit", "verify", "--format", "json"]).exits(0).json();
    assert_eq!((ok["events"].as_u64(), ok["erased"].as_u64(), ok["texts"].as_u64()), (Some(3), Some(1), Some(0)));
    s.run(&["audit", "erase", "--of", "d-none", "--as", "lead"]).exits(2);
    for file in std::fs::read_dir(s.join(".tribunal")).unwrap().map(|f| f.unwrap().path()).filter(|p| p.is_file()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(20).any(|w| w.starts_with(b"she lives in Berlin")), "{}", file.display());
    }
}
