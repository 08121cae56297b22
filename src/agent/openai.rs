//! The `openai` agent: a chat model behind an OpenAI-compatible server.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::spec::OpenAiAgentSpec;
use super::{Agent, Answered, Ask};
use crate::domain::run::AgentHead;
use crate::domain::{AgentFailure, AgentName, Case, Digest, DigestBuilder, Output};
use crate::error::AppError;
use crate::provider::resolve::Env;
use crate::provider::{Chat, ChatCall, Chats, Endpoint};

/// A chat model as the system under test.
pub struct OpenAiAgent {
    name: AgentName,
    model: String,
    system: Option<String>,
    give_context: bool,
    parameters: Map<String, Value>,
    endpoint: Endpoint,
    digest: Digest,
    chats: Arc<dyn Chats>,
}

/// What we write ourselves; a parameter of that name would break the call.
const OURS: [&str; 3] = ["messages", "model", "stream"];

impl OpenAiAgent {
    /// An agent from its entry in `tribunal.yaml`.
    ///
    /// # Errors
    /// When the model is empty, the URL is none, a parameter is one that we write ourselves, or the key's variable is not set.
    pub fn new(name: AgentName, spec: &OpenAiAgentSpec, chats: Arc<dyn Chats>, env: Env<'_>) -> Result<Self, AppError> {
        let owner = format!("agent `{name}`");
        if spec.model.trim().is_empty() {
            return Err(AppError::usage(format!("{owner} names no model")).with_help("for example `model: gpt-5-mini`"));
        }
        if let Some(ours) = OURS.iter().find(|p| spec.parameters.contains_key(**p)) {
            return Err(AppError::usage(format!("{owner} sets the parameter `{ours}`, which is written by the program")));
        }
        if spec.temperature.is_some() && spec.parameters.contains_key("temperature") {
            return Err(AppError::usage(format!("{owner} sets `temperature` twice: by itself and in `parameters`")));
        }
        let endpoint = Endpoint::resolve(&owner, spec.base_url.as_deref(), spec.api_key_env.as_deref(), spec.timeout_seconds, env)?;
        let mut parameters: Map<_, _> = spec.parameters.clone().into_iter().collect();
        if let Some(t) = spec.temperature {
            parameters.insert("temperature".into(), json!(t));
        }
        // Neither the key nor the timeout changes what the model would say.
        let digest = DigestBuilder::new("agent-openai/2")
            .text("base_url", &endpoint.base_url)
            .text("model", &spec.model)
            .maybe("version", spec.version.as_deref())
            .maybe("system", spec.system.as_deref())
            .bytes("give_context", &[u8::from(spec.give_context)])
            .text("parameters", &Value::Object(parameters.clone()).to_string())
            .finish();
        let OpenAiAgentSpec { model, system, give_context, .. } = spec.clone();
        Ok(Self { name, model, system, give_context, parameters, endpoint, digest, chats })
    }

    fn body(&self, case: &Case) -> Value {
        let say = |role: &str, text: &str| json!({"role": role, "content": text});
        let mut messages = Vec::with_capacity(case.turns.len() + 2);
        messages.extend(self.system.as_deref().map(|s| say("system", s)));
        messages.extend(case.turns.iter().map(|t| say(t.role.word(), &t.text)));
        messages.push(match case.context.as_deref().filter(|_| self.give_context) {
            Some(context) => say("user", &format!("Context:\n{context}\n\nQuestion:\n{}", case.question)),
            None => say("user", &case.question),
        });
        let mut body = self.parameters.clone();
        body.insert("model".into(), self.model.clone().into());
        body.insert("messages".into(), messages.into());
        Value::Object(body)
    }
}

impl Agent for OpenAiAgent {
    fn head(&self) -> AgentHead {
        AgentHead { name: self.name.clone(), kind: "openai".into(), model: Some(self.model.clone()), digest: self.digest }
    }

    fn answer<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Answered> {
        Box::pin(async move {
            let call =
                ChatCall { endpoint: self.endpoint.clone(), body: self.body(&ask.case), salt: format!("{}/{}", self.digest, ask.trial) };
            let (result, spend) = self.chats.chat(&call).await;
            let result = result.map(output).map_err(|f| AgentFailure::new(f.kind.into(), f.detail));
            Answered { result, spend }
        })
    }
}

