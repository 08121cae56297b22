//! Replies kept between runs, by the full content of the call. A convenience: losing it costs calls, never results.
//!
//! Invariant: only replies that could be read are kept, never failures; and no key is part of an entry.

mod file;

use std::path::Path;

use bytes::Bytes;
use serde_json::Value;

pub use file::Cache;

use super::{ChatCall, redact};
use crate::domain::{Digest, DigestBuilder};

/// What tells one call from another, component by component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Digest over all components: the key of the entry.
    pub key: Digest,
    /// The server, without secrets.
    pub base_url: String,
    /// The model.
    pub model: String,
    /// Judge digest and sample, or agent digest and trial.
    pub salt: String,
    /// Digest of the messages.
    pub messages: Digest,
    /// Digest of everything else in the body.
    pub parameters: Digest,
}

impl Parts {
    /// The components of a call. The key is made of them, so that no text is hashed twice.
    #[must_use]
    pub fn of(call: &ChatCall) -> Self {
        let mut parameters = DigestBuilder::new("cache-parameters/1");
        for (name, value) in call.body.as_object().into_iter().flatten() {
            if name != "messages" && name != "model" {
                parameters = parameters.text(name, &value.to_string());
            }
        }
        let base_url = call.endpoint.base_url.trim_end_matches('/');
        let model = call.body.get("model").and_then(Value::as_str).unwrap_or_default();
        let messages = call.body.get("messages").unwrap_or(&Value::Null).to_string();
        let messages = DigestBuilder::new("cache-messages/1").text("", &messages).finish();
        let parameters = parameters.finish();
        let key = DigestBuilder::new("cache/1")
            .text("base_url", base_url)
            .text("model", model)
            .text("salt", &call.salt)
            .digest("messages", &messages)
            .digest("parameters", &parameters)
            .finish();
        Self { key, base_url: redact::url(base_url), model: model.to_owned(), salt: call.salt.clone(), messages, parameters }
    }

    /// The components in which two calls differ, in words.
    fn differences(&self, other: &Self) -> Vec<&'static str> {
        let split =
            |s: &'_ str| s.rsplit_once(['/', ':', '#']).map_or((s.to_owned(), String::new()), |(a, b)| (a.to_owned(), b.to_owned()));
        let (ours, theirs) = (split(&self.salt), split(&other.salt));
        [
            ("server", self.base_url != other.base_url),
            ("model", self.model != other.model),
            ("judge or agent", ours.0 != theirs.0),
            ("sample or trial", ours.1 != theirs.1),
            ("messages", self.messages != other.messages),
            ("parameters", self.parameters != other.parameters),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }
}

/// A kept reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The reply's bytes, as they came (without secrets).
    pub reply: Bytes,
    /// How long the server took, in milliseconds.
    pub latency_ms: u64,
}

/// Why a call would or would not be answered from the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explanation {
    /// It would: the reply was kept at this time (Unix time in milliseconds).
    Hit {
        /// When.
        kept_ms: i64,
    },
    /// It would not, and this entry comes closest.
    Miss {
        /// The closest entry.
        nearest: Box<Parts>,
        /// When it was kept (Unix time in milliseconds).
        kept_ms: i64,
        /// In which components it differs, in words.
        differs: Vec<&'static str>,
    },
    /// It would not: the cache is empty.
    Empty,
}

/// What is in a cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Replies kept.
    pub entries: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// Size of the file in bytes.
    pub file_bytes: u64,
    /// When the oldest was kept (Unix time in milliseconds).
    pub oldest_ms: Option<i64>,
    /// When the newest was kept (Unix time in milliseconds).
    pub newest_ms: Option<i64>,
    /// Replies by model, most first.
    pub models: Vec<(String, u64)>,
}

/// A fault of the cache's file.
#[derive(Debug, thiserror::Error)]
pub enum CacheFault {
    /// SQLite cannot.
    #[error("the response cache {path} could not be used")]
    Sqlite {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// The folder could not be made, or the writer thread could not be started.
    #[error("the response cache {path} could not be opened")]
    Io {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another version of this program wrote it.
    #[error("the response cache {path} has version {found}, this program knows version {known}")]
    Version {
        /// The file.
        path: String,
        /// The version found.
        found: i64,
        /// The version known.
        known: i64,
    },
}

impl CacheFault {
    fn sqlite(path: &Path) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| Self::Sqlite { path: path.display().to_string(), source }
    }

    fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { path: path.display().to_string(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Endpoint;
    use serde_json::json;
    use std::time::Duration;

    fn call() -> ChatCall {
        let endpoint = Endpoint { base_url: "http://h/v1".into(), key: None, timeout: Duration::from_secs(1) };
        let body = json!({"model": "m", "temperature": 1.0, "messages": [{"role": "user", "content": "q"}]});
        ChatCall { endpoint, body, salt: "judge/0".into() }
    }

    #[test]
    fn bodies_are_written_with_sorted_keys() {
        // The cache key depends on it: fails if a dependency turns on `preserve_order`.
        assert_eq!(json!({"b": {"d": 1, "c": 2}, "a": 0}).to_string(), r#"{"a":0,"b":{"c":2,"d":1}}"#);
    }

    #[test]
    fn every_component_changes_the_key_and_is_named() {
        type Edit = (&'static str, fn(&mut ChatCall));
        let edits: [Edit; 6] = [
            ("server", |c| c.endpoint.base_url = "http://other/v1".into()),
            ("model", |c| c.body["model"] = json!("n")),
            ("judge or agent", |c| c.salt = "other/0".into()),
            ("sample or trial", |c| c.salt = "judge/1".into()),
            ("messages", |c| c.body["messages"][0]["content"] = json!("r")),
            ("parameters", |c| c.body["temperature"] = json!(0.5)),
        ];
        let plain = Parts::of(&call());
        for (name, edit) in edits {
            let mut other = call();
            edit(&mut other);
            let other = Parts::of(&other);
            assert_ne!(plain.key, other.key, "{name}");
            assert_eq!(plain.differences(&other), [name]);
        }
    }

    #[test]
    fn neither_a_key_nor_a_trailing_slash_is_part_of_an_entry() {
        let mut other = call();
        other.endpoint.base_url.push('/');
        other.endpoint.key = Some("sk-secret".into());
        assert_eq!(Parts::of(&call()), Parts::of(&other));
    }
}
