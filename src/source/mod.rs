//! Reading files of the user's project: text with places, and what is wrong with it at which place.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a look; nothing fails.
    Note,
    /// Probably a mistake; nothing fails unless `--strict`.
    Warning,
    /// The file cannot be used.
    Error,
}

/// A text file, read whole.
#[derive(Clone, Debug)]
pub struct Source {
    /// As given or found, relative to the project where possible.
    pub path: PathBuf,
    /// Its text: valid UTF-8, BOM removed.
    pub text: Arc<str>,
}

/// One finding: what, where, why, and what to do next.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// A stable kebab-case code, e.g. `unknown-key`.
    pub code: &'static str,
    /// What happened: lower case, no full stop.
    pub message: String,
    /// The file.
    pub path: PathBuf,
    /// Byte range in the file's text, where it has a place.
    pub span: Option<Range<usize>>,
    /// What the marked place is, e.g. "not a key of a case".
    pub label: Option<String>,
    /// What to do next.
    pub help: Option<String>,
}
