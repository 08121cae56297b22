//! What the server says: as an agent, as a judge, and as a judge that cannot be read.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Flags, Switch};

/// A chat request, as far as it matters here.
#[derive(Deserialize)]
pub struct Request {
    model: String,
    messages: Vec<Message>,
    #[serde(default)]
    response_format: Option<Format>,
    #[serde(default)]
    logprobs: Option<bool>,
    #[serde(default)]
    top_logprobs: Option<u8>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: Value,
}

#[derive(Deserialize)]
struct Format {
    r#type: String,
}

/// Seed and content as one number.
pub fn hash(seed: u64, content: &[u8]) -> u64 {
    let mut h = blake3::Hasher::new();
    h.update(&seed.to_le_bytes()).update(content);
    first(&h.finalize())
}

/// A draw from `[0, 1)` by content, how often it came, and what for.
pub fn unit(content: u64, nth: u32, what: &str) -> f64 {
    let mut h = blake3::Hasher::new();
    h.update(&content.to_le_bytes()).update(&nth.to_le_bytes()).update(what.as_bytes());
    (first(&h.finalize()) >> 11) as f64 / (1u64 << 53) as f64
}

fn first(h: &blake3::Hash) -> u64 {
    h.as_bytes()[..8].iter().fold(0, |n, b| n << 8 | u64::from(*b))
}

/// Reads a file of answers: JSONL with `question` or `id`, and `answer`.
pub fn answers(path: &Path) -> io::Result<HashMap<String, String>> {
    let mut all = HashMap::new();
    for line in std::fs::read_to_string(path)?.lines().filter(|l| !l.trim().is_empty()) {
        let line: Value = serde_json::from_str(line)?;
        let Some(answer) = line["answer"].as_str() else { continue };
        for key in ["question", "id"] {
            if let Some(k) = line[key].as_str() {
                all.insert(k.to_owned(), answer.to_owned());
            }
        }
    }
    Ok(all)
}

/// The reply of `/chat`: the question is in `question`, `q` or the query.
pub fn chat(answers: &HashMap<String, String>, query: &str, body: &[u8]) -> Result<Vec<u8>, String> {
    let question = if body.is_empty() {
        let value = query.split('&').find_map(|p| p.strip_prefix("question=").or_else(|| p.strip_prefix("q=")));
        value.unwrap_or_default().replace('+', " ")
    } else {
        let body: Value = serde_json::from_slice(body).map_err(|e| e.to_string())?;
        ["question", "q"].iter().find_map(|k| body[k].as_str()).unwrap_or_default().to_owned()
    };
    let reply = answers.get(&question).unwrap_or(&question);
    let usage = json!({"input_tokens": question.len() / 4 + 1, "output_tokens": reply.len() / 4 + 1});
    let trace = json!([{"tool": "search", "query": question}]);
    Ok(json!({"reply": reply, "docs": ["the first passage", "the second"], "trace": trace, "usage": usage}).to_string().into())
}

