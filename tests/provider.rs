//! The provider and the HTTP agents against real servers on this machine.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking, and so do their helpers")]

#[path = "support/http_agents.rs"]
mod http_agents;
#[path = "../examples/mock/mod.rs"]
mod mock;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use futures::future::join_all;
use mock::Server;
use serde_json::json;
use tribunal::domain::{Spend, Tokens, Usd};
use tribunal::provider::backoff::Backoff;
use tribunal::provider::breaker::BreakerPolicy;
use tribunal::provider::cache::{Explanation, Parts};
use tribunal::provider::{
    CacheMode, CallFailure, CallFailureKind, Chat, ChatCall, Chats, Endpoint, Limits, Patience, PriceTable, Provider, Settings,
};

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    flags: mock::Flags,
}

/// A server started as from the command line, so that the flags are tested with it.
async fn server(flags: &str) -> Server {
    let words = std::iter::once("mock").chain(flags.split_whitespace());
    mock::start(Args::try_parse_from(words).unwrap().flags).await.unwrap()
}

async fn raw_server(reply: &str) -> Server {
    mock::start(Args::try_parse_from(["mock", "--raw", reply]).unwrap().flags).await.unwrap()
}

fn requests(server: &Server) -> u64 {
    server.stats()["requests"].as_u64().unwrap()
}

/// Waits of a millisecond in place of half a second; a breaker that needs no time to pass.
fn quick() -> Patience {
    let ms = Duration::from_millis(1);
    let backoff = Backoff { base: ms, cap: 2 * ms };
    let breaker = BreakerPolicy { after_unreachable: Duration::ZERO, cool_down: 50 * ms, ..BreakerPolicy::default() };
    Patience { backoff, breaker, chance: || 0.5 }
}

fn settings() -> Settings {
    Settings { patience: quick(), ..Settings::default() }
}

fn provider() -> Arc<Provider> {
    Provider::new(settings()).unwrap()
}

fn call(base_url: &str, question: &str) -> ChatCall {
    let endpoint = Endpoint { base_url: base_url.to_owned(), key: None, timeout: Duration::from_secs(30) };
    ChatCall { endpoint, body: json!({"model": "gpt-5-mini", "messages": [{"role": "user", "content": question}]}), salt: "a/0".into() }
}

async fn ask(provider: &Provider, base_url: &str) -> (Result<Chat, CallFailure>, Spend) {
    provider.chat(&call(base_url, "hello")).await
}

#[tokio::test]
async fn an_answer_comes_with_what_it_cost() {
    let server = server("").await;
    let prices = PriceTable::embedded().unwrap();
    let provider = Provider::new(Settings { prices, ..settings() }).unwrap();
    let (chat, spend) = ask(&provider, &server.base_url()).await;
    let chat = chat.unwrap();
    assert_eq!((chat.text.as_str(), chat.finish.as_deref(), chat.model.as_deref()), ("hello", Some("stop"), Some("gpt-5-mini")));
    let tokens = Tokens { input: 5, output: 2 };
    assert_eq!(spend, Spend { attempts: 1, tokens, cost: Usd(5 * 250 + 2 * 2000), cached: false, unpriced: false });
    assert_eq!(provider.spent(), spend.cost);
    assert_eq!((provider.pressure().successes(), provider.pressure().overloads()), (1, 0));
}

#[tokio::test]
async fn every_kind_of_passing_trouble_is_ridden_out() {
    for trouble in ["408", "409", "429", "500", "502", "503", "529", "reset", "cut", "500,reset,cut,429"] {
        let server = server(&format!("--script {trouble}")).await;
        let (chat, spend) = ask(&provider(), &server.base_url()).await;
        assert_eq!(chat.map(|c| c.text), Ok("hello".into()), "{trouble}");
        let attempts = 1 + trouble.split(',').count();
        assert_eq!((spend.attempts as usize, spend.tokens.input), (attempts, 5), "{trouble}");
    }
}

