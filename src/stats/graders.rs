//! How people grade: agreement, confusion, severity, drift, speed, reliance on what was revealed; may a judge replace one?
