//! Text as the phrase rules see it: folded, without accents and invisible characters, with a way back to the original.

use unicode_normalization::UnicodeNormalization;

use crate::text::hidden::{Scan, Sight};

/// A folded text. Line feeds stay, so that lines keep their numbers.
pub struct Folded<'a> {
    original: &'a str,
    /// Lower case, NFKD without combining accents (`Prüfer` -> `prufer`), typographic quotes as plain ones.
    pub text: String,
}

impl<'a> Folded<'a> {
    /// Folds a text.
    pub fn new(text: &'a str) -> Self {
        let mut folded = String::with_capacity(text.len());
        for seen in Scan::new(text) {
            fold(seen.c, seen.sight, &mut folded);
        }
        Self { original: text, text: folded }
    }

    /// The byte offset in the original of an offset in the folded text.
    pub fn origin(&self, folded_at: usize) -> usize {
        let mut scratch = String::new();
        let mut length = 0;
        for seen in Scan::new(self.original) {
            scratch.clear();
            fold(seen.c, seen.sight, &mut scratch);
            length += scratch.len();
            if length > folded_at {
                return seen.at;
            }
        }
        self.original.len()
    }

    /// Where the first closing tag of a data block stands that nothing opened, e.g. `</answer>` without `<answer>`.
    pub fn unopened_closer(&self) -> Option<usize> {
        ["answer", "submission", "student_answer", "agent_answer", "candidate_answer", "untrusted", "model_output", "agent_output"]
            .iter()
            .filter_map(|tag| {
                let closer = self.text.find(&format!("</{tag}>"))?;
                (!self.text[..closer].contains(&format!("<{tag}"))).then_some(closer)
            })
            .min()
    }
}

fn fold(c: char, sight: Sight, out: &mut String) {
    if !matches!(sight, Sight::Plain | Sight::Separator) {
        return;
    }
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
        return;
    }
    match c {
        '\u{2018}' | '\u{2019}' | '\u{02BC}' => out.push('\''),
        '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{00AB}' | '\u{00BB}' => out.push('"'),
        '\u{0300}'..='\u{036F}' => {}
        c => out.extend(std::iter::once(c).nfkd().filter(|c| !matches!(c, '\u{0300}'..='\u{036F}')).flat_map(char::to_lowercase)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_width_and_invisible_characters_do_not_hide_a_word() {
        assert_eq!(Folded::new("Pr\u{FC}fer u\u{308}ber Ｉｇ\u{200B}nore\u{2019}s").text, "prufer uber ignore's");
    }

    #[test]
    fn an_offset_finds_its_way_back() {
        let original = "ÄÖ\u{200B}Ｘ word";
        let folded = Folded::new(original);
        let at = folded.text.find("word").unwrap();
        assert_eq!(folded.origin(at), original.find("word").unwrap());
        assert_eq!(folded.origin(9999), original.len());
    }
}
