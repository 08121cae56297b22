//! Statistics: pure functions, each with its source.

pub mod accumulate;
pub mod aggregate;
pub mod agreement;
pub mod calibrate;
pub mod cluster;
pub mod compare;
pub mod estimate;
#[cfg(test)]
pub(crate) mod fixture;
pub mod graders;
pub mod honest;
pub mod interval;
pub mod latency;
pub mod mean;
pub mod multiple;
pub mod outcome;
pub mod paired;
pub mod power;
pub mod quantile;
pub mod resample;
pub mod select;
pub mod sequence;
pub mod sum;
pub mod summary;
pub mod survey;
pub mod tail;
pub mod undefined;
