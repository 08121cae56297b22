//! Which outputs people grade, and with which probability: strata, rates, draws; a design is frozen before its first grade.
