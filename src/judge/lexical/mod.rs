//! wip
pub mod dates;
pub mod lexicon;
pub mod numbers;
pub mod tokens;
