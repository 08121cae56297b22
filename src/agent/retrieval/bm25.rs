//! BM25 over passages.
//!
//! S. Robertson, H. Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond. Foundations and Trends in Information
//! Retrieval 3(4), 2009, with k1 = 1.2 and b = 0.75; the inverse document frequency is ln(1 + (N - n + 0.5) / (n + 0.5)),
//! which is never negative.

use std::collections::{BTreeSet, HashMap};

const K1: f64 = 1.2;
const B: f64 = 0.75;

/// Passages by term.
#[derive(Debug)]
pub(super) struct Bm25 {
    /// For each term the passages that hold it, in order, and how often.
    postings: HashMap<String, Vec<(usize, f64)>>,
    /// For each passage k1 x (1 - b + b x length / mean length).
    norms: Vec<f64>,
}

impl Bm25 {
    /// Indexes passages, given by their terms in order.
    pub fn new(passages: impl Iterator<Item = Vec<String>>) -> Self {
        let mut postings: HashMap<String, Vec<(usize, f64)>> = HashMap::new();
        let mut lengths = Vec::new();
        for (i, terms) in passages.enumerate() {
            lengths.push(terms.len() as f64);
            for term in terms {
                let list = postings.entry(term).or_default();
                match list.last_mut() {
                    Some((last, count)) if *last == i => *count += 1.0,
                    _ => list.push((i, 1.0)),
                }
            }
        }
        let mean = (lengths.iter().sum::<f64>() / lengths.len().max(1) as f64).max(1.0);
        let norms = lengths.iter().map(|l| K1 * (1.0 - B + B * l / mean)).collect();
        Self { postings, norms }
    }

    /// The best passage for a query; the first of equals. `None` if none holds a term of it.
    pub fn best(&self, query: &[String]) -> Option<usize> {
        let mut scores: HashMap<usize, f64> = HashMap::new();
        // Each term once, in the order of the alphabet: sums of floats must not see the order of the question's words.
        for term in query.iter().collect::<BTreeSet<_>>() {
            let idf = self.idf(term);
            for (i, count) in self.postings.get(term).into_iter().flatten() {
                *scores.entry(*i).or_default() += idf * count * (K1 + 1.0) / (count + self.norms[*i]);
            }
        }
        scores.into_iter().max_by(|(i, a), (j, b)| a.total_cmp(b).then(j.cmp(i))).map(|(i, _)| i)
    }

    /// How much of a query some terms cover: the sum of the query's inverse document frequencies that they hold.
    pub fn overlap(&self, query: &[String], terms: &[String]) -> f64 {
        query.iter().collect::<BTreeSet<_>>().into_iter().filter(|t| terms.contains(t)).map(|t| self.idf(t)).sum()
    }

    fn idf(&self, term: &str) -> f64 {
        let (all, with) = (self.norms.len() as f64, self.postings.get(term).map_or(0, Vec::len) as f64);
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(passages: &[&str]) -> Bm25 {
        Bm25::new(passages.iter().map(|p| terms(p)))
    }

    fn terms(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_score_is_the_published_formula() {
        // Two passages of 2 and 4 terms, "x" in one of them: idf = ln(1 + 1.5 / 1.5), norm = 1.2 x (0.25 + 0.75 x 2 / 3).
        let i = index(&["x y", "a b c d"]);
        assert!((i.idf("x") - 2f64.ln()).abs() < 1e-12);
        assert!((i.norms[0] - 0.9).abs() < 1e-12);
    }

    #[test]
    fn a_rare_word_outweighs_a_common_one_and_a_short_passage_a_long_one() {
        let i =
            index(&["common words here", "common rare here", "common and other words", "common rare here in a passage of many more words"]);
        assert_eq!(i.best(&terms("common rare")), Some(1));
        assert_eq!(i.best(&terms("nothing of it")), Some(3));
        assert_eq!(i.best(&terms("absent")), None);
        assert_eq!(i.best(&[]), None);
    }

    #[test]
    fn of_equals_the_first_wins() {
        let i = index(&["z", "a b", "a c", "a d"]);
        assert_eq!(i.best(&terms("a")), Some(1));
    }

    #[test]
    fn no_passages_have_no_best_one() {
        assert_eq!(index(&[]).best(&terms("a")), None);
    }
}
