//! What wants a person, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A reason why an output wants a person. All that apply are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The panel is too far apart to settle.
    SplitPanel,
    /// Some judgments pass and some fail.
    StraddlesPassMark,
    /// Samples of one judge differ by two or more, or straddle the pass mark.
    SamplesDisagree,
    /// Too few judges gave a judgment.
    Unscored,
    /// The answer speaks to a grader, holds fake scores or hidden characters.
    AddressedToGrader,
    /// High or critical risk, and the mean is below 4.5.
    HighRiskNearMark,
    /// A judge's reason contradicts its score.
    Contradictory,
    /// Drawn at random from the confident items.
    RandomAudit,
    /// An engineer disputes the verdict.
    Disputed,
    /// Feedback from production: a thumb down, a poor rating, a complaint.
    Feedback,
    /// Passes where the baseline release failed, or the reverse.
    Flipped,
    /// A conversation that failed before and is played again.
    FailedBefore,
    /// A case that a person wrote to break the agent.
    Manual,
    /// Nobody has checked the expected answer yet.
    Unchecked,
    /// The case has always passed, always failed, or was called ambiguous before.
    CaseHealth,
    /// Judge or rubric changed: a sample of what they settle now.
    JudgeChanged,
}

impl Trigger {
    /// All, in order.
    pub const ALL: [Self; 16] = [
        Self::SplitPanel,
        Self::StraddlesPassMark,
        Self::SamplesDisagree,
        Self::Unscored,
        Self::AddressedToGrader,
        Self::HighRiskNearMark,
        Self::Contradictory,
        Self::RandomAudit,
        Self::Disputed,
        Self::Feedback,
        Self::Flipped,
        Self::FailedBefore,
        Self::Manual,
        Self::Unchecked,
        Self::CaseHealth,
        Self::JudgeChanged,
    ];

    /// The trigger of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.word() == word)
    }

    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::SplitPanel => "split_panel",
            Self::StraddlesPassMark => "straddles_pass_mark",
            Self::SamplesDisagree => "samples_disagree",
            Self::Unscored => "unscored",
            Self::AddressedToGrader => "addressed_to_grader",
            Self::HighRiskNearMark => "high_risk_near_mark",
            Self::Contradictory => "contradictory",
            Self::RandomAudit => "random_audit",
            Self::Disputed => "disputed",
            Self::Feedback => "feedback",
            Self::Flipped => "flipped",
            Self::FailedBefore => "failed_before",
            Self::Manual => "manual",
            Self::Unchecked => "unchecked",
            Self::CaseHealth => "case_health",
            Self::JudgeChanged => "judge_changed",
        }
    }

    /// In words, for people.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::SplitPanel => "the judges are too far apart",
            Self::StraddlesPassMark => "some judgments pass, some fail",
            Self::SamplesDisagree => "a judge disagrees with itself",
            Self::Unscored => "too few judges gave a score",
            Self::AddressedToGrader => "the answer speaks to a grader",
            Self::HighRiskNearMark => "high risk, and not clearly good",
            Self::Contradictory => "a judge's reason contradicts its score",
            Self::RandomAudit => "random audit",
            Self::Disputed => "an engineer disputes the verdict",
            Self::Feedback => "users complained",
            Self::Flipped => "the verdict differs from the baseline's",
            Self::FailedBefore => "failed before",
            Self::Manual => "written to break the agent",
            Self::Unchecked => "nobody has checked the expected answer",
            Self::CaseHealth => "this case always turns out alike, or was called ambiguous",
            Self::JudgeChanged => "judge or rubric changed",
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How much care an item wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// About half a minute, one grader.
    T1,
    /// Two blind graders, transcript read.
    T2,
}

/// The part of the design that an item was drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stratum {
    /// Every item with a trigger: reviewed with certainty.
    Certain,
    /// Confident passes, sampled.
    AuditPass,
    /// Confident fails, sampled.
    AuditFail,
}

/// An output that wants a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewItem {
    /// The trial's position in the run.
    pub seq: u64,
    /// Every reason, sorted.
    pub triggers: Vec<Trigger>,
    /// Expected loss avoided by reviewing it: P(the verdict is wrong) x cost of that error. Higher goes first.
    pub priority: f64,
    /// How much care it wants.
    pub tier: Tier,
    /// Where it was drawn from.
    pub stratum: Stratum,
    /// P(selected for review), fixed before any grade is seen; 1 for a certain item. Never 0.
    pub inclusion: f64,
}
