//! Questions that look alike, in time nearly linear in their number: MinHash over words and pairs of words, in bands
//! (Broder 1997; Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", ch. 3), and then an exact comparison.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::domain::{Case, DigestBuilder};
use crate::text::words::words;

/// Share of words and word pairs in common from which two questions look alike.
const ALIKE: f64 = 0.8;
/// 10 bands of 5: two questions with 80% in common meet in some band with a probability of 0.98, with 30% of 0.02.
const BANDS: u64 = 10;
const ROWS: u64 = 5;
/// Earlier questions of one band bucket that a question is compared with.
const COMPARED: usize = 8;
/// Words that carry no subject.
const STOP: [&str; 44] = [
    "a", "an", "the", "is", "are", "was", "were", "be", "do", "does", "did", "can", "could", "may", "will", "would", "should", "i", "my",
    "me", "we", "you", "your", "it", "its", "of", "to", "in", "on", "at", "for", "from", "by", "with", "and", "or", "that", "this",
    "there", "have", "has", "please", "one", "if",
];
/// Words that turn a question round.
const TURN: [&str; 9] = ["not", "no", "never", "without", "dont", "cannot", "cant", "doesnt", "isnt"];

/// What is kept of each question: about 120 bytes.
#[derive(Default)]
pub(super) struct Looks {
    /// Hashes of words and word pairs of all questions, one after another; sorted within a question.
    shingles: Vec<u32>,
    questions: Vec<Question>,
}

struct Question {
    end: u32,
    /// Its words that carry a subject, as a set.
    subject: u64,
    /// What it must share with one that it looks like: numbers, negations, context and earlier turns.
    frame: u64,
    answer: u64,
}

/// Two questions that look alike, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub first: usize,
    pub second: usize,
    /// Whether the expected answers are the same, too.
    pub same_answer: bool,
}

/// What one question looks like.
pub(super) struct Look {
    shingles: Vec<u32>,
    question: Question,
}

impl Look {
    pub fn of(case: &Case) -> Self {
        let words = words(&case.question);
        let mut shingles: Vec<u32> = words.iter().map(|w| hash32(&[w])).chain(words.windows(2).map(|w| hash32(&[&w[0], &w[1]]))).collect();
        shingles.sort_unstable();
        shingles.dedup();
        let is = |list: &[&str], w: &String| list.contains(&w.as_str());
        let number = |w: &String| w.contains(|c: char| c.is_ascii_digit());
        let subject = set_of(words.iter().filter(|w| !is(&STOP, w)));
        let framed = set_of(words.iter().filter(|w| number(w) || is(&TURN, w)));
        let frame = DigestBuilder::new("frame").list("", &framed).maybe("", case.context.as_deref());
        let frame = case.turns.iter().fold(frame, |b, t| b.text(t.role.word(), &t.text));
        let question = Question {
            end: 0,
            subject: if subject.len() < 2 { hash64(&words) } else { hash64(&subject) },
            frame: frame.finish().bytes()[..8].iter().fold(0, |n, b| (n << 8) | u64::from(*b)),
            answer: hash64(&crate::text::words::words(&case.expected)),
        };
        Self { shingles, question }
    }
}

impl Looks {
    pub fn add(&mut self, look: Look) {
        self.shingles.extend(look.shingles);
        let end = u32::try_from(self.shingles.len()).unwrap_or(u32::MAX);
        self.questions.push(Question { end, ..look.question });
    }

    /// Each question that looks like an earlier one, with the first such.
    pub fn pairs(&self) -> Vec<Pair> {
        let mut first: BTreeMap<usize, usize> = BTreeMap::new();
        for band in 0..=BANDS {
            let mut keyed: Vec<(u64, u32)> =
                (0..self.questions.len()).into_par_iter().map(|i| (self.key(i, band), u32::try_from(i).unwrap_or(u32::MAX))).collect();
            keyed.par_sort_unstable();
            for bucket in keyed.chunk_by(|a, b| a.0 == b.0).filter(|b| b.len() > 1) {
                for (n, &(_, j)) in bucket.iter().enumerate().skip(1) {
                    let j = j as usize;
                    for &(_, i) in &bucket[..n.min(COMPARED)] {
                        let i = i as usize;
                        if first.get(&j).is_none_or(|known| i < *known) && self.alike(i, j) {
                            first.insert(j, i);
                            break;
                        }
                    }
                }
            }
        }
        let same = |i: usize, j: usize| self.questions[i].answer == self.questions[j].answer;
        first.into_iter().map(|(second, first)| Pair { first, second, same_answer: same(first, second) }).collect()
    }

