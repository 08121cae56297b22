//! How likely a verdict is wrong, from what needs no further model call.
