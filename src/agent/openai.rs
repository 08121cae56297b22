//! The `openai` agent.
