//! The planner: which outputs people grade in the minutes there are, and with which probability.

pub mod allocate;
