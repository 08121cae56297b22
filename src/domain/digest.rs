//! Content identity: BLAKE3 over a canonical, domain-separated, length-prefixed encoding.
//!
//! Invariant: two different field lists never encode to the same bytes, and the encoding of a kind
//! changes only with its version tag.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// BLAKE3 of the canonical content of a case, an output, a rubric, a judge or a set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// A text that is not 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a digest: {0:?} (64 hexadecimal digits are expected)")]
pub struct NotADigest(String);

impl Digest {
    /// The raw 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Digest of plain bytes, without a domain. For files read as a whole.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The first twelve hexadecimal digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }

    /// The first eight bytes as a number in `[0, 1)`: a keyed draw that anyone can replay.
    #[must_use]
    pub fn unit(&self) -> f64 {
        let mut head = [0u8; 8];
        head.copy_from_slice(&self.0[..8]);
        // 53 bits, so that every value is exact in an f64.
        (u64::from_be_bytes(head) >> 11) as f64 / (1u64 << 53) as f64
    }
}

impl From<blake3::Hash> for Digest {
    fn from(h: blake3::Hash) -> Self {
        Self(*h.as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(blake3::Hash::from(self.0).to_hex().as_str())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

impl FromStr for Digest {
    type Err = NotADigest;
    fn from_str(s: &str) -> Result<Self, NotADigest> {
        blake3::Hash::from_hex(s).map(Self::from).map_err(|_| NotADigest(s.chars().take(80).collect()))
    }
}

impl TryFrom<String> for Digest {
    type Error = NotADigest;
    fn try_from(s: String) -> Result<Self, NotADigest> {
        s.parse()
    }
}

impl From<Digest> for String {
    fn from(d: Digest) -> Self {
        d.to_string()
    }
}

/// Builds a [`Digest`] field by field. Every field is tagged and length-prefixed.
#[derive(Clone)]
pub struct DigestBuilder(blake3::Hasher);

impl DigestBuilder {
    /// Starts a digest of one kind, e.g. `"case/1"`. The kind separates domains; its number is the encoding's version.
    #[must_use]
    pub fn new(kind: &str) -> Self {
        Self(blake3::Hasher::new()).bytes("tribunal", kind.as_bytes())
    }

    /// Adds a named byte string.
    #[must_use]
    pub fn bytes(mut self, name: &str, value: &[u8]) -> Self {
        for part in [name.as_bytes(), value] {
            self.0.update(&(part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
        self
    }

    /// Adds a named text.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Self {
        self.bytes(name, value.as_bytes())
    }

    /// Adds a named list of texts; order counts.
    #[must_use]
    pub fn list<S: AsRef<str>>(self, name: &str, values: &[S]) -> Self {
        let start = self.bytes(name, &(values.len() as u64).to_le_bytes());
        values.iter().fold(start, |b, v| b.text("", v.as_ref()))
    }

    /// Adds an optional text; absent differs from empty.
    #[must_use]
    pub fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(v) => self.bytes(name, &[1]).text("", v),
            None => self.bytes(name, &[0]),
        }
    }

    /// Adds another digest.
    #[must_use]
    pub fn digest(self, name: &str, value: &Digest) -> Self {
        self.bytes(name, value.bytes())
    }

    /// The digest of all fields so far.
    #[must_use]
    pub fn finish(&self) -> Digest {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_letter_between_fields_changes_the_digest() {
        let a = DigestBuilder::new("t/1").text("x", "ab").text("y", "c").finish();
        let b = DigestBuilder::new("t/1").text("x", "a").text("y", "bc").finish();
        assert_ne!(a, b);
    }

    #[test]
    fn absent_and_empty_differ() {
        let a = DigestBuilder::new("t/1").maybe("x", None).finish();
        let b = DigestBuilder::new("t/1").maybe("x", Some("")).finish();
        assert_ne!(a, b);
    }

    #[test]
    fn a_digest_survives_text() {
        let d = DigestBuilder::new("t/1").finish();
        assert_eq!(d.to_string().parse::<Digest>(), Ok(d));
        assert!("xyz".parse::<Digest>().is_err());
        assert!((0.0..1.0).contains(&d.unit()));
    }
}
