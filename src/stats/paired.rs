//! Tests of a paired difference: McNemar, sign flip, paired bootstrap.
