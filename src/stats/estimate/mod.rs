//! Estimates of the pass rate from judges and a random sample of grades.
