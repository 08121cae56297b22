//! What a panel's ballots say about one output, as numbers for a calibrator: mean, pass share, spread, entropy.

use serde::{Deserialize, Serialize};

use crate::domain::Score;

/// A panel's scores in five numbers (STATS: panel mean, pass share, spread, mean x spread, entropy).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PanelFeatures {
    /// Mean score, 1 to 5.
    pub mean: f64,
    /// Share of scores at or above the pass mark, 0 to 1.
    pub pass_share: f64,
    /// Highest minus lowest score, 0 to 4.
    pub spread: f64,
    /// Entropy of the scores in nats, 0 (all equal) to ln 5.
    pub entropy: f64,
}

impl PanelFeatures {
    /// Names of the columns of [`Self::row`].
    pub const NAMES: [&'static str; 5] = ["panel mean", "pass share", "spread", "mean x spread", "entropy"];

    /// The features of scores; order never matters. `None` without a score.
    #[must_use]
    pub fn of(scores: &[Score], pass: Score) -> Option<Self> {
        let (low, high) = (scores.iter().min()?, scores.iter().max()?);
        let n = scores.len() as f64;
        let mut counts = [0u32; 5];
        for s in scores {
            counts[s.index()] += 1;
        }
        let share = |c: u32| f64::from(c) / n;
        let mean = counts.iter().zip(1u8..).map(|(c, k)| share(*c) * f64::from(k)).sum();
        let entropy = counts.iter().filter(|c| **c > 0).map(|c| -share(*c) * share(*c).ln()).sum::<f64>().max(0.0);
        let pass_share = counts[pass.index()..].iter().map(|c| share(*c)).sum::<f64>().min(1.0);
        Some(Self { mean, pass_share, spread: f64::from(high.get() - low.get()), entropy })
    }

    /// The row of a model.
    #[must_use]
    pub fn row(&self) -> [f64; 5] {
        [self.mean, self.pass_share, self.spread, self.mean * self.spread, self.entropy]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scores: &[u8]) -> Option<PanelFeatures> {
        let scores: Vec<Score> = scores.iter().map(|s| Score::try_from(*s).unwrap()).collect();
        PanelFeatures::of(&scores, Score::ALL[3])
    }

    #[test]
    fn a_panel_becomes_five_numbers() {
        let f = of(&[5, 3, 4, 4]).unwrap();
        assert_eq!((f.mean, f.pass_share, f.spread), (4.0, 0.75, 2.0));
        assert!((f.entropy - 1.5 * 2.0_f64.ln()).abs() < 1e-12 && (f.row()[3] - 8.0).abs() < 1e-12);
        assert_eq!(of(&[3, 4, 5, 4]), Some(f), "order never matters");
    }

    #[test]
    fn agreement_has_no_entropy_and_nobody_has_no_features() {
        assert_eq!(of(&[2, 2, 2]).unwrap(), PanelFeatures { mean: 2.0, pass_share: 0.0, spread: 0.0, entropy: 0.0 });
        assert_eq!(of(&[]), None);
    }
}
