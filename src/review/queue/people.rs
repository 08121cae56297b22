//! Who may grade what: profiles of graders.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::{CaseId, GraderName, SetName};

/// What a person may do, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads reports.
    Viewer,
    /// Grades.
    Grader,
    /// Also decides conflicts.
    Adjudicator,
    /// Also takes what nobody else can, approves, assigns and folds.
    Owner,
}

impl Role {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Grader, Self::Adjudicator, Self::Owner];

    /// The word used in files and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Grader => "grader",
            Self::Adjudicator => "adjudicator",
            Self::Owner => "owner",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.word() == word)
    }
}

/// Fields or languages of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fields {
    /// Everything; also where nothing is known.
    #[default]
    Any,
    /// These only.
    These(BTreeSet<String>),
}

impl Fields {
    /// A list of words.
    pub fn these<S: Into<String>>(words: impl IntoIterator<Item = S>) -> Self {
        Self::These(words.into_iter().map(Into::into).collect())
    }

    /// Whether a field is among them.
    #[must_use]
    pub fn hold(&self, field: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These(words) => words.contains(field),
        }
    }
}

/// A grader's profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name; a pseudonym is fine.
    pub name: GraderName,
    /// What the person may do.
    pub role: Role,
    /// Fields, matched against `skill:` tags of cases.
    pub skills: Fields,
    /// Languages, matched against `lang:` tags of cases.
    pub langs: Fields,
    /// Cases whose expected answer the person wrote.
    pub authored: BTreeMap<SetName, BTreeSet<CaseId>>,
    /// Would rather not read cases tagged `sensitive`.
    pub spared: bool,
}

impl Person {
    /// Somebody of whom nothing but name and role is known: every field, every language.
    #[must_use]
    pub fn new(name: GraderName, role: Role) -> Self {
        Self { name, role, skills: Fields::Any, langs: Fields::Any, authored: BTreeMap::new(), spared: false }
    }

    /// Whether the person wrote the expected answer of a case.
    #[must_use]
    pub fn wrote(&self, set: &SetName, case: &CaseId) -> bool {
        self.authored.get(set).is_some_and(|cases| cases.contains(case))
    }
}