#[tokio::test]
async fn a_pause_that_the_server_asks_for_is_kept_in_each_form() {
    // A date has whole seconds: a second that has begun is gone already.
    for (form, least) in [(["--retry-after", "1"], 1000), (["--retry-after-ms", "300"], 300), (["--retry-after", "date"], 900)] {
        let date = (jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2)).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let form = form.map(|word| if word == "date" { date.as_str() } else { word });
        let words = ["mock", "--script", "429"].into_iter().chain(form);
        let server = mock::start(Args::try_parse_from(words).unwrap().flags).await.unwrap();
        let provider = provider();
        let start = std::time::Instant::now();
        let (chat, spend) = ask(&provider, &server.base_url()).await;
        assert!(chat.is_ok() && spend.attempts == 2, "{form:?}");
        assert!(start.elapsed() >= Duration::from_millis(least), "{form:?}: only {:?}", start.elapsed());
        assert_eq!(provider.pressure().overloads(), 1);
    }
}

#[tokio::test]
async fn a_wrong_key_is_refused_once_and_printed_nowhere() {
    let server = server("--key right-key-1234").await;
    let mut call = call(&server.base_url(), "hello");
    call.endpoint.key = Some("wrong-key-5678".into());
    let provider = provider();
    let (result, spend) = provider.chat(&call).await;
    let failure = result.unwrap_err();
    assert_eq!((failure.kind, failure.status, spend.attempts), (CallFailureKind::Refused, Some(401), 1));
    assert!(failure.detail.contains("incorrect API key: Bearer [secret]"), "{}", failure.detail);
    for shown in [format!("{failure:?}"), format!("{call:?}"), format!("{provider:?}")] {
        assert!(!shown.contains("wrong-key"), "{shown}");
    }
    call.endpoint.key = Some("right-key-1234".into());
    assert!(provider.chat(&call).await.0.is_ok());
}

#[tokio::test]
async fn an_attempt_that_hangs_is_given_up_and_asked_again() {
    let server = server("--script hang").await;
    let mut call = call(&server.base_url(), "hello");
    call.endpoint.timeout = Duration::from_millis(50);
    let (chat, spend) = provider().chat(&call).await;
    assert!(chat.is_ok() && spend.attempts >= 2);
}

#[tokio::test]
async fn the_deadline_ends_the_retries_with_the_last_failure() {
    let server = server("--rate-500 1").await;
    let limits = Limits { deadline: Duration::from_millis(200), ..Limits::default() };
    let (result, spend) = ask(&Provider::new(Settings { limits, ..settings() }).unwrap(), &server.base_url()).await;
    let failure = result.unwrap_err();
    assert_eq!((failure.kind, failure.status), (CallFailureKind::ServerError, Some(500)));
    assert!(spend.attempts > 1);
}

#[tokio::test]
async fn token_probabilities_are_read() {
    let server = server("--logprobs --judge-mode fixed:4").await;
    let mut call = call(&server.base_url(), "judge this");
    call.body["logprobs"] = json!(true);
    call.body["top_logprobs"] = json!(5);
    call.body["response_format"] = json!({"type": "json_object"});
    let chat = provider().chat(&call).await.0.unwrap();
    assert!(chat.text.ends_with("\"score\": 4}"), "{}", chat.text);
    let (_, top) = chat.tokens.iter().find(|(t, _)| t == "4").unwrap();
    assert_eq!(top.len(), 5);
    assert!((top.iter().map(|(_, p)| p.exp()).sum::<f64>() - 1.0).abs() < 1e-9);
}

#[tokio::test]
async fn a_server_that_knows_no_schema_says_so_with_its_status() {
    let server = server("--no-json-schema").await;
    let mut call = call(&server.base_url(), "judge this");
    call.body["response_format"] = json!({"type": "json_schema", "json_schema": {}});
    let failure = provider().chat(&call).await.0.unwrap_err();
    assert_eq!(failure.status, Some(400));
    assert!(failure.detail.contains("json_schema"), "{}", failure.detail);
}

