//! One model of a finished run, rendered in every format.
