//! Reading chat completions as servers really write them: missing fields, nulls, parts, odd words. Pure.

use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::fault::Fault;
use super::{Chat, TopTokens, redact};
use crate::domain::Tokens;

/// A chat completion, or something that a server sent in its place. Nothing but broken JSON fails to parse.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Completion {
    choices: Option<Vec<Choice>>,
    model: Value,
    usage: Value,
    error: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    message: Option<Message>,
    finish_reason: Value,
    logprobs: Option<Box<RawValue>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message {
    content: Content,
    refusal: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Value>),
    Other(Value),
    #[default]
    #[serde(skip)]
    Absent,
}

#[derive(Deserialize)]
struct Logprobs {
    content: Option<Vec<Token>>,
}

#[derive(Deserialize)]
struct Token {
    #[serde(rename = "token")]
    text: String,
    logprob: Option<f64>,
    #[serde(default)]
    top_logprobs: Option<Vec<Alternative>>,
}

#[derive(Deserialize)]
struct Alternative {
    token: String,
    logprob: Option<f64>,
}

/// A completion that could be read.
#[derive(Debug, Default)]
pub struct Read {
    /// What the server replied; its latency is still 0.
    pub chat: Chat,
    /// What it counted, if it said so.
    pub tokens: Option<Tokens>,
}

/// Reads the bytes of a reply with status 2xx.
///
/// # Errors
/// A fault when the bytes are no chat completion. Bytes that end too early may be retried.
pub fn read(body: &[u8]) -> Result<Read, Fault> {
    serde_json::from_slice::<Completion>(body).map_err(|e| not_json(&e, body))?.read()
}

/// The fault of a body that does not parse.
pub fn not_json(error: &serde_json::Error, body: &[u8]) -> Fault {
    if error.is_eof() && !body.iter().all(u8::is_ascii_whitespace) {
        return Fault::broke_off();
    }
    Fault::bad_reply(format!("the reply is no chat completion: {}", redact::excerpt(body)))
}

impl Completion {
    /// The first choice, with what it cost.
    ///
    /// # Errors
    /// A fault when there is no choice; an error object with a status in it counts as that status.
    pub fn read(self) -> Result<Read, Fault> {
        let tokens = tokens(&self.usage);
        let Some(choice) = self.choices.and_then(|c| c.into_iter().next()) else {
            let mut fault = no_choice(&self.error);
            fault.tokens = tokens.unwrap_or_default();
            return Err(fault);
        };
        let message = choice.message.unwrap_or_default();
        let chat = Chat {
            text: message.content.text(),
            finish: text(choice.finish_reason),
            refusal: text(message.refusal),
            tokens: choice.logprobs.map(|raw| alternatives(&raw)).unwrap_or_default(),
            model: text(self.model),
            latency_ms: 0,
        };
        Ok(Read { chat, tokens })
    }
}

fn no_choice(error: &Value) -> Fault {
    if error.is_null() {
        return Fault::bad_reply("the reply has no choices");
    }
    // Gateways send `{"error": {"code": 502, ...}}` under a status of 200.
    let code = error.get("code").and_then(|c| c.as_u64().or_else(|| c.as_str()?.parse().ok()));
    let status = code.and_then(|c| StatusCode::from_u16(u16::try_from(c).ok()?).ok());
    if let Some(status) = status.filter(|s| s.is_client_error() || s.is_server_error()) {
        return Fault::status(status, &HeaderMap::new(), error.to_string().as_bytes(), 0);
    }
    let said = error.get("message").unwrap_or(error);
    let said = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
    Fault::bad_reply(format!("the server reports an error: {}", redact::excerpt(said.as_bytes())))
}

impl Content {
    /// Text, or the texts of all parts.
    fn text(self) -> String {
        match self {
            Self::Text(t) => t,
            Self::Parts(parts) => parts.iter().filter_map(|p| p.as_str().or_else(|| p.get("text")?.as_str())).collect(),
            Self::Other(Value::Object(o)) => o.get("text").and_then(Value::as_str).unwrap_or_default().to_owned(),
            Self::Other(_) | Self::Absent => String::new(),
        }
    }
}

fn text(v: Value) -> Option<String> {
    match v {
        Value::String(s) if !s.is_empty() => Some(s),
        _ => None,
    }
}

/// More tokens than this no call takes; a count beyond it is a server's mistake, or a lie that would spend a budget at once.
const MOST_TOKENS: u64 = 100_000_000;

