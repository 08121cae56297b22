//! The screen at 80x24, drawn into memory.
