//! Two runs compared through the real binary; pictures, a report against a baseline, and what a GitHub job gets.

#[path = "support/mod.rs"]
mod support;

use std::fmt::Write as _;

use support::Sandbox;

const CASES: u32 = 40;

/// Answers that are right where `right` says so.
fn answers(right: impl Fn(u32) -> bool) -> String {
    (0..CASES).fold(String::new(), |mut all, i| {
        let answer = if right(i) { format!("The code is {}.", 4_000 + 7 * i) } else { format!("The code is {}.", 90_000 + i) };
        writeln!(all, "{{\"id\":\"c{i}\",\"answer\":\"{answer}\"}}").unwrap();
        all
    })
}

/// A project with two runs: the second breaks cases 0 to 9 and fixes 30 to 33. Case 39 was edited in between.
fn project() -> (Sandbox, String, String) {
    let s = Sandbox::empty();
    s.write(
        "tribunal.yaml",
        "agents:\n  bot: {kind: replay, file: answers.jsonl}\njudges:\n  lexical: {kind: lexical}\nsets: [evalsets]\n",
    );
    let set = |edited: &str| {
        (0..CASES).fold("{\"set\":{\"name\":\"codes\",\"rubric\":\"correctness\"}}\n".to_owned(), |mut all, i| {
            let question = format!("What is the code of room {i}?{}", if i == 39 { edited } else { "" });
            let tag = if i < 25 { "low" } else { "high" };
            writeln!(all, "{{\"id\":\"c{i}\",\"question\":\"{question}\",\"expected\":\"{}\",\"tags\":[\"{tag}\"]}}", 4_000 + 7 * i)
                .unwrap();
            all
        })
    };
    let run = |s: &Sandbox| {
        s.run(&["run", "--fresh", "--reports", "none", "--format", "json"]).exits(0).json()["run"]["id"].as_str().unwrap().to_owned()
    };
    s.write("evalsets/codes.jsonl", set("")).write("answers.jsonl", answers(|i| !(30..34).contains(&i)));
    let a = run(&s);
    s.write("evalsets/codes.jsonl", set(" Please.")).write("answers.jsonl", answers(|i| i >= 10));
    let b = run(&s);
    (s, a, b)
}

#[test]
fn what_broke_and_what_was_fixed_is_counted_and_shown() {
    let (s, a, b) = project();
    let text = s.run(&["compare", &a, &b]).exits(0).stdout;
    for needed in [
        "judges only, uncorrected",
        "McNemar's exact test",
        "worse in B: 10 cases",
        "better in B: 4 cases",
        "set codes was edited",
        "too few",
    ] {
        assert!(text.contains(needed), "{needed}\n{text}");
    }
    let json = s.run(&["compare", &a, &b, "--format", "json"]).exits(0).json();
    let agent = &json["comparisons"][0]["agents"][0];
    assert_eq!((agent["compared"].as_u64(), agent["only_a"].as_u64(), agent["only_b"].as_u64()), (Some(39), Some(1), Some(1)), "{agent}");
    assert_eq!((agent["better"].as_u64(), agent["worse"].as_u64(), agent["same_answers"].as_u64()), (Some(4), Some(10), Some(25)));
    assert_eq!(agent["pass_rate"]["mcnemar"], serde_json::json!([25, 10, 4, 0]));
    let low = agent["tags"].as_array().unwrap().iter().find(|t| t["tag"] == "low").unwrap();
    assert_eq!((low["says"].as_str(), low["cases"].as_u64()), (Some("look here"), Some(25)));
    assert_eq!(agent["changes"].as_array().unwrap().len(), 14);
    assert_eq!((agent["changes"][0]["change"].as_str(), agent["changes"][0]["a"]["state"].as_str()), (Some("broken"), Some("pass")));
    let back = s.run(&["compare", &b, &a, "--format", "json"]).exits(0).json();
    assert_eq!(back["comparisons"][0]["agents"][0]["better"].as_u64(), Some(10), "the other way round");
}

