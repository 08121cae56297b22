//! The `command` agent.
