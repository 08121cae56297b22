//! Every verb, with the real binary in a sealed project.

mod support;

use std::fs;

use support::Sandbox;

#[test]
fn a_new_project_checks_runs_and_reports_at_once() {
    let s = Sandbox::empty();
    let made = s.run(&["init"]).exits(0);
    assert!(made.stdout.is_empty(), "words belong on stderr");
    assert!(made.stderr.contains("tribunal run"), "{}", made.stderr);
    s.run(&["check"]).exits(0);
    let ran = s.run(&["run"]).exits(0);
    assert!(ran.stdout.contains("accuracy"), "{}", ran.stdout);
    assert!(ran.stdout.contains("uncorrected"), "{}", ran.stdout);
    let runs = s.run(&["runs", "--format", "json"]).exits(0).json();
    let id = runs["runs"][0]["id"].as_str().unwrap().to_owned();
    for kind in ["html", "md", "json", "csv"] {
        assert!(s.join(&format!("reports/{id}/report.{kind}")).is_file(), "no report.{kind}");
    }
}

#[test]
fn init_never_overwrites() {
    let s = Sandbox::empty();
    s.write("tribunal.yaml", "mine").write(".gitignore", "target\n");
    let again = s.run(&["init"]).exits(0);
    assert_eq!(s.read("tribunal.yaml"), "mine");
    assert_eq!(s.read(".gitignore"), "target\n");
    assert!(again.stderr.contains("kept"), "{}", again.stderr);
    let before = s.read("evalsets/first.yaml");
    s.run(&["init"]).exits(0);
    assert_eq!(s.read("evalsets/first.yaml"), before);
}

#[test]
fn run_exits_0_however_bad_the_answers_are() {
    let s = Sandbox::small();
    let ran = s.run(&["run"]).exits(0);
    assert!(ran.stdout.contains("recorded"), "{}", ran.stdout);
}

#[test]
fn a_missing_recorded_answer_is_an_incomplete_run_and_not_a_bad_score() {
    let s = Sandbox::small();
    s.write("answers.jsonl", "{\"id\":\"fr\",\"answer\":\"Paris\"}\n");
    let ran = s.run(&["run", "--format", "json"]).exits(4);
    let agent = &ran.json()["summary"]["agents"][0];
    assert_eq!(agent["failures"]["not_recorded"], 2);
    assert_eq!(agent["accuracy"]["settled"], 1);
    assert!(ran.stderr.contains("not_recorded"), "{}", ran.stderr);
}

#[test]
fn the_gate_has_its_own_exit_codes() {
    let s = Sandbox::small();
    let config = s.read("tribunal.yaml");
    s.write("tribunal.yaml", format!("{config}gate: {{must_pass: [\"case:de\"]}}\n"));
    s.run(&["run"]).exits(0);
    let failed = s.run(&["gate"]).exits(1);
    assert!(failed.stdout.contains("case:de"), "{}", failed.stdout);
    s.write("tribunal.yaml", format!("{config}gate: {{must_pass: [\"case:fr\"]}}\n"));
    s.run(&["gate", "last"]).exits(0);
    s.run(&["run", "--gate"]).exits(0);
    // Three cases can never prove 90%.
    s.write("tribunal.yaml", format!("{config}gate: {{accuracy: {{at_least: 0.3}}, undecided: undecided}}\n"));
    let undecided = s.run(&["gate", "--format", "json"]).exits(3);
    assert_eq!(undecided.json()["verdict"], "undecided");
    s.write("tribunal.yaml", format!("{config}gate: {{accuracy: {{at_least: 0.3}}, undecided: pass}}\n"));
    s.run(&["gate"]).exits(0);
}

#[test]
fn a_gate_never_passes_an_incomplete_run_nor_compares_a_run_with_itself() {
    let s = Sandbox::small();
    let config = s.read("tribunal.yaml");
    s.write("answers.jsonl", "{\"id\":\"fr\",\"answer\":\"Paris\"}\n");
    s.write("tribunal.yaml", format!("{config}gate: {{must_pass: [\"case:fr\"], accuracy: {{max_drop: 0.5}}, undecided: pass}}\n"));
    s.run(&["run"]).exits(4);
    let gate = s.run(&["gate"]).exits(4);
    assert!(gate.stderr.contains("incomplete"), "{}", gate.stderr);
    assert!(gate.stdout.contains("not tested"), "{}", gate.stdout);
    let itself = s.run(&["gate", "--baseline", "last"]).exits(2);
    assert!(itself.stderr.contains("the run itself"), "{}", itself.stderr);
}

