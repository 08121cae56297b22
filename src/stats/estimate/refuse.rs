//! Why no corrected number is given: a state with a reason, never a number that pretends.

use std::fmt;

use serde::Serialize;

/// Why an estimate does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// No item at all.
    NoItems,
    /// Nobody was asked: what there is, is the judges' opinion.
    NothingDrawn,
    /// A part of the run from which no grade came: its items could be anything.
    Unreviewed {
        /// Index of the first such stratum.
        stratum: u32,
        /// Items in all such strata.
        items: u64,
    },
    /// An item that could not have been drawn: to leave it out would change what is estimated.
    NoChance {
        /// Position of the first such item in what was given.
        item: u64,
    },
    /// Too many of the drawn items have no grade: who skips hard items biases the rest.
    Ungraded {
        /// Items drawn.
        drawn: u64,
        /// Of them with a blind grade.
        graded: u64,
    },
    /// A prediction or a grade is not a number, or off its scale.
    OffScale {
        /// Position of the first such item in what was given.
        item: u64,
    },
    /// All items look alike (one cluster): how questions vary cannot be seen.
    OneCluster,
    /// The frozen design and what was given differ.
    DesignChanged,
    /// Fewer labels than the formula needs.
    FewLabels {
        /// Labels there are.
        labels: u64,
        /// Labels needed.
        needed: u64,
    },
    /// The judges' errors say nothing: specificity + sensitivity is at most 1.
    BlindJudge,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoItems => f.write_str("there is no item to estimate"),
            Self::NothingDrawn => f.write_str("no random grades: judge only, uncorrected"),
            Self::Unreviewed { stratum, items } => {
                write!(f, "stratum {stratum} has no reviewed item ({items} items of the run stand for nothing that was seen)")
            }
            Self::NoChance { item } => write!(f, "item {item} has inclusion probability 0"),
            Self::Ungraded { drawn, graded } => {
                write!(f, "{graded} of {drawn} drawn items are graded; more than 5% are missing")
            }
            Self::OffScale { item } => write!(f, "item {item} has a prediction or a grade off its scale"),
            Self::OneCluster => f.write_str("all items belong to one cluster"),
            Self::DesignChanged => f.write_str("the design is not the one that was frozen before the first grade"),
            Self::FewLabels { labels, needed } => write!(f, "{labels} labels, {needed} are needed"),
            Self::BlindJudge => f.write_str("specificity + sensitivity <= 1"),
        }
    }
}

impl std::error::Error for Refusal {}
