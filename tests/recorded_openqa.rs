//! 1,490 answers with recorded verdicts of three judges and grades of people, replayed through the real binary; the numbers equal an
//! independent computation.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use support::{Sandbox, outside};
use tribunal::stats::estimate::{ppi, rogan_gladen};

struct Item {
    line: Value,
    gold: bool,
    gpt4: Option<bool>,
}

fn items(data: &Path) -> Vec<Item> {
    let text = fs::read_to_string(data.join("openqa-nq301.jsonl")).unwrap();
    text.lines()
        .map(|l| {
            let line: Value = serde_json::from_str(l).unwrap();
            let gpt4 = line["judge"].as_array().unwrap().iter().find(|j| j["judge"] == "gpt-4").unwrap()["score"].as_u64().map(|s| s == 1);
            Item { gold: line["gold"] == 1, gpt4, line }
        })
        .collect()
}

fn on_scale(pass: bool) -> u8 {
    if pass { 5 } else { 1 }
}

fn close(got: &Value, want: &Value, what: &str) {
    let (g, w) = (got.as_f64().unwrap_or(f64::NAN), want.as_f64().unwrap());
    assert!((g - w).abs() < 5e-5, "{what}: {g}, independently {w}");
}

fn project(items: &[Item]) -> Sandbox {
    let (mut cases, mut answers, mut ballots, mut grades) = (String::new(), String::new(), String::new(), String::new());
    for Item { line, .. } in items {
        let id = &line["id"];
        let expected: Vec<&str> = line["expected"].as_str().unwrap().split(" | ").collect();
        writeln!(cases, "{}", json!({"id": id, "question": line["question"], "expected": expected[0], "accept": expected[1..]})).unwrap();
        writeln!(answers, "{}", json!({"id": id, "answer": line["answer"]})).unwrap();
        for j in line["judge"].as_array().unwrap() {
            let mut ballot = json!({"id": id, "judge": j["judge"], "sample": 0, "reason": j["raw"]});
            match j["score"].as_u64() {
                Some(s) => ballot["score"] = json!(on_scale(s == 1)),
                None => ballot["failure"] = json!("unreadable"),
            }
            writeln!(ballots, "{ballot}").unwrap();
        }
        let human = line["human"].as_array().unwrap();
        let of = |rater: &str| human.iter().find(|h| h["rater"] == rater).map(|h| h["score"] == 1);
        let differ = of("annotator1") != of("annotator2");
        // The third person decides where the first two differ; where they agree the majority is theirs.
        for h in human.iter().filter(|h| h["rater"] != "annotator3" || differ) {
            let seat = if h["rater"] == "annotator3" { "adjudicator" } else { "grader" };
            let score = on_scale(h["score"] == 1);
            writeln!(grades, "{}", json!({"case": id, "grader": h["rater"], "score": score, "seat": seat})).unwrap();
        }
    }
    let s = Sandbox::empty();
    s.write("evalsets/nq.jsonl", cases).write("answers.jsonl", answers).write("ballots.jsonl", ballots).write("grades.jsonl", grades);
    s.write(
        "tribunal.yaml",
        "agents:\n  pooled: {kind: replay, file: answers.jsonl}\n\
         judges:\n  gpt-4: {kind: replay, file: ballots.jsonl, judge: gpt-4}\n\
         \x20 davinci: {kind: replay, file: ballots.jsonl, judge: text-davinci-003}\n\
         \x20 bem: {kind: replay, file: ballots.jsonl, judge: BEM}\n\
         panel: {judges: [gpt-4, davinci, bem], quorum: 3, max_spread: 4}\n",
    );
    s
}

