//! A text that is searched for words, rows of words and letter triples.

use super::tokens::{Text, Token};

/// Occurrences of one word that are looked at.
pub const MAX_OCCURRENCES: usize = 32;
/// Bits of the set of letter triples.
const TRIPLES: usize = 1 << 14;

/// A text that is searched: its words by key, and its letter triples.
#[derive(Debug)]
pub struct Searched {
    /// The text.
    pub text: Text,
    index: Vec<(u64, u32)>,
    triples: Vec<u64>,
    /// Letter triples in all.
    pub triple_count: usize,
}

impl Searched {
    /// Indexes a text.
    #[must_use]
    pub fn new(text: Text) -> Self {
        let mut index: Vec<(u64, u32)> = text.tokens.iter().zip(0..).map(|(t, i)| (t.key, i)).collect();
        index.sort_unstable();
        let mut triples = vec![0u64; TRIPLES / 64];
        let mut triple_count = 0;
        for slot in slots(&text.squeezed) {
            triples[slot / 64] |= 1 << (slot % 64);
            triple_count += 1;
        }
        Self { text, index, triples, triple_count }
    }

    /// Where a key stands, in order.
    pub fn positions(&self, key: u64) -> impl Iterator<Item = u32> {
        let from = self.index.partition_point(|e| e.0 < key);
        self.index[from..].iter().take_while(move |e| e.0 == key).map(|e| e.1)
    }

    /// Whether a key occurs.
    #[must_use]
    pub fn holds(&self, key: u64) -> bool {
        self.positions(key).next().is_some()
    }

    /// How many letter triples of a text occur here, and how many there are.
    #[must_use]
    pub fn triples_of(&self, text: &Text) -> (usize, usize) {
        slots(&text.squeezed)
            .fold((0, 0), |(hits, all), slot| (hits + usize::from(self.triples[slot / 64] >> (slot % 64) & 1 == 1), all + 1))
    }

    /// Whether `part`'s words, without the stop words around them, stand here in a row.
    #[must_use]
    pub fn holds_in_a_row(&self, part: &Text) -> bool {
        let core = core(&part.tokens);
        let Some(first) = core.first() else { return false };
        let row = self.positions(first.key).take(MAX_OCCURRENCES).any(|at| stands_at(&self.text.tokens, at as usize, core));
        row || self.holds_squeezed(part, core)
    }

    /// `New York` in `NewYork`: the same letters, from the start of a word to the end of one.
    fn holds_squeezed(&self, part: &Text, core: &[Token]) -> bool {
        let (Some(first), Some(last)) = (core.first(), core.last()) else { return false };
        let letters = &part.squeezed[first.start as usize..last.end as usize];
        if letters.len() < 4 {
            return false;
        }
        let Some(at) = self.text.squeezed.find(letters) else { return false };
        let end = at + letters.len();
        let starts = self.text.tokens.binary_search_by_key(&at, |t| t.start as usize).is_ok();
        starts && self.text.tokens.binary_search_by_key(&end, |t| t.end as usize).is_ok()
    }
}

fn stands_at(tokens: &[Token], at: usize, core: &[Token]) -> bool {
    tokens.get(at..at + core.len()).is_some_and(|here| here.iter().zip(core).all(|(a, b)| a.key == b.key))
}

/// Whether the words of a short text, without the stop words around them, stand in another in a row.
#[must_use]
pub fn stands_in(part: &Text, whole: &Text) -> bool {
    let core = core(&part.tokens);
    !core.is_empty() && (0..whole.tokens.len()).any(|at| stands_at(&whole.tokens, at, core))
}

/// Hashes of all overlapping three-byte pieces.
fn slots(squeezed: &str) -> impl Iterator<Item = usize> {
    squeezed.as_bytes().windows(3).map(|w| {
        let packed = u32::from(w[0]) | u32::from(w[1]) << 8 | u32::from(w[2]) << 16;
        (packed.wrapping_mul(0x9E37_79B1) >> 18) as usize
    })
}

/// The tokens without stop words at either end; all of them where there are only stop words.
fn core(tokens: &[Token]) -> &[Token] {
    let from = tokens.iter().position(Token::content).unwrap_or(0);
    let to = tokens.iter().rposition(Token::content).map_or(tokens.len(), |i| i + 1);
    &tokens[from..to]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_words_is_found_with_and_without_its_spaces() {
        let answer = Searched::new(Text::read("It plays in New York City."));
        assert!(answer.holds_in_a_row(&Text::read("in New York")));
        assert!(answer.holds_in_a_row(&Text::read("NewYork City")));
        assert!(!answer.holds_in_a_row(&Text::read("York New")));
        assert!(!answer.holds_in_a_row(&Text::read("ewYor")));
    }
}