/// The reply of `/v1/chat/completions`, or why the request is refused.
pub fn completion(flags: &Flags, answers: &HashMap<String, String>, request: &Request, content: u64, nth: u32) -> Result<Vec<u8>, String> {
    let format = request.response_format.as_ref().map(|f| f.r#type.as_str());
    if flags.no_json_schema && format == Some("json_schema") || flags.no_json_object && format == Some("json_object") {
        return Err(format!("response_format of type `{}` is not supported", format.unwrap_or_default()));
    }
    let text = |m: &Message| m.content.as_str().unwrap_or_default().to_owned();
    let system = request.messages.iter().find(|m| m.role == "system").map(text).unwrap_or_default();
    let asked = request.messages.last().map(text).unwrap_or_default();
    let judges = format.is_some() || system.to_lowercase().contains("score");
    let mut reply = Said { text: answers.get(&asked).unwrap_or(&asked).clone(), finish: "stop", refusal: None };
    let mut logprobs = Value::Null;
    if judges {
        let score = score(flags, &asked, content, nth);
        let as_text = format.is_none() && asked.contains("Score:");
        reply.text = judgment(score, as_text);
        if flags.logprobs && request.logprobs == Some(true) {
            logprobs = probabilities(&reply.text, score, request.top_logprobs.unwrap_or(0));
        }
        if unit(content, nth, "garbage") < flags.garbage {
            reply = garbage(score, unit(content, nth, "kind"));
            logprobs = Value::Null;
        }
    }
    let (prompt, completion) = (request.messages.iter().map(|m| text(m).len() / 4 + 4).sum::<usize>(), reply.text.len() / 4 + 1);
    let usage = json!({"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion});
    let message = json!({"role": "assistant", "content": reply.text, "refusal": reply.refusal});
    let choice = json!({"index": 0, "message": message, "finish_reason": reply.finish, "logprobs": logprobs});
    let mut out = json!({
        "id": format!("mock-{content:016x}"), "object": "chat.completion", "created": 0, "model": request.model, "choices": [choice]
    });
    if flags.usage == Switch::On {
        out["usage"] = usage;
    }
    Ok(out.to_string().into())
}

struct Said {
    text: String,
    finish: &'static str,
    refusal: Option<&'static str>,
}

fn judgment(score: u8, as_text: bool) -> String {
    let reason = match score {
        5 => "The answer says what is expected.",
        4 => "The answer says nearly all that is expected.",
        3 => "The answer says part of what is expected.",
        2 => "The answer says little of what is expected.",
        _ => "The answer says something else than is expected.",
    };
    if as_text { format!("{reason}\nScore: {score}") } else { format!(r#"{{"reason": "{reason}", "score": {score}}}"#) }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 4")]
fn score(flags: &Flags, prompt: &str, content: u64, nth: u32) -> u8 {
    let drawn = || 1 + (unit(content, nth, "score") * 5.0) as u8;
    if let Some(n) = flags.judge_mode.strip_prefix("fixed:") {
        return n.parse().unwrap_or(3);
    }
    if flags.judge_mode == "random" {
        return drawn();
    }
    match (block(prompt, "EXPECTED ANSWER"), block(prompt, "ANSWER")) {
        (Some(expected), Some(answer)) => {
            let words = |t: &str| t.to_lowercase().split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<HashSet<_>>();
            let (expected, answer) = (words(expected), words(answer));
            let shared = expected.intersection(&answer).filter(|w| !w.is_empty()).count();
            let wanted = expected.iter().filter(|w| !w.is_empty()).count().max(1);
            1 + (4.0 * shared as f64 / wanted as f64).round() as u8
        }
        _ => drawn(),
    }
}

/// What stands between `[[BEGIN NAME code]]` and `[[END NAME code]]`; the last such block.
fn block<'p>(prompt: &'p str, name: &str) -> Option<&'p str> {
    let (_, after) = prompt.rsplit_once(&format!("[[BEGIN {name} "))?;
    let (_, inside) = after.split_once("]]")?;
    Some(inside.split_once(&format!("[[END {name} ")).map_or(inside, |(text, _)| text).trim())
}

/// Tokens of a judgment, the score's digit on its own, with the probabilities of the five scores.
fn probabilities(text: &str, score: u8, top: u8) -> Value {
    let at = text.rfind(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let sure = |n: u8| if n == score { 0.7f64.ln() } else { 0.075f64.ln() };
    let mut scores: Vec<u8> = (1..=5).collect();
    scores.sort_by_key(|n| (*n != score, *n));
    let alternatives: Vec<Value> = scores.iter().take(top.into()).map(|n| json!({"token": n.to_string(), "logprob": sure(*n)})).collect();
    let plain = |t: &str| json!({"token": t, "logprob": -0.01, "top_logprobs": []});
    let digit = json!({"token": score.to_string(), "logprob": sure(score), "top_logprobs": alternatives});
    json!({"content": [plain(&text[..at]), digit, plain(text.get(at + 1..).unwrap_or_default())]})
}

/// Judge replies that are hard or impossible to read, in the many ways of the wild.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index below the number of kinds")]
fn garbage(score: u8, drawn: f64) -> Said {
    let object = |score: &str| format!(r#"{{"reason": "Hm.", "score": {score}}}"#);
    let wide = char::from_u32(0xFF10 + u32::from(score)).unwrap_or('0');
    let mut fenced = String::from("Here is my judgment:\n```json\n");
    _ = writeln!(fenced, "{}\n```", object(&score.to_string()));
    let kinds: [(String, &'static str, Option<&'static str>); 16] = [
        (object("0"), "stop", None),
        (object("6"), "stop", None),
        (object("4.5"), "stop", None),
        (object(r#""4/5""#), "stop", None),
        (object("null"), "stop", None),
        (r#"{"reason": "I forgot the score."}"#.into(), "stop", None),
        (r#"{"reason": "This is completely wrong.", "score": 5}"#.into(), "stop", None),
        (r#"{"reason": "The answer is cut o"#.into(), "length", None),
        (String::new(), "stop", None),
        (String::new(), "stop", Some("I cannot help with that.")),
        ("I'm sorry, but I can't judge this.".into(), "stop", None),
        ("It is quite good, I think.".into(), "stop", None),
        (format!("{} {}", object("2"), object("5")), "stop", None),
        (fenced, "stop", None),
        (object(&format!("\"{wide}\"")), "stop", None),
        ("<html><body>Bad Gateway</body></html>".into(), "stop", None),
    ];
    let pick = (drawn * kinds.len() as f64) as usize;
    let (text, finish, refusal) = kinds.into_iter().nth(pick).unwrap_or_default();
    Said { text, finish, refusal }
}
