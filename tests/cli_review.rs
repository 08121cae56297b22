//! Reviewing from the command line: blind first, decide, revise, undo, skip, settle; who may, and what is said where nothing can be done.

mod support;

use serde_json::Value;
use support::{Sandbox, disputed};

fn items(s: &Sandbox, args: &[&str]) -> Vec<Value> {
    let all: Vec<&str> = [&["queue", "--format", "json"], args].concat();
    s.run(&all).exits(0).json()["items"].as_array().unwrap().clone()
}

fn decide(s: &Sandbox, item: &str, score: &str, who: &str) -> String {
    s.run(&["review", "decide", item, "--score", score, "--as", who]).exits(0).stdout.trim().to_owned()
}

#[test]
fn an_item_is_shown_blind_until_its_own_decision_and_with_the_other_side_after_it() {
    let s = disputed(3, "medium");
    for args in [&["review", "show", "c1", "--as", "ana"][..], &["review", "show", "c1", "--as", "ana", "--format", "json"]] {
        let blind = s.run(args).exits(0);
        let all = blind.stdout + &blind.stderr;
        assert!(all.contains("question 1") && !all.contains("PLANTED") && !all.contains("split"), "{all}");
    }
    let json = s.run(&["review", "show", "c1", "--as", "ana", "--format", "json"]).exits(0).json();
    assert_eq!((json["stage"].as_str(), json["reveal"].is_null()), (Some("blind"), true));
    let id = decide(&s, "c1", "2", "ana");
    assert!(id.starts_with("d-"), "{id}");
    let open = s.run(&["review", "show", "c1", "--as", "ana"]).exits(0).stdout;
    assert!(open.contains("PLANTED-REASON-hard-1") && open.contains("YOU GAVE   2"), "{open}");
    let other = s.run(&["review", "show", "c1", "--as", "bo"]).exits(0).stdout;
    assert!(!other.contains("PLANTED"), "only for who has decided");
}

#[test]
fn a_decision_takes_the_item_off_the_queue_and_undo_puts_it_back() {
    let s = disputed(3, "medium");
    assert_eq!(items(&s, &[]).len(), 3);
    let id = decide(&s, "c0", "4", "ana");
    assert_eq!((items(&s, &[]).len(), items(&s, &["--state", "agreed"]).len()), (2, 1));
    assert_eq!(items(&s, &["--by", "ana"])[0]["state"]["score"], 4);
    let again = s.run(&["review", "decide", "c0", "--score", "1", "--as", "ana"]).exits(2);
    assert!(again.stderr.contains("after you") || again.stderr.contains("agreed"), "{}", again.stderr);
    s.run(&["review", "undo", &id, "--as", "bo"]).exits(2);
    s.run(&["review", "undo", &id, "--as", "ana"]).exits(0);
    assert_eq!(items(&s, &[]).len(), 3);
    s.run(&["review", "undo", "--as", "ana"]).exits(2);
    // What comes after an undo is no longer blind.
    let json = s.run(&["review", "decide", "c0", "--score", "1", "--as", "ana", "--format", "json"]).exits(0).json();
    assert_eq!(json["blind"], false);
}

#[test]
fn rulings_take_their_text_and_say_what_is_missing() {
    let s = disputed(8, "medium");
    let run = |args: &[&str]| s.run(&[&["review", "decide"], args, &["--as", "ana"]].concat());
    run(&["c0", "--expected", "thirty days"]).exits(0);
    run(&["c1", "--accept", "--score", "5", "--chip", "complete"]).exits(0);
    run(&["c2", "--ambiguous"]).exits(0);
    run(&["c3", "--flaky", "5", "--score", "3"]).exits(0);
    run(&["c4", "--no-single-answer", "3-4"]).exits(0);
    run(&["c5", "--retire", "the policy is gone", "--note", "see wiki"]).exits(0);
    for (args, want) in [
        (&["c6"][..], "choose a score"),
        (&["c6", "--accept"], "choose a score as well"),
        (&["c6", "--score", "7"], "7 is no score"),
        (&["c6", "--score", "3", "--chip", "meh"], "is no reason"),
        (&["c6", "--no-single-answer", "4"], "no range"),
        (&["nope", "--score", "3"], "has no item `nope`"),
    ] {
        let ran = run(args).exits(2);
        assert!(ran.stderr.contains(want), "{want}: {}", ran.stderr);
    }
    assert_eq!(items(&s, &[]).len(), 2, "nothing else was decided");
}

