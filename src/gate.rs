//! Pass, fail or undecided. Pure.
