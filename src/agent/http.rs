//! The `http` agent.
