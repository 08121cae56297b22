//! The workflow that `init` writes publishes this job's run or none, and keeps no store between jobs.

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{Ran, Sandbox};

fn steps() -> Vec<Value> {
    let text = include_str!("../src/cli/init/tribunal-ci.yml");
    let workflow: Value = serde_yaml::from_str(text).unwrap();
    workflow["jobs"]["evaluate"]["steps"].as_array().unwrap().clone()
}

/// The step `Report`, as a runner would run it.
fn report(s: &Sandbox) -> Ran {
    let step = steps().into_iter().find(|step| step["name"] == "Report").unwrap();
    assert_eq!(step["if"], "always()");
    let bin = Path::new(env!("CARGO_BIN_EXE_tribunal")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let mut bash = Command::new("bash");
    bash.args(["-e", "-o", "pipefail", "-c", step["run"].as_str().unwrap()]).current_dir(s.path());
    bash.env("PATH", path).env("GITHUB_STEP_SUMMARY", s.join("summary.md")).output().unwrap().into()
}

#[test]
fn only_the_response_cache_is_kept_between_jobs() {
    let cached: Vec<Value> = steps().into_iter().filter(|s| s["uses"].as_str().is_some_and(|u| u.starts_with("actions/cache@"))).collect();
    assert_eq!(cached.len(), 1);
    assert_eq!(cached[0]["with"]["path"], ".tribunal/cache.db");
}

#[cfg(unix)]
#[test]
fn a_job_without_a_run_publishes_nothing_and_says_so() {
    let s = Sandbox::small();
    s.write("evalsets/capitals.yaml", "name: capitals\nrubrik: correctness\n");
    s.run(&["run", "--gate"]).exits(2);
    let ran = report(&s).exits(0);
    assert!(ran.stdout.contains("no run was recorded") && ran.stdout.contains("no run to keep"), "{}", ran.stdout);
    assert!(!s.join("run.jsonl").exists() && !s.join("ci-report").exists());
}

#[cfg(unix)]
#[test]
fn a_job_with_a_run_publishes_it() {
    let s = Sandbox::small();
    s.run(&["run"]).exits(0);
    let ran = report(&s).exits(0);
    assert!(!ran.stdout.contains("no run"), "{}", ran.stdout);
    assert!(s.read("summary.md").contains("recorded") && !s.read("run.jsonl").is_empty());
}
