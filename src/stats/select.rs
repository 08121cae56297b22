//! Selective evaluation: the lowest confidence at which judges agree with people, with a guarantee.
