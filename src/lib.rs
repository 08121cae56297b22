//! An evaluation harness for LLM agents: human-curated test sets, a panel of judges, people where judges disagree,
//! and an honest number. `ARCHITECTURE.md` maps every file; `docs/` is the handbook.

pub mod agent;
pub mod domain;
pub mod error;
pub mod judge;
pub mod source;
pub mod store;