#[test]
fn runs_that_were_judged_differently_are_refused_or_marked() {
    let (s, a, b) = project();
    s.run(&["compare", &a, &a]).exits(2);
    s.run(&["compare", &a]).exits(2);
    let config = s.read("tribunal.yaml");
    s.write("tribunal.yaml", format!("{config}panel: {{judges: [lexical], max_spread: 3}}\n"));
    s.run(&["run", "--fresh", "--reports", "none"]).exits(0);
    let refused = s.run(&["compare", &a, "last"]).exits(2);
    assert!(refused.stderr.contains("the panel's policy") && refused.stderr.contains("--allow-different"), "{}", refused.stderr);
    let allowed = s.run(&["compare", &a, &b, "last", "--allow-different", "--format", "json"]).exits(0);
    assert!(allowed.stderr.contains("judged differently: the panel's policy"));
    let json = allowed.json();
    assert_eq!(json["comparisons"][0]["judged_differently"].as_array().unwrap().len(), 0);
    assert_eq!(json["comparisons"][1]["judged_differently"][0], "the panel's policy");
}

#[test]
fn a_comparison_is_written_to_a_file_whole() {
    let (s, a, b) = project();
    let ran = s.run(&["compare", &a, &b, "--format", "html", "--out", "compare.html"]).exits(0);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("compare.html"));
    let page = s.read("compare.html");
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>") && !page.contains("<script"));
    let md = s.run(&["compare", &a, &b, "--format", "md"]).exits(0).stdout;
    assert!(md.starts_with("## tribunal: ") && md.contains("| pass rate, judges only, uncorrected |"), "{md}");
    s.run(&["compare", &a, &b, "--out", "no/such/folder/x.html"]).exits(2);
}

#[test]
fn the_report_of_a_run_shows_the_baseline_and_the_runs_before_it() {
    let (s, a, b) = project();
    let html = s.run(&["report", &b, "--baseline", &a, "--format", "html", "--out", "-"]).exits(0).stdout;
    for needed in ["Against the baseline", "What changed, case by case", "Over runs", "other cases", "this run"] {
        assert!(html.contains(needed), "{needed}");
    }
    let md = s.run(&["report", &b, "--baseline", &a, "--format", "md", "--out", "-"]).exits(0).stdout;
    assert!(md.contains("Against the baseline"));
    s.run(&["report", &b, "--baseline", &b]).exits(2);
    s.run(&["plan", &b, "--budget-items", "10"]).exits(0);
    s.write("g.csv", "case,grader,score\nc0,ana,1\nc1,ana,5\nc20,ana,5\n");
    s.run(&["grades", "import", "g.csv", "--run", &b]).exits(0);
    let html = s.run(&["report", &b, "--format", "html", "--out", "-"]).exits(0).stdout;
    for needed in ["Review load", "Who was wrong", "the agent", "the judges"] {
        assert!(html.contains(needed), "{needed}");
    }
}

#[test]
fn pictures_are_files_of_their_own() {
    let (s, _, b) = project();
    s.run(&["plot", &b, "--out", "pictures"]).exits(0);
    for name in ["scores", "tags", "latency", "pass-rate"] {
        let svg = s.read(&format!("pictures/{name}.svg"));
        let doc = roxmltree::Document::parse(&svg).unwrap();
        assert!(doc.descendants().any(|n| n.has_tag_name("text")), "{name}: text is text");
    }
}

#[test]
fn a_github_job_gets_a_summary_and_a_few_annotations() {
    let (s, _, b) = project();
    s.write("summary.md", "before\n");
    let summary = s.join("summary.md");
    let env = [("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())];
    let ran = s.run_with(&["report", &b, "--github", "--format", "junit"], &env).exits(0);
    let errors: Vec<&str> = ran.stdout.lines().filter(|l| l.starts_with("::error ")).collect();
    assert_eq!(errors.len(), 10);
    assert!(
        errors[0].contains("file=evalsets/codes.jsonl") && errors[0].contains("line=2") && errors[0].contains("title=c0"),
        "{}",
        errors[0]
    );
    let text = s.read("summary.md");
    assert!(text.starts_with("before\n") && text.contains("## tribunal: "), "it is added to what stands there");
    let without = s.run(&["report", &b, "--github", "--format", "none"]).exits(0);
    assert!(without.stderr.contains("GITHUB_STEP_SUMMARY is not set"));
}
