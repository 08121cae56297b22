//! The judge's facts.
