//! After the last trial: routing to people and the status of the run.
