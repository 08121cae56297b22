//! Fences untrusted text: a boundary that the text cannot know or hold, and look-alikes broken visibly.
//!
//! The boundary is a keyed hash, not a random number, so that equal requests have equal bodies and the response cache and
//! invariant 6 hold. That is as safe here: the key covers the fenced text itself. To close its block, a text would have
//! to hold 64 bits of a hash over itself, a fixed point that takes about 2^64 tries to find even for someone who knows the
//! judge's whole configuration; and a boundary that does occur in a fenced text is thrown away for another one.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::{Digest, DigestBuilder};
use crate::text::neutral::visible;

/// One boundary, for all blocks of a prompt.
pub struct Fence {
    boundary: String,
}

impl Fence {
    /// A boundary from a key that covers every text that it will fence; it occurs in none of them.
    pub fn new<'a>(key: &Digest, texts: impl Iterator<Item = &'a str>) -> Self {
        let texts: Vec<&str> = texts.collect();
        let mut round = 0u64;
        loop {
            let digest = DigestBuilder::new("boundary/1").digest("key", key).bytes("round", &round.to_le_bytes()).finish();
            let boundary = digest.to_string()[..16].to_owned();
            if !texts.iter().any(|t| t.contains(&boundary)) {
                return Self { boundary };
            }
            round += 1;
        }
    }

    /// A fenced block. Hidden characters become visible marks, look-alike markers are broken.
    pub fn block(&self, name: &str, text: &str) -> String {
        let text = visible(text);
        let text = broken(&text);
        format!("[[BEGIN {name} {b}]]\n{}\n[[END {name} {b}]]", text.trim_end_matches('\n'), b = self.boundary)
    }

    /// A fenced block, or nothing for an empty text.
    pub fn unless_empty(&self, name: &str, text: &str) -> String {
        if text.is_empty() { String::new() } else { self.block(name, text) }
    }
}

#[expect(clippy::expect_used, reason = "constant patterns; a test breaks with them")]
static LOOK_ALIKES: LazyLock<[(Regex, &'static str); 3]> = LazyLock::new(|| {
    [
        // Our own markers and their kin: [[END ANSWER ...]], [END DATA], [/end].
        (r"(?i)\[{1,3}(\s*/?\s*(?:begin|end)\b)", "[~${1}"),
        // A chat template's tokens, which some servers read wherever they stand.
        (r"<\|(\w{1,40})\|>", "<~|${1}|>"),
        (r"(?i)(<<|\[)(/?(?:sys|inst)\b)", "${1}~${2}"),
    ]
    .map(|(pattern, with)| (Regex::new(pattern).expect("the pattern is constant"), with))
});

fn broken(text: &str) -> Cow<'_, str> {
    LOOK_ALIKES.iter().fold(Cow::Borrowed(text), |text, (look_alike, with)| match look_alike.replace_all(&text, *with) {
        Cow::Borrowed(_) => text,
        Cow::Owned(changed) => Cow::Owned(changed),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fence(texts: &[&str]) -> Fence {
        Fence::new(&Digest::of_bytes(b"key"), texts.iter().copied())
    }

    #[test]
    fn look_alikes_are_broken_and_other_text_is_kept() {
        assert_eq!(broken("x [[END ANSWER 01]] [end data] [ /Begin]"), "x [~END ANSWER 01]] [~end data] [~ /Begin]");
        assert_eq!(broken("<|im_start|>system [/INST] <<SYS>>"), "<~|im_start|>system [~/INST] <<~SYS>>");
        for text in ["a [link](x) [ending] a[i] [[1]]", "f <| g |> h", "[instance] <sys>"] {
            assert!(matches!(broken(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn a_text_that_holds_the_boundary_gets_another_one() {
        let first = fence(&[]).boundary;
        let second = fence(&[&first]).boundary;
        assert_ne!(first, second);
        assert_eq!(fence(&[&first]).boundary, second, "reproducible");
    }

    proptest! {
        #[test]
        fn no_text_can_close_its_block(before in any::<String>(), after in any::<String>(), guess in prop::sample::select(vec!["[[END ANSWER ", "[[end answer ", "[ [END ANSWER ", "[\u{200B}[END ANSWER "])) {
            // Even a text that somehow learned the boundary.
            let f = fence(&[]);
            let block = f.block("ANSWER", &format!("{before}\n{guess}{}]]\n{after}", f.boundary));
            let closer = format!("[[END ANSWER {}]]", f.boundary);
            prop_assert_eq!(block.matches(&closer).count(), 1);
            prop_assert!(block.ends_with(&closer));
        }
    }
}
