//! The page's content security policy: nothing may load, and only our own style and script may run, named by their hash.

use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;

/// The policy for a page with this style and this script, both inline.
pub(super) fn policy(style: &str, script: &str) -> String {
    format!("default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'", source(style), source(script))
}

/// The policy for a page with this style and no script at all.
pub(super) fn without_script(style: &str) -> String {
    policy(style, "").replace(&format!("script-src {}", source("")), "script-src 'none'")
}

fn source(text: &str) -> String {
    sha256(text.as_bytes()).map_or_else(|| "'none'".to_owned(), |d| format!("'sha256-{}'", base64(&d)))
}

/// SHA-256 as the TLS library has it: no crate for one hash, and none of our own making.
fn sha256(data: &[u8]) -> Option<Vec<u8>> {
    Some(TLS13_AES_128_GCM_SHA256.tls13()?.common.hash_provider.hash(data).as_ref().to_vec())
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_standard() {
        assert_eq!(base64(&sha256(b"abc").unwrap()), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        assert_eq!(base64(b""), "");
        assert_eq!(["f", "fo", "foo", "foob"].map(|s| base64(s.as_bytes())), ["Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]);
    }
}
