//! `tribunal.yaml` as it is written. The types are the schema; nothing here is checked beyond its shape.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::forms::{Auto, OneOrMany};
use crate::agent::spec::AgentSpec;
use crate::judge::spec::JudgeSpec;
use crate::provider::CacheMode;

/// The whole file. Every key is optional.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(title = "tribunal.yaml")]
#[serde(deny_unknown_fields)]
pub struct ConfigRaw {
    /// The agent or agents that `run` asks unless `--agent` says otherwise. Not needed when exactly one is defined.
    #[serde(default)]
    pub agent: Option<OneOrMany>,
    /// The systems under test, by name.
    #[serde(default)]
    pub agents: Option<BTreeMap<String, AgentSpec>>,
    /// The graders, by name. Default: the embedded `lexical` judge.
    #[serde(default)]
    pub judges: Option<BTreeMap<String, JudgeSpec>>,
    /// Which judges sit together, and when their ballots settle.
    #[serde(default)]
    pub panel: Option<PanelRaw>,
    /// Files or folders of eval sets, relative to this file. Default: `evalsets`.
    #[serde(default)]
    pub sets: Option<OneOrMany>,
    /// Folder of rubrics, relative to this file. Default: `rubrics`.
    #[serde(default)]
    pub rubrics: Option<PathBuf>,
    /// Folder that reports are written to, relative to this file. Default: `reports`.
    #[serde(default)]
    pub reports: Option<PathBuf>,
    /// What goes to people.
    #[serde(default)]
    pub review: Option<ReviewRaw>,
    /// What a run must reach to pass in CI.
    #[serde(default)]
    pub gate: Option<GateRaw>,
    /// How hard servers may be asked, and how much may be spent.
    #[serde(default)]
    pub limits: Option<LimitsRaw>,
    /// Where runs are kept: `sqlite:PATH`, relative to this file. Default: `sqlite:.tribunal/tribunal.db`.
    #[serde(default)]
    pub store: Option<String>,
    /// How the response cache is used. Default: `on`.
    #[serde(default)]
    pub cache: Option<CacheMode>,
    /// A price table in place of the embedded one, relative to this file.
    #[serde(default)]
    pub prices: Option<PathBuf>,
    /// Seed of every random draw. Default: 0.
    #[serde(default)]
    pub seed: Option<u64>,
}

/// Which judges sit together, and when their ballots settle.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PanelRaw {
    /// Judges that all score every output. Default: all that are defined. Not together with `cascade`.
    #[serde(default)]
    pub judges: Option<OneOrMany>,
    /// Judges asked one after another, cheap first: one that is sure enough settles alone. Not together with `judges`.
    #[serde(default)]
    pub cascade: Option<Vec<String>>,
    /// Judges that must have given a judgment. Default: the majority; 1 for a cascade.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub quorum: Option<u16>,
    /// The widest range of scores that still settles, from 0 to 4. Default: 1.
    #[serde(default)]
    #[schemars(range(min = 0, max = 4))]
    pub max_spread: Option<u8>,
}

/// What goes to people beyond what is disputed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRaw {
    /// Minutes that people have for the review of a run: `tribunal plan` then needs no budget.
    #[serde(default)]
    #[schemars(range(min = 1.0))]
    pub minutes: Option<f64>,
    /// Share of the confident items that is drawn at random for an audit, from 0 to 1. Default: 0.03.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub audit: Option<f64>,
    /// Confident items drawn at least, however small the share. Default: 30.
    #[serde(default)]
    pub audit_at_least: Option<u32>,
    /// How many people grade an item, by risk. Default: 1; 2 for high and critical.
    #[serde(default)]
    pub graders: Option<GradersRaw>,
    /// What a wrong verdict costs, by risk, in units of a wrong verdict on a low-risk case. Default: 1/1, 4/1, 20/2, 100/3.
    #[serde(default)]
    pub costs: Option<CostsRaw>,
}

/// How many people grade an item, by risk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GradersRaw {
    /// Of low risk.
    #[serde(default)]
    #[schemars(range(min = 1, max = 9))]
    pub low: Option<u16>,
    /// Of medium risk.
    #[serde(default)]
    #[schemars(range(min = 1, max = 9))]
    pub medium: Option<u16>,
    /// Of high risk.
    #[serde(default)]
    #[schemars(range(min = 1, max = 9))]
    pub high: Option<u16>,
    /// Of critical risk.
    #[serde(default)]
    #[schemars(range(min = 1, max = 9))]
    pub critical: Option<u16>,
}

