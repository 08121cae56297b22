//! The judge's lexical.
