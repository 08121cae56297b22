//! Runs trials: plan, execute, record.
