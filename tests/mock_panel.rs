//! The real binary against a real server: three judges with two samples each, and a run that the cache serves alone.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking, and so do their helpers")]

#[path = "../examples/mock/mod.rs"]
mod mock;
mod support;

use clap::Parser;
use serde_json::Value;
use support::{Ran, Sandbox};

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    flags: mock::Flags,
}

/// A project whose agent and judges are all behind one server, and the server, started with these flags.
async fn project(flags: &str, judges: &str) -> (Sandbox, mock::Server) {
    let s = Sandbox::small();
    s.write(
        "answers.jsonl",
        "{\"question\":\"What is the capital of France?\",\"answer\":\"Paris\"}\n\
         {\"question\":\"What is the capital of Germany?\",\"answer\":\"It is Munich\"}\n\
         {\"question\":\"What is the capital of Japan?\",\"answer\":\"Tokyo\"}\n",
    );
    let answers = s.join("answers.jsonl").display().to_string();
    let words = ["mock", "--answers", &answers].into_iter().chain(flags.split_whitespace());
    let server = mock::start(Args::try_parse_from(words).unwrap().flags).await.unwrap();
    let url = server.base_url();
    s.write(
        "tribunal.yaml",
        format!("agents:\n  bot: {{kind: openai, model: m, base_url: \"{url}\"}}\njudges:\n{judges}").replace("URL", &url),
    );
    (s, server)
}

fn run(s: &Sandbox, args: &[&str]) -> Ran {
    // The server lives on another thread of the test's runtime.
    tokio::task::block_in_place(|| s.run(args))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_judges_with_two_samples_each_against_a_server_in_trouble() {
    let judges = "  strict: {kind: openai, model: a, base_url: \"URL\", samples: 2, temperature: 1.0}\n\
                  \x20 sure: {kind: openai, model: b, base_url: \"URL\", samples: 2, logprobs: true}\n\
                  \x20 plain: {kind: openai, model: c, base_url: \"URL\", samples: 2, format: text}\n";
    let (s, server) = project("--script 429 --retry-after-ms 1 --logprobs", judges).await;
    let report = run(&s, &["run", "--format", "json"]).exits(0).json();
    let summary = &report["summary"];
    assert_eq!((&summary["done"], &summary["agents"][0]["accuracy"]["settled"]), (&3.into(), &3.into()));
    assert_eq!(summary["agents"][0]["accuracy"]["passed"], 2, "Munich is not the capital of Germany");
    let all = summary["judges"].as_array().unwrap();
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|j| j["ballots"] == 6 && j["scored"] == 6), "{all:?}");
    assert_eq!(summary["agreement"]["units"], 3);
    // Three questions and nine prompts were refused once each; two samples of a prompt are one content.
    assert_eq!(server.stats()["requests"], 3 + 18 + 3 + 9);
    let shown = run(&s, &["show", "last", "--case", "de"]).exits(0).stdout;
    for judge in ["strict", "sure", "plain"] {
        assert!(shown.contains(&format!("judge {judge}, sample 1")) && shown.contains(&format!("judge {judge}, sample 2")), "{shown}");
    }
    assert!(shown.contains("confidence"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_the_cache_holds_whole_needs_no_server_whatever_shape_its_judge_replies_in() {
    let judges = "  strict: {kind: openai, model: a, base_url: \"URL\", samples: 2}\n";
    for refused in ["", "--no-json-schema", "--no-json-schema --no-json-object"] {
        let (s, server) = project(refused, judges).await;
        let first = run(&s, &["run", "--format", "json"]).exits(0).json();
        let asked = server.stats();
        let again = run(&s, &["run", "--format", "json"]).exits(0).json();
        assert_eq!(server.stats(), asked, "`{refused}`: the server was asked again");
        drop(server);
        let alone = run(&s, &["run", "--format", "json"]).exits(0).json();
        let accuracy = |r: &Value| r["summary"]["agents"][0]["accuracy"].clone();
        assert_eq!([accuracy(&again), accuracy(&alone)], [accuracy(&first), accuracy(&first)]);
        assert_eq!(alone["summary"]["spend"]["calls"], 0);
    }
}
