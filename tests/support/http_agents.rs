//! The agents that speak HTTP, against real servers on this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde_json::{Value, json};
use tribunal::agent::http::HttpAgent;
use tribunal::agent::openai::OpenAiAgent;
use tribunal::agent::spec::{HttpAgentSpec, OpenAiAgentSpec};
use tribunal::agent::{Agent, Ask};
use tribunal::domain::{AgentFailureKind, AgentName, Case, CaseId, Tokens};

use super::mock::Server;
use super::{provider, server};

fn question(text: &str, trial: u16) -> Ask {
    Ask { case: Arc::new(Case::new(CaseId::new("c").unwrap(), text, "e")), trial }
}

#[tokio::test]
async fn the_openai_agent_answers_from_a_real_server() {
    let mut answers = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut answers, br#"{"question": "capital of France?", "answer": "Paris"}"#).unwrap();
    let server = server(&format!("--answers {}", answers.path().display())).await;
    let spec = OpenAiAgentSpec { model: "m".into(), base_url: Some(server.base_url()), ..OpenAiAgentSpec::default() };
    let agent = OpenAiAgent::new(AgentName::new("a").unwrap(), &spec, provider(), &|_| None).unwrap();
    let answered = agent.answer(&question("capital of France?", 0)).await;
    let output = answered.result.unwrap();
    assert_eq!((output.text.as_str(), output.finish.as_deref(), answered.spend.attempts), ("Paris", Some("stop"), 1));
}

fn http_agent(server: &Server, edit: impl FnOnce(&mut HttpAgentSpec)) -> HttpAgent {
    let mut spec = HttpAgentSpec {
        url: server.base_url().replace("/v1", "/chat"),
        answer: "/reply".into(),
        context: Some("/docs".into()),
        trace: Some("/trace".into()),
        usage: Some("/usage".into()),
        ..HttpAgentSpec::default()
    };
    edit(&mut spec);
    HttpAgent::new(AgentName::new("a").unwrap(), &spec, provider(), &|_| Some("hunter2-1234".into())).unwrap()
}

#[tokio::test]
async fn the_http_agent_takes_answer_context_trace_and_usage() {
    let server = server("--script 503").await;
    let answered = http_agent(&server, |s| s.body = Some(json!({"q": "{{ question }}"}))).answer(&question("why?", 0)).await;
    let output = answered.result.unwrap();
    assert_eq!((output.text.as_str(), output.context.as_deref()), ("why?", Some("the first passage\n\nthe second")));
    let trace: Value = serde_json::from_str(&output.trace.unwrap()).unwrap();
    assert_eq!(trace[0]["tool"], "search");
    assert_eq!((answered.spend.attempts, answered.spend.tokens), (2, Tokens { input: 2, output: 2 }));
}

#[tokio::test]
async fn the_http_agent_asks_by_query_with_get() {
    let server = server("").await;
    let answered = http_agent(&server, |s| s.method = Some("get".into())).answer(&question("a b", 0)).await;
    assert_eq!(answered.result.unwrap().text, "a b");
}

#[tokio::test]
async fn the_http_agent_prints_no_secret_and_names_what_is_missing() {
    let keyed = server("--key other").await;
    let agent = http_agent(&keyed, |s| s.headers = [("authorization".to_owned(), "Token ${SECRET}".to_owned())].into());
    let failure = agent.answer(&question("q", 0)).await.result.unwrap_err();
    assert_eq!(failure.kind, AgentFailureKind::Refused);
    assert!(failure.detail.contains("Token [secret]"), "{}", failure.detail);

    let agent = http_agent(&keyed, |s| s.url = "http://bob:${SECRET}@127.0.0.1:1/chat?key=${SECRET}".into());
    let failure = agent.answer(&question("q", 0)).await.result.unwrap_err();
    assert_eq!(failure.kind, AgentFailureKind::Unreachable);
    assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");

    let plain = server("").await;
    let failure = http_agent(&plain, |s| s.answer = "/nowhere".into()).answer(&question("q", 0)).await.result.unwrap_err();
    assert_eq!(failure.kind, AgentFailureKind::BadReply);
    assert!(failure.detail.contains("`/nowhere`"));
}

#[tokio::test]
async fn a_reply_without_end_is_cut_at_the_cap() {
    let app = axum::Router::new().fallback(|| async { "x".repeat(9 << 20) });
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    let spec = HttpAgentSpec { url: format!("http://{address}/"), answer: String::new(), ..HttpAgentSpec::default() };
    let agent = HttpAgent::new(AgentName::new("a").unwrap(), &spec, provider(), &|_| None).unwrap();
    let failure = agent.answer(&question("q", 0)).await.result.unwrap_err();
    assert_eq!((failure.kind, failure.detail.as_str()), (AgentFailureKind::BadReply, "the reply is longer than 8 MiB"));
    serving.abort();
}