    fn shingles(&self, i: usize) -> &[u32] {
        let start = if i == 0 { 0 } else { self.questions[i - 1].end };
        &self.shingles[start as usize..self.questions[i].end as usize]
    }

    /// The bucket of a question in a band; the last band is by subject.
    fn key(&self, i: usize, band: u64) -> u64 {
        let question = &self.questions[i];
        if band == BANDS {
            return mix(question.subject ^ question.frame);
        }
        (0..ROWS).fold(mix(question.frame), |key, row| {
            let salt = mix(band * ROWS + row + 1);
            let least = self.shingles(i).iter().map(|s| mix(u64::from(*s) ^ salt)).min().unwrap_or(0);
            mix(key ^ least)
        })
    }

    fn alike(&self, i: usize, j: usize) -> bool {
        let (a, b) = (&self.questions[i], &self.questions[j]);
        a.frame == b.frame && (a.subject == b.subject || jaccard(self.shingles(i), self.shingles(j)) >= ALIKE)
    }
}

/// Share of two sorted sets that is common.
fn jaccard(a: &[u32], b: &[u32]) -> f64 {
    let (mut at, mut common) = (0, 0usize);
    for x in a {
        while b.get(at).is_some_and(|y| y < x) {
            at += 1;
        }
        common += usize::from(b.get(at) == Some(x));
    }
    let all = a.len() + b.len() - common;
    if all == 0 { 0.0 } else { common as f64 / all as f64 }
}

fn set_of<'a>(words: impl Iterator<Item = &'a String>) -> Vec<&'a String> {
    let mut set: Vec<&String> = words.collect();
    set.sort_unstable();
    set.dedup();
    set
}

/// FNV-1a over words, mixed; good enough for buckets, and the comparison is exact.
fn hash64<S: AsRef<str>>(words: &[S]) -> u64 {
    let feed = |h: u64, b: u8| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    mix(words.iter().fold(0xcbf2_9ce4_8422_2325, |h, w| feed(w.as_ref().bytes().fold(h, feed), b' ')))
}

fn hash32(words: &[&str]) -> u32 {
    u32::try_from(hash64(words) >> 32).unwrap_or(0)
}

/// The finaliser of SplitMix64.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CaseId;

    fn pairs(questions: &[&str]) -> Vec<(usize, usize)> {
        let mut looks = Looks::default();
        for q in questions {
            looks.add(Look::of(&Case::new(CaseId::new("a").unwrap(), *q, "e")));
        }
        looks.pairs().into_iter().map(|p| (p.first, p.second)).collect()
    }

    #[test]
    fn the_same_question_in_other_order_and_case_looks_alike() {
        assert_eq!(pairs(&["What is the refund window?", "Where is my parcel?", "Refund window: what is it"]), [(0, 2)]);
        assert_eq!(pairs(&["x?", "X !", "y"]), [(0, 1)]);
    }

    #[test]
    fn a_slip_in_a_long_question_looks_alike() {
        let long = "I bought a jacket in your online shop last week and would like to send it back, which address do I have to use?";
        assert_eq!(pairs(&[long, &long.replace("bought", "ordered")]), [(0, 1)]);
    }

    #[test]
    fn numbers_negations_and_subjects_tell_questions_apart() {
        let long = "I bought a jacket in your online shop last week and would like to send it back within 14 days, which address do I have to use?";
        assert_eq!(pairs(&[long, &long.replace("14", "30"), &long.replace("would like", "would not like")]), []);
        assert_eq!(pairs(&["What is the capital of France?", "What is the capital of Spain?"]), []);
        assert_eq!(pairs(&["Can I return it?", "Can I sell it?"]), []);
    }

    #[test]
    fn another_context_is_another_question() {
        let mut looks = Looks::default();
        let mut case = Case::new(CaseId::new("a").unwrap(), "What does the policy say?", "e");
        looks.add(Look::of(&case));
        case.context = Some("policy 3.2".into());
        looks.add(Look::of(&case));
        assert_eq!(looks.pairs(), []);
    }

    #[test]
    fn ten_thousand_questions_have_the_pairs_that_were_put_in() {
        let letters = |n: u64| n.to_string().bytes().map(|b| char::from(b - b'0' + b'a')).collect::<String>();
        let question = |i: u64| (0..12).map(|k| letters(mix(i * 100 + k + 1) % 100_000)).collect::<Vec<_>>().join(" ");
        let mut looks = Looks::default();
        for i in 0..10_000u64 {
            let text = question(if i % 1000 == 999 { i - 500 } else { i });
            looks.add(Look::of(&Case::new(CaseId::new("a").unwrap(), text, "e")));
        }
        assert_eq!(looks.pairs().iter().map(|p| p.second - p.first).collect::<Vec<_>>(), [500; 10]);
    }
}
