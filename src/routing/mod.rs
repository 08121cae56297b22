//! Which outputs go to people, why, in which order, and with which probability. Pure.

mod audit;

pub use audit::AuditPolicy;
