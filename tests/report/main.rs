//! What people see: every format rendered from made-up runs, as snapshots and as facts.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod compare;
#[expect(clippy::pedantic, reason = "made-up numbers, far from every limit")]
mod fake;
mod files;
mod hostile;
mod html;
mod junit;
mod machine;
mod terminal;
