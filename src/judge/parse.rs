//! The judge's parse.
