//! The judge's prompt.