#[test]
fn a_gate_that_nobody_wrote_is_a_usage_error() {
    let s = Sandbox::small();
    let ran = s.run(&["run", "--gate"]).exits(2);
    assert!(ran.stderr.contains("gate"), "{}", ran.stderr);
    assert!(!s.join("reports").exists(), "it ran before it looked");
}

#[test]
fn selections_select() {
    let s = Sandbox::small();
    let count = |args: &[&str]| {
        let mut all = vec!["run", "--format", "json", "--reports", "none"];
        all.extend(args);
        let ran = s.run(&all);
        // More trials than answers were recorded make an incomplete run, which is planned all the same.
        assert!(matches!(ran.code, Some(0 | 4)), "{}", ran.stderr);
        ran.json()["summary"]["planned"].as_u64().unwrap()
    };
    assert_eq!(count(&[]), 3);
    assert_eq!(count(&["--case", "fr"]), 1);
    assert_eq!(count(&["--tag", "europe"]), 2);
    assert_eq!(count(&["--not-tag", "europe"]), 1);
    assert_eq!(count(&["--risk", "high,critical"]), 1);
    assert_eq!(count(&["--sample", "2", "--seed", "7"]), 2);
    assert_eq!(count(&["--trials", "4"]), 12);
    s.run(&["run"]).exits(0);
    assert_eq!(count(&["--failed-in", "last"]), 1);
    // A shard may be empty on so small a set; together they are the whole.
    let shards: u64 = ["1/2", "2/2"]
        .iter()
        .map(|k| {
            let ran = s.run(&["run", "--format", "json", "--shard", k]);
            if ran.code == Some(5) { 0 } else { ran.json()["summary"]["planned"].as_u64().unwrap() }
        })
        .sum();
    assert_eq!(shards, 3);
}

#[test]
fn nothing_selected_is_exit_5_and_a_typo_says_what_was_meant() {
    let s = Sandbox::small();
    let typo = s.run(&["run", "--case", "frr"]).exits(5);
    assert!(typo.stderr.contains("fr"), "{}", typo.stderr);
    s.run(&["run", "--tag", "europe", "--not-tag", "europe"]).exits(5);
}

#[test]
fn show_tells_all_about_a_case() {
    let s = Sandbox::small();
    s.run(&["run"]).exits(0);
    let shown = s.run(&["show", "last", "--case", "de"]).exits(0).stdout;
    for word in ["capital of Germany", "Berlin", "Munich", "lexical"] {
        assert!(shown.contains(word), "{word} is missing:\n{shown}");
    }
    let typo = s.run(&["show", "last", "--case", "dee"]).exits(2);
    assert!(typo.stderr.contains("`de`"), "{}", typo.stderr);
    s.run(&["show", "nonsense"]).exits(2);
}

#[test]
fn the_queue_lists_items_with_reasons_priority_and_probability() {
    let s = Sandbox::small();
    s.run(&["run"]).exits(0);
    let queue = s.run(&["queue", "--format", "json"]).exits(0).json();
    let items = queue["items"].as_array().unwrap();
    assert!(!items.is_empty());
    for i in items {
        let p = i["inclusion"].as_f64().unwrap();
        assert!(p > 0.0 && p <= 1.0);
        assert!(!i["triggers"].as_array().unwrap().is_empty());
    }
    assert!(items.iter().all(|i| i["priority"].as_f64().unwrap() > 0.0));
    let bands: Vec<&str> = items.iter().map(|i| i["band"].as_str().unwrap()).collect();
    assert!(bands.is_sorted(), "{bands:?}");
}

#[test]
fn judging_again_makes_a_run_of_its_own_and_asks_no_agent() {
    let s = Sandbox::small();
    let config = s.read("tribunal.yaml");
    s.run(&["run"]).exits(0);
    // No answers file: an agent that was asked would fail.
    fs::remove_file(s.join("answers.jsonl")).unwrap();
    s.write("tribunal.yaml", config.replace("replay, file: answers.jsonl", "command, run: [/bin/false]"));
    let again = s.run(&["judge", "last", "--format", "json"]).exits(0).json();
    assert_eq!(again["summary"]["agents"][0]["accuracy"]["settled"], 3);
    assert_eq!(s.run(&["runs", "--format", "json"]).exits(0).json()["runs"].as_array().unwrap().len(), 2);
}

