//! Word diff of two similar answers. Of two different ones it would be noise: they belong side by side.

use serde::Serialize;

/// Texts less similar than this are not diffed.
const SIMILAR: f64 = 0.6;

/// The largest table that is filled, in cells.
const CELLS: usize = 4_000_000;

/// A stretch of text, white space included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "piece", content = "text", rename_all = "snake_case")]
pub enum Piece {
    /// In both.
    Same(String),
    /// In the second only.
    Added(String),
    /// In the first only.
    Removed(String),
}

/// Words, white space runs and single marks; together they are the text.
fn tokens(text: &str) -> Vec<&str> {
    let kind = |c: char| {
        if c.is_alphanumeric() {
            0
        } else if c.is_whitespace() {
            1
        } else {
            2
        }
    };
    let mut out = Vec::new();
    let mut start = 0;
    let mut last: Option<u8> = None;
    for (at, c) in text.char_indices() {
        let k = kind(c);
        if last.is_some_and(|l| l != k || k == 2) {
            out.push(&text[start..at]);
            start = at;
        }
        last = Some(k);
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}

/// Which tokens of both texts are common, in order; absent where the table would be too large.
fn common(a: &[&str], b: &[&str]) -> Option<Vec<(usize, usize)>> {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (ma, mb) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    let width = mb.len() + 1;
    if ma.len().checked_add(1)?.checked_mul(width)? > CELLS {
        return None;
    }
    // Longest common subsequence of the rest, filled from the end.
    let mut table = vec![0_u32; (ma.len() + 1) * width];
    for i in (0..ma.len()).rev() {
        for j in (0..mb.len()).rev() {
            table[i * width + j] =
                if ma[i] == mb[j] { table[(i + 1) * width + j + 1] + 1 } else { table[(i + 1) * width + j].max(table[i * width + j + 1]) };
        }
    }
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|i| (i, i)).collect();
    let (mut i, mut j) = (0, 0);
    while i < ma.len() && j < mb.len() {
        if ma[i] == mb[j] {
            pairs.push((head + i, head + j));
            (i, j) = (i + 1, j + 1);
        } else if table[(i + 1) * width + j] >= table[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs.extend((0..tail).map(|k| (a.len() - tail + k, b.len() - tail + k)));
    Some(pairs)
}

fn share(a: &[&str], b: &[&str], pairs: &[(usize, usize)]) -> f64 {
    let words = |t: &&&str| !t.trim().is_empty();
    let all = a.iter().filter(words).count() + b.iter().filter(words).count();
    let both = pairs.iter().filter(|(i, _)| !a[*i].trim().is_empty()).count();
    if all == 0 { 1.0 } else { 2.0 * both as f64 / all as f64 }
}

/// How similar two texts are, from 0 to 1: twice their common words (in order) over all words. Absent for texts too long to compare.
#[must_use]
pub fn similarity(a: &str, b: &str) -> Option<f64> {
    let (a, b) = (tokens(a), tokens(b));
    let pairs = common(&a, &b)?;
    Some(share(&a, &b, &pairs))
}

/// From the first text to the second, word by word. Absent where they are less than 0.6 similar, or too long to compare.
#[must_use]
pub fn word_diff(first: &str, second: &str) -> Option<Vec<Piece>> {
    let (a, b) = (tokens(first), tokens(second));
    let pairs = common(&a, &b)?;
    if share(&a, &b, &pairs) <= SIMILAR {
        return None;
    }
    let mut out: Vec<Piece> = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (x, y) in pairs.into_iter().chain([(a.len(), b.len())]) {
        push(&mut out, Piece::Removed(a[i..x].concat()));
        push(&mut out, Piece::Added(b[j..y].concat()));
        push(&mut out, Piece::Same(a.get(x).copied().unwrap_or_default().to_owned()));
        (i, j) = (x + 1, y + 1);
    }
    Some(out)
}

fn push(out: &mut Vec<Piece>, piece: Piece) {
    match (out.last_mut(), piece) {
        (_, Piece::Same(t) | Piece::Added(t) | Piece::Removed(t)) if t.is_empty() => {}
        (Some(Piece::Same(last)), Piece::Same(t)) => last.push_str(&t),
        (_, piece) => out.push(piece),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_changed_word_is_removed_and_added() {
        let diff = word_diff("You have 14 days to return it.", "You have 30 days to return it.").unwrap();
        let same = |t: &str| Piece::Same(t.into());
        assert_eq!(diff, [same("You have "), Piece::Removed("14".into()), Piece::Added("30".into()), same(" days to return it.")]);
    }

    #[test]
    fn different_answers_are_not_diffed() {
        assert_eq!(word_diff("Paris is the capital of France.", "No idea, please ask the tourist office."), None);
        assert!(similarity("a b c", "a b c").unwrap() > 0.99);
    }

    #[test]
    fn texts_beyond_all_measure_are_not_compared() {
        let many = |of: &str| (0..5000).map(|i| of.to_owned() + &i.to_string()).collect::<Vec<_>>().join(" ");
        let (a, b) = (many("a"), many("b"));
        assert_eq!(similarity(&a, &b), None);
        let changed = format!("{a} end");
        assert!(word_diff(&a, &changed).is_some(), "a common beginning costs nothing");
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_back_from_a_diff(a in "[a-c ,.é\\n]{0,40}", b in "[a-c ,.é\\n]{0,40}") {
            if let Some(diff) = word_diff(&a, &b) {
                let side = |keep: fn(&Piece) -> Option<&String>| diff.iter().filter_map(keep).map(String::as_str).collect::<String>();
                prop_assert_eq!(side(|p| match p { Piece::Same(t) | Piece::Removed(t) => Some(t), Piece::Added(_) => None }), a);
                prop_assert_eq!(side(|p| match p { Piece::Same(t) | Piece::Added(t) => Some(t), Piece::Removed(_) => None }), b);
            }
        }
    }
}