#[test]
fn people_and_judges_agree_as_an_independent_computation_says() {
    let Some(data) = outside("TRIBUNAL_DATA", "data") else { return };
    let baselines: Value = serde_json::from_str(&fs::read_to_string(data.join("baselines.json")).unwrap()).unwrap();
    let want = &baselines["openqa-nq301"];
    let items = items(&data);
    let s = project(&items);
    s.run(&["run", "--reports", "none"]).exits(0);
    s.run(&["grades", "import", "grades.jsonl"]).exits(0);
    let report = s.run(&["show", "--format", "json"]).exits(0).json();
    let people = &report["honest"]["people"];
    // Grades are 1 or 5: with two values ordinal alpha is nominal alpha, and quadratic kappa plain kappa.
    close(&people["alpha"], &want["alpha_nominal_annotators_1_2"], "alpha between annotators 1 and 2");
    let judge = |name: Value| people["judges"].as_array().unwrap().iter().find(|j| j["judge"] == name).unwrap()["on_graded"].clone();
    for (name, key) in [("gpt-4", "gpt-4"), ("davinci", "text-davinci-003"), ("bem", "BEM")] {
        let (got, want) = (judge(json!(name)), &want["judges_vs_gold"][key]);
        assert_eq!(got["answers"], want["n"], "{name}");
        close(&got["exact"], &want["accuracy"], name);
        close(&got["quadratic_kappa"], &want["kappa"], name);
    }
    // The panel's median over the answers that all three scored is their majority.
    let (mut hits, mut n) = (0_u32, 0_u32);
    let scored = |r: &&Value| r["ballots"].as_array().unwrap().iter().all(|b| b["score"].is_u64());
    for row in report["cases"].as_array().unwrap().iter().filter(scored) {
        let gold = items.iter().find(|i| i.line["id"] == row["case"]).unwrap().gold;
        hits += u32::from((row["median"] == 5) == gold);
        n += 1;
    }
    assert_eq!(json!(n), want["panel_majority_of_3_vs_gold"]["n"]);
    close(&json!(f64::from(hits) / f64::from(n)), &want["panel_majority_of_3_vs_gold"]["accuracy"], "majority of three");
    // Everything drawn is graded and so is everything else: the whole truth is known, and the estimate says so.
    let rate = &report["honest"]["agents"][0]["pass_rate"];
    let truth = want["gold_positive"].as_f64().unwrap() / want["n"].as_f64().unwrap();
    let (low, high) = (rate["interval"][0].as_f64().unwrap(), rate["interval"][1].as_f64().unwrap());
    assert!(low < truth && truth < high, "{low} to {high} misses {truth}");
}

#[test]
fn other_estimators_of_the_accuracy_equal_an_independent_computation() {
    let Some(data) = outside("TRIBUNAL_DATA", "data") else { return };
    let baselines: Value = serde_json::from_str(&fs::read_to_string(data.join("baselines.json")).unwrap()).unwrap();
    let want = &baselines["openqa-nq301"]["estimate_of_accuracy_first_300_labelled"];
    let pairs: Vec<(bool, bool)> = items(&data).iter().filter_map(|i| Some((i.gold, i.gpt4?))).collect();
    let number = |b: bool| f64::from(u8::from(b));
    let (labelled, rest) = pairs.split_at(300);
    let y: Vec<f64> = labelled.iter().map(|p| number(p.0)).collect();
    let f: Vec<f64> = labelled.iter().map(|p| number(p.1)).collect();
    let unlabelled: Vec<f64> = rest.iter().map(|p| number(p.1)).collect();
    let got = ppi::ppi(&y, &f, &unlabelled).unwrap().untuned;
    close(&json!(got.estimate), &want["ppi"]["mean"], "PPI");
    close(&json!(got.error), &want["ppi"]["se"], "standard error of PPI");
    let count = |people: bool, judge: bool| labelled.iter().filter(|p| **p == (people, judge)).count() as u64;
    let passes = rest.iter().filter(|p| p.1).count() as u64;
    let rates = rogan_gladen::JudgeRates::from_counts(
        passes,
        rest.len() as u64,
        count(false, false),
        count(false, true),
        count(true, false),
        count(true, true),
    );
    close(&json!(rates.estimate().unwrap()), &want["rogan_gladen"]["mean"], "Rogan-Gladen");
}
