//! Looking more than once: planned looks and confidence sequences.
