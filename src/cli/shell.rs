//! The streams as verbs use them: shared, and with the words that several verbs say.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::AppError;
use crate::report::Look;
use crate::ui::{ColorChoice, Progress, Ui};

/// The streams, shared by whoever has something to say.
#[derive(Clone)]
pub struct Shell(Arc<Mutex<Ui>>);

impl Shell {
    /// The streams of this process.
    pub fn new(choice: ColorChoice) -> Self {
        Self(Arc::new(Mutex::new(Ui::new(choice))))
    }

    fn ui(&self) -> MutexGuard<'_, Ui> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Words for people, on stderr. Hostile characters are made visible.
    pub fn say(&self, line: &str) {
        self.ui().say(line);
    }

    /// Text that one of our renderers has made safe and coloured already, on stderr.
    pub fn rendered(&self, text: &str) {
        // Held, so that nothing else comes in between.
        let _ui = self.ui();
        _ = writeln!(std::io::stderr(), "{}", text.trim_end());
    }

    /// An error, on stderr.
    pub fn error(&self, e: &AppError) {
        self.ui().print_error(e);
    }

    /// Commands worth typing next.
    pub fn next(&self, commands: &[String]) {
        self.say("next:");
        for c in commands {
            self.say(&format!("  {c}"));
        }
    }

    /// Data, on stdout.
    ///
    /// # Errors
    /// Those of `fill`, and a stdout that cannot be written; a reader that went away is none.
    pub fn data<E: Into<AppError>>(&self, fill: impl FnOnce(&mut dyn Write) -> Result<(), E>) -> Result<(), AppError> {
        self.ui().data(fill)
    }

    /// One line of data, on stdout.
    ///
    /// # Errors
    /// As [`Shell::data`].
    pub fn line(&self, text: impl std::fmt::Display) -> Result<(), AppError> {
        self.data(|out| writeln!(out, "{text}").map_err(cannot_write))
    }

    /// A JSON document, on stdout, in which no text acts on a terminal or a CI log.
    ///
    /// # Errors
    /// As [`Shell::data`].
    pub fn json(&self, document: &serde_json::Value) -> Result<(), AppError> {
        self.data(|out| {
            crate::report::json::value(document, out)?;
            writeln!(out).map_err(|e| AppError::from(crate::report::RenderError::from(e)))
        })
    }

    /// Whether stderr is coloured.
    pub fn color(&self) -> bool {
        self.ui().err_color()
    }

    /// How reports look on stdout.
    pub fn look(&self) -> Look {
        let ui = self.ui();
        Look { width: ui.width(), color: ui.out_color(), ..Look::default() }
    }

    /// Progress towards so many trials.
    pub fn progress(&self, total: u64) -> Progress {
        Progress::new(Some(total), &self.ui())
    }
}

/// Stdout that cannot be written.
pub fn cannot_write(e: std::io::Error) -> AppError {
    AppError::new(crate::error::Exit::Incomplete, "could not write to stdout").because(e)
}
