//! A chat model as a judge: asks, falls back to plainer reply shapes, repairs one bad reply, reads probabilities.
//!
//! Invariant: every call is counted in the ballot's spend, and a ballot without a readable score is a failure of the kind
//! that its last reply had.

mod logprobs;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::prompt::{Prompt, Shape, texts_digest};
use super::spec::{LlmJudgeSpec, ReplyFormat};
use super::{Exhibit, Judge, parse};
use crate::domain::run::JudgeHead;
use crate::domain::{Ballot, Digest, DigestBuilder, JudgeFailure, JudgeFailureKind, JudgeName, Judgment, Spend};
use crate::provider::{CallFailure, CallFailureKind, Chat, ChatCall, Chats, Endpoint};

/// How much of a bad reply is shown to the judge again, in characters.
const SHOWN_AGAIN: usize = 4000;

/// A chat model as a judge.
pub struct LlmJudge {
    name: JudgeName,
    spec: LlmJudgeSpec,
    endpoint: Endpoint,
    chats: Arc<dyn Chats>,
    template: Option<String>,
    digest: Digest,
    /// How plain a shape the server wants in `auto`: 0 schema, 1 JSON mode, 2 text. It only grows, and only once a plainer
    /// shape was accepted. Concurrent first calls may each learn it for themselves.
    learned: AtomicU8,
    /// Whether the server itself has answered: before that, kept replies tell which shape it takes.
    answered: AtomicBool,
}

/// What one exchange came to: the outcome, the reply it came from, and what was spent.
struct Exchange {
    outcome: Result<Judgment, JudgeFailure>,
    reply: Option<String>,
    shape: Shape,
    spend: Spend,
    latency_ms: u64,
}

impl LlmJudge {
    /// A judge behind an endpoint. `template` is the text of the spec's template file, if it names one.
    #[must_use]
    pub fn new(name: JudgeName, spec: LlmJudgeSpec, endpoint: Endpoint, chats: Arc<dyn Chats>, template: Option<String>) -> Self {
        let digest = digest(&spec, &endpoint, template.as_deref());
        Self { name, spec, endpoint, chats, template, digest, learned: AtomicU8::new(0), answered: AtomicBool::new(false) }
    }

    /// The shape to begin with.
    fn shape(&self) -> Shape {
        match self.spec.format {
            ReplyFormat::Auto => match self.learned.load(Ordering::Relaxed) {
                0 => Shape::Schema,
                1 => Shape::Object,
                _ => Shape::Text,
            },
            ReplyFormat::JsonSchema => Shape::Schema,
            ReplyFormat::JsonObject => Shape::Object,
            ReplyFormat::Text => Shape::Text,
        }
    }

    /// What to try where a server refuses a shape; only `auto` tries on.
    fn plainer(&self, shape: Shape) -> Option<Shape> {
        match shape {
            _ if self.spec.format != ReplyFormat::Auto => None,
            Shape::Schema => Some(Shape::Object),
            Shape::Object => Some(Shape::Text),
            Shape::Text => None,
        }
    }

    fn learn(&self, shape: Shape) {
        let plain = match shape {
            Shape::Schema => 0,
            Shape::Object => 1,
            Shape::Text => 2,
        };
        self.learned.fetch_max(plain, Ordering::Relaxed);
    }

    /// The request. The user's parameters win over ours, but for the model and the messages.
    fn call(&self, messages: &[Value], shape: Shape, salt: String) -> ChatCall {
        let mut body = Map::new();
        if let Some(format) = shape.response_format() {
            body.insert("response_format".into(), format);
        }
        if self.spec.logprobs {
            body.insert("logprobs".into(), json!(true));
            body.insert("top_logprobs".into(), json!(20));
        }
        if let Some(temperature) = self.spec.temperature {
            body.insert("temperature".into(), json!(temperature));
        }
        body.extend(self.spec.parameters.iter().map(|(k, v)| (k.clone(), v.clone())));
        body.insert("model".into(), json!(self.spec.model));
        body.insert("messages".into(), json!(messages));
        ChatCall { endpoint: self.endpoint.clone(), body: Value::Object(body), salt }
    }

