//! Statistics: pure functions, each with its source.

pub mod accumulate;
pub mod agreement;
pub mod cluster;
#[cfg(test)]
pub(crate) mod fixture;
pub mod interval;
pub mod latency;
#[cfg(test)]
pub(crate) mod oracle;
pub mod outcome;
pub mod quantile;
pub mod sum;
pub mod summary;
