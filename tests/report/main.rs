//! What people see: every format rendered from made-up runs, as snapshots and as facts.

mod fake;
mod files;
mod hostile;
mod html;
mod machine;
mod terminal;
