//! The `retrieval` agent.
