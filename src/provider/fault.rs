//! One failed attempt: what it was, and whether another one may help.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use super::{CallFailure, CallFailureKind, backoff, redact};
use crate::domain::Tokens;

/// Whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It would fail again.
    Never,
    /// After a backoff of our own.
    Soon,
    /// Not before this time has passed, and nobody else either: the server said so.
    After(Duration),
}

/// One failed attempt.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{failure}")]
pub struct Fault {
    /// What the caller sees if no attempt follows.
    pub failure: CallFailure,
    /// Whether to try again.
    pub retry: Retry,
    /// Tokens that the server counted all the same.
    pub tokens: Tokens,
    /// False if no connection could be made.
    pub connected: bool,
}

impl Fault {
    /// A fault of a kind, never to be retried.
    pub fn new(kind: CallFailureKind, detail: impl Into<String>) -> Self {
        let failure = CallFailure { kind, status: None, detail: detail.into() };
        Self { failure, retry: Retry::Never, tokens: Tokens::default(), connected: true }
    }

    /// Replaces whether to try again.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// No reply within `limit`.
    pub fn timeout(limit: Duration) -> Self {
        Self::new(CallFailureKind::Timeout, format!("no reply within {:.0} s", limit.as_secs_f64())).retry(Retry::Soon)
    }

    /// The connection ended before the reply did.
    pub fn broke_off() -> Self {
        Self::new(CallFailureKind::Unreachable, "the reply broke off in the middle").retry(Retry::Soon)
    }

    /// A reply in another form than promised.
    pub fn bad_reply(detail: impl Into<String>) -> Self {
        Self::new(CallFailureKind::BadReply, detail)
    }

    /// A request that never became a reply. The URL is left out: it may hold a secret.
    pub fn network(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_builder() {
            return Self::new(CallFailureKind::Refused, format!("the request could not be built: {}", cause(&error)));
        }
        if error.is_timeout() && !error.is_connect() {
            return Self::new(CallFailureKind::Timeout, "no reply in time").retry(Retry::Soon);
        }
        let detail = match (error.is_connect(), cause(&error)) {
            (true, why) => format!("no connection: {why}"),
            (false, why) => format!("the connection broke off: {why}"),
        };
        Self { connected: !error.is_connect(), ..Self::new(CallFailureKind::Unreachable, detail).retry(Retry::Soon) }
    }

    /// A reply that is no success. `body` holds no secret any more.
    pub fn status(status: StatusCode, headers: &HeaderMap, body: &[u8], now_unix: i64) -> Self {
        let error = serde_json::from_slice::<Value>(body).ok();
        let error = error.as_ref().map(|v| v.get("error").unwrap_or(v));
        let said = error
            .and_then(|e| e.get("message").or(Some(e)))
            .and_then(Value::as_str)
            .map_or_else(|| redact::excerpt(body), |m| redact::excerpt(m.as_bytes()));
        let word = |name| error.and_then(|e| e.get(name)).and_then(Value::as_str);
        let no_credit = [word("code"), word("type")].contains(&Some("insufficient_quota"));
        let kind = match status.as_u16() {
            429 if !no_credit => CallFailureKind::RateLimited,
            408 => CallFailureKind::Timeout,
            500.. => CallFailureKind::ServerError,
            400 | 413 | 422 => CallFailureKind::Rejected,
            _ => CallFailureKind::Refused,
        };
        let told_not_to = headers.get("x-should-retry").is_some_and(|v| v == "false");
        let retry = match status.as_u16() {
            408 | 409 | 429 | 500.. if !no_credit && !told_not_to => {
                backoff::asked_wait(headers, now_unix).map_or(Retry::Soon, Retry::After)
            }
            _ => Retry::Never,
        };
        let mut detail = status.to_string();
        if status.is_redirection() {
            let to = headers.get(header::LOCATION).and_then(|v| v.to_str().ok()).unwrap_or("nowhere");
            detail = format!("{detail}: redirects are not followed; this one leads to {}", redact::url(to));
        } else if !said.is_empty() {
            detail = format!("{detail}: {said}");
        }
        let failure = CallFailure { kind, status: Some(status.as_u16()), detail };
        Self { failure, retry, tokens: Tokens::default(), connected: true }
    }

    /// True if the endpoint itself seems to be in trouble: this is what the breaker counts.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        use CallFailureKind as K;
        matches!(self.failure.kind, K::Unreachable | K::Timeout | K::ServerError)
    }

    /// True if fewer calls at once might help.
    #[must_use]
    pub fn is_overload(&self) -> bool {
        matches!(self.failure.kind, CallFailureKind::RateLimited | CallFailureKind::Timeout)
            || matches!(self.failure.status, Some(503 | 529))
    }
}

/// The innermost cause, which says most: "Connection refused" rather than "error sending request".
fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(next) = inner.source() {
        inner = next;
    }
    redact::excerpt(inner.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(status: u16, body: &str) -> Fault {
        Fault::status(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes(), 0)
    }

    #[test]
    fn passing_trouble_is_retried_and_mistakes_are_not() {
        for status in [408, 409, 429, 500, 502, 503, 504, 529] {
            assert_eq!(fault(status, "").retry, Retry::Soon, "{status}");
        }
        for status in [301, 400, 401, 403, 404, 405, 413, 422] {
            assert_eq!(fault(status, "").retry, Retry::Never, "{status}");
            let wanted = if matches!(status, 400 | 413 | 422) { CallFailureKind::Rejected } else { CallFailureKind::Refused };
            assert_eq!(fault(status, "").failure.kind, wanted, "{status}");
        }
    }

    #[test]
    fn no_credit_is_no_rate_limit() {
        for body in [r#"{"error":{"code":"insufficient_quota"}}"#, r#"{"error":{"type":"insufficient_quota"}}"#] {
            let f = fault(429, body);
            assert_eq!((f.retry, f.failure.kind), (Retry::Never, CallFailureKind::Refused));
        }
    }

    #[test]
    fn the_detail_says_what_the_server_said() {
        assert_eq!(fault(400, r#"{"error":{"message":"no such model"}}"#).failure.detail, "400 Bad Request: no such model");
        assert_eq!(fault(400, r#"{"error":"bad model"}"#).failure.detail, "400 Bad Request: bad model");
        assert_eq!(fault(400, r#"{"message":"nope"}"#).failure.detail, "400 Bad Request: nope");
        assert_eq!(fault(502, "<h1>Bad\nGateway</h1>").failure.detail, "502 Bad Gateway: <h1>Bad Gateway</h1>");
        assert_eq!(fault(500, "").failure.detail, "500 Internal Server Error");
    }

    #[test]
    fn a_redirect_names_its_target_without_its_query() {
        let headers = HeaderMap::from_iter([(header::LOCATION, "https://u:p@other/v1?key=s".parse().unwrap())]);
        let f = Fault::status(StatusCode::FOUND, &headers, b"", 0);
        assert_eq!(f.failure.detail, "302 Found: redirects are not followed; this one leads to https://other/v1");
    }
}
