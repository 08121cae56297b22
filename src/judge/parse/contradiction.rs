//! Tells a reason that plainly contradicts its score. Conservative: only whole sentences about the answer as a whole,
//! only against 5 and 1, and only where no other sentence says the opposite.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::Score;

#[expect(clippy::expect_used, reason = "a constant pattern; a test reads with it")]
static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^\W*(?:(?:therefore|thus|hence|so|overall|in short|in conclusion|in summary|clearly|however|but)\W+)*",
        r"(?:the|this|its|their)\s+(?:(?:agent|model|assistant|given|submitted|candidate|student|provided|final)(?:['’]s)?\s+){0,2}",
        r"(?:answer|response|reply|output|submission)\s+(?:given\s+|provided\s+)?(?:is|was)\s+",
        r"(?:(?:therefore|thus|also|clearly|plainly|simply|just|flatly)\s+){0,2}",
        r"(?:(?:completely|entirely|totally|wholly|fully|absolutely|utterly|factually|100%)\s+)?",
        r"(?:(?P<wrong>wrong|incorrect|false|inaccurate|nonsense)|(?P<right>correct|right|accurate|perfect|flawless))\b(?P<rest>.*)$",
    ))
    .expect("the pattern is constant")
});

#[expect(clippy::expect_used, reason = "a constant pattern; a test reads with it")]
static HEDGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:part(?:ly|ial|ially)?|minor|small|slight(?:ly)?|details?|if|unless|only|except|typo|spelling|format(?:ting)?|order|in\s+(?:one|some|that|places|its|the)|but|however|although|though|yet|while|not|for\s+a)\b",
    )
    .expect("the pattern is constant")
});

/// Whether the reason plainly says the opposite of the score.
pub fn contradicts(reason: &str, score: Score) -> bool {
    if !matches!(score.get(), 1 | 5) {
        return false;
    }
    let (mut wrong, mut right) = (false, false);
    for sentence in reason.split(['.', '!', '?', ';', '\n']).filter(|s| s.len() < 400) {
        let Some(said) = PLAIN.captures(sentence) else { continue };
        if HEDGE.is_match(&said["rest"]) {
            // A hedge is a word for both sides.
            return false;
        }
        wrong |= said.name("wrong").is_some();
        right |= said.name("right").is_some();
    }
    match score.get() {
        5 => wrong && !right,
        _ => right && !wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Score = Score::ALL[0];
    const FIVE: Score = Score::ALL[4];

    #[test]
    fn plain_words_against_the_score_contradict() {
        assert!(contradicts("The answer is wrong.", FIVE));
        assert!(contradicts("It says 30 days. The agent's answer is completely incorrect, since 14 is expected.", FIVE));
        assert!(contradicts("Therefore, this response is factually incorrect!", FIVE));
        assert!(contradicts("The answer is perfect.", ONE));
        assert!(contradicts("The answer is fully correct and complete.", ONE));
    }

    #[test]
    fn hedges_quotations_and_other_scores_do_not() {
        assert!(!contradicts("The answer is wrong in one detail.", FIVE));
        assert!(!contradicts("The answer is not wrong.", FIVE));
        assert!(!contradicts("The user asked why the answer is wrong.", FIVE));
        assert!(!contradicts("The reference says the answer is wrong. The answer is correct.", FIVE));
        assert!(!contradicts("The answer is correct but ignores the question.", ONE));
        assert!(!contradicts("The answer is correct for a child.", ONE));
        assert!(!contradicts("The answer is wrong.", ONE));
        assert!(!contradicts("The answer is correct.", FIVE));
        assert!(!contradicts("The answer is wrong.", Score::ALL[3]));
        assert!(!contradicts("It would be unfair to say that the answer is wrong.", FIVE));
    }
}
