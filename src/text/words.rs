//! Words as we compare them: NFKC, lower case, split at what is neither letter nor digit.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::invisible::is_invisible;

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

/// Compatibility form without accents and invisible characters; case is kept (`Röntgen` -> `Rontgen`, `Łódź` -> `Lodz`).
/// ASCII text is borrowed as it is.
#[must_use]
pub fn unaccented(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        // ASCII is its own compatibility form; the slow path sees what is between.
        let (plain, tail) = rest.split_at(rest.bytes().position(|b| !b.is_ascii()).unwrap_or(rest.len()));
        out.push_str(plain);
        let (foreign, tail) = tail.split_at(tail.bytes().position(|b| b.is_ascii()).unwrap_or(tail.len()));
        foreign.nfkd().for_each(|c| push_plain(&mut out, c));
        rest = tail;
    }
    Cow::Owned(out)
}

/// Adds a decomposed character without what does not count.
fn push_plain(out: &mut String, c: char) {
    match c {
        'ø' => out.push('o'),
        'Ø' => out.push('O'),
        'ł' => out.push('l'),
        'Ł' => out.push('L'),
        'đ' | 'ð' => out.push('d'),
        'Đ' | 'Ð' => out.push('D'),
        'ı' => out.push('i'),
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'Æ' => out.push_str("Ae"),
        'œ' => out.push_str("oe"),
        'Œ' => out.push_str("Oe"),
        '\u{2018}' | '\u{2019}' | '\u{02BC}' => out.push('\''),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
        // The line separators part words.
        c if is_invisible(c) && !c.is_whitespace() => {}
        c if is_combining_mark(c) => {}
        c => out.push(c),
    }
}

/// A light English stem of a folded word: plural, `-ed`, `-ing`, final `e` and `y` go, and nothing else. The stem is a
/// key to compare by, not a word to show (`cities` and `city` -> `cit`).
#[must_use]
pub fn stem(word: &str) -> &str {
    if word.len() < 4 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word;
    }
    let mut w = word;
    if let Some(cut) = w.strip_suffix("ies") {
        return if cut.len() >= 2 { cut } else { w };
    }
    if ["sses", "xes", "ches", "shes", "zzes", "oes"].iter().any(|end| w.ends_with(end)) {
        w = &w[..w.len() - 2];
    } else if w.ends_with('s') && !["ss", "us", "is"].iter().any(|end| w.ends_with(end)) {
        w = &w[..w.len() - 1];
    }
    for suffix in ["ing", "ed"] {
        if let Some(cut) = w.strip_suffix(suffix)
            && cut.len() >= 3
            && !cut.ends_with('e')
            && cut.bytes().any(|b| b"aeiouy".contains(&b))
        {
            let bytes = cut.as_bytes();
            let doubled = bytes[bytes.len() - 1] == bytes[bytes.len() - 2] && !b"lsz".contains(&bytes[bytes.len() - 1]);
            w = if doubled { &cut[..cut.len() - 1] } else { cut };
            break;
        }
    }
    if w.len() > 3 && (w.ends_with('e') || (w.ends_with('y') && !b"aeiou".contains(&w.as_bytes()[w.len() - 2]))) {
        w = &w[..w.len() - 1];
    }
    w
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

    #[test]
    fn accents_and_invisible_characters_go_and_case_stays() {
        assert_eq!(unaccented("Röntgen, Łódź, Straße\u{200B}"), "Rontgen, Lodz, Strasse");
        assert_eq!(unaccented("e\u{301}t\u{E9} \u{FF11}\u{FF14}\u{2019}s"), "ete 14's");
        assert!(matches!(unaccented("plain"), Cow::Borrowed("plain")));
    }

    #[test]
    fn forms_of_one_word_share_a_stem() {
        for forms in
            [["city", "cities"], ["film", "filmed"], ["release", "releasing"], ["return", "returns"], ["box", "boxes"], ["stop", "stopped"]]
        {
            assert_eq!(stem(forms[0]), stem(forms[1]), "{forms:?}");
        }
        for word in ["bus", "glass", "king", "seed", "us", "spring"] {
            assert_eq!(stem(word), word);
        }
    }
}
