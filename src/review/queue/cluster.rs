//! Similar items together: people who judge alike things in a row judge them alike.

use std::collections::HashMap;

use crate::domain::SetName;
use crate::text::words::{stem, words};

/// Questions that share at least this part of their different words are similar.
const ALIKE: f64 = 0.5;

/// A word of more leaders than this tells nothing.
const COMMON: usize = 200;

/// A number for each question; similar questions of one set share it. Of two that fit, the earlier cluster is joined.
pub(super) fn clusters<'a>(questions: impl Iterator<Item = (&'a SetName, &'a str)>) -> Vec<u32> {
    let mut leaders: Vec<usize> = Vec::new(); // size of each leader's word list
    let mut by_word: HashMap<(&SetName, String), Vec<u32>> = HashMap::new();
    let mut out = Vec::new();
    for (set, question) in questions {
        let mut own: Vec<String> = words(question).iter().map(|w| stem(w).to_owned()).collect();
        own.sort_unstable();
        own.dedup();
        let mut shared: HashMap<u32, usize> = HashMap::new();
        for w in &own {
            for l in by_word.get(&(set, w.clone())).filter(|l| l.len() <= COMMON).into_iter().flatten() {
                *shared.entry(*l).or_default() += 1;
            }
        }
        let alike = |(l, n): (&u32, &usize)| {
            let size = usize::try_from(*l).ok().and_then(|i| leaders.get(i)).copied().unwrap_or(0);
            let all = own.len() + size - n;
            (*n as f64 >= ALIKE * all as f64).then_some(*l)
        };
        let joined = shared.iter().filter_map(alike).min();
        let cluster = joined.unwrap_or_else(|| {
            let new = u32::try_from(leaders.len()).unwrap_or(u32::MAX);
            leaders.push(own.len());
            for w in &own {
                by_word.entry((set, w.clone())).or_default().push(new);
            }
            new
        });
        out.push(cluster);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_questions_of_one_set_share_a_cluster() {
        let (s, t) = (SetName::new("s").unwrap(), SetName::new("t").unwrap());
        let q = |set, text| (set, text);
        let found = clusters(
            [
                q(&s, "How long do I have to return a jacket?"),
                q(&s, "Where is my parcel?"),
                q(&s, "How long do I have to return shoes?"),
                q(&t, "How long do I have to return a jacket?"),
                q(&s, ""),
            ]
            .into_iter(),
        );
        assert_eq!(found, [0, 1, 0, 2, 3]);
    }
}
