//! Intervals of a share from a stratified sample: effective sample size, Korn-Graubard.