#[test]
fn a_revision_keeps_the_blind_score_beside_it() {
    let s = disputed(1, "medium");
    let id = decide(&s, "c0", "2", "ana");
    s.run(&["review", "revise", &id, "--score", "4", "--why", " ", "--as", "ana"]).exits(2);
    s.run(&["review", "revise", &id, "--score", "4", "--why", "x", "--as", "bo"]).exits(2);
    s.run(&["review", "revise", &id, "--score", "4", "--why", "the judge is right", "--as", "ana"]).exits(0);
    let json = s.run(&["review", "show", "c0", "--as", "ana", "--format", "json"]).exits(0).json();
    assert_eq!((json["reveal"]["given"].as_u64(), json["reveal"]["revised"].as_u64()), (Some(2), Some(4)));
}

#[test]
fn two_who_differ_are_settled_by_a_third_who_scores_blind_first() {
    let s = disputed(1, "high");
    decide(&s, "c0", "5", "ana");
    assert_eq!(items(&s, &[])[0]["state"]["state"], "graded");
    decide(&s, "c0", "1", "bo");
    assert_eq!(items(&s, &["--state", "conflicted"]).len(), 1);
    let early = s.run(&["review", "settle", "c0", "--score", "2", "--cause", "slip", "--as", "cy"]).exits(2);
    assert!(early.stderr.contains("scored the item blind"), "{}", early.stderr);
    decide(&s, "c0", "2", "cy");
    let shown = s.run(&["review", "show", "c0", "--as", "cy", "--format", "json"]).exits(0);
    assert_eq!(shown.json()["reveal"]["others"].as_array().unwrap().len(), 2);
    assert!(!shown.stdout.contains("\"bo\""), "unnamed");
    s.run(&["review", "settle", "c0", "--score", "2", "--cause", "slip", "--as", "cy"]).exits(0);
    assert_eq!(items(&s, &["--state", "adjudicated"])[0]["state"]["score"], 2);
}

#[test]
fn a_skip_is_for_others_and_an_assignment_for_one() {
    let s = disputed(2, "medium");
    s.run(&["review", "skip", "c0", "--why", "boring", "--as", "ana"]).exits(2);
    s.run(&["review", "skip", "c0", "--why", "not_my_field", "--as", "ana"]).exits(0);
    assert_eq!(items(&s, &["--state", "deferred"]).len(), 1);
    let mine = s.run(&["review", "decide", "c0", "--score", "3", "--as", "ana"]).exits(2);
    assert!(mine.stderr.contains("passed on by you"), "{}", mine.stderr);
    s.run(&["assign", "c1", "bo", "--as", "lead"]).exits(0);
    let not = s.run(&["review", "decide", "c1", "--score", "3", "--as", "ana"]).exits(2);
    assert!(not.stderr.contains("given to bo"), "{}", not.stderr);
    decide(&s, "c1", "3", "bo");
}

#[test]
fn an_engineer_disputes_a_verdict_and_the_answer_joins_the_queue_first() {
    let s = disputed(1, "medium");
    // `sure` is a case on which both judges agree.
    assert_eq!(items(&s, &["--trigger", "disputed"]).len(), 0);
    s.run(&["dispute", "last", "nope", "--why", "x", "--as", "eng"]).exits(2);
    s.run(&["dispute", "last", "sure0", "--why", "it is wrong", "--as", "eng"]).exits(0);
    s.run(&["dispute", "last", "sure0", "--why", "it is wrong", "--as", "eng"]).exits(0);
    let found = items(&s, &["--trigger", "disputed"]);
    assert_eq!((found.len(), found[0]["case"].as_str(), found[0]["wanted"].as_u64()), (1, Some("sure0"), Some(2)));
    assert_eq!(items(&s, &[])[0]["case"], "sure0");
}

