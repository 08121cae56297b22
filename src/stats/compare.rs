//! Two agents or two runs on the same cases: the paired difference and what it rests on.
