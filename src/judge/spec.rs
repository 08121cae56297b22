//! What `judges:` in `tribunal.yaml` may say, kind by kind. The types are the schema.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One judge of `tribunal.yaml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum JudgeSpec {
    /// A chat model behind an OpenAI-compatible server.
    OpenAi(LlmJudgeSpec),
    /// The embedded model over word features: free, no network.
    Lexical(LexicalJudgeSpec),
    /// Rules over hard facts; abstains where a case has none.
    Facts(FactsJudgeSpec),
    /// Recorded ballots.
    Replay(ReplayJudgeSpec),
}

/// How a judge is asked to shape its reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplyFormat {
    /// JSON schema; where the server refuses it, JSON mode; where it refuses that, text. Learned once a run.
    #[default]
    Auto,
    /// JSON schema only.
    JsonSchema,
    /// JSON mode only.
    JsonObject,
    /// Text, strictly parsed.
    Text,
}

/// A chat model as a judge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LlmJudgeSpec {
    /// Model name, as the server knows it.
    pub model: String,
    /// Server, e.g. `http://localhost:8000/v1`. Default: `https://api.openai.com/v1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Environment variable that holds the key. Default: `OPENAI_API_KEY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_env: Option<String>,
    /// Ballots an output. Default: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 50))]
    pub samples: Option<u16>,
    /// Ask for token probabilities: gives an expected score and a confidence. Default: false.
    #[serde(default)]
    pub logprobs: bool,
    /// How the judge is asked to shape its reply. Default: `auto`.
    #[serde(default)]
    pub format: ReplyFormat,
    /// Shorthand for `parameters: {temperature: ...}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Passed through to the server as they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Value>,
    /// A minijinja template file that replaces our prompt, relative to the project. A rubric's own template wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<PathBuf>,
    /// Confidence from which this judge settles alone in a cascade (needs `logprobs`, or two or more samples).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub settles_alone_at: Option<f64>,
    /// Seconds until one attempt is given up. Default: 120.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3600))]
    pub timeout_seconds: Option<u32>,
}

/// The embedded lexical judge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LexicalJudgeSpec {
    /// Confidence from which it settles alone in a cascade. Default: the threshold measured when its weights were fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub settles_alone_at: Option<f64>,
    /// Weights fitted by `cargo run --example fit_lexical`, relative to the project. Default: the embedded ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<PathBuf>,
}

/// The embedded rules over hard facts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactsJudgeSpec {}

/// Recorded ballots: JSONL, one object a line: `{"id", "score", "judge"?, "sample"?, "trial"?, "reason"?, "confidence"?, "probabilities"?}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayJudgeSpec {
    /// The file, relative to the project.
    pub file: PathBuf,
    /// Take only lines of this `judge`; absent takes all lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<String>,
    /// Ballots an output. Default: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 50))]
    pub samples: Option<u16>,
}
