//! What is asked of a run: the gate's lines as types. The configuration's reader fills them.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::GateVerdict;
use crate::domain::{Case, Risk, Usd};

/// What is asked of the accuracy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct AccuracyLine {
    /// The accuracy, 0 to 1, that its one-sided 95% lower bound must reach.
    pub at_least: Option<f64>,
    /// The largest drop against the baseline run, 0 to 1, that must be ruled out.
    pub max_drop: Option<f64>,
}

/// `passes` of `of` trials must pass; a case with another number of trials is held to the same share, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct EachCase {
    /// Trials that must pass.
    pub passes: u32,
    /// Of so many.
    pub of: u32,
}

impl EachCase {
    /// How many of `n` trials must pass.
    #[must_use]
    pub fn needed(self, n: u32) -> u32 {
        let whole = (u64::from(self.passes) * u64::from(n)).div_ceil(u64::from(self.of.max(1)));
        u32::try_from(whole).unwrap_or(u32::MAX)
    }
}

impl FromStr for EachCase {
    type Err = NotAShare;
    fn from_str(s: &str) -> Result<Self, NotAShare> {
        let bad = || NotAShare(s.chars().take(40).collect());
        let (passes, of) = s.split_once(" of ").or_else(|| s.split_once('/')).ok_or_else(bad)?;
        let (passes, of) = (passes.trim().parse().map_err(|_| bad())?, of.trim().parse().map_err(|_| bad())?);
        if passes == 0 || passes > of { Err(bad()) } else { Ok(Self { passes, of }) }
    }
}

impl fmt::Display for EachCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.passes, self.of)
    }
}

/// A text that is no number of trials out of several.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a number of trials out of several: `2 of 3` is expected")]
pub struct NotAShare(String);

/// What is asked of a run. Every agent of the run is held to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GateSpec {
    /// The accuracy.
    pub accuracy: Option<AccuracyLine>,
    /// The mean score, 1 to 5, that its one-sided 95% lower bound must reach.
    pub mean_score: Option<f64>,
    /// Groups of cases of which every trial must pass.
    pub must_pass: Vec<Selector>,
    /// Groups of cases, each with the accuracy, 0 to 1, that its one-sided 95% lower bound must reach.
    pub groups: Vec<(Selector, f64)>,
    /// What every single case must reach over its trials.
    pub each_case: Option<EachCase>,
    /// The largest share of answered trials, 0 to 1, that may go unscored.
    pub unscored_at_most: Option<f64>,
    /// Krippendorff's alpha among the judges, below 1, that the lower end of its interval must reach.
    pub agreement_at_least: Option<f64>,
    /// The most that the run may have cost, agent and judges together.
    pub cost_at_most: Option<Usd>,
    /// What an undecided gate becomes; `Undecided` leaves it be (exit code 3).
    pub undecided: GateVerdict,
    /// Compare point estimates, as other tools do, for those who want it: every result then says so.
    pub point: bool,
}

impl Default for GateSpec {
    fn default() -> Self {
        Self {
            accuracy: None,
            mean_score: None,
            must_pass: Vec::new(),
            groups: Vec::new(),
            each_case: None,
            unscored_at_most: None,
            agreement_at_least: None,
            cost_at_most: None,
            undecided: GateVerdict::Undecided,
            point: false,
        }
    }
}

impl GateSpec {
    /// True if nothing is asked: such a gate cannot pass.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accuracy.is_none_or(|a| a.at_least.is_none() && a.max_drop.is_none())
            && self.mean_score.is_none()
            && self.must_pass.is_empty()
            && self.groups.is_empty()
            && self.each_case.is_none()
            && self.unscored_at_most.is_none()
            && self.agreement_at_least.is_none()
            && self.cost_at_most.is_none()
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
    fn k_of_n_holds_a_case_with_other_trials_to_the_same_share() {
        let two_of_three: EachCase = "2 of 3".parse().unwrap();
        assert_eq!([1, 2, 3, 4, 6].map(|n| two_of_three.needed(n)), [1, 2, 2, 3, 4]);
        assert_eq!("2/3".parse(), Ok(two_of_three));
        for bad in ["", "2", "3 of 2", "0 of 3", "-1 of 3", "a of b"] {
            assert!(bad.parse::<EachCase>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_gate_that_asks_nothing_is_empty() {
        let mut spec = GateSpec { accuracy: Some(AccuracyLine::default()), ..GateSpec::default() };
        assert!(spec.is_empty());
        spec.unscored_at_most = Some(0.0);
        assert!(!spec.is_empty());
    }
}
