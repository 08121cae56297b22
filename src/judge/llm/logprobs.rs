//! The probability of each score from token probabilities (G-Eval, Liu et al. 2023): p(k) / sum of p(1..5), taken at the
//! token that wrote the score.
//!
//! Where less than 0.9 of the probability lies on the five scores, the token was no plain choice among them: then there
//! are no probabilities and no confidence, rather than flattering ones.

use crate::domain::{Judgment, Score};
use crate::judge::parse::token_score;
use crate::provider::Chat;

/// The least probability that must lie on the five scores together.
const LEAST_MASS: f64 = 0.9;

/// Adds probabilities and confidence to a judgment, where the reply's tokens tell.
pub fn attach(judgment: Judgment, chat: &Chat) -> Judgment {
    match probabilities(judgment.score, &chat.tokens) {
        Some(p) => Judgment { confidence: Some(p[judgment.score.index()]), probabilities: Some(p), ..judgment },
        None => judgment,
    }
}

/// The normalised probabilities of 1..5 at the token that wrote the score.
fn probabilities(score: Score, tokens: &[(String, Vec<(String, f64)>)]) -> Option<[f64; 5]> {
    let (token, alternatives) = tokens.get(score_token(score, tokens)?)?;
    let mut mass = [0.0; 5];
    let mut seen: Vec<&str> = Vec::new();
    for (alternative, log) in alternatives {
        // Some servers repeat the chosen token among its alternatives.
        if seen.contains(&alternative.as_str()) || log.is_nan() {
            continue;
        }
        seen.push(alternative);
        if let Some(other) = token_score(alternative) {
            mass[other.index()] += log.min(0.0).exp();
        }
    }
    let sum: f64 = mass.iter().sum();
    (seen.contains(&token.as_str()) && (LEAST_MASS..=1.0 + 1e-6).contains(&sum)).then(|| mass.map(|m| m / sum))
}

/// The last token that stands for the score and follows the word `score` with nothing but punctuation between.
fn score_token(score: Score, tokens: &[(String, Vec<(String, f64)>)]) -> Option<usize> {
    let candidates = tokens.iter().enumerate().rev().filter(|(_, (token, _))| token_score(token) == Some(score));
    candidates.map(|(i, _)| i).find(|i| {
        // What stands right before it, from the few tokens that can hold `"score": `.
        let before: String = tokens[i.saturating_sub(8)..*i].iter().map(|(t, _)| t.as_str()).collect();
        let before = before.to_ascii_lowercase();
        let before = before.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ':' | '=' | '*' | '_' | '`'));
        before.ends_with("score")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(words: &[&str], at: usize, alternatives: &[(&str, f64)]) -> Vec<(String, Vec<(String, f64)>)> {
        words
            .iter()
            .enumerate()
            .map(|(i, w)| {
                let tops = if i == at {
                    alternatives.iter().map(|(t, p)| ((*t).to_owned(), p.ln())).collect()
                } else {
                    vec![((*w).to_owned(), 0.0)]
                };
                ((*w).to_owned(), tops)
            })
            .collect()
    }

    fn score(n: u8) -> Score {
        Score::try_from(n).unwrap()
    }

    const REPLY: [&str; 9] = ["{\"", "reason", "\":\"", "score: 4", "\",\"", "score", "\":", "4", "}"];

    #[test]
    fn probabilities_are_normalised_over_the_five() {
        let t = tokens(&REPLY, 7, &[("4", 0.6), ("5", 0.3), (" 4", 0.02), ("3", 0.03), ("x", 0.05)]);
        let p = probabilities(score(4), &t).unwrap();
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((p[3] - 0.62 / 0.95).abs() < 1e-12, "{p:?}");
        assert!((p[4] - 0.30 / 0.95).abs() < 1e-12, "{p:?}");
    }

    #[test]
    fn too_little_mass_on_the_scores_gives_no_confidence() {
        let t = tokens(&REPLY, 7, &[("4", 0.6), ("10", 0.3), ("5", 0.1)]);
        assert_eq!(probabilities(score(4), &t), None);
    }

    #[test]
    fn only_the_token_that_wrote_the_score_counts() {
        // The digit stands in the reason alone.
        let t = tokens(&["{\"", "reason", "\":\"", "4", " apples", "\"}"], 3, &[("4", 1.0)]);
        assert_eq!(probabilities(score(4), &t), None);
        // Another score than the one that was read.
        let t = tokens(&REPLY, 7, &[("4", 1.0)]);
        assert_eq!(probabilities(score(5), &t), None);
        assert_eq!(probabilities(score(4), &[]), None);
    }

    #[test]
    fn the_text_form_and_glued_tokens_are_read() {
        let t = tokens(&["fine", "\n", "**Score", ":**", " 3"], 4, &[(" 3", 0.95), (" 2", 0.05)]);
        assert!((probabilities(score(3), &t).unwrap()[1] - 0.05).abs() < 1e-12);
    }

    #[test]
    fn nonsense_from_the_server_gives_nothing() {
        for (a, b) in [(f64::NAN, 0.0), (f64::INFINITY, 0.0), (f64::NEG_INFINITY, f64::NEG_INFINITY), (0.0, 0.0)] {
            let mut t = tokens(&REPLY, 7, &[]);
            t[7].1 = vec![("4".into(), a), ("5".into(), b)];
            assert_eq!(probabilities(score(4), &t), None, "{a} {b}");
        }
    }
}
