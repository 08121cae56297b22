//! A long text and how much of it is shown at first. The text is hostile until a face neutralises it.

use serde::Serialize;

/// Lines shown before the fold.
pub const FOLD_LINES: usize = 40;

/// Characters shown before the fold, however few lines they make.
const FOLD_CHARS: usize = 8_000;

/// A text with its fold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// All of it, as it came.
    pub text: String,
    /// Lines in all.
    pub lines: usize,
    /// Bytes of it before the fold.
    pub head: usize,
    /// Lines behind the fold, the one that it cuts included.
    pub hidden_lines: usize,
}

impl Passage {
    /// Folds a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let lines = text.lines().count();
        let by_lines = text.match_indices('\n').nth(FOLD_LINES - 1).map_or(text.len(), |(at, _)| at + 1);
        let by_chars = text.char_indices().nth(FOLD_CHARS).map_or(text.len(), |(at, _)| at);
        let head = by_lines.min(by_chars);
        Self { text: text.to_owned(), lines, head, hidden_lines: text[head..].lines().count() }
    }

    /// What is shown at first.
    #[must_use]
    pub fn before_fold(&self) -> &str {
        &self.text[..self.head]
    }

    /// What is behind the fold; empty without one.
    #[must_use]
    pub fn behind_fold(&self) -> &str {
        &self.text[self.head..]
    }

    /// True if something is behind the fold.
    #[must_use]
    pub fn is_folded(&self) -> bool {
        self.head < self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_folds_past_forty_lines_and_nothing_of_it_is_lost() {
        let whole = Passage::of(&"line\n".repeat(40));
        assert!(!whole.is_folded());
        let long = Passage::of(&"line\n".repeat(41));
        assert_eq!((long.lines, long.hidden_lines, long.behind_fold()), (41, 1, "line\n"));
        assert_eq!(long.before_fold().len() + long.behind_fold().len(), long.text.len());
    }

    #[test]
    fn one_endless_line_folds_between_characters() {
        let long = Passage::of(&"é".repeat(9_000));
        assert_eq!((long.lines, long.hidden_lines, long.before_fold().chars().count()), (1, 1, 8_000));
        assert!(!Passage::of("").is_folded());
    }
}
