//! One execution: its head, its trials, and a trial with all that happened to it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::case::SetHead;
use super::digest::{Digest, DigestBuilder};
use super::ids::{AgentName, JudgeName, RunId, SetName};
use super::judgment::Ballot;
use super::money::Spend;
use super::output::{AgentFailure, Output};
use super::panel::{PanelPolicy, Tally};
use super::review::ReviewItem;
use super::rubric::Rubric;
use super::score::Score;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Started and not finished: running, killed or interrupted. The same command resumes it.
    Open,
    /// Every trial has an output and every ballot that could be had.
    Complete,
    /// Finished with outages or a spent budget. The same command asks again for what is missing.
    Incomplete,
}

impl RunStatus {
    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A judge as a run used it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JudgeHead {
    /// Its name.
    pub name: JudgeName,
    /// Its kind: `openai`, `lexical`, `facts` or `replay`.
    pub kind: String,
    /// Model, where it has one.
    pub model: Option<String>,
    /// Samples an output.
    pub samples: u16,
    /// Model + parameters + prompt; examples are in the rubric's digest.
    pub digest: Digest,
    /// In a cascade: the confidence from which it settles alone; absent where it never does. No part of what a judge is, but of what
    /// the run did with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles_alone_at: Option<f64>,
}

/// An agent as a run used it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentHead {
    /// Its name.
    pub name: AgentName,
    /// Its kind: `openai`, `http`, `command`, `replay` or `retrieval`.
    pub kind: String,
    /// Model, where it has one.
    pub model: Option<String>,
    /// Its whole configuration.
    pub digest: Digest,
}

/// Everything about a run that is known before its first call, and its status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunHead {
    /// Identity; sorts by time.
    pub id: RunId,
    /// Digest of everything below that decides what the run does: the same key resumes an unfinished run.
    pub key: Digest,
    /// Unix time in milliseconds.
    pub created_ms: i64,
    /// Unix time in milliseconds; absent while open.
    pub finished_ms: Option<i64>,
    /// Where it stands.
    pub status: RunStatus,
    /// The agents, in the order given.
    pub agents: Vec<AgentHead>,
    /// The judges, in the order given (the order of a cascade).
    pub judges: Vec<JudgeHead>,
    /// How ballots settle.
    pub policy: PanelPolicy,
    /// Judges are asked one after another, cheap first.
    pub cascade: bool,
    /// The sets, in order.
    pub sets: Vec<SetHead>,
    /// The rubrics that the sets name, whole, so that a report needs no file.
    pub rubrics: Vec<Rubric>,
    /// What was selected, in the words of the command line; empty for everything.
    pub selection: String,
    /// Trials planned.
    pub planned: u64,
    /// Seed of every draw.
    pub seed: u64,
    /// For a run that judged another run's outputs again: that run.
    pub judged_from: Option<RunId>,
    /// The run that its gate compared it with, so that a report made later says what the run said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<RunId>,
    /// The agent's version as its makers name it, a commit for example. Complete runs of one version with the same key are one
    /// measurement made several times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_version: Option<String>,
    /// Version of the program that made it.
    pub version: String,
}

impl RunHead {
    /// The rubric that a set's cases are judged by.
    #[must_use]
    pub fn rubric_of(&self, set: &SetName) -> Option<&Rubric> {
        let name = &self.sets.iter().find(|s| &s.name == set)?.rubric;
        self.rubrics.iter().find(|r| &r.name == name)
    }
}

/// Which trial: stable across resumes, since the plan is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialKey {
    /// Position in the plan, from 0.
    pub seq: u64,
    /// Which agent.
    pub agent: AgentName,
    /// Which set.
    pub set: SetName,
    /// Repeat number, from 0.
    pub trial: u16,
}

/// A trial with all that happened to it so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialRow {
    /// Which trial.
    pub key: TrialKey,
    /// The case as it stood when the run asked.
    pub case: Arc<Case>,
    /// Digest of the case's scoring-relevant fields.
    pub case_digest: Digest,
    /// What the agent returned, or how it failed.
    pub answer: Result<Output, AgentFailure>,
    /// What the agent's answer cost.
    pub spend: Spend,
    /// Every ballot, by judge and sample.
    #[serde(default)]
    pub ballots: Vec<Ballot>,
    /// The verdict, once the ballots are in.
    #[serde(default)]
    pub tally: Option<Tally>,
    /// Set when the output wants a person.
    #[serde(default)]
    pub item: Option<ReviewItem>,
    /// The score that people's grades came to, where they have graded it. Comes from the decision log, never from the run.
    #[serde(skip)]
    pub label: Option<Score>,
}

impl TrialRow {
    /// What is reviewed: case, output and rubric. An unchanged one is never graded twice.
    #[must_use]
    pub fn item_digest(&self, rubric: &Rubric) -> Option<Digest> {
        let output = self.answer.as_ref().ok()?;
        Some(
            DigestBuilder::new("item/1")
                .digest("case", &self.case_digest)
                .digest("output", &output.digest())
                .digest("rubric", &rubric.digest())
                .finish(),
        )
    }
}
