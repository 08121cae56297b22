//! The release estimate: judges' predictions corrected by a random sample of blind grades, with an interval that covers.
//!
//! Formulas by the names of the papers: Cochran 1977 (stratified difference), Korn and Graubard 1998 (few failures),
//! Satterthwaite 1946 (degrees of freedom), Miller 2024 (arXiv 2411.00640: two intervals, clusters).

pub mod aipw;
mod bounds;
mod calibration;
mod decide;
mod diagnostics;
pub mod difference;
mod effort;
mod frame;
mod item;
mod population;
pub mod ppi;
mod refuse;
mod release;
pub mod rogan_gladen;
pub mod share;
mod silent;
#[cfg(test)]
mod tests;
mod words;

pub use bounds::{Bounds, Form};
pub use calibration::{Calibration, calibration};
pub use decide::{Decision, Needed, decide};
pub use diagnostics::{Diagnostics, Leave};
pub use difference::{Difference, Row, Shrinkage};
pub use effort::{Effort, detectable};
pub use frame::{Known, items};
pub use item::{BlindGrade, Item, Label, Review, score_variance};
pub use population::{Population, population};
pub use refuse::Refusal;
pub use release::{Estimate, Estimated, JudgeOnly, Release, StratumCount, release};
pub use share::{Corrected, Settings};
pub use silent::{Silent, silent};
