//! The two streams of the program: data on stdout, words on stderr. Colour, width and manners are decided here, once.

mod color;
mod errors;
pub mod progress;
mod streams;

pub use self::color::{ColorChoice, StreamFacts, color_on};
pub use self::errors::error_text;
pub use self::progress::{Progress, ProgressState};
pub use self::streams::Ui;
