//! An evaluation harness for LLM agents: human-curated test sets, a panel of judges, people where judges disagree,
//! and an honest number. `ARCHITECTURE.md` maps every file; `docs/` is the handbook.

// No panic is reachable from outside. Here and not in Cargo.toml, since tests and examples may unwrap.
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod agent;
pub mod cli;
pub mod config;
pub mod domain;
pub mod error;
pub mod evalset;
pub mod gate;
pub mod judge;
pub mod provider;
pub mod report;
pub mod review;
pub mod routing;
pub mod runner;
pub mod source;
pub mod stats;
pub mod store;
pub mod text;
pub mod ui;
