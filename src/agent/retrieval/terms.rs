//! Words as the index knows them: folded, without stop words, cut to a light stem.
//!
//! English rules; words of other languages stay as they are but for an `s` or the like. The stems are keys, not words.

use crate::text::words::words;

/// Words that say nothing about what a passage is about. `no` and `not` do.
const STOP: [&str; 82] = [
    "a", "about", "all", "am", "an", "and", "any", "are", "as", "at", "be", "been", "being", "but", "by", "can", "could", "did", "do",
    "does", "doing", "for", "from", "had", "has", "have", "having", "he", "her", "here", "his", "how", "i", "if", "in", "into", "is", "it",
    "its", "just", "may", "me", "might", "must", "my", "of", "on", "or", "our", "shall", "she", "should", "so", "some", "such", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "was", "we", "were", "what", "when", "where",
    "which", "who", "whom", "why", "will", "with", "would", "you", "your",
];

/// The terms of a text, in order, repeats included.
pub(super) fn of(text: &str) -> Vec<String> {
    words(text).into_iter().filter(|w| STOP.binary_search(&w.as_str()).is_err()).map(stem).collect()
}

/// A light stem: plurals, `-ed`, `-ing`, a final `e` and `y` (after Porter 1980, step 1).
fn stem(word: String) -> String {
    if word.len() < 4 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word;
    }
    let mut w = word.as_str();
    if let Some(cut) = w.strip_suffix("sses").or_else(|| w.strip_suffix("ies")) {
        w = &w[..cut.len() + if w.ends_with("sses") { 2 } else { 1 }];
    } else if w.ends_with('s') && !w.ends_with("ss") && !w.ends_with("us") && !w.ends_with("is") {
        w = &w[..w.len() - 1];
    }
    let mut bare = false;
    if let Some(cut) = w.strip_suffix("ing").or_else(|| w.strip_suffix("ed"))
        && cut.len() >= 3
        && cut.bytes().any(|b| b"aeiouy".contains(&b))
    {
        w = cut;
        bare = true;
    }
    let bytes = w.as_bytes();
    // `running` and `run`, but not `call` and `cal`.
    if bare && bytes.len() > 3 && bytes[bytes.len() - 1] == bytes[bytes.len() - 2] && !b"lsz".contains(&bytes[bytes.len() - 1]) {
        w = &w[..w.len() - 1];
    }
    if w.len() > 3 && w.ends_with('e') {
        w = &w[..w.len() - 1];
    }
    match w.strip_suffix('y') {
        Some(cut) if cut.len() > 2 => format!("{cut}i"),
        _ => w.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_stop_words_are_sorted() {
        assert!(STOP.is_sorted());
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for forms in [
            &["judge", "judges", "judged", "judging"][..],
            &["policy", "policies"],
            &["run", "runs", "running"],
            &["class", "classes"],
            &["stop", "stopped", "stopping"],
            &["call", "called", "calls"],
            &["cache", "cached", "caches"],
        ] {
            let stems: Vec<String> = forms.iter().map(|w| stem((*w).to_owned())).collect();
            assert!(stems.windows(2).all(|p| p[0] == p[1]), "{stems:?}");
        }
        assert_ne!(stem("string".into()), stem("str".into()));
        assert_eq!(stem("bus".into()), "bus");
    }

    #[test]
    fn a_question_becomes_what_it_is_about() {
        assert_eq!(of("What does the `--max_drop` flag do, and is it NOT 0.5?"), ["max", "drop", "flag", "not", "0.5"]);
        assert!(of("What is it?").is_empty());
    }

    proptest! {
        #[test]
        fn any_word_has_a_stem(word in "[a-z]{0,12}") {
            let stem = stem(word.clone());
            prop_assert!(word.is_empty() || !stem.is_empty());
            prop_assert!(stem.len() <= word.len());
        }
    }
}
