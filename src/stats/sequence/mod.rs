//! Looking more than once: planned looks and confidence sequences.
//!
//! Planned looks ([`Looks`]) are the default; looking whenever one likes needs a confidence sequence: [`Asymptotic`] for any
//! working values, [`Betting`] for values in [0, 1] at any sample size, [`mixture`] for sums with a known variance bound.

pub mod asymptotic;
pub mod betting;
pub mod looks;
pub mod mixture;
pub mod obrien_fleming;
#[cfg(test)]
mod tests;

pub use asymptotic::Asymptotic;
pub use betting::Betting;
pub use looks::{Boundary, Look, Looks, NoLook};
