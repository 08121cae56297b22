//! The ground floor: the words of the product as types. No I/O, no clock, no randomness; imports nothing of ours.

pub mod case;
pub mod claim;
pub mod design;
pub mod digest;
pub mod grade;
pub mod ids;
pub mod invisible;
pub mod judgment;
pub mod log;
pub mod money;
pub mod output;
pub mod panel;
pub mod review;
pub mod rubric;
pub mod run;
pub mod score;

pub use case::{Case, Risk, SetHead, Speaker, Status, Turn};
pub use claim::{Claim, ClaimAsk, Claimed, StoredDraft, Submission, Submitted, Taken};
pub use design::{Design, DesignItem, DesignStratum, Reason};
pub use digest::{Digest, DigestBuilder};
pub use grade::{Grade, Grades, Standing};
pub use ids::{AgentName, CaseId, EventId, GraderName, JudgeName, RubricName, RunId, SetName};
pub use judgment::{Ballot, JudgeFailure, JudgeFailureKind, Judgment};
pub use money::{Spend, Tokens, Usd};
pub use output::{AgentFailure, AgentFailureKind, Output};
pub use panel::{PanelPolicy, Tally, Verdict};
pub use review::{ReviewItem, Stratum, Tier, Trigger};
pub use rubric::{Example, Rubric};
pub use run::{RunHead, RunStatus, TrialKey, TrialRow};
pub use score::Score;
