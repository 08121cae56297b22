//! How small a difference could be seen, and how many cases it would take.