#[test]
fn an_export_opens_elsewhere_and_a_damaged_one_is_exit_6() {
    let (here, there) = (Sandbox::small(), Sandbox::small());
    here.run(&["run"]).exits(0);
    let export = here.run(&["export", "last"]).exits(0).stdout;
    there.write("run.jsonl", &export);
    there.run(&["import", "run.jsonl"]).exits(0);
    assert!(there.run(&["import", "run.jsonl"]).exits(0).stderr.contains("already"));
    assert_eq!(there.run(&["export", "last"]).exits(0).stdout, export);
    assert_eq!(there.run(&["show", "last"]).exits(0).stdout, here.run(&["show", "last"]).exits(0).stdout);
    there.write("bad.jsonl", export.replace("Munich", "Berlin"));
    there.run(&["import", "bad.jsonl"]).exits(6);
    there.run(&["import", "nowhere.jsonl"]).exits(2);
}

#[test]
fn shards_from_several_machines_merge_into_the_whole() {
    let whole = Sandbox::small();
    let mut files = Vec::new();
    for k in ["1/3", "2/3", "3/3"] {
        let machine = Sandbox::small();
        let ran = machine.run(&["run", "--shard", k]);
        if ran.code == Some(0) {
            let name = format!("shard{}.jsonl", files.len());
            whole.write(&name, machine.run(&["export", "last"]).exits(0).stdout);
            files.push(name);
        }
    }
    assert!(files.len() > 1, "all three cases fell into one shard: choose other ids");
    let mut args = vec!["import", "--missing-ok"];
    args.extend(files.iter().map(String::as_str));
    whole.run(&args).exits(0);
    assert!(whole.run(&args).exits(0).stderr.contains("already"));
    let merged = whole.run(&["show", "last", "--format", "json"]).exits(0).json();
    assert_eq!(merged["summary"]["done"], 3);
    assert_eq!(merged["summary"]["agents"][0]["accuracy"]["settled"], 3);
}

#[test]
fn without_a_project_the_help_is_init() {
    let s = Sandbox::empty();
    for verb in [&["run"][..], &["runs"], &["queue"], &["check"]] {
        let ran = s.run(verb).exits(2);
        assert!(ran.stderr.contains("tribunal init"), "{verb:?}: {}", ran.stderr);
    }
}

#[test]
fn every_fault_of_a_set_is_said_at_its_place_in_one_go() {
    let s = Sandbox::small();
    s.write(
        "evalsets/bad.yaml",
        "name: bad\nrubric: corectness\ncases:\n  - id: a\n    question: q\n    expcted: e\n  - id: a\n    question: ''\n    expected: e\n    risk: hgih\n",
    );
    let ran = s.run(&["check"]).exits(2);
    for place in ["bad.yaml:6", "bad.yaml:10"] {
        assert!(ran.stderr.contains(place) || ran.stdout.contains(place), "{place}:\n{}{}", ran.stdout, ran.stderr);
    }
    let json = s.run(&["check", "--format", "json"]).exits(2).json();
    assert!(json["findings"].as_array().unwrap().len() >= 3, "{json}");
    // A run refuses the same set, before it calls anything.
    s.run(&["run"]).exits(2);
}

#[test]
fn jsonl_prints_a_line_a_trial_and_nothing_else() {
    let s = Sandbox::small();
    let ran = s.run(&["run", "--format", "jsonl"]).exits(0);
    let lines: Vec<serde_json::Value> = ran.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|l| l["schema_version"] == 1));
}

#[test]
fn the_same_run_twice_gives_the_same_numbers() {
    let s = Sandbox::small();
    let one = s.run(&["run", "--format", "json", "--concurrency", "1"]).exits(0).json();
    let two = s.run(&["run", "--format", "json", "--concurrency", "64"]).exits(0).json();
    assert_eq!(one["summary"]["agents"], two["summary"]["agents"]);
    assert_eq!(one["summary"]["agreement"], two["summary"]["agreement"]);
}

#[test]
fn a_dry_run_calls_nothing_and_stores_nothing() {
    let s = Sandbox::small();
    let ran = s.run(&["run", "--dry-run"]).exits(0);
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains('3'), "{}{}", ran.stdout, ran.stderr);
    assert!(s.run(&["runs", "--format", "json"]).exits(0).json()["runs"].as_array().unwrap().is_empty());
}

#[test]
fn the_program_describes_itself() {
    let s = Sandbox::empty();
    assert!(s.run(&["--version"]).exits(0).stdout.starts_with("tribunal "));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(s.run(&["completions", shell]).exits(0).stdout.contains("tribunal"));
    }
    assert!(s.run(&["man"]).exits(0).stdout.contains(".TH tribunal"));
    for kind in ["set", "rubric", "config"] {
        assert!(s.run(&["schema", kind]).exits(0).json().is_object());
    }
    s.run(&["nonsense"]).exits(2);
}
