//! Keeps secrets out of what people and files get to see.

use std::borrow::Cow;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

/// Stands where a secret stood.
pub const REDACTED: &str = "[secret]";

/// Shorter texts are not taken for secrets: replacing every `1` would hide nothing and spoil everything.
const SHORTEST: usize = 4;

/// How much of a server's error is kept, in characters.
const EXCERPT: usize = 300;

/// A URL without user, password, query and fragment.
#[must_use]
pub fn url(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or((None, url), |(s, r)| (Some(s), r));
    let cut = rest.find(['?', '#']).unwrap_or(rest.len());
    let rest = &rest[..cut];
    let authority = rest.find('/').unwrap_or(rest.len());
    let host = rest[..authority].rfind('@').map_or(0, |at| at + 1);
    scheme.map_or_else(|| rest[host..].to_owned(), |s| format!("{s}://{}", &rest[host..]))
}

/// Replaces every secret in a text.
#[must_use]
pub fn scrub<'t>(text: &'t str, secrets: &[SecretString]) -> Cow<'t, str> {
    let mut out = Cow::Borrowed(text);
    for secret in secrets.iter().map(ExposeSecret::expose_secret).filter(|s| s.len() >= SHORTEST) {
        if out.contains(secret) {
            out = Cow::Owned(out.replace(secret, REDACTED));
        }
    }
    out
}

/// A reply's body without the secrets that a server may have echoed. Costs a search, no copy, when there is none.
#[must_use]
pub fn scrub_body(body: Bytes, secrets: &[SecretString]) -> Bytes {
    if secrets.is_empty() {
        return body;
    }
    let clean = match std::str::from_utf8(&body) {
        Ok(text) => match scrub(text, secrets) {
            Cow::Borrowed(_) => None,
            Cow::Owned(clean) => Some(clean),
        },
        Err(_) => Some(scrub(&String::from_utf8_lossy(&body), secrets).into_owned()),
    };
    clean.map_or(body, Bytes::from)
}

/// The head of a body on one line, for an error's detail.
#[must_use]
pub fn excerpt(body: &[u8]) -> String {
    let head = &body[..body.len().min(8 * EXCERPT)];
    let text = String::from_utf8_lossy(head);
    let mut out: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((cut, _)) = out.char_indices().nth(EXCERPT) {
        out.truncate(cut);
        out.push_str(" ...");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_user_password_and_query() {
        assert_eq!(url("https://bob:pw@host.example:8443/v1?key=abc#x"), "https://host.example:8443/v1");
        assert_eq!(url("http://localhost:1/v1"), "http://localhost:1/v1");
        assert_eq!(url("bob:pw@host/x"), "host/x");
        assert_eq!(url("https://a/b@c"), "https://a/b@c");
        assert_eq!(url("https://user:p@ss@host/"), "https://host/");
    }

    #[test]
    fn an_echoed_secret_is_replaced_wherever_it_stands() {
        let key = [SecretString::from("sk-12345")];
        assert_eq!(scrub("no sk-12345, sk-12345!", &key), "no [secret], [secret]!");
        assert_eq!(scrub_body(Bytes::from_static(b"Bearer sk-12345"), &key), "Bearer [secret]");
        assert_eq!(scrub_body(Bytes::from_static(b"\xff sk-12345"), &key), "\u{fffd} [secret]");
        assert_eq!(scrub("1 of 1", &[SecretString::from("1")]), "1 of 1");
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(excerpt(b" a\n\tb "), "a b");
        let long = "\u{e9}".repeat(5000);
        assert_eq!(excerpt(long.as_bytes()).chars().count(), EXCERPT + 4);
    }
}
