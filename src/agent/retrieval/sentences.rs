//! The sentences of a passage that say most about a question, in their order.

/// The best `n` sentences by `score`, in the order of the text; of equals the earlier ones.
pub(super) fn best(text: &str, n: usize, score: impl Fn(&str) -> f64) -> String {
    let all = split(text);
    let mut ranked: Vec<(usize, f64)> = all.iter().enumerate().map(|(i, s)| (i, score(s))).collect();
    ranked.sort_by(|(i, a), (j, b)| b.total_cmp(a).then(i.cmp(j)));
    let mut kept: Vec<usize> = ranked.into_iter().take(n.max(1)).map(|(i, _)| i).collect();
    kept.sort_unstable();
    kept.iter().filter_map(|i| all.get(*i)).copied().collect::<Vec<_>>().join(" ")
}

/// Cuts at line ends, and after `.`, `!`, `?` or `:` before white space and something that can begin a sentence.
fn split(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    for line in text.lines() {
        let mut start = 0;
        for (i, c) in line.char_indices() {
            let end = i + c.len_utf8();
            if matches!(c, '.' | '!' | '?') && begins(&line[end..]) && !abbreviated(&line[start..end]) {
                out.push(line[start..end].trim());
                start = end;
            }
        }
        out.push(line[start..].trim());
    }
    out.retain(|s| !s.is_empty());
    out
}

/// Whether a new sentence begins after white space.
fn begins(rest: &str) -> bool {
    rest.starts_with(char::is_whitespace)
        && rest.trim_start().starts_with(|c: char| !c.is_lowercase() && (c.is_alphanumeric() || "\"'(`-$".contains(c)))
}

fn abbreviated(sentence: &str) -> bool {
    let last = sentence.rsplit(char::is_whitespace).next().unwrap_or("").trim_start_matches(['(', '"', '\'']);
    let known = ["e.g.", "i.e.", "etc.", "vs.", "cf.", "Dr.", "Mr.", "Mrs.", "Ms.", "No.", "St.", "approx."];
    known.contains(&last) || (last.len() == 2 && last.starts_with(char::is_uppercase))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_cut_into_its_sentences() {
        assert_eq!(
            split("Use it, e.g. Monday. Version 3.5 is out! Is it? yes.\n- item one\nJ. Doe wrote it."),
            ["Use it, e.g. Monday.", "Version 3.5 is out!", "Is it? yes.", "- item one", "J. Doe wrote it."]
        );
    }

    #[test]
    fn the_best_sentences_come_in_the_order_of_the_text() {
        let by_length = |s: &str| s.len() as f64;
        assert_eq!(
            best("Long sentence one. Bb. The longest sentence of all. Cc.", 2, by_length),
            "Long sentence one. The longest sentence of all."
        );
        assert_eq!(best("A one. B two.", 1, |_| 0.0), "A one.");
        assert_eq!(best("", 3, by_length), "");
    }

    proptest! {
        #[test]
        fn cutting_loses_no_word(text in any::<String>()) {
            let kept: String = split(&text).concat().split_whitespace().collect();
            let whole: String = text.split_whitespace().collect();
            prop_assert_eq!(kept, whole);
        }
    }
}
