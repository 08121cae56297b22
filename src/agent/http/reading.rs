//! Takes the answer, and what else is pointed at, out of a reply. Pure.

use serde_json::Value;

use crate::agent::spec::HttpAgentSpec;
use crate::domain::{Output, Tokens};
use crate::provider::fault::Fault;
use crate::provider::{redact, reply};

/// Where things are in a reply (JSON pointers, RFC 6901).
#[derive(Clone, Debug)]
pub(super) struct Pointers {
    answer: String,
    context: Option<String>,
    trace: Option<String>,
    usage: Option<String>,
}

/// What a reply held.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Reply {
    text: String,
    context: Option<String>,
    trace: Option<String>,
    pub tokens: Option<Tokens>,
}

impl Pointers {
    pub(super) fn of(spec: &HttpAgentSpec) -> Result<Self, String> {
        let HttpAgentSpec { answer, context, trace, usage, .. } = spec.clone();
        let all = [Some(&answer), context.as_ref(), trace.as_ref(), usage.as_ref()];
        if let Some(bad) = all.into_iter().flatten().find(|p| !p.is_empty() && !p.starts_with('/')) {
            return Err(format!("`{bad}` is no JSON pointer; it starts with a slash, for example `/reply`"));
        }
        Ok(Self { answer, context, trace, usage })
    }

    /// True if replies say how many tokens they took.
    pub(super) fn counts(&self) -> bool {
        self.usage.is_some()
    }

    pub(super) fn read(&self, body: &[u8]) -> Result<Reply, Fault> {
        let whole = |_| Fault::bad_reply("the reply is not UTF-8");
        let others = [&self.context, &self.trace, &self.usage].into_iter().any(Option::is_some);
        if self.answer.is_empty() && !others {
            return Ok(Reply { text: std::str::from_utf8(body).map_err(whole)?.to_owned(), ..Reply::default() });
        }
        let json: Value = serde_json::from_slice(body).map_err(|e| {
            let cut = e.is_eof() && !body.is_empty();
            if cut { Fault::broke_off() } else { Fault::bad_reply(format!("the reply is no JSON: {}", redact::excerpt(body))) }
        })?;
        let text = if self.answer.is_empty() {
            std::str::from_utf8(body).map_err(whole)?.to_owned()
        } else {
            match json.pointer(&self.answer) {
                None | Some(Value::Null) => {
                    let shown = redact::excerpt(body);
                    return Err(Fault::bad_reply(format!("the reply holds nothing at `{}`: {shown}", self.answer)));
                }
                Some(v) => plain(v),
            }
        };
        let at = |p: &Option<String>| p.as_ref().and_then(|p| json.pointer(p)).filter(|v| !v.is_null());
        Ok(Reply {
            text,
            context: at(&self.context).map(passages),
            trace: at(&self.trace).map(Value::to_string),
            tokens: at(&self.usage).and_then(reply::tokens),
        })
    }
}

impl Reply {
    pub(super) fn output(self, latency_ms: u64) -> Output {
        let Self { text, context, trace, .. } = self;
        Output { text, context, trace, latency_ms, ..Output::default() }
    }
}

fn plain(v: &Value) -> String {
    v.as_str().map_or_else(|| v.to_string(), str::to_owned)
}

/// A passage, or several with an empty line between them.
fn passages(v: &Value) -> String {
    match v {
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join("\n\n"),
        one => plain(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::CallFailureKind;
    use crate::provider::fault::Retry;

    fn pointers(answer: &str) -> Pointers {
        let spec = HttpAgentSpec {
            answer: answer.into(),
            context: Some("/docs".into()),
            trace: Some("/steps".into()),
            usage: Some("/usage".into()),
            ..HttpAgentSpec::default()
        };
        Pointers::of(&spec).unwrap()
    }

    #[test]
    fn everything_pointed_at_is_taken() {
        let body = r#"{"a":{"b":["hi"]},"docs":["x","y"],"steps":[{"tool":"t"}],"usage":{"input_tokens":3,"output_tokens":4}}"#;
        let reply = pointers("/a/b/0").read(body.as_bytes()).unwrap();
        assert_eq!(reply.tokens, Some(Tokens { input: 3, output: 4 }));
        let output = reply.output(9);
        assert_eq!((output.text.as_str(), output.context.as_deref()), ("hi", Some("x\n\ny")));
        assert_eq!((output.trace.as_deref(), output.latency_ms), (Some(r#"[{"tool":"t"}]"#), 9));
    }

    #[test]
    fn what_is_no_text_is_written_as_json() {
        let read = |body: &str| pointers("/a").read(body.as_bytes()).unwrap().text;
        assert_eq!(read(r#"{"a":14}"#), "14");
        assert_eq!(read(r#"{"a":false}"#), "false");
        assert_eq!(read(r#"{"a":["x",1]}"#), r#"["x",1]"#);
        assert_eq!(read(r#"{"a":""}"#), "");
    }

    #[test]
    fn an_empty_pointer_takes_the_whole_reply_as_text() {
        let plain = Pointers { answer: String::new(), context: None, trace: None, usage: None };
        assert_eq!(plain.read(b"just text").unwrap().text, "just text");
        assert_eq!(plain.read(b"\xff").unwrap_err().failure.kind, CallFailureKind::BadReply);
    }

    #[test]
    fn a_reply_without_an_answer_is_a_bad_reply() {
        for body in ["{}", r#"{"a":null}"#, "[]", "<html>", ""] {
            let f = pointers("/a").read(body.as_bytes()).unwrap_err();
            assert_eq!((f.failure.kind, f.retry), (CallFailureKind::BadReply, Retry::Never), "{body}");
        }
        assert_eq!(pointers("/a").read(br#"{"a": "cut of"#).unwrap_err().retry, Retry::Soon);
    }
}
