//! What every request must get right before anything else is looked at: its Host, its Origin, its pace.
//!
//! Invariant: a page of another site, a name that was bound to this address, and a flood get no further than this file.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, Method, header};

/// The names under which this server may be asked.
pub(super) struct Door {
    hosts: Vec<String>,
    scheme: &'static str,
}

/// Why a request is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Away {
    /// Asked under a name that is not ours.
    Host,
    /// Sent by another site.
    Origin,
}

impl Door {
    /// A server at this address, also known by these names (with a port, or for the default one). `secure`: people reach it by https.
    pub(super) fn new(at: SocketAddr, names: &[String], secure: bool) -> Self {
        let port = at.port();
        let mut hosts: Vec<String> = names.iter().map(|n| n.to_ascii_lowercase()).collect();
        if at.ip().is_loopback() {
            hosts.extend([format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")]);
        } else if !at.ip().is_unspecified() {
            hosts.push(at.to_string());
        }
        hosts.extend(names.iter().map(|n| format!("{}:{port}", n.to_ascii_lowercase())));
        Self { hosts, scheme: if secure { "https://" } else { "http://" } }
    }

    /// Whether a request may come in.
    pub(super) fn check(&self, method: &Method, headers: &HeaderMap) -> Result<(), Away> {
        let text = |name: header::HeaderName| -> Option<&str> {
            let mut all = headers.get_all(name).iter();
            let one = all.next()?.to_str().ok();
            if all.next().is_some() { None } else { one }
        };
        let host = text(header::HOST).ok_or(Away::Host)?.to_ascii_lowercase();
        if !self.hosts.contains(&host) {
            return Err(Away::Host);
        }
        let ours = |origin: &str| origin.strip_prefix(self.scheme).is_some_and(|h| self.hosts.iter().any(|k| k.eq_ignore_ascii_case(h)));
        let same_site = headers.get("sec-fetch-site").is_some_and(|v| v == "same-origin");
        let safe = matches!(*method, Method::GET | Method::HEAD);
        match text(header::ORIGIN) {
            Some(origin) if ours(origin) => Ok(()),
            // A form of a page without a referrer says `null`; the browser itself says whose page it was.
            Some("null") if same_site => Ok(()),
            None if headers.contains_key(header::ORIGIN) => Err(Away::Origin),
            None if safe || same_site => Ok(()),
            _ => Err(Away::Origin),
        }
    }
}

/// So many requests at once, and so many a second after that.
pub(super) struct Pace {
    burst: f64,
    each_second: f64,
    left: Mutex<(f64, i64)>,
}

impl Pace {
    pub(super) fn new(burst: f64, each_second: f64) -> Self {
        Self { burst, each_second, left: Mutex::new((burst, i64::MIN)) }
    }

    /// Takes one; false where none is left.
    pub(super) fn take(&self, now_ms: i64) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let (had, at) = *left;
        let since = if at == i64::MIN { 0 } else { now_ms.saturating_sub(at).max(0) };
        let has = (had + since as f64 / 1000.0 * self.each_second).min(self.burst);
        let fine = has >= 1.0;
        *left = (if fine { has - 1.0 } else { has }, now_ms);
        fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: Method, pairs: &[(&str, &str)]) -> Result<(), Away> {
        let mut h = HeaderMap::new();
        for (k, v) in pairs {
            h.append(header::HeaderName::from_bytes(k.as_bytes()).unwrap(), v.parse().unwrap());
        }
        Door::new("127.0.0.1:4711".parse().unwrap(), &[], false).check(&method, &h)
    }

    #[test]
    fn only_our_own_names_are_answered() {
        for host in ["127.0.0.1:4711", "localhost:4711", "LOCALHOST:4711", "[::1]:4711"] {
            assert_eq!(asked(Method::GET, &[("host", host)]), Ok(()), "{host}");
        }
        for host in ["evil.test:4711", "127.0.0.1", "127.0.0.1:4712", "127.0.0.1:4711.evil.test", ""] {
            assert_eq!(asked(Method::GET, &[("host", host)]), Err(Away::Host), "{host}");
        }
        assert_eq!(asked(Method::GET, &[]), Err(Away::Host));
        assert_eq!(asked(Method::GET, &[("host", "127.0.0.1:4711"), ("host", "evil.test")]), Err(Away::Host));
    }

    #[test]
    fn what_changes_something_must_come_from_our_own_pages() {
        let host = ("host", "127.0.0.1:4711");
        let post = |more: &[(&str, &str)]| asked(Method::POST, &[&[host], more].concat());
        assert_eq!(post(&[]), Err(Away::Origin));
        assert_eq!(post(&[("origin", "http://127.0.0.1:4711")]), Ok(()));
        assert_eq!(post(&[("origin", "http://evil.test")]), Err(Away::Origin));
        assert_eq!(post(&[("origin", "https://127.0.0.1:4711")]), Err(Away::Origin));
        assert_eq!(post(&[("origin", "null")]), Err(Away::Origin));
        assert_eq!(post(&[("origin", "null"), ("sec-fetch-site", "same-origin")]), Ok(()));
        assert_eq!(post(&[("origin", "null"), ("sec-fetch-site", "cross-site")]), Err(Away::Origin));
        assert_eq!(asked(Method::GET, &[host, ("origin", "http://evil.test")]), Err(Away::Origin));
    }

    #[test]
    fn a_flood_runs_dry_and_recovers() {
        let p = Pace::new(2.0, 1.0);
        assert_eq!([0, 0, 0, 999, 1_000, 1_000].map(|t| p.take(t)), [true, true, false, false, true, false]);
    }
}
