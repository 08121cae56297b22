//! Pure helpers over text: words, hostile characters, text that speaks to graders.

pub mod diff;
pub mod hidden;
pub mod lexical;
pub mod neutral;
pub mod notice;
pub mod words;
