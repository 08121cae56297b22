//! The release estimate: judges' predictions corrected by a random sample of blind grades, with an interval that covers.

pub mod aipw;
mod bounds;
pub mod difference;
pub mod item;
pub mod population;
pub mod ppi;
mod refuse;
pub mod rogan_gladen;
pub mod share;

pub use bounds::{Bounds, Form};
pub use difference::{Difference, Row, Shrinkage};
pub use item::{BlindGrade, Item, Label, Review, score_variance};
pub use refuse::Refusal;
pub use share::{Corrected, Settings};