    async fn cast(&self, exhibit: &Exhibit, sample: u16) -> Ballot {
        let prompt = match Prompt::new(exhibit, self.template.as_deref(), &self.digest) {
            Ok(prompt) => prompt,
            Err(failure) => return self.ballot(sample, Err(failure), Spend::default(), 0),
        };
        let first = self.ask(&prompt, sample).await;
        let Some(complaint) = first.outcome.as_ref().err().and_then(|f| complaint(f.kind)) else {
            return self.ballot(sample, first.outcome, first.spend, first.latency_ms);
        };
        let second = self.repair(&prompt, sample, &first, complaint).await;
        self.ballot(sample, second.outcome, first.spend.plus(second.spend), first.latency_ms.saturating_add(second.latency_ms))
    }

    fn first_call(&self, prompt: &Prompt, shape: Shape, sample: u16) -> ChatCall {
        self.call(&prompt.messages(shape), shape, format!("{}/{sample}", self.digest))
    }

    /// A reply kept in any shape that may be tried: a run that repeats another needs no server to learn its shape again.
    fn kept(&self, prompt: &Prompt, sample: u16) -> Option<(Chat, Shape)> {
        if self.spec.format != ReplyFormat::Auto || self.answered.load(Ordering::Relaxed) {
            return None;
        }
        let shapes = std::iter::successors(Some(Shape::Schema), |shape| self.plainer(*shape));
        shapes.into_iter().find_map(|shape| Some((self.chats.kept(&self.first_call(prompt, shape, sample))?, shape)))
    }

    /// Asks in the strictest shape that the server accepts.
    async fn ask(&self, prompt: &Prompt, sample: u16) -> Exchange {
        if let Some((chat, shape)) = self.kept(prompt, sample) {
            return exchange(Ok(chat), shape, Spend { cached: true, ..Spend::default() });
        }
        let mut spent: Option<Spend> = None;
        let mut shape = self.shape();
        loop {
            let call = self.first_call(prompt, shape, sample);
            let (reply, spend) = self.chats.chat(&call).await;
            let spend = spent.map_or(spend, |s| s.plus(spend));
            if let (Err(failure), Some(plainer)) = (&reply, self.plainer(shape))
                && refuses_shape(failure)
            {
                (spent, shape) = (Some(spend), plainer);
                continue;
            }
            if reply.is_ok() {
                self.learn(shape);
                self.answered.fetch_or(!spend.cached, Ordering::Relaxed);
            }
            return exchange(reply, shape, spend);
        }
    }

    /// Shows the judge its own reply and what was wrong with it, once.
    async fn repair(&self, prompt: &Prompt, sample: u16, first: &Exchange, complaint: &str) -> Exchange {
        let mut messages = prompt.messages(first.shape);
        // Servers refuse an empty assistant message.
        if let Some(reply) = first.reply.as_deref().filter(|r| !r.trim().is_empty()) {
            messages.push(json!({"role": "assistant", "content": reply.chars().take(SHOWN_AGAIN).collect::<String>()}));
        }
        let again = format!("{}\n\n{}", again(complaint), first.shape.instruction());
        messages.push(json!({"role": "user", "content": again}));
        let call = self.call(&messages, first.shape, format!("{}/{sample}/repair", self.digest));
        let (reply, spend) = self.chats.chat(&call).await;
        exchange(reply, first.shape, spend)
    }

    fn ballot(&self, sample: u16, outcome: Result<Judgment, JudgeFailure>, spend: Spend, latency_ms: u64) -> Ballot {
        Ballot { judge: self.name.clone(), judge_digest: self.digest, sample, outcome, spend, latency_ms }
    }
}

impl Judge for LlmJudge {
    fn head(&self) -> JudgeHead {
        JudgeHead {
            name: self.name.clone(),
            kind: "openai".into(),
            model: Some(self.spec.model.clone()),
            samples: self.samples(),
            digest: self.digest,
            settles_alone_at: None,
        }
    }

    /// Only a judge that knows how sure it is may settle alone: by token probabilities, or by samples that agree.
    fn settles_alone_at(&self) -> Option<f64> {
        self.spec.settles_alone_at.filter(|_| self.spec.logprobs || self.samples() > 1)
    }

    fn judge<'a>(&'a self, exhibit: &'a Exhibit, sample: u16) -> BoxFuture<'a, Ballot> {
        self.cast(exhibit, sample).boxed()
    }
}

impl LlmJudge {
    fn samples(&self) -> u16 {
        self.spec.samples.unwrap_or(1).max(1)
    }
}