/// What a wrong verdict costs, by risk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CostsRaw {
    /// On a low-risk case.
    #[serde(default)]
    pub low: Option<CostRaw>,
    /// On a medium-risk case.
    #[serde(default)]
    pub medium: Option<CostRaw>,
    /// On a high-risk case.
    #[serde(default)]
    pub high: Option<CostRaw>,
    /// On a critical case.
    #[serde(default)]
    pub critical: Option<CostRaw>,
}

/// What the two kinds of wrong verdict cost.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CostRaw {
    /// A bad answer goes out as good.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub false_pass: f64,
    /// A good answer is held back as bad.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub false_fail: f64,
}

/// What a run must reach to pass in CI.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GateRaw {
    /// Share of trials that pass. A bare number is `at_least`.
    #[serde(default)]
    pub accuracy: Option<AccuracyRaw>,
    /// Mean score from 1 to 5. A bare number is `at_least`.
    #[serde(default)]
    pub mean_score: Option<MeanScoreRaw>,
    /// Cases that must all pass, whatever the accuracy: `tag:NAME`, `case:ID` or `risk:low|medium|high|critical`.
    #[serde(default)]
    pub must_pass: Option<OneOrMany>,
    /// Groups of cases with the accuracy that each must reach: `{"tag:eu": 0.85, "risk:high": 0.95}`.
    #[serde(default)]
    pub groups: Option<BTreeMap<String, Share>>,
    /// What every single case must reach over its trials: `2 of 3`.
    #[serde(default)]
    pub each_case: Option<String>,
    /// Agreement among the judges (Krippendorff's alpha, ordinal) that must be reached, below 1.
    #[serde(default)]
    #[schemars(range(min = -1.0, max = 1.0))]
    pub agreement: Option<f64>,
    /// The most that a run may cost, in US dollars, agent and judges together.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub cost_usd: Option<f64>,
    /// What an undecided gate counts as. Default: `undecided` (exit code 3).
    #[serde(default)]
    pub undecided: Option<WhenUndecided>,
    /// Share of trials that may stay without a score. A bare number is `at_most`.
    #[serde(default)]
    pub unscored: Option<UnscoredRaw>,
}

/// Thresholds on the share of trials that pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccuracyLimits {
    /// The lowest accuracy that passes, from 0 to 1.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub at_least: Option<f64>,
    /// How far the accuracy may fall below the baseline run's, from 0 to 1.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max_drop: Option<f64>,
}

/// Threshold on the mean score.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeanScoreLimits {
    /// The lowest mean score that passes, from 1 to 5.
    #[schemars(range(min = 1.0, max = 5.0))]
    pub at_least: f64,
}

/// Threshold on missing scores.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnscoredLimits {
    /// The largest share of trials without a score that passes, from 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub at_most: f64,
}

/// A share from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Share(#[schemars(range(min = 0.0, max = 1.0))] pub f64);

super::forms::number_or!(
    /// `accuracy:` of a gate: a mapping, or a number for `at_least`.
    AccuracyRaw, AccuracyLimits, 0.0, 1.0, |n| AccuracyLimits { at_least: Some(n), max_drop: None }
);
super::forms::number_or!(
    /// `mean_score:` of a gate: a mapping, or a number for `at_least`.
    MeanScoreRaw, MeanScoreLimits, 1.0, 5.0, |n| MeanScoreLimits { at_least: n }
);
super::forms::number_or!(
    /// `unscored:` of a gate: a mapping, or a number for `at_most`.
    UnscoredRaw, UnscoredLimits, 0.0, 1.0, |n| UnscoredLimits { at_most: n }
);

/// What an undecided gate counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WhenUndecided {
    /// It fails: exit code 1.
    Fail,
    /// It passes: exit code 0.
    Pass,
    /// It stays undecided: exit code 3.
    #[default]
    Undecided,
}

/// How hard servers may be asked, and how much may be spent.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsRaw {
    /// Calls to agents and judges at once, or `auto`: grows while servers keep up, shrinks when they push back. Default: `auto`.
    #[serde(default)]
    pub concurrency: Option<Auto>,
    /// Model calls a minute at most, for each server and key. Default: no limit.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub requests_per_minute: Option<u32>,
    /// Tokens a minute at most, for each server and key. Default: no limit.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub tokens_per_minute: Option<u64>,
    /// US dollars after which a run stops, resumably. Default: no limit.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub budget_usd: Option<f64>,
    /// Seconds after which one model call is given up, retries and the waits between them included; waiting for the limits above does not
    /// count. Default: 600.
    #[serde(default)]
    #[schemars(range(min = 1, max = 86_400))]
    pub deadline_seconds: Option<u32>,
}