#[tokio::test]
async fn odd_replies_are_read_or_named() {
    let text = |t: &str| json!({"choices": [{"message": {"content": t}, "finish_reason": "eos"}]});
    let parts = json!({"choices": [{"message": {"content": [{"type": "text", "text": "hel"}, {"type": "text", "text": "lo"}]}}]});
    for (reply, expected) in [
        (text("hello"), "hello"),
        (parts, "hello"),
        (json!({"choices": [{"message": {"content": null, "tool_calls": []}}], "usage": null}), ""),
    ] {
        let server = raw_server(&reply.to_string()).await;
        let (chat, spend) = ask(&provider(), &server.base_url()).await;
        assert_eq!(chat.unwrap().text, expected, "{reply}");
        assert!(spend.unpriced, "nothing was counted, so the cost is not known");
    }
    for reply in [r#"{"error": {"message": "no such model"}}"#, "<html>no such model</html>"] {
        let server = raw_server(reply).await;
        let (chat, spend) = ask(&provider(), &server.base_url()).await;
        let failure = chat.unwrap_err();
        assert_eq!((failure.kind, spend.attempts), (CallFailureKind::BadReply, 1));
        assert!(failure.detail.contains("no such model"), "{}", failure.detail);
    }
}

#[tokio::test]
async fn a_secret_that_an_answer_echoes_is_not_kept() {
    let server = server("--key sk-echo-1234").await;
    let mut call = call(&server.base_url(), "my key is sk-echo-1234");
    call.endpoint.key = Some("sk-echo-1234".into());
    assert_eq!(provider().chat(&call).await.0.unwrap().text, "my key is [secret]");
}

#[tokio::test]
async fn a_cached_reply_costs_nothing_and_samples_are_kept_apart() {
    let (server, dir) = (server("").await, tempfile::tempdir().unwrap());
    let with = |cache| {
        let cache_path = Some(dir.path().join("cache.db"));
        Provider::new(Settings { cache, cache_path, ..settings() }).unwrap()
    };
    let url = server.base_url();
    let first = with(CacheMode::On);
    let (fresh, spend) = first.chat(&call(&url, "q")).await;
    assert!(!spend.cached && requests(&server) == 1);
    drop(first);

    let again = with(CacheMode::On);
    let (cached, spend) = again.chat(&call(&url, "q")).await;
    assert_eq!((cached, spend), (fresh, Spend { cached: true, ..Spend::default() }));
    assert_eq!(requests(&server), 1);
    let other_sample = ChatCall { salt: "a/1".into(), ..call(&url, "q") };
    let cache = again.cache().unwrap();
    let why = cache.explain(&Parts::of(&other_sample)).unwrap();
    assert!(matches!(why, Explanation::Miss { differs, .. } if differs == ["sample or trial"]));
    assert!(!again.chat(&other_sample).await.1.cached);
    cache.flush().await;
    assert_eq!((requests(&server), cache.stats().unwrap().entries), (2, 2));
    drop(again);

    let refresh = with(CacheMode::Refresh);
    assert!(!refresh.chat(&call(&url, "q")).await.1.cached);
    drop(refresh);
    let read = with(CacheMode::Read);
    assert!(read.chat(&call(&url, "q")).await.1.cached);
    assert!(!read.chat(&call(&url, "new")).await.1.cached);
    assert!(!read.chat(&call(&url, "new")).await.1.cached, "what was read only is not written");
    drop(read);
    let off = with(CacheMode::Off);
    assert!(off.cache().is_none() && !off.chat(&call(&url, "q")).await.1.cached);
    assert_eq!(requests(&server), 6);
}

#[tokio::test]
async fn a_broken_cache_is_told_and_costs_no_answer() {
    let (server, dir) = (server("").await, tempfile::tempdir().unwrap());
    let path = dir.path().join("cache.db");
    let provider = Provider::new(Settings { cache_path: Some(path.clone()), ..settings() }).unwrap();
    assert_eq!(provider.cache_fault(), None);
    rusqlite::Connection::open(&path).unwrap().execute_batch("drop table replies").unwrap();
    assert!(provider.chat(&call(&server.base_url(), "q")).await.0.is_ok());
    assert!(provider.cache_fault().unwrap().contains("replies"));
    assert_eq!(Provider::new(settings()).unwrap().cache_fault(), None, "no cache, no fault");
}

#[tokio::test]
async fn neither_failures_nor_unreadable_replies_are_cached() {
    let dir = tempfile::tempdir().unwrap();
    let refused = server("--key k-1234").await;
    let unreadable = raw_server("{}").await;
    for server in [refused, unreadable] {
        let cache_path = Some(dir.path().join("cache.db"));
        let provider = Provider::new(Settings { cache_path, ..settings() }).unwrap();
        for _ in 0..2 {
            assert!(ask(&provider, &server.base_url()).await.0.is_err());
        }
        provider.cache().unwrap().flush().await;
        assert_eq!((requests(&server), provider.cache().unwrap().stats().unwrap().entries), (2, 0));
    }
}