/// Tokens of a `usage` object, in either of the two spellings in use. With an absurd count among them nothing was counted.
#[must_use]
pub fn tokens(usage: &Value) -> Option<Tokens> {
    let count = |a, b| usage.get(a).or_else(|| usage.get(b)).and_then(whole);
    let (input, output) = (count("prompt_tokens", "input_tokens"), count("completion_tokens", "output_tokens"));
    let tokens = Tokens { input: input.unwrap_or(0), output: output.unwrap_or(0) };
    ((input.is_some() || output.is_some()) && tokens.input.max(tokens.output) <= MOST_TOKENS).then_some(tokens)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, at most 9e15")]
fn whole(v: &Value) -> Option<u64> {
    v.as_u64().or_else(|| v.as_f64().filter(|f| *f >= 0.0).map(|f| f.min(9.0e15) as u64))
}

fn alternatives(raw: &RawValue) -> Vec<(String, TopTokens)> {
    let Ok(Logprobs { content: Some(tokens) }) = serde_json::from_str(raw.get()) else { return Vec::new() };
    let one = |t: Token| {
        let mut top: TopTokens = t.top_logprobs.unwrap_or_default().into_iter().filter_map(|a| Some((a.token, a.logprob?))).collect();
        if let (true, Some(p)) = (top.is_empty(), t.logprob) {
            top.push((t.text.clone(), p));
        }
        (t.text, top)
    };
    tokens.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::fault::Retry;
    use crate::provider::{CallFailureKind, Chat};
    use proptest::prelude::*;

    fn chat(body: &str) -> Chat {
        read(body.as_bytes()).unwrap().chat
    }

    fn failed(body: &str) -> Fault {
        read(body.as_bytes()).unwrap_err()
    }

    #[test]
    fn odd_servers_are_understood() {
        let plain = chat(r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"eos"}]}"#);
        assert_eq!((plain.text.as_str(), plain.finish.as_deref()), ("hi", Some("eos")));
        assert_eq!(chat(r#"{"choices":[{"message":{"content":null,"refusal":"no"}}]}"#).refusal.as_deref(), Some("no"));
        assert_eq!(chat(r#"{"choices":[{"message":{}}],"model":7,"usage":null,"error":null}"#), Chat::default());
        assert_eq!(chat(r#"{"choices":[{"message":null,"logprobs":null,"finish_reason":null}]}"#), Chat::default());
        let parts = r#"{"choices":[{"message":{"content":[{"type":"text","text":"a"},"b",{"type":"image"}]}}]}"#;
        assert_eq!(chat(parts).text, "ab");
        assert_eq!(chat(r#"{"choices":[{"message":{"content":{"text":"x"}}}]}"#).text, "x");
    }

    #[test]
    fn usage_is_read_in_both_spellings_and_as_floats() {
        let t = |v: &str| tokens(&serde_json::from_str(v).unwrap());
        assert_eq!(t(r#"{"prompt_tokens":3,"completion_tokens":4.0}"#), Some(Tokens { input: 3, output: 4 }));
        assert_eq!(t(r#"{"input_tokens":3,"output_tokens":-4}"#), Some(Tokens { input: 3, output: 0 }));
        assert_eq!(t("null"), None);
        for absurd in [
            r#"{"prompt_tokens":18446744073709551615}"#,
            r#"{"prompt_tokens":1,"completion_tokens":1e12}"#,
            r#"{"input_tokens":1e300,"output_tokens":5}"#,
        ] {
            assert_eq!(t(absurd), None, "{absurd}");
        }
        assert_eq!(t(r#"{"prompt_tokens":"many"}"#), None);
    }

    #[test]
    fn token_alternatives_are_read_and_nonsense_in_their_place_is_none() {
        let with = |l: &str| chat(&format!(r#"{{"choices":[{{"message":{{"content":"4"}},"logprobs":{l}}}]}}"#)).tokens;
        let full =
            r#"{"content":[{"token":"4","logprob":-0.1,"top_logprobs":[{"token":"4","logprob":-0.1},{"token":"3","logprob":null}]}]}"#;
        assert_eq!(with(full), [("4".to_owned(), vec![("4".to_owned(), -0.1)])]);
        assert_eq!(with(r#"{"content":[{"token":"4","logprob":-0.1}]}"#), [("4".to_owned(), vec![("4".to_owned(), -0.1)])]);
        for odd in [r#"{"content":null}"#, r#"{"tokens":["4"]}"#, "[]", "7"] {
            assert_eq!(with(odd), [], "{odd}");
        }
    }

    #[test]
    fn what_is_no_completion_says_so() {
        for (body, says) in [
            ("<html>hello</html>", "<html>hello</html>"),
            ("", "no chat completion"),
            ("[]", "no choices"),
            ("{}", "no choices"),
            (r#"{"choices":[]}"#, "no choices"),
            (r#"{"error":{"message":"bad model"}}"#, "bad model"),
            (r#"{"error":"bad model"}"#, "bad model"),
            ("data: {}", "data: {}"),
        ] {
            let f = failed(body);
            assert_eq!((f.failure.kind, f.retry), (CallFailureKind::BadReply, Retry::Never), "{body}");
            assert!(f.failure.detail.contains(says), "{body}: {}", f.failure.detail);
        }
    }

    #[test]
    fn an_error_with_a_status_in_it_counts_as_that_status() {
        let f = failed(r#"{"error":{"code":502,"message":"upstream"}}"#);
        assert_eq!((f.failure.kind, f.retry), (CallFailureKind::ServerError, Retry::Soon));
        assert_eq!(failed(r#"{"error":{"code":"429"}}"#).failure.kind, CallFailureKind::RateLimited);
    }

    #[test]
    fn a_body_that_ends_too_early_may_be_retried() {
        assert_eq!(failed(r#"{"choices":[{"mess"#).retry, Retry::Soon);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            _ = read(&body);
        }
    }
}
