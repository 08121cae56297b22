//! The floor that a run is measured against: the same requests from a bare reqwest loop (`--via bare`), or from the
//! provider alone (`--via provider`). Two calls a case, one after the other; prints wall, CPU and peak memory as JSON.
//!
//! `cargo run --release --example bench_bare -- --base-url http://127.0.0.1:PORT/v1 --cases 10000 --concurrency 64`

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tribunal::provider::{CacheMode, ChatCall, Chats, Endpoint, Provider, Settings};

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Via {
    Bare,
    Provider,
}

#[derive(Parser)]
struct Args {
    /// Base URL of the server, as printed by `mock_openai`
    #[arg(long)]
    base_url: String,
    /// Cases; each is one agent call, then one judge call
    #[arg(long, default_value_t = 10_000)]
    cases: u32,
    /// Cases at once
    #[arg(long, default_value_t = 64)]
    concurrency: usize,
    /// Who calls
    #[arg(long, value_enum, default_value_t = Via::Bare)]
    via: Via,
    /// Keep replies in this cache (only with `--via provider`)
    #[arg(long)]
    cache: Option<PathBuf>,
}

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let args = Args::parse();
    let start = Instant::now();
    let failed = match args.via {
        Via::Bare => bare(&args).await?,
        Via::Provider => provider(&args).await?,
    };
    let wall = start.elapsed().as_secs_f64();
    let calls = args.cases * 2;
    let (cpu, peak) = (cpu_seconds()?, peak_kib()?);
    println!(
        "{}",
        json!({
            "via": format!("{:?}", args.via).to_lowercase(), "cases": args.cases, "concurrency": args.concurrency, "failed": failed,
            "wall_s": wall, "cpu_s": cpu, "cpu_us_per_call": cpu * 1e6 / f64::from(calls), "peak_rss_mib": peak as f64 / 1024.0,
        })
    );
    Ok(())
}

async fn bare(args: &Args) -> Result<usize, Failure> {
    _ = rustls::crypto::ring::default_provider().install_default();
    let roots: Vec<_> =
        webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|c| reqwest::Certificate::from_der(c)).collect::<Result<_, _>>()?;
    let client = reqwest::Client::builder().tls_certs_only(roots).no_proxy().build()?;
    let url = format!("{}/chat/completions", args.base_url);
    let call = async |body: Value| -> Result<String, Failure> {
        let reply: Value = client.post(&url).json(&body).send().await?.error_for_status()?.json().await?;
        Ok(reply["choices"][0]["message"]["content"].as_str().ok_or("no content")?.to_owned())
    };
    let case = async |i: u32| -> Result<(), Failure> {
        let answer = call(agent_body(i)).await?;
        let judgment: Value = serde_json::from_str(&call(judge_body(i, &answer)).await?)?;
        judgment["score"].as_u64().ok_or("no score")?;
        Ok(())
    };
    let results = stream::iter(0..args.cases).map(case).buffer_unordered(args.concurrency);
    Ok(results.filter(|r| std::future::ready(r.is_err())).count().await)
}

async fn provider(args: &Args) -> Result<usize, Failure> {
    let cache = if args.cache.is_some() { CacheMode::On } else { CacheMode::Off };
    let provider: Arc<Provider> = Provider::new(Settings { cache, cache_path: args.cache.clone(), ..Settings::default() })?;
    let endpoint = Endpoint { base_url: args.base_url.clone(), key: None, timeout: Duration::from_mins(2) };
    let call = async |body: Value, salt: &str| -> Result<String, Failure> {
        let call = ChatCall { endpoint: endpoint.clone(), body, salt: salt.to_owned() };
        Ok(provider.chat(&call).await.0?.text)
    };
    let case = async |i: u32| -> Result<(), Failure> {
        let answer = call(agent_body(i), "agent/0").await?;
        let judgment: Value = serde_json::from_str(&call(judge_body(i, &answer), "judge/0").await?)?;
        judgment["score"].as_u64().ok_or("no score")?;
        Ok(())
    };
    let results = stream::iter(0..args.cases).map(case).buffer_unordered(args.concurrency);
    Ok(results.filter(|r| std::future::ready(r.is_err())).count().await)
}

fn agent_body(i: u32) -> Value {
    let question = format!("Question {i}: how long does a customer have to return a jacket that was bought online?");
    json!({"model": "mock", "messages": [{"role": "system", "content": "You answer for ACME."}, {"role": "user", "content": question}]})
}

/// About as large as a real judge prompt.
fn judge_body(i: u32, answer: &str) -> Value {
    let rules = "Grade by meaning, not by wording or length. Reason first, then give one whole score from 1 to 5. ".repeat(14);
    let rubric = "5: right and complete. 4: right with a gap. 3: partly right. 2: mostly wrong. 1: wrong. ".repeat(8);
    let case = format!(
        "{rubric}\n[[BEGIN QUESTION {i}]]\nQuestion {i}\n[[END QUESTION {i}]]\n[[BEGIN EXPECTED ANSWER {i}]]\nFourteen days after the jacket arrives\n[[END EXPECTED ANSWER {i}]]\n[[BEGIN ANSWER {i}]]\n{answer}\n[[END ANSWER {i}]]"
    );
    let schema = json!({"type": "object", "properties": {"reason": {"type": "string"}, "score": {"type": "integer", "enum": [1, 2, 3, 4, 5]}},
        "required": ["reason", "score"], "additionalProperties": false});
    json!({"model": "mock", "temperature": 1.0, "messages": [{"role": "system", "content": rules}, {"role": "user", "content": case}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "judgment", "strict": true, "schema": schema}}})
}

/// User and system time of this process, from `/proc/self/stat` (hundredths of a second).
fn cpu_seconds() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, after_name) = stat.rsplit_once(')').ok_or("no name")?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).ok_or("too few fields")?.parse::<u32>().map_err(Failure::from);
    Ok(f64::from(ticks(11)? + ticks(12)?) / 100.0)
}

/// The most memory that was resident, from `/proc/self/status`.
fn peak_kib() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number")?.parse()?)
}
