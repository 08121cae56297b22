//! Several judges, one verdict: settling ballots. Pure; ballot order never matters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::JudgeName;
use super::judgment::Ballot;
use super::score::Score;

/// When a panel's ballots make a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelPolicy {
    /// Judges that must have given at least one judgment.
    pub quorum: u16,
    /// The widest range of scores (highest minus lowest judgment) that still settles.
    pub max_spread: u8,
}

/// A panel's result for one output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Verdict {
    /// Enough judges, close enough together.
    Settled {
        /// The lower median of the judges' votes.
        score: Score,
    },
    /// Enough judges, too far apart.
    Split {
        /// The lowest judgment.
        low: Score,
        /// The highest judgment.
        high: Score,
    },
    /// Too few judges gave a judgment.
    Unscored {
        /// Ballots without a score.
        failures: u16,
    },
}

/// One judge's vote: the lower median of its samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    /// Which judge.
    pub judge: JudgeName,
    /// The lower median of its samples.
    pub score: Score,
    /// The lowest sample.
    pub low: Score,
    /// The highest sample.
    pub high: Score,
    /// The mean of its samples' expected scores.
    pub expected: f64,
    /// Samples that gave a judgment.
    pub samples: u16,
}

/// The verdict with what it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// The result.
    pub verdict: Verdict,
    /// One vote a judge, by judge name.
    pub votes: Vec<Vote>,
    /// Mean of the votes; absent without a vote.
    pub mean: Option<f64>,
    /// Lower median of the votes; absent without a vote. The label that statistics start from, also when split.
    pub median: Option<Score>,
    /// Mean of the votes' expected scores; differs from `mean` where judges give probabilities.
    pub expected: Option<f64>,
    /// Ballots without a score.
    pub failures: u16,
    /// For a cascade: how many judges were asked before it settled. For a panel: all of them.
    pub judges_asked: u16,
}

/// The lower median, so that a tie never flatters the agent. `None` for no scores.
#[must_use]
pub fn lower_median(scores: &[Score]) -> Option<Score> {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}

/// Settles the ballots of one output. The same ballots in any order give the same tally.
///
/// A judge with at least one judgment votes the lower median of its samples, so that a judge with more samples does
/// not outvote the others. Spread is taken over all judgments, samples included: a judge that cannot agree with itself
/// is a dispute too.
#[must_use]
pub fn settle(ballots: &[Ballot], policy: &PanelPolicy) -> Tally {
    let mut by_judge: BTreeMap<&JudgeName, Vec<&Ballot>> = BTreeMap::new();
    for b in ballots {
        by_judge.entry(&b.judge).or_default().push(b);
    }
    let failures = count(ballots.iter().filter(|b| b.outcome.is_err()).count());
    let judges_asked = count(by_judge.len());
    let votes: Vec<Vote> = by_judge.into_iter().filter_map(|(judge, ballots)| vote(judge, &ballots)).collect();
    let scores: Vec<Score> = votes.iter().map(|v| v.score).collect();
    let range = votes.iter().map(|v| v.low).min().zip(votes.iter().map(|v| v.high).max());
    let median = lower_median(&scores);
    let verdict =
        match (range, median) {
            (Some((low, high)), Some(score)) if scores.len() >= usize::from(policy.quorum) => {
                if high.get() - low.get() > policy.max_spread { Verdict::Split { low, high } } else { Verdict::Settled { score } }
            }
            _ => Verdict::Unscored { failures },
        };
    Tally {
        verdict,
        mean: mean(votes.iter().map(|v| f64::from(v.score.get()))),
        median,
        expected: mean(votes.iter().map(|v| v.expected)),
        votes,
        failures,
        judges_asked,
    }
}

fn vote(judge: &JudgeName, ballots: &[&Ballot]) -> Option<Vote> {
    let scores: Vec<Score> = ballots.iter().filter_map(|b| b.score()).collect();
    let mut expected: Vec<f64> = ballots.iter().filter_map(|b| b.outcome.as_ref().ok()).map(super::Judgment::expected_score).collect();
    // Sorted before summing: floating point addition must not see the order of arrival.
    expected.sort_unstable_by(f64::total_cmp);
    Some(Vote {
        judge: judge.clone(),
        score: lower_median(&scores)?,
        low: *scores.iter().min()?,
        high: *scores.iter().max()?,
        expected: mean(expected.into_iter())?,
        samples: count(scores.len()),
    })
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0u32, 0.0), |(n, s), v| (n + 1, s + v));
    (n > 0).then(|| sum / f64::from(n))
}

fn count(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Digest, JudgeFailure, JudgeFailureKind, Judgment, Spend};

    fn ballot(judge: &str, sample: u16, score: Option<u8>) -> Ballot {
        Ballot {
            judge: JudgeName::new(judge).unwrap(),
            judge_digest: Digest::of_bytes(judge.as_bytes()),
            sample,
            outcome: match score {
                Some(s) => Ok(Judgment::new(Score::try_from(s).unwrap(), "")),
                None => Err(JudgeFailure::new(JudgeFailureKind::Empty, "")),
            },
            spend: Spend::default(),
            latency_ms: 0,
        }
    }

    const POLICY: PanelPolicy = PanelPolicy { quorum: 2, max_spread: 1 };

    #[test]
    fn a_wide_panel_is_split_rather_than_averaged() {
        let t = settle(&[ballot("a", 0, Some(1)), ballot("b", 0, Some(5))], &POLICY);
        assert_eq!(t.verdict, Verdict::Split { low: Score::ALL[0], high: Score::ALL[4] });
        assert_eq!(t.median, Some(Score::ALL[0]));
    }

    #[test]
    fn an_even_panel_takes_the_lower_score() {
        let t = settle(&[ballot("a", 0, Some(4)), ballot("b", 0, Some(3))], &POLICY);
        assert_eq!(t.verdict, Verdict::Settled { score: Score::ALL[2] });
    }

    #[test]
    fn a_failed_judge_is_missing_rather_than_a_one() {
        let t = settle(&[ballot("a", 0, Some(5)), ballot("b", 0, None)], &POLICY);
        assert_eq!(t.verdict, Verdict::Unscored { failures: 1 });
        assert_eq!(t.mean, Some(5.0));
    }

    #[test]
    fn no_ballots_are_unscored() {
        let t = settle(&[], &POLICY);
        assert_eq!(t.verdict, Verdict::Unscored { failures: 0 });
        assert_eq!((t.mean, t.median, t.expected), (None, None, None));
    }

    #[test]
    fn samples_of_one_judge_do_not_outvote_the_others() {
        let wide = PanelPolicy { quorum: 2, max_spread: 4 };
        let t = settle(
            &[ballot("a", 0, Some(5)), ballot("a", 1, Some(5)), ballot("a", 2, Some(5)), ballot("b", 0, Some(2)), ballot("c", 0, Some(2))],
            &wide,
        );
        assert_eq!(t.verdict, Verdict::Settled { score: Score::ALL[1] });
    }

    proptest! {
        #[test]
        fn ballot_order_never_matters(scores in prop::collection::vec((0u8..4, prop::option::of(1u8..=5)), 0..12), seed in any::<u64>()) {
            let ballots: Vec<Ballot> = scores.iter().enumerate()
                .map(|(i, (j, s))| ballot(&format!("j{j}"), u16::try_from(i).unwrap(), *s)).collect();
            let mut shuffled = ballots.clone();
            shuffled.sort_by_key(|b| Digest::of_bytes(format!("{seed}{}", b.sample).as_bytes()));
            prop_assert_eq!(settle(&ballots, &POLICY), settle(&shuffled, &POLICY));
        }
    }
}
