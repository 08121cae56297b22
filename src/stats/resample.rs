//! Bootstrap and permutation with a counter-based generator: the same numbers on one thread or many.