fn output(chat: Chat) -> Output {
    let Chat { text, finish, refusal, model, latency_ms, .. } = chat;
    // A refusal is what the agent said, and is judged like any other answer.
    let text = if text.is_empty() { refusal.unwrap_or_default() } else { text };
    Output { text, finish, latency_ms, model, ..Output::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CaseId, Speaker, Spend, Turn};
    use crate::provider::{CallFailure, CallFailureKind};
    use std::sync::Mutex;

    /// Answers with the body that it was sent, or fails.
    #[derive(Default)]
    struct Mirror {
        fails: bool,
        salts: Mutex<Vec<String>>,
    }

    impl Chats for Mirror {
        fn chat<'a>(&'a self, call: &'a ChatCall) -> BoxFuture<'a, (Result<Chat, CallFailure>, Spend)> {
            self.salts.lock().unwrap().push(call.salt.clone());
            let failure = CallFailure { kind: CallFailureKind::RateLimited, status: Some(429), detail: "slow down".into() };
            let chat = Chat { text: call.body.to_string(), ..Chat::default() };
            Box::pin(async move { (if self.fails { Err(failure) } else { Ok(chat) }, Spend::default()) })
        }
    }

    fn spec() -> OpenAiAgentSpec {
        OpenAiAgentSpec { model: "m".into(), base_url: Some("http://h/v1".into()), ..OpenAiAgentSpec::default() }
    }

    fn agent(spec: &OpenAiAgentSpec, mirror: Mirror) -> Result<OpenAiAgent, AppError> {
        OpenAiAgent::new(AgentName::new("a").unwrap(), spec, Arc::new(mirror), &|_| None)
    }

    fn case() -> Case {
        let mut case = Case::new(CaseId::new("c").unwrap(), "why?", "because");
        case.context = Some("policy".into());
        case.turns = vec![Turn { role: Speaker::Assistant, text: "hello".into() }];
        case
    }

    async fn sent(spec: &OpenAiAgentSpec) -> Value {
        let ask = Ask { case: Arc::new(case()), trial: 0 };
        let answered = agent(spec, Mirror::default()).unwrap().answer(&ask).await;
        serde_json::from_str(&answered.result.unwrap().text).unwrap()
    }

    #[tokio::test]
    async fn system_turns_and_question_go_in_order_and_the_expected_answer_never_does() {
        let spec = OpenAiAgentSpec { system: Some("be kind".into()), temperature: Some(0.5), ..spec() };
        let body = sent(&spec).await;
        let texts: Vec<_> = body["messages"].as_array().unwrap().iter().map(|m| (m["role"].clone(), m["content"].clone())).collect();
        assert_eq!(texts, [("system", "be kind"), ("assistant", "hello"), ("user", "why?")].map(|(r, c)| (json!(r), json!(c))));
        assert_eq!((&body["temperature"], &body["model"]), (&json!(0.5), &json!("m")));
        assert!(!body.to_string().contains("because") && !body.to_string().contains("policy"));
    }

    #[tokio::test]
    async fn context_is_given_when_asked_for() {
        let body = sent(&OpenAiAgentSpec { give_context: true, ..spec() }).await;
        assert_eq!(body["messages"][1]["content"], "Context:\npolicy\n\nQuestion:\nwhy?");
    }

    #[tokio::test]
    async fn a_failure_keeps_its_kind_and_trials_differ_in_the_cache() {
        let mirror = Arc::new(Mirror { fails: true, ..Mirror::default() });
        let agent = OpenAiAgent::new(AgentName::new("a").unwrap(), &spec(), mirror.clone(), &|_| None).unwrap();
        for trial in 0..2 {
            let answered = agent.answer(&Ask { case: Arc::new(case()), trial }).await;
            assert_eq!(answered.result.unwrap_err().kind, crate::domain::AgentFailureKind::RateLimited);
        }
        let salts = mirror.salts.lock().unwrap().clone();
        assert!(salts[0].ends_with("/0") && salts[1].ends_with("/1"), "{salts:?}");
    }

    #[test]
    fn a_refusal_is_an_answer() {
        let chat = Chat { refusal: Some("I will not".into()), ..Chat::default() };
        assert_eq!(output(chat).text, "I will not");
    }

    #[test]
    fn what_would_break_the_call_is_refused_at_once() {
        for (name, value) in [("messages", json!([])), ("stream", json!(true)), ("model", json!("x"))] {
            let spec = OpenAiAgentSpec { parameters: [(name.to_owned(), value)].into(), ..spec() };
            assert!(agent(&spec, Mirror::default()).is_err(), "{name}");
        }
        assert!(agent(&OpenAiAgentSpec { model: " ".into(), ..spec() }, Mirror::default()).is_err());
        let e = agent(&OpenAiAgentSpec { base_url: None, ..spec() }, Mirror::default()).map(|_| ()).unwrap_err();
        assert!(e.to_string().contains("OPENAI_API_KEY"), "{e}");
    }

    #[test]
    fn the_digest_follows_what_changes_answers_and_nothing_else() {
        let digest = |s: &OpenAiAgentSpec| agent(s, Mirror::default()).unwrap().head().digest;
        let base = digest(&spec());
        assert_eq!(base, digest(&OpenAiAgentSpec { timeout_seconds: Some(9), ..spec() }));
        for other in [
            OpenAiAgentSpec { model: "n".into(), ..spec() },
            OpenAiAgentSpec { system: Some(String::new()), ..spec() },
            OpenAiAgentSpec { give_context: true, ..spec() },
            OpenAiAgentSpec { version: Some("2.1".into()), ..spec() },
            OpenAiAgentSpec { temperature: Some(0.0), ..spec() },
            OpenAiAgentSpec { base_url: Some("http://i/v1".into()), ..spec() },
        ] {
            assert_ne!(base, digest(&other));
        }
    }
}
