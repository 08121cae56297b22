//! P(a verdict is wrong), learned: signals that need no model call, a ridge logistic model whose prior was fitted on recorded
//! panels beside human labels, and its update by a team's own decisions. Pure.
//!
//! Invariant: the order of ballots never matters; a signal that cannot be had is absent and counts as an average one;
//! a probability is strictly between 0 and 1.

pub mod auroc;
mod evidence;
mod model;
mod others;
mod panel;
mod signal;
#[cfg(test)]
mod tests;

pub use evidence::Words;
pub use model::{ChanceWrong, Decision, FORMAT, IN_MODEL, PRIOR_ITEMS, PriorFault, PriorFile, Source, Term};
pub use others::{Others, Outcome};
pub use signal::{Features, Signal};
