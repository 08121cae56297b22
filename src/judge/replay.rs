//! The judge's replay.
