//! One question with its expectations, and the head of the set that it stands in.

use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::digest::{Digest, DigestBuilder};
use super::ids::{CaseId, RubricName, SetName};

/// What an error on this case costs: it decides tiers, priorities and how many people grade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// A wrong answer is a nuisance.
    Low,
    /// The default.
    #[default]
    Medium,
    /// A wrong answer does real harm.
    High,
    /// A wrong answer must not ship.
    Critical,
}

impl Risk {
    /// All four, from low to critical.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Whether a case counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Runs and counts.
    #[default]
    Active,
    /// Proposed, not yet validated by a person: never runs.
    Draft,
    /// Taken out of service with a reason: never runs, never deleted.
    Retired,
}

/// Who speaks in an earlier turn of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Speaker {
    /// The person who asks.
    User,
    /// The agent under test.
    Assistant,
    /// Instructions.
    System,
}

impl Speaker {
    /// The role word of chat APIs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::System => "system",
        }
    }
}

/// An earlier turn of the conversation, before the question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// Who speaks.
    pub role: Speaker,
    /// What was said.
    pub text: String,
}

/// One question with its expectations. Case ids never change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Identity within its set.
    pub id: CaseId,
    /// What the agent is asked.
    pub question: String,
    /// The answer that a person expects.
    pub expected: String,
    /// Other answers that are also right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<String>,
    /// Hard facts: a right answer holds each of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_mention: Vec<String>,
    /// A right answer holds none of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_not_mention: Vec<String>,
    /// Shown to judges and reviewers, not to the agent unless it asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Earlier turns of the conversation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turns: Vec<Turn>,
    /// Labels to select and to group by; sorted and without duplicates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Cost of an error.
    #[serde(default)]
    pub risk: Risk,
    /// Repeats that add data; at least 1.
    #[serde(default = "one")]
    pub trials: u16,
    /// Whether it counts.
    #[serde(default)]
    pub status: Status,
    /// True once a person has checked the expected answer (`reviewed:` is present).
    #[serde(default)]
    pub human_checked: bool,
    /// 1-based line in the set's file, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

fn one() -> u16 {
    1
}

impl Case {
    /// A case with the three fields that every case has; everything else at its default.
    #[must_use]
    pub fn new(id: CaseId, question: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            id,
            question: question.into(),
            expected: expected.into(),
            accept: Vec::new(),
            must_mention: Vec::new(),
            must_not_mention: Vec::new(),
            context: None,
            turns: Vec::new(),
            tags: Vec::new(),
            risk: Risk::default(),
            trials: 1,
            status: Status::Active,
            human_checked: false,
            line: None,
        }
    }

    /// Digest over the fields that matter for a score. Tags, risk, trials, provenance and comments do not count,
    /// so that editing them never throws a grade away.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let b = DigestBuilder::new("case/1")
            .text("id", self.id.as_str())
            .text("question", &self.question)
            .text("expected", &self.expected)
            .list("accept", &self.accept)
            .list("must_mention", &self.must_mention)
            .list("must_not_mention", &self.must_not_mention)
            .maybe("context", self.context.as_deref());
        self.turns.iter().fold(b, |b, t| b.text(t.role.word(), &t.text)).finish()
    }

    /// Expected answer and every accepted alternative.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.expected.as_str()).chain(self.accept.iter().map(String::as_str))
    }
}

/// The head of an eval set: what holds for all of its cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetHead {
    /// Name of the set.
    pub name: SetName,
    /// The rubric that its cases are judged by.
    pub rubric: RubricName,
    /// The file, as given or found, relative to the project where possible.
    pub path: PathBuf,
    /// Digest of the file's bytes.
    pub digest: Digest,
    /// Number of cases that run (active).
    pub cases: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case() -> Case {
        Case::new(CaseId::new("a").unwrap(), "q", "e")
    }

    #[test]
    fn tags_and_risk_leave_the_digest_alone() {
        let mut other = case();
        other.tags = vec!["x".into()];
        other.risk = Risk::Critical;
        other.trials = 9;
        assert_eq!(case().digest(), other.digest());
    }

    #[test]
    fn every_field_that_matters_for_a_score_changes_the_digest() {
        let edits: [fn(&mut Case); 7] = [
            |c| c.question.push('x'),
            |c| c.expected.push('x'),
            |c| c.accept.push("x".into()),
            |c| c.must_mention.push("x".into()),
            |c| c.must_not_mention.push("x".into()),
            |c| c.context = Some(String::new()),
            |c| c.turns.push(Turn { role: Speaker::User, text: "x".into() }),
        ];
        let mut seen = std::collections::HashSet::from([case().digest()]);
        for edit in edits {
            let mut c = case();
            edit(&mut c);
            assert!(seen.insert(c.digest()), "an edit left the digest as it was, or equal to another edit's");
        }
    }
}
