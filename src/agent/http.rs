//! The `http` agent: any endpoint that takes JSON and returns JSON.
//!
//! Without `body`, the question goes as `{"question": ...}`. With `GET`, the top level of the body becomes the query.

mod reading;
mod template;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method};
use reqwest::Url;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::spec::HttpAgentSpec;
use super::{Agent, Answered, Ask};
use crate::domain::run::AgentHead;
use crate::domain::{AgentFailure, AgentFailureKind, AgentName, Digest, DigestBuilder, Tokens};
use crate::error::AppError;
use crate::provider::attempts::{Plan, Success, attempts};
use crate::provider::fault::Fault;
use crate::provider::link::Link;
use crate::provider::resolve::Env;
use crate::provider::{Provider, http as transport, redact};
use reading::Pointers;
use template::Body;

/// The longest reply, after decompression.
const CAP: usize = 8 << 20;

/// An HTTP endpoint as the system under test.
pub struct HttpAgent {
    name: AgentName,
    model: Option<String>,
    digest: Digest,
    method: Method,
    url: Url,
    headers: HeaderMap,
    secrets: Vec<SecretString>,
    body: Body,
    pointers: Pointers,
    timeout: Duration,
    link: Arc<Link>,
    provider: Arc<Provider>,
}

impl HttpAgent {
    /// An agent from its entry in `tribunal.yaml`.
    ///
    /// # Errors
    /// When URL, method, a header, a pointer or a template is at fault, or a variable named by `${...}` is not set.
    pub fn new(name: AgentName, spec: &HttpAgentSpec, provider: Arc<Provider>, env: Env<'_>) -> Result<Self, AppError> {
        let at_fault = |what: String| AppError::usage(format!("agent `{name}`: {what}"));
        let mut secrets = Vec::new();
        let url = expand(&spec.url, env, &mut secrets).map_err(&at_fault)?;
        let url = Url::parse(&url).ok().filter(|u| matches!(u.scheme(), "http" | "https")).ok_or_else(|| {
            at_fault(format!("`{}` is no http or https URL", redact::url(&spec.url)))
                .with_help("for example `url: http://localhost:8080/chat`")
        })?;
        let word = spec.method.as_deref().unwrap_or("POST").to_ascii_uppercase();
        let method = ["GET", "POST", "PUT", "PATCH"].contains(&word.as_str()).then(|| Method::from_bytes(word.as_bytes()).ok()).flatten();
        let method = method.ok_or_else(|| at_fault(format!("`{word}` is no method to ask with; GET, POST, PUT and PATCH are")))?;
        let headers = headers(spec, env, &mut secrets).map_err(&at_fault)?;
        let default = json!({"question": "{{ question }}"});
        let body = spec.body.as_ref().unwrap_or(&default);
        if method == Method::GET && !body.is_object() {
            return Err(at_fault("with GET the body becomes the query, so it must be a mapping".into()));
        }
        let body = Body::compile(body).map_err(&at_fault)?;
        let pointers = Pointers::of(spec).map_err(&at_fault)?;
        let label = redact::url(url.as_str());
        let identity = headers
            .iter()
            .fold(DigestBuilder::new("endpoint-http/1").text("url", url.as_str()), |b, (k, v)| b.bytes(k.as_str(), v.as_bytes()));
        // Of headers the names of variables count, their values do not: keys rotate. Another address is another agent. The
        // timeout does not count.
        let written = serde_json::to_string(&HttpAgentSpec { timeout_seconds: None, ..spec.clone() });
        let written = written.map_err(|e| at_fault("it cannot be written as JSON".into()).because(e))?;
        Ok(Self {
            model: spec.model.clone(),
            digest: DigestBuilder::new("agent-http/2")
                .text("spec", &written)
                .digest("url", &Digest::of_bytes(url.as_str().as_bytes()))
                .finish(),
            timeout: Duration::from_secs(u64::from(spec.timeout_seconds.unwrap_or(60).max(1))),
            link: provider.link(&label, identity.finish()),
            name,
            method,
            url,
            headers,
            secrets,
            body,
            pointers,
            provider,
        })
    }

    async fn once(&self, body: &Value, sent: &Bytes) -> Result<Success<reading::Reply>, Fault> {
        let client = self.provider.http().client(self.url.as_str())?;
        let mut url = self.url.clone();
        let request = if self.method == Method::GET {
            for (name, value) in body.as_object().into_iter().flatten() {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                url.query_pairs_mut().append_pair(name, &text);
            }
            client.request(self.method.clone(), url)
        } else {
            client.request(self.method.clone(), url).body(sent.clone())
        };
        let response = request.headers(self.headers.clone()).send().await.map_err(Fault::network)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = redact::scrub_body(transport::body(response, CAP).await?, &self.secrets);
        if !status.is_success() {
            return Err(Fault::status(status, &headers, &bytes, jiff::Timestamp::now().as_second()));
        }
        let reply = self.pointers.read(&bytes)?;
        let tokens = reply.tokens;
        Ok(Success { value: reply, tokens })
    }
}

impl Agent for HttpAgent {
    fn head(&self) -> AgentHead {
        AgentHead { name: self.name.clone(), kind: "http".into(), model: self.model.clone(), digest: self.digest }
    }