#[tokio::test]
async fn a_spent_budget_stops_calls_before_they_are_made() {
    let server = server("").await;
    // Each call costs 5 x 250 + 2 x 2000 billionths; the estimate before the first ones is higher (256 tokens out).
    let limits = Limits { budget: Some(Usd(600_000)), ..Limits::default() };
    let prices = PriceTable::embedded().unwrap();
    let provider = Provider::new(Settings { limits, prices, ..settings() }).unwrap();
    provider.book(Usd(20_000));
    let calls: Vec<_> = (0..300).map(|i| call(&server.base_url(), &format!("{i:05}"))).collect();
    let results = join_all(calls.iter().map(|c| provider.chat(c))).await;
    let (good, bad): (Vec<_>, Vec<_>) = results.into_iter().partition(|(r, _)| r.is_ok());
    assert!(bad.iter().all(|(r, s)| r.as_ref().unwrap_err().kind == CallFailureKind::BudgetSpent && s.attempts == 0));
    assert!(provider.spent() <= Usd(600_000), "{:?}", provider.spent());
    assert_eq!(Usd(20_000) + good.iter().map(|(_, s)| s.cost).sum::<Usd>(), provider.spent());
    assert!(good.len() > 90 && !bad.is_empty(), "{} good", good.len());
    assert_eq!(requests(&server), good.len() as u64);
}

/// A port that nobody listens on.
async fn dead_port() -> u16 {
    tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn a_dead_server_is_given_up_and_asked_again_when_it_is_back() {
    let port = dead_port().await;
    let url = format!("http://127.0.0.1:{port}/v1");
    let provider = provider();
    let calls: Vec<_> = (0..2000).map(|i| call(&url, &i.to_string())).collect();
    let (mut kinds, mut last) = (std::collections::HashMap::new(), String::new());
    for chunk in calls.chunks(64) {
        for (result, _) in join_all(chunk.iter().map(|c| provider.chat(c))).await {
            let failure = result.unwrap_err();
            last.clone_from(&failure.detail);
            *kinds.entry(failure.kind).or_insert(0) += 1;
        }
    }
    assert!(kinds[&CallFailureKind::CircuitOpen] > 1800, "{kinds:?}");
    assert!(last.contains(&format!("{url} is down (")) && last.contains("no connection"), "{last}");

    let _server = server(&format!("--port {port}")).await;
    while provider.chat(&calls[0]).await.0.is_err() {
        tokio::task::yield_now().await;
    }
    assert!(provider.chat(&calls[1]).await.0.is_ok());
}

#[tokio::test]
async fn a_storm_of_faults_loses_no_call() {
    let server = server("--rate-429 0.2 --rate-500 0.2 --reset 0.2 --drip --seed 7").await;
    let provider = provider();
    let calls: Vec<_> = (0..200).map(|i| call(&server.base_url(), &i.to_string())).collect();
    let results = join_all(calls.iter().map(|c| provider.chat(c))).await;
    for (i, (result, _)) in results.iter().enumerate() {
        assert_eq!(result.as_ref().unwrap().text, i.to_string());
    }
    let attempts: u32 = results.iter().map(|(_, s)| s.attempts).sum();
    assert_eq!(u64::from(attempts), requests(&server), "every attempt is counted once");
    assert!(attempts > 300, "{attempts}");
}

#[tokio::test]
async fn a_redirect_is_named_and_not_followed() {
    let app = axum::Router::new().fallback(|| async { axum::response::Redirect::permanent("https://elsewhere.example/v1?token=abc") });
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    let failure = ask(&provider(), &format!("http://{address}")).await.0.unwrap_err();
    assert!(failure.detail.ends_with("leads to https://elsewhere.example/v1"), "{}", failure.detail);
    serving.abort();
}

#[test]
fn a_cache_that_cannot_be_opened_is_said_with_a_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings { cache_path: Some(PathBuf::from(dir.path())), ..settings() };
    let e = Provider::new(settings).unwrap_err();
    assert!(e.to_string().contains("response cache") && e.help().unwrap().contains("--cache off"));
}
