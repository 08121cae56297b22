//! Eval sets and rubrics: from files to checked domain types.
