//! Arguments and one file a verb.