/// Model, server, parameters, shape, our texts and the template: whatever changes what is asked or of whom. The number of
/// samples does not count, so that asking for one more keeps those that there are.
fn digest(spec: &LlmJudgeSpec, endpoint: &Endpoint, template: Option<&str>) -> Digest {
    let format = match spec.format {
        ReplyFormat::Auto => "auto",
        ReplyFormat::JsonSchema => "json_schema",
        ReplyFormat::JsonObject => "json_object",
        ReplyFormat::Text => "text",
    };
    let parameters = spec.parameters.iter().fold(DigestBuilder::new("parameters/1"), |b, (k, v)| b.text(k, &v.to_string()));
    DigestBuilder::new("judge-llm/2")
        .text("model", &spec.model)
        .text("server", endpoint.base_url.trim_end_matches('/'))
        .maybe("temperature", spec.temperature.map(|t| t.to_string()).as_deref())
        .digest("parameters", &parameters.finish())
        .text("format", format)
        .bytes("logprobs", &[u8::from(spec.logprobs)])
        .digest("texts", &texts_digest())
        .list("repairs", &REPAIRED.map(|kind| complaint(kind).map(again).unwrap_or_default()))
        .maybe("template", template)
        .finish()
}

fn exchange(reply: Result<Chat, CallFailure>, shape: Shape, spend: Spend) -> Exchange {
    match reply {
        Ok(chat) => {
            let outcome = parse::parse(&chat.text, chat.finish.as_deref(), chat.refusal.as_deref()).map(|j| logprobs::attach(j, &chat));
            Exchange { outcome, reply: Some(chat.text), shape, spend, latency_ms: chat.latency_ms }
        }
        Err(failure) => {
            let outcome = Err(JudgeFailure::new(failure.kind.into(), failure.detail));
            Exchange { outcome, reply: None, shape, spend, latency_ms: 0 }
        }
    }
}

/// Whether a server may have refused the shape of the reply rather than the request. A key, a quota or a prompt that is too
/// long does not get better in a plainer shape.
fn refuses_shape(failure: &CallFailure) -> bool {
    let detail = failure.detail.to_ascii_lowercase();
    let other = [
        "context length",
        "context_length",
        "maximum context",
        "too long",
        "too many tokens",
        "quota",
        "model not found",
        "model_not_found",
    ];
    matches!(failure.kind, CallFailureKind::Refused | CallFailureKind::Rejected)
        && matches!(failure.status, Some(400 | 404 | 405 | 406 | 415 | 422))
        && !other.iter().any(|o| detail.contains(o))
        || failure.kind == CallFailureKind::ServerError && failure.status == Some(501)
}

/// Failures that are asked about once more.
const REPAIRED: [JudgeFailureKind; 6] = [
    JudgeFailureKind::OffScale,
    JudgeFailureKind::MissingScore,
    JudgeFailureKind::Contradictory,
    JudgeFailureKind::Truncated,
    JudgeFailureKind::Empty,
    JudgeFailureKind::Unreadable,
];

/// How a repair is asked for.
fn again(complaint: &str) -> String {
    format!("Your reply could not be used: {complaint}. Grade the same answer again.")
}

/// What the judge is told about its reply, in fixed words; `None` where asking again is no repair: outages, refusals,
/// templates.
fn complaint(kind: JudgeFailureKind) -> Option<&'static str> {
    match kind {
        JudgeFailureKind::OffScale => Some("the score must be one of the whole numbers 1, 2, 3, 4 and 5"),
        JudgeFailureKind::MissingScore => Some("it holds no score"),
        JudgeFailureKind::Contradictory => Some("the reason and the score contradict each other"),
        JudgeFailureKind::Truncated => Some("it was cut off; reason in at most three sentences"),
        JudgeFailureKind::Empty => Some("it was empty"),
        JudgeFailureKind::Unreadable => Some("it is not in the form that was asked for, or holds several different scores"),
        JudgeFailureKind::Refusal
        | JudgeFailureKind::Abstained
        | JudgeFailureKind::NotRecorded
        | JudgeFailureKind::BadTemplate
        | JudgeFailureKind::Refused
        | JudgeFailureKind::Rejected
        | JudgeFailureKind::Unreachable
        | JudgeFailureKind::Timeout
        | JudgeFailureKind::RateLimited
        | JudgeFailureKind::ServerError
        | JudgeFailureKind::CircuitOpen
        | JudgeFailureKind::BudgetSpent => None,
    }
}
