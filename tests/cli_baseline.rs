//! A run compared with an earlier one: the comparison is remembered, and notices that the measure changed.

mod support;

use support::Sandbox;

fn compared() -> (Sandbox, String) {
    let s = Sandbox::small();
    let config = s.read("tribunal.yaml");
    s.write("tribunal.yaml", format!("{config}gate: {{must_pass: [\"case:fr\"], accuracy: {{max_drop: 0.5}}}}\n"));
    s.run(&["run"]).exits(0);
    let id = s.run(&["runs", "--format", "json"]).exits(0).json()["runs"][0]["id"].as_str().unwrap().to_owned();
    (s, id)
}

#[test]
fn a_report_made_later_keeps_the_comparison_that_the_run_printed() {
    let (s, before) = compared();
    let printed = s.run(&["run", "--gate", "--baseline", &before]).exits(0).stdout;
    assert!(printed.contains("accuracy drop") && !printed.contains("not tested"), "{printed}");
    let md = |s: &Sandbox| s.run(&["report", "last", "--format", "md", "--out", "-"]).exits(0).stdout;
    let later = md(&s);
    assert!(later.contains("accuracy drop") && !later.contains("not tested"), "{later}");
    // Without the baseline nobody can say it.
    let there = Sandbox::empty();
    there.write("tribunal.yaml", s.read("tribunal.yaml")).write("answers.jsonl", s.read("answers.jsonl"));
    there.write("run.jsonl", s.run(&["export", "last"]).exits(0).stdout);
    there.run(&["import", "run.jsonl"]).exits(0);
    assert!(md(&there).contains("not tested"));
    // A run that was compared with nothing does not inherit a comparison.
    s.run(&["run", "--gate"]).exits(0);
    assert!(md(&s).contains("not tested"));
    s.run(&["judge", &before]).exits(0);
    assert!(md(&s).contains("not tested"));
}

#[test]
fn a_cascade_with_another_threshold_cannot_be_compared() {
    let (s, _) = compared();
    let config = s.read("tribunal.yaml").replace(
        "lexical: {kind: lexical}\n",
        "lexical: {kind: lexical, settles_alone_at: 0.6}\n  facts: {kind: facts}\npanel: {cascade: [lexical, facts]}\n",
    );
    s.write("tribunal.yaml", &config);
    s.run(&["run"]);
    let said = s.run(&["run", "--gate", "--baseline", "last"]).stdout;
    assert!(!said.contains("settles alone"), "{said}");
    s.write("tribunal.yaml", config.replace("0.6", "0.95"));
    let said = s.run(&["run", "--gate", "--baseline", "last"]).stdout;
    assert!(said.contains("where judge lexical settles alone") || said.contains("where judge `lexical` settles alone"), "{said}");
}
