//! Why a statistic has no number. Absence is a state with a reason, never 0, 1 or not-a-number.

use serde::{Serialize, Serializer};

/// Why a quantity does not exist for the data at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Undefined {
    /// There is nothing at all.
    #[error("no data")]
    NoData,
    /// Nothing can be compared.
    #[error("no unit has two ratings")]
    NoPairs,
    /// All comparable values are equal: there is nothing to agree or disagree about.
    #[error("no variation in pairable values")]
    NoVariation,
    /// One observation (unit, pair) has no spread.
    #[error("fewer than two observations")]
    OneObservation,
    /// One cluster has no spread between clusters.
    #[error("fewer than two clusters")]
    OneCluster,
    /// One rater has nobody to agree with.
    #[error("fewer than two raters")]
    OneRater,
    /// The formula needs as many ratings of every unit.
    #[error("unequal raters per unit")]
    UnequalRaters,
    /// The formula needs a rating in every cell of the table.
    #[error("incomplete table")]
    IncompleteTable,
    /// Every replicate of a bootstrap is on the same side of the estimate: its bias cannot be corrected.
    #[error("the replicates are all on one side of the estimate")]
    OneSided,
    /// Too many resamples have no value of their own.
    #[error("too many resamples are undefined")]
    UndefinedResamples,
}

impl Serialize for Undefined {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
