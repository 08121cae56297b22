//! What the files of sets and rubrics may say. The types are the schema, and the only list of keys.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::{Risk, Status, Turn};

/// An eval set: questions with the answers that a person expects.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "set")]
pub struct RawSet {
    /// Name of the set; no white space. Runs and reports know the set by it.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// The rubric that the cases are judged by: a file in `rubrics/` without its ending.
    #[schemars(length(min = 1, max = 200))]
    pub rubric: String,
    /// What holds for every case that does not say otherwise.
    #[serde(default)]
    pub defaults: Option<RawDefaults>,
    /// The cases.
    #[schemars(length(min = 1))]
    pub cases: Vec<RawCase>,
}

/// The first line of a JSONL set, if it is a head: `{"set": {...}}`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "head line")]
pub struct RawHeadLine {
    /// What the head of a YAML set holds.
    pub set: RawHead,
}

/// The head of a JSONL set.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "head")]
pub struct RawHead {
    /// Name of the set. Default: the file's name without its ending.
    #[serde(default)]
    pub name: Option<String>,
    /// The rubric that the cases are judged by. Default: `correctness`.
    #[serde(default)]
    pub rubric: Option<String>,
    /// What holds for every case that does not say otherwise.
    #[serde(default)]
    pub defaults: Option<RawDefaults>,
}

/// What holds for every case that does not say otherwise.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "set of defaults")]
pub struct RawDefaults {
    /// Added to the tags of every case.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Cost of an error. Default: `medium`.
    #[serde(default)]
    pub risk: Option<Risk>,
    /// How often the agent is asked. Default: 1.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub trials: Option<u16>,
}

/// One question with its expectations.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "case")]
pub struct RawCase {
    /// Identity within the set; never changes. No white space.
    #[schemars(length(min = 1, max = 200))]
    pub id: String,
    /// What the agent is asked.
    #[schemars(length(min = 1))]
    pub question: String,
    /// The answer that a person expects.
    #[schemars(length(min = 1))]
    pub expected: String,
    /// Other answers that are also right.
    #[serde(default)]
    pub accept: Vec<String>,
    /// Hard facts: a right answer holds each of them.
    #[serde(default)]
    pub must_mention: Vec<String>,
    /// A right answer holds none of these.
    #[serde(default)]
    pub must_not_mention: Vec<String>,
    /// Shown to judges and reviewers, not to the agent unless it asks for it.
    #[serde(default)]
    pub context: Option<String>,
    /// Earlier turns of the conversation; the question is the last thing that the user says.
    #[serde(default)]
    pub turns: Vec<Turn>,
    /// Labels to select and to group by; no white space, no comma.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Cost of an error.
    #[serde(default)]
    pub risk: Option<Risk>,
    /// How often the agent is asked. Default: 1.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub trials: Option<u16>,
    /// `active` cases run; a `draft` is a proposal that no person has validated; a `retired` case is out of service.
    #[serde(default)]
    pub status: Option<Status>,
    /// Why the case was taken out of service; makes it retired.
    #[serde(default)]
    pub retired: Option<String>,
    /// The case of this set that takes the place of a retired one.
    #[serde(default)]
    pub replaced_by: Option<String>,
    /// Who checked the expected answer, and when.
    #[serde(default)]
    pub reviewed: Option<RawReviewed>,
}

/// Who checked an expected answer, and when.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "review")]
pub struct RawReviewed {
    /// Who.
    #[schemars(length(min = 1))]
    pub by: String,
    /// The day, e.g. 2026-03-31.
    pub on: String,
    /// The run whose answer led to it.
    #[serde(default)]
    pub run: Option<String>,
    /// The decision that was written back.
    #[serde(default)]
    pub decision: Option<String>,
}

/// A rubric: what is judged, and what each score means.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "rubric")]
pub struct RawRubric {
    /// Name of the rubric; must be the file's name without its ending.
    #[serde(default)]
    pub name: Option<String>,
    /// What is judged, in words.
    #[schemars(length(min = 1))]
    pub criteria: String,
    /// What each score means.
    pub anchors: RawAnchors,
    /// An answer passes at this score or above; never shown to a judge. Default: 4.
    #[serde(default)]
    #[schemars(range(min = 1, max = 5))]
    pub pass_mark: Option<u8>,
    /// Clarifications.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Graded answers that judges are shown, but never when the case that they come from is judged.
    #[serde(default)]
    pub examples: Vec<RawExample>,
    /// A judge prompt of your own (minijinja), in place of ours.
    #[serde(default)]
    pub template: Option<String>,
}

/// What each score means.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "scale")]
pub struct RawAnchors {
    /// What 1 means, the worst.
    #[serde(rename = "1")]
    #[schemars(length(min = 1))]
    pub one: String,
    /// What 2 means.
    #[serde(rename = "2")]
    #[schemars(length(min = 1))]
    pub two: String,
    /// What 3 means.
    #[serde(rename = "3")]
    #[schemars(length(min = 1))]
    pub three: String,
    /// What 4 means.
    #[serde(rename = "4")]
    #[schemars(length(min = 1))]
    pub four: String,
    /// What 5 means, the best.
    #[serde(rename = "5")]
    #[schemars(length(min = 1))]
    pub five: String,
}

/// A graded answer as an example for judges.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "calibration example")]
pub struct RawExample {
    /// The case that it came from: never shown when that case is judged.
    #[serde(default)]
    pub case: Option<String>,
    /// The question of that case.
    #[serde(default)]
    pub question: Option<String>,
    /// The expected answer of that case.
    #[serde(default)]
    pub expected: Option<String>,
    /// The answer that was graded.
    #[schemars(length(min = 1))]
    pub answer: String,
    /// The grade that people agreed on.
    #[schemars(range(min = 1, max = 5))]
    pub score: u8,
    /// Why.
    #[schemars(length(min = 1))]
    pub why: String,
    /// The decision that it was written back from.
    #[serde(default)]
    pub decision: Option<String>,
}
