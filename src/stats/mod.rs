//! Statistics: pure functions, each with its source.

pub mod agreement;
pub mod cluster;
pub mod interval;
#[cfg(test)]
pub(crate) mod oracle;
pub mod quantile;
pub mod sum;
pub mod summary;
