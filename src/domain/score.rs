//! The 1-5 scale.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A score on the 1-5 rubric scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Score(u8);

/// A number that is not on the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("score {0} is off the scale of 1 to 5")]
pub struct ScoreOutOfRange(pub u8);

impl Score {
    /// The five scores in order.
    pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

    /// 1 to 5.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }

    /// 0 to 4, for tables.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0 - 1)
    }
}

impl TryFrom<u8> for Score {
    type Error = ScoreOutOfRange;
    fn try_from(n: u8) -> Result<Self, ScoreOutOfRange> {
        if (1..=5).contains(&n) { Ok(Self(n)) } else { Err(ScoreOutOfRange(n)) }
    }
}

impl From<Score> for u8 {
    fn from(s: Score) -> Self {
        s.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_to_five_are_scores() {
        for n in 0..=u8::MAX {
            assert_eq!(Score::try_from(n).is_ok(), (1..=5).contains(&n));
        }
        assert!(serde_json::from_str::<Score>("6").is_err());
    }
}
