//! The one error that leaves the program: what happened, why, what to do next, and the exit code.

use std::error::Error as StdError;
use std::fmt;

/// How the program ends. The numbers are part of the interface (handbook, "CI").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The gate passed, or no gate was asked for.
    Good = 0,
    /// The gate failed.
    GateFailed = 1,
    /// Usage, configuration or an eval set is at fault.
    Usage = 2,
    /// People must grade more before the gate can say pass or fail.
    Undecided = 3,
    /// The run is incomplete: agent or judge down, or the budget is spent. Resumable.
    Incomplete = 4,
    /// The selection matched no case.
    NothingSelected = 5,
    /// A hash does not hold.
    Integrity = 6,
    /// Interrupted; resumable.
    Interrupted = 130,
}

impl Exit {
    /// The process exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// An error on its way to the user. Messages are lower case without a full stop; the cause is a source, never pasted in.
#[derive(Debug)]
pub struct AppError {
    exit: Exit,
    message: String,
    snippet: Option<String>,
    help: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl AppError {
    /// An error with its exit code and message.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), snippet: None, help: None, source: None }
    }

    /// Usage, configuration or set at fault (exit 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// What the reader can do next.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Why it happened.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Rendered diagnostics (file:line:column with the snippet) to print before the message.
    #[must_use]
    pub fn with_snippet(mut self, snippet: impl Into<String>) -> Self {
        self.snippet = Some(snippet.into());
        self
    }

    /// The exit code that this error ends the program with.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// What the reader can do next, if there is something.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Rendered diagnostics that go before the message.
    #[must_use]
    pub fn snippet(&self) -> Option<&str> {
        self.snippet.as_deref()
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for AppError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|e| e as &(dyn StdError + 'static))
    }
}
