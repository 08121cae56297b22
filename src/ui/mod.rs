//! The terminal: progress, colour, and the two streams.
