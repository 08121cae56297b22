//! Which items of the queue: `state:pending risk:high tag:eu`.

use std::fmt;
use std::str::FromStr;

use super::{Band, Item};
use crate::domain::{Digest, GraderName, Risk, Trigger};

/// Which items. Of the values of one field any will do; all fields must hold. Empty: everything.
///
/// A filter by trigger or band belongs to leads: what it lets through would tell a blind grader why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words of states, or `open` and `done`.
    pub states: Vec<String>,
    /// At least this risk.
    pub risk: Option<Risk>,
    /// Tags.
    pub tags: Vec<String>,
    /// Sets.
    pub sets: Vec<String>,
    /// Cases.
    pub cases: Vec<String>,
    /// Triggers.
    pub triggers: Vec<Trigger>,
    /// Bands.
    pub bands: Vec<Band>,
    /// Held by, given to or graded by one of these.
    pub people: Vec<GraderName>,
    /// These items only.
    pub items: Vec<Digest>,
}

/// A word that filters nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not a filter: {expected} is expected")]
pub struct FilterFault {
    word: String,
    expected: &'static str,
}

const FORM: &str = "`state:`, `risk:`, `tag:`, `set:`, `case:`, `trigger:`, `band:` or `by:` with a value";

const STATES: [&str; 11] =
    ["open", "done", "pending", "claimed", "graded", "conflicted", "agreed", "adjudicated", "deferred", "withdrawn", "folded"];

impl Filter {
    /// True if it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// True if what it lets through tells a blind grader nothing.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.triggers.is_empty() && self.bands.is_empty()
    }

    /// Whether it lets an item through.
    #[must_use]
    pub fn lets(&self, i: &Item) -> bool {
        let any = |of: &[String], holds: &dyn Fn(&str) -> bool| of.is_empty() || of.iter().any(|w| holds(w));
        any(&self.states, &|w| match w {
            "open" => i.state.is_open(),
            "done" => i.state.is_done(),
            w => i.state.word() == w,
        }) && self.risk.is_none_or(|r| i.listed.risk >= r)
            && any(&self.tags, &|w| i.listed.tags.iter().any(|t| t == w))
            && any(&self.sets, &|w| i.on().set.as_str() == w)
            && any(&self.cases, &|w| i.on().case.as_str() == w)
            && (self.triggers.is_empty() || self.triggers.iter().any(|t| i.listed.triggers.contains(t)))
            && (self.bands.is_empty() || self.bands.contains(&i.band))
            && (self.people.is_empty()
                || self
                    .people
                    .iter()
                    .any(|p| i.held.iter().any(|c| c.grader == *p) || i.assigned.as_ref() == Some(p) || i.graders.contains(p)))
            && (self.items.is_empty() || self.items.contains(&i.digest()))
    }

    /// Adds one word: `state:`, `risk:`, `tag:`, `set:`, `case:`, `trigger:`, `band:` or `by:` and a value.
    ///
    /// # Errors
    /// [`FilterFault`] for anything else.
    pub fn add(&mut self, word: &str) -> Result<(), FilterFault> {
        let fault = |expected| FilterFault { word: word.to_owned(), expected };
        let (field, value) = word.split_once(':').filter(|(_, v)| !v.is_empty()).ok_or_else(|| fault(FORM))?;
        match field {
            "state" if STATES.contains(&value) => self.states.push(value.to_owned()),
            "state" => return Err(fault("a state such as `open`, `pending`, `conflicted` or `done`")),
            "risk" => {
                let found = Risk::ALL.into_iter().find(|r| r.word() == value);
                self.risk = Some(found.ok_or_else(|| fault("`low`, `medium`, `high` or `critical`"))?);
            }
            "tag" => self.tags.push(value.to_owned()),
            "set" => self.sets.push(value.to_owned()),
            "case" => self.cases.push(value.to_owned()),
            "trigger" => self.triggers.push(Trigger::of(value).ok_or_else(|| fault("a trigger such as `split_panel`"))?),
            "band" => {
                let found = Band::ALL.into_iter().find(|b| b.word().eq_ignore_ascii_case(value));
                self.bands.push(found.ok_or_else(|| fault("`P0`, `P1`, `P2` or `P3`"))?);
            }
            "by" => self.people.push(GraderName::new(value).map_err(|_| fault("a grader's name"))?),
            _ => return Err(fault(FORM)),
        }
        Ok(())
    }
}

impl FromStr for Filter {
    type Err = FilterFault;
    fn from_str(s: &str) -> Result<Self, FilterFault> {
        let mut filter = Self::default();
        for word in s.split_whitespace() {
            filter.add(word)?;
        }
        Ok(filter)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all: Vec<String> = Vec::new();
        let mut put = |field: &str, value: &str| all.push(format!("{field}:{value}"));
        self.states.iter().for_each(|v| put("state", v));
        self.risk.iter().for_each(|v| put("risk", v.word()));
        self.tags.iter().for_each(|v| put("tag", v));
        self.sets.iter().for_each(|v| put("set", v));
        self.cases.iter().for_each(|v| put("case", v));
        self.triggers.iter().for_each(|v| put("trigger", v.word()));
        self.bands.iter().for_each(|v| put("band", v.word()));
        self.people.iter().for_each(|v| put("by", v.as_str()));
        f.write_str(&all.join(" "))
    }
}
