//! Several scores of one output into one: mean, lower median, trimmed mean; Dawid-Skene; weights learned from human grades.

mod dawid_skene;
mod weights;

pub use dawid_skene::{DawidSkene, NoVotes, Options, Vote};
pub use weights::JudgeWeights;

use crate::domain::Score;

/// The mean score, 1 to 5; `None` without a score.
#[must_use]
pub fn mean(scores: &[Score]) -> Option<f64> {
    let sum: u64 = scores.iter().map(|s| u64::from(s.get())).sum();
    (!scores.is_empty()).then(|| sum as f64 / scores.len() as f64)
}

/// The lower median, so that a tie never flatters the agent; `None` without a score. The robust label of a panel.
#[must_use]
pub fn lower_median(scores: &[Score]) -> Option<Score> {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}

/// The mean without the lowest and the highest `share` of the scores (rounded down to whole scores; 0.2 of five judges is one at
/// each end). `None` without a score, or for a share outside [0, 0.5).
#[must_use]
pub fn trimmed_mean(scores: &[Score], share: f64) -> Option<f64> {
    if !(0.0..0.5).contains(&share) {
        return None;
    }
    let mut sorted = scores.to_vec();
    sorted.sort_unstable();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "less than half of the length")]
    let cut = (share * sorted.len() as f64 + 1e-9).floor() as usize;
    mean(sorted.get(cut..sorted.len() - cut)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scores(list: &[u8]) -> Vec<Score> {
        list.iter().map(|s| Score::try_from(*s).unwrap()).collect()
    }

    #[test]
    fn a_tie_takes_the_lower_score() {
        assert_eq!(lower_median(&scores(&[5, 2])).map(Score::get), Some(2));
        assert_eq!(lower_median(&scores(&[5, 2, 3])).map(Score::get), Some(3));
        assert_eq!((lower_median(&[]), mean(&[]), trimmed_mean(&[], 0.2)), (None, None, None));
    }

    #[test]
    fn one_wild_judge_of_five_is_cut() {
        assert_eq!(trimmed_mean(&scores(&[4, 4, 4, 4, 1]), 0.2), Some(4.0));
        assert_eq!(trimmed_mean(&scores(&[4, 4, 1]), 0.2), Some(3.0), "of three judges none is");
        assert_eq!(trimmed_mean(&scores(&[4]), 0.5), None);
    }

    proptest! {
        #[test]
        fn every_centre_lies_within_the_scores(list in prop::collection::vec(1u8..=5, 1..20), share in 0.0f64..0.49) {
            let all = scores(&list);
            let (low, high) = (f64::from(*list.iter().min().unwrap()), f64::from(*list.iter().max().unwrap()));
            for centre in [mean(&all), trimmed_mean(&all, share), lower_median(&all).map(|s| f64::from(s.get()))] {
                let centre = centre.unwrap();
                prop_assert!(low - 1e-12 <= centre && centre <= high + 1e-12);
            }
        }
    }
}