    fn answer<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Answered> {
        Box::pin(async move {
            let body = match self.body.render(ask) {
                Ok(body) => body,
                Err(why) => return Answered::free(Err(AgentFailure::new(AgentFailureKind::Refused, why))),
            };
            let sent = Bytes::from(body.to_string());
            // Only agents that report usage count against tokens a minute and the budget.
            let expected = || {
                let input = sent.len() as u64 / 4;
                let counted = self.pointers.counts().then(|| Tokens { input, output: self.link.expected_completion(None) });
                counted.unwrap_or_default()
            };
            let model = self.model.as_deref().filter(|_| self.pointers.counts());
            let tried = attempts(&self.link, Plan { timeout: self.timeout, expected: &expected }, || self.once(&body, &sent));
            let (result, spend, latency_ms) = self.provider.booked(model, &expected, tried).await;
            let result = result.map(|r| r.output(latency_ms)).map_err(|f| AgentFailure::new(f.kind.into(), f.detail));
            Answered { result, spend }
        })
    }
}

fn headers(spec: &HttpAgentSpec, env: Env<'_>, secrets: &mut Vec<SecretString>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    for (name, value) in &spec.headers {
        let key: HeaderName = name.parse().map_err(|_| format!("`{name}` is no name of a header"))?;
        let mut value = HeaderValue::from_str(&expand(value, env, secrets)?)
            .map_err(|_| format!("the value of the header `{name}` holds a character that no header may hold"))?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(headers)
}

/// Puts variables of the environment in the place of `${NAME}`, and remembers their values as secrets.
fn expand(text: &str, env: Env<'_>, secrets: &mut Vec<SecretString>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, tail) = after.split_once('}').ok_or("`${` without a closing `}`")?;
        let value = env(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let value = value.ok_or_else(|| format!("it needs the environment variable {name}, which is not set"))?;
        secrets.push(SecretString::from(value.as_str()));
        out.push_str(before);
        out.push_str(&value);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Settings;

    fn env(name: &str) -> Option<String> {
        (name == "TOKEN").then(|| "hunter2-hunter2\n".to_owned())
    }

    fn agent(spec: &HttpAgentSpec) -> Result<HttpAgent, AppError> {
        HttpAgent::new(AgentName::new("a").unwrap(), spec, Provider::new(Settings::default()).unwrap(), &env)
    }

    fn spec() -> HttpAgentSpec {
        HttpAgentSpec { url: "http://h/chat".into(), answer: "/reply".into(), ..HttpAgentSpec::default() }
    }

    #[test]
    fn variables_are_put_in_and_remembered_as_secrets() {
        let mut secrets = Vec::new();
        assert_eq!(expand("Bearer ${TOKEN}!", &env, &mut secrets).unwrap(), "Bearer hunter2-hunter2!");
        assert_eq!(secrets.len(), 1);
        assert_eq!(expand("no $ {here}", &env, &mut secrets).unwrap(), "no $ {here}");
    }

    #[test]
    fn every_fault_of_the_entry_is_found_before_the_first_call() {
        type Edit = (&'static str, fn(&mut HttpAgentSpec));
        let edits: [Edit; 8] = [
            ("NOT_SET", |s| s.url = "http://h/${NOT_SET}".into()),
            ("NOT_SET", |s| s.headers = [("x-key".to_owned(), "${NOT_SET}".to_owned())].into()),
            ("no http or https URL", |s| s.url = "h/chat".into()),
            ("`DELETE` is no method", |s| s.method = Some("delete".into())),
            ("no name of a header", |s| s.headers = [("a b".to_owned(), String::new())].into()),
            ("/q", |s| s.body = Some(json!({"q": "{{ question"}))),
            ("`reply` is no JSON pointer", |s| s.answer = "reply".into()),
            ("must be a mapping", |s| (s.method, s.body) = (Some("GET".into()), Some(json!([])))),
        ];
        assert!(agent(&spec()).is_ok());
        for (says, edit) in edits {
            let mut s = spec();
            edit(&mut s);
            let e = agent(&s).map(|_| ()).unwrap_err();
            assert!(e.to_string().contains(says), "{e}");
        }
    }

    #[test]
    fn the_digest_holds_the_names_of_variables_in_headers_and_not_their_values() {
        let with = |h: &str| HttpAgentSpec { headers: [("authorization".to_owned(), h.to_owned())].into(), ..spec() };
        let of = |s: &HttpAgentSpec, env: Env<'_>| {
            HttpAgent::new(AgentName::new("a").unwrap(), s, Provider::new(Settings::default()).unwrap(), env).unwrap().head().digest
        };
        assert_eq!(of(&with("${TOKEN}"), &env), of(&with("${TOKEN}"), &|_| Some("rotated".into())));
        assert_ne!(of(&with("${TOKEN}"), &env), of(&with("Bearer ${TOKEN}"), &env));
    }

    #[test]
    fn another_address_or_version_is_another_agent() {
        let of = |s: &HttpAgentSpec, host: &str| {
            let env = |name: &str| (name == "HOST").then(|| host.to_owned());
            HttpAgent::new(AgentName::new("a").unwrap(), s, Provider::new(Settings::default()).unwrap(), &env).unwrap().head().digest
        };
        let there = HttpAgentSpec { url: "http://${HOST}/chat".into(), ..spec() };
        assert_eq!(of(&there, "one"), of(&HttpAgentSpec { timeout_seconds: Some(9), ..there.clone() }, "one"));
        assert_ne!(of(&there, "one"), of(&there, "two"));
        assert_ne!(of(&there, "one"), of(&HttpAgentSpec { version: Some("2.1".into()), ..there.clone() }, "one"));
    }
}
