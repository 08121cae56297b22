//! What is asked of a run: the gate's lines as types. The configuration's reader fills them.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::GateVerdict;
use crate::domain::{Case, Risk};

/// What is asked of the accuracy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct AccuracyLine {
    /// The accuracy, 0 to 1, that its one-sided 95% lower bound must reach.
    pub at_least: Option<f64>,
    /// The largest drop against the baseline run, 0 to 1, that must be ruled out.
    pub max_drop: Option<f64>,
}

/// What is asked of a run. Every agent of the run is held to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GateSpec {
    /// The accuracy.
    pub accuracy: Option<AccuracyLine>,
    /// The mean score, 1 to 5, that its one-sided 95% lower bound must reach.
    pub mean_score: Option<f64>,
    /// Groups of cases of which every trial must pass.
    pub must_pass: Vec<Selector>,
    /// The largest share of answered trials, 0 to 1, that may go unscored.
    pub unscored_at_most: Option<f64>,
    /// What an undecided gate becomes; `Undecided` leaves it be (exit code 3).
    pub undecided: GateVerdict,
}

impl Default for GateSpec {
    fn default() -> Self {
        Self { accuracy: None, mean_score: None, must_pass: Vec::new(), unscored_at_most: None, undecided: GateVerdict::Undecided }
    }
}

impl GateSpec {
    /// True if nothing is asked: such a gate cannot pass.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accuracy.is_none_or(|a| a.at_least.is_none() && a.max_drop.is_none())
            && self.mean_score.is_none()
            && self.must_pass.is_empty()
            && self.unscored_at_most.is_none()
    }
}

/// A group of cases: `tag:safety`, `case:refund-eu-14d` or `risk:critical`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
pub enum Selector {
    /// Cases with this tag.
    Tag(String),
    /// The case with this id, in any set.
    Case(String),
    /// Cases of this risk.
    Risk(Risk),
}

impl Selector {
    /// Whether a case belongs to the group.
    #[must_use]
    pub fn selects(&self, case: &Case) -> bool {
        match self {
            Self::Tag(tag) => case.tags.contains(tag),
            Self::Case(id) => case.id.as_str() == id,
            Self::Risk(risk) => case.risk == *risk,
        }
    }
}

/// A text that selects nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectorFault {
    /// No known kind before a colon, or nothing after it.
    #[error("`{0}` is not a selector: `tag:NAME`, `case:ID` or `risk:LEVEL` is expected")]
    Form(String),
    /// Not a risk.
    #[error("`{0}` is not a risk: `low`, `medium`, `high` or `critical` is expected")]
    Risk(String),
}

impl FromStr for Selector {
    type Err = SelectorFault;
    fn from_str(s: &str) -> Result<Self, SelectorFault> {
        let form = || SelectorFault::Form(s.to_owned());
        let (kind, name) = s.split_once(':').ok_or_else(form)?;
        match (kind.trim(), name.trim()) {
            (_, "") => Err(form()),
            ("tag", name) => Ok(Self::Tag(name.to_owned())),
            ("case", name) => Ok(Self::Case(name.to_owned())),
            ("risk", name) => {
                Risk::ALL.into_iter().find(|r| r.word() == name).map(Self::Risk).ok_or_else(|| SelectorFault::Risk(name.to_owned()))
            }
            _ => Err(form()),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(t) => write!(f, "tag:{t}"),
            Self::Case(c) => write!(f, "case:{c}"),
            Self::Risk(r) => write!(f, "risk:{r}"),
        }
    }
}

impl From<Selector> for String {
    fn from(s: Selector) -> Self {
        s.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_reads_what_it_writes() {
        for s in ["tag:safety", "case:a:b", "risk:critical"] {
            assert_eq!(s.parse::<Selector>().unwrap().to_string(), s);
        }
    }

    #[test]
    fn a_selector_without_a_kind_is_refused() {
        for s in ["safety", "tag:", "label:x", ""] {
            assert!(matches!(s.parse::<Selector>(), Err(SelectorFault::Form(_))), "{s}");
        }
        assert_eq!("risk:huge".parse::<Selector>(), Err(SelectorFault::Risk("huge".into())));
    }

    #[test]
    fn a_gate_that_asks_nothing_is_empty() {
        let mut spec = GateSpec { accuracy: Some(AccuracyLine::default()), ..GateSpec::default() };
        assert!(spec.is_empty());
        spec.unscored_at_most = Some(0.0);
        assert!(!spec.is_empty());
    }
}
