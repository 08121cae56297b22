//! Killed, interrupted, cut off: the same command goes on, and repeats only what was in flight.

#![cfg(unix)]

mod support;

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Ran, Sandbox};

const CASES: usize = 20;
/// Cases from this one on wait for the file `go`.
const HELD_FROM: usize = 10;
const CONCURRENCY: usize = 2;
/// Trials in flight: twice the calls at once.
const IN_FLIGHT: usize = CONCURRENCY * 2;

fn held() -> Sandbox {
    let s = Sandbox::empty();
    s.write(
        "agent.sh",
        format!(
            "#!/bin/sh\nread -r q\necho \"$q\" >> asked.log\nif [ \"$q\" -ge {HELD_FROM} ]; then while [ ! -e go ]; do sleep 0.02; done; fi\necho \"answer $q\"\n"
        ),
    );
    s.write("tribunal.yaml", "agents:\n  slow: {kind: command, run: [/bin/sh, agent.sh]}\njudges:\n  lexical: {kind: lexical}\n");
    let cases: Vec<String> = (0..CASES).map(|i| format!("  - {{id: c{i:02}, question: \"{i}\", expected: answer {i}}}\n")).collect();
    s.write("evalsets/numbers.yaml", format!("name: numbers\nrubric: correctness\ncases:\n{}", cases.concat()));
    s
}

fn start(s: &Sandbox) -> Child {
    let mut c = s.command(&["run", "--concurrency", &CONCURRENCY.to_string(), "--format", "json"]);
    c.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn asked(s: &Sandbox) -> Vec<usize> {
    fs::read_to_string(s.join("asked.log")).unwrap_or_default().lines().map(|l| l.parse().unwrap()).collect()
}

/// Waits until the agent holds: ten cases are through, and as many as may be are waiting.
fn until_held(s: &Sandbox) {
    let limit = Instant::now() + Duration::from_mins(1);
    while asked(s).iter().filter(|i| **i >= HELD_FROM).count() < CONCURRENCY {
        assert!(Instant::now() < limit, "the agent was asked {:?} only", asked(s));
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

fn whole(s: &Sandbox, ran: Ran) {
    let ran = ran.exits(0);
    assert!(ran.stderr.contains("resuming"), "{}", ran.stderr);
    assert_eq!(ran.json()["summary"]["agents"][0]["accuracy"]["settled"], CASES);
    let asked = asked(s);
    for i in 0..CASES {
        assert!(asked.contains(&i), "case {i} was never asked");
    }
    assert!(asked.len() <= CASES + IN_FLIGHT, "{} calls for {CASES} cases: more than what was in flight was repeated", asked.len());
    let repeated_early = (0..HELD_FROM - IN_FLIGHT).filter(|i| asked.iter().filter(|a| *a == i).count() > 1).count();
    assert_eq!(repeated_early, 0, "a stored output was asked for again");
    assert_eq!(s.run(&["runs", "--format", "json"]).json()["runs"].as_array().unwrap().len(), 1, "it began a new run instead");
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let s = held();
    let mut child = start(&s);
    until_held(&s);
    child.kill().unwrap();
    child.wait().unwrap();
    s.write("go", "");
    whole(&s, s.run(&["run", "--concurrency", "2", "--format", "json"]));
}

#[test]
fn an_interrupt_finishes_what_is_in_flight_and_exits_130() {
    let s = held();
    let child = start(&s);
    until_held(&s);
    signal(&child, "-INT");
    s.write("go", "");
    let ran: Ran = child.wait_with_output().unwrap().into();
    let ran = ran.exits(130);
    assert!(ran.stderr.contains("interrupted"), "{}", ran.stderr);
    let done = ran.json()["summary"]["done"].as_u64().unwrap();
    assert!(done >= HELD_FROM as u64, "work in flight was dropped: {done}");
    if done < CASES as u64 {
        whole(&s, s.run(&["run", "--concurrency", "2", "--format", "json"]));
    }
}

#[test]
fn a_second_interrupt_ends_at_once_and_kills_the_children() {
    let s = held();
    let child = start(&s);
    until_held(&s);
    signal(&child, "-INT");
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, "-INT");
    let ran: Ran = child.wait_with_output().unwrap().into();
    ran.exits(130);
    s.write("go", "");
    whole(&s, s.run(&["run", "--concurrency", "2", "--format", "json"]));
}

#[test]
fn two_processes_are_never_at_the_same_run() {
    let s = held();
    let mut child = start(&s);
    until_held(&s);
    let second = s.run(&["run", "--concurrency", "2"]).exits(2);
    assert!(second.stderr.contains("--fresh"), "{}", second.stderr);
    // Another plan is another run, and goes through beside it.
    s.run(&["run", "--case", "c01,c02"]).exits(0);
    child.kill().unwrap();
    child.wait().unwrap();
}
