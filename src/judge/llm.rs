//! The judge's llm.