#[test]
fn complaints_from_production_dispute_the_same_question_and_strangers_are_listed() {
    let s = disputed(1, "medium");
    s.write(
        "voices.csv",
        "question,thumb,comment\nSURE  question 1,down,it is wrong\nsure question 2,up,\nWho are you?,down,\u{1b}[31mrude\n",
    );
    let ran = s.run(&["feedback", "import", "voices.csv", "--as", "ops"]).exits(0);
    assert!(ran.stderr.contains("1 disputed an answer") && ran.stdout.contains("line 4: Who are you?"), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(items(&s, &["--trigger", "disputed"])[0]["case"], "sure1");
    let again = s.run(&["feedback", "import", "voices.csv", "--as", "ops"]).exits(0);
    assert!(again.stderr.contains("0 disputed") && again.stderr.contains("1 were there already"), "{}", again.stderr);
}

#[test]
fn without_a_terminal_the_commands_are_printed_and_without_a_name_it_is_asked_for() {
    let s = disputed(1, "medium");
    let ran = s.run(&["review"]).exits(0);
    assert!(ran.stdout.contains("tribunal review decide ITEM"), "{}", ran.stdout);
    let nobody = s.run(&["review", "show", "c0"]).exits(2);
    assert!(nobody.stderr.contains("--as NAME"), "{}", nobody.stderr);
    let me = s.run_with(&["review", "decide", "c0", "--score", "3", "--format", "json"], &[("USER", "Ana B\u{200b}")]).exits(0).json();
    assert_eq!(me["by"], "ana-b");
    let why = s.run(&["review", "--only", "trigger:split_panel", "--plain", "--as", "ana"]).exits(2);
    assert!(why.stderr.contains("would tell a grader"), "{}", why.stderr);
}

/// Line by line, with the lines on stdin.
fn plain(s: &Sandbox, lines: &str) -> String {
    use std::io::Write;
    let mut c = s.command(&["review", "--plain", "--as", "ana"]);
    c.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = c.spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn line_by_line_an_empty_line_decides_nothing_until_a_score_is_chosen() {
    let s = disputed(2, "medium");
    let out = plain(&s, "\n\n?\nxyz\nq\n");
    assert!(out.contains("choose a score from 1 to 5") && !out.contains("PLANTED"), "{out}");
    assert_eq!(items(&s, &[]).len(), 2);
    let out = plain(&s, "4\nc half right\nq\n");
    assert!(!out.contains("PLANTED"), "{out}");
    // Where it was left, with what was entered.
    let out = plain(&s, "\n\nx expected_wrong the right one\n\n\nq\n");
    assert!(out.contains("choice: 4") && out.contains("note: half right") && out.contains("PLANTED"), "{out}");
    assert_eq!(items(&s, &[]).len(), 0, "{out}");
}

#[test]
fn hostile_answers_are_marks_and_never_escapes() {
    let s = disputed(1, "medium");
    s.write("answers.jsonl", s.read("answers.jsonl").replace("answer 0", "\\u001b]0;title\\u0007\\u202eevil\\u200b ::error::x"));
    s.run(&["run", "--fresh"]).exits(0);
    let shown = s.run(&["review", "show", "c0", "--as", "ana"]).exits(0).stdout;
    assert!(shown.contains("[ESC]]0;title[U+0007][U+202E]evil[U+200B]"), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'));
}

/// A page's data, as a browser would read it.
fn parcel(page: &str) -> Value {
    let begin = page.find("id=\"data\"").unwrap();
    let json = &page[begin..];
    let json = &json[json.find('>').unwrap() + 1..json.find("</script>").unwrap()];
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_page_goes_out_blind_and_its_decisions_are_taken_once_and_each_fate_is_named() {
    let s = disputed(5, "medium");
    s.run(&["review", "export", "--for", "ana", "--n", "4", "--out", "ana.html"]).exits(0);
    let page = s.read("ana.html");
    assert!(!page.contains("PLANTED") && !page.contains("split_panel"));
    let parcel = parcel(&page);
    let out = parcel["items"].as_array().unwrap();
    assert_eq!(out.len(), 4);
    let held = items(&s, &["--state", "claimed"]);
    assert_eq!((held.len(), held[0]["held"][0].as_str()), (4, Some("ana")));
    let none = s.run(&["review", "decide", out[0]["case"].as_str().unwrap(), "--score", "3", "--as", "bo"]).exits(2);
    assert!(none.stderr.contains("held by others until"), "{}", none.stderr);
    // One of them ana decides at a terminal in the meantime; one line names an item that nobody has.
    decide(&s, out[3]["case"].as_str().unwrap(), "1", "ana");
    let mut decisions: Vec<Value> = [2, 4, 5, 5]
        .iter()
        .zip(out)
        .map(|(score, i)| serde_json::json!({"id": i["id"], "item": i["item"], "score": score, "chip": null, "note": "", "seconds": 9, "ruling": null}))
        .collect();
    decisions.push(serde_json::json!({"id": "d-x", "item": "0".repeat(64), "score": 3}));
    decisions.push(serde_json::json!({"id": "d-y", "item": out[0]["item"]}));
    let back = serde_json::json!({"tribunal_decisions": 1, "run": parcel["run"], "by": "ana", "decisions": decisions});
    s.write("back.json", back.to_string());
    let taken = s.run(&["review", "import", "back.json"]).exits(0);
    assert!(taken.stderr.contains("3 applied, 1 conflict, 1 stale, 1 unfinished"), "{}{}", taken.stdout, taken.stderr);
    let again = s.run(&["review", "import", "back.json"]).exits(0);
    assert!(again.stderr.contains("3 duplicate, 1 conflict, 1 stale, 1 unfinished"), "{}{}", again.stdout, again.stderr);
    assert_eq!(items(&s, &["--state", "done"]).len(), 4);
    // Nothing is written over.
    s.run(&["review", "export", "--for", "ana", "--out", "ana.html"]).exits(4);
}

#[test]
fn a_sheet_goes_out_and_comes_back_filled() {
    let s = disputed(2, "medium");
    s.run(&["review", "export", "--for", "bo", "--out", "bo.csv"]).exits(0);
    let mut reader = csv::Reader::from_reader(s.read("bo.csv").into_bytes().leak() as &[u8]);
    let mut filled = csv::Writer::from_writer(vec![]);
    filled.write_record(reader.headers().unwrap()).unwrap();
    for (n, row) in reader.records().enumerate() {
        let mut row: Vec<String> = row.unwrap().iter().map(str::to_owned).collect();
        if n == 0 {
            row[9] = "4".into();
            row[10] = "complete".into();
        }
        filled.write_record(&row).unwrap();
    }
    s.write("filled.csv", filled.into_inner().unwrap());
    s.run(&["review", "import", "filled.csv"]).exits(2);
    let taken = s.run(&["review", "import", "filled.csv", "--from", "bo"]).exits(0);
    assert!(taken.stderr.contains("1 by bo: 1 applied"), "{}", taken.stderr);
    assert_eq!(items(&s, &["--state", "done"])[0]["state"]["score"], 4);
}

#[test]
fn an_item_whose_case_has_changed_since_is_withdrawn() {
    let s = disputed(2, "medium");
    s.write(
        "evalsets/demo.yaml",
        s.read("evalsets/demo.yaml").replace("question: question 0, expected: right", "question: question 0, expected: other"),
    );
    assert_eq!((items(&s, &[]).len(), items(&s, &["--state", "withdrawn"]).len()), (1, 1));
    let ran = s.run(&["review", "decide", "c0", "--score", "3", "--as", "ana"]).exits(2);
    assert!(ran.stderr.contains("withdrawn"), "{}", ran.stderr);
    // A set that cannot be read withdraws nothing, and that is said.
    s.write("evalsets/demo.yaml", "name: demo\nrubric: [");
    let ran = s.run(&["queue"]).exits(0);
    assert!(ran.stderr.contains("nothing is withdrawn"), "{}", ran.stderr);
}
