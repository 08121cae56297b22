//! The main job on recorded data: 640 items, three recorded ballots each, through `replay` agents and judges.

mod support;

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};
use support::{Sandbox, outside};

#[test]
fn agreement_among_recorded_samples_equals_the_independent_computation() {
    let Some(data) = outside("TRIBUNAL_DATA", "data") else { return };
    let baselines: Value = serde_json::from_str(&fs::read_to_string(data.join("baselines.json")).unwrap()).unwrap();
    let want = &baselines["rubric-gpt4x3"]["ALL"];

    let (mut cases, mut answers, mut ballots) = (String::new(), String::new(), String::new());
    cases.push_str("{\"set\": {\"name\": \"rubric\", \"rubric\": \"correctness\"}}\n");
    for line in fs::read_to_string(data.join("rubric-gpt4x3.jsonl")).unwrap().lines() {
        let item: Value = serde_json::from_str(line).unwrap();
        let id = &item["id"];
        writeln!(cases, "{}", json!({"id": id, "question": item["question"], "expected": item["expected"]})).unwrap();
        writeln!(answers, "{}", json!({"id": id, "answer": item["answer"]})).unwrap();
        for b in item["judge"].as_array().unwrap() {
            writeln!(ballots, "{}", json!({"id": id, "judge": b["judge"], "sample": b["sample"], "score": b["score"], "reason": b["raw"]}))
                .unwrap();
        }
    }
    let s = Sandbox::empty();
    s.write("evalsets/rubric.jsonl", cases).write("answers.jsonl", answers).write("ballots.jsonl", ballots);
    s.write(
        "tribunal.yaml",
        "agents:\n  recorded: {kind: replay, file: answers.jsonl}\n\
         judges:\n  gpt4: {kind: replay, file: ballots.jsonl, samples: 3}\n\
         panel: {judges: [gpt4], quorum: 1, max_spread: 1}\n",
    );
    let report = s.run(&["run", "--format", "json"]).exits(0).json();
    let agreement = &report["summary"]["agreement"];
    assert_eq!(agreement["units"], want["items"]);
    let close = |got: &Value, want: &Value, what: &str| {
        let (g, w) = (got.as_f64().unwrap_or(f64::NAN), want.as_f64().unwrap());
        assert!((g - w).abs() < 1e-9, "{what}: {g}, independently {w}");
    };
    close(&agreement["alpha"], &want["alpha_ordinal_samples"], "ordinal alpha");
    close(&agreement["unanimous"], &want["unanimous"], "unanimous");
    close(&agreement["two_or_more_apart"], &want["range_ge_2"], "range of two or more");
    let agent = &report["summary"]["agents"][0];
    assert_eq!(agent["trials"], 640);
    // A range of two or more is what splits a panel whose widest spread is one.
    close(&json!(agent["split"].as_f64().unwrap() / 640.0), &want["range_ge_2"], "split panels");
    assert_eq!(agent["unscored"], 0);
}
