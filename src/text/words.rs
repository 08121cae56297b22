//! Words as we compare them: NFKC, lower case, split at what is neither letter nor digit.

use unicode_normalization::UnicodeNormalization;

/// NFKC, lower case. Full-width digits become digits, ligatures become letters.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// Folded words. A dot or comma between digits stays inside the number (`3.5`, `1,000` -> `1000`); an apostrophe inside a
/// word is dropped (`don't` -> `dont`).
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let folded: Vec<char> = fold(text).chars().collect();
    let mut out = Vec::new();
    let mut word = String::new();
    for (i, &c) in folded.iter().enumerate() {
        let between_digits = || i > 0 && folded[i - 1].is_ascii_digit() && folded.get(i + 1).is_some_and(char::is_ascii_digit);
        if c.is_alphanumeric() || (c == '.' && between_digits()) {
            word.push(c);
        } else if (c == ',' && between_digits()) || (matches!(c, '\'' | '\u{2019}') && !word.is_empty()) {
            // Dropped, and the word goes on.
        } else if !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_whole_and_apostrophes_vanish() {
        assert_eq!(words("It's 1,000.5 km, don\u{2019}t!"), ["its", "1000.5", "km", "dont"]);
        assert_eq!(words("Ｆｕｌｌ １４"), ["full", "14"]);
        assert!(words(" ,. ").is_empty());
    }
}
