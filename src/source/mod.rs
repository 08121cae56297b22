//! Reading files of the user's project: text with places, and what is wrong with it at which place.
//!
//! Invariant: whatever the bytes, reading ends in a value or in [`Diagnostic`]s with places; never in a panic, and in memory
//! bounded by the size of the file.

mod build;
mod de;
mod nearest;
pub mod node;
mod place;
mod read;
mod render;
mod scalar;
mod validate;
mod wording;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::error::AppError;

pub use nearest::{did_you_mean, nearest};
pub use node::Node;
pub use place::{Place, Source};
pub use read::{MAX_WHOLE_FILE, open_regular, read_small};
pub(crate) use read::{not_utf8, open};
pub use render::render;
pub use validate::Schema;

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

impl Severity {
    /// The word used in machine output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One finding: what, where, why, and what to do next. It carries the line it speaks of, so that it can be shown when the
/// file is long closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// A stable kebab-case code, e.g. `unknown-key`.
    pub code: &'static str,
    /// What happened: lower case, no full stop.
    pub message: String,
    /// The file.
    pub path: PathBuf,
    /// Where in the file, if it is about one place.
    pub place: Option<Box<Place>>,
    /// What the marked place is, e.g. "not a key of a case".
    pub label: Option<String>,
    /// A second place in the same file, and what it is, e.g. "first used here".
    pub also: Option<Box<(Place, String)>>,
    /// What to do next.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding about a file as a whole.
    pub fn new(severity: Severity, code: &'static str, message: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self { severity, code, message: message.into(), path: path.into(), place: None, label: None, also: None, help: None }
    }

    /// A fault at a byte range of a source.
    pub fn error(code: &'static str, message: impl Into<String>, source: &Source, span: std::ops::Range<usize>) -> Self {
        Self::new(Severity::Error, code, message, &source.path).at(source.place(span))
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(Box::new(place));
        self
    }

    /// Says what the marked place is.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Points to a second place of the same file.
    #[must_use]
    pub fn also(mut self, place: Place, label: impl Into<String>) -> Self {
        self.also = Some(Box::new((place, label.into())));
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// 1-based line, and 1-based column in characters.
    #[must_use]
    pub fn line_column(&self) -> Option<(u32, u32)> {
        self.place.as_ref().map(|p| (p.line, p.column))
    }
}

/// Everything that is wrong with the files of one request; never empty. Sorted by file and place.
#[derive(Clone, Debug)]
pub struct Faults(Vec<Diagnostic>);

impl Faults {
    /// Sorts findings; `None` if there are none.
    #[must_use]
    pub fn gather(mut all: Vec<Diagnostic>) -> Option<Self> {
        sort(&mut all);
        (!all.is_empty()).then_some(Self(all))
    }

    /// The findings, sorted.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0
    }

    /// The error that ends the program (exit 2), with every finding rendered before it.
    #[must_use]
    pub fn into_error(self, color: bool) -> AppError {
        let files: std::collections::BTreeSet<_> = self.0.iter().map(|d| &d.path).collect();
        let count = match self.0.len() {
            1 => "1 fault".to_owned(),
            n => format!("{n} faults"),
        };
        let message = match files.first() {
            Some(only) if files.len() == 1 => format!("{count} in {}", only.display()),
            _ => format!("{count} in {} files", files.len()),
        };
        AppError::usage(message).with_snippet(render(&self.0, color))
    }
}

impl From<Diagnostic> for Faults {
    fn from(d: Diagnostic) -> Self {
        Self(vec![d])
    }
}

/// Sorts by file, place, and then code, so that the same files give the same list.
pub fn sort(all: &mut [Diagnostic]) {
    all.sort_by(|a, b| (&a.path, a.line_column(), a.code, &a.message).cmp(&(&b.path, b.line_column(), b.code, &b.message)));
}

/// Reads YAML into a type whose JSON Schema is the only list of what the file may say. The tree of places comes with it, for
/// faults that only the domain can see.
///
/// # Errors
/// Every fault of syntax, or else every fault against the schema, each at its place.
pub fn read_yaml<T: DeserializeOwned + JsonSchema>(source: &Source) -> Result<(T, Node), Vec<Diagnostic>> {
    let node = build::parse(source)?;
    let faults = Schema::of::<T>().check(&node, source);
    if !faults.is_empty() {
        return Err(faults);
    }
    let value = decode(&node, source)?;
    Ok((value, node))
}

/// Parses YAML into a tree of places.
///
/// # Errors
/// Faults of syntax, and what we refuse: anchors, aliases, tags, merge keys, duplicate keys, several documents, deep nesting.
pub fn parse_yaml(source: &Source) -> Result<Node, Vec<Diagnostic>> {
    build::parse(source)
}

/// Turns a tree into a value.
///
/// # Errors
/// The first thing that the type refuses, at its place.
pub fn decode<'a, T: serde::Deserialize<'a>>(node: &'a Node, source: &'a Source) -> Result<T, Vec<Diagnostic>> {
    de::decode(node, &source.text).map_err(|e| {
        let span = e.span.unwrap_or_else(|| node.span());
        vec![Diagnostic::error("bad-value", e.message, source, span)]
    })
}
