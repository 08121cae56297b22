//! Agreement among judges. Judges that share an error agree without being right: this is consistency, not truth.

mod jackknife;
mod krippendorff;
mod pairs;

pub use jackknife::alpha_interval;
pub use krippendorff::{Level, Undefined, Units, alpha};
pub use pairs::PairTable;
