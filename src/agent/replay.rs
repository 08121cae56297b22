//! The `replay` agent.
