//! tribunal.yaml: from the file to checked settings.
//!
//! Invariant: a literal secret in the file is hidden before anything parses or prints the text.

mod agents;
mod budget;
mod cascade;
mod fault;
mod find;
mod forms;
mod judges;
mod names;
mod raw;
mod resolve;
mod secrets;
mod settings;
#[cfg(test)]
mod tests;

pub use budget::{UNPRICED, unpriced};
pub use find::{FILE_NAME, Found, find};
pub use forms::Auto;
pub use names::KnownNames;
pub use raw::ConfigRaw;
pub use settings::{Limits, Panel, Review, Settings};

use fault::{Fault, Mark};

use crate::source::{Diagnostic, Faults, Node, Severity, Source, read_yaml};

/// A configuration that can be used, with what its file looked like.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The checked settings.
    pub settings: Settings,
    /// Findings that fail nothing.
    pub warnings: Vec<Diagnostic>,
    /// The text, for later findings.
    pub source: Source,
    /// The places, for later findings.
    pub node: Node,
}

/// Reads and checks a configuration. Of the files that it names it reads prompt templates and prices; of the
/// others it looks only whether they exist.
///
/// # Errors
/// Every fault of the file, each at its place.
pub fn load(found: &Found) -> Result<Loaded, Faults> {
    let source = Source::read_as(&found.file, &found.shown).map_err(some)?;
    check(source, &found.root)
}

/// Checks a configuration's text. `root` is the project's folder, absolute.
///
/// # Errors
/// Every fault of the text, each at its place.
pub fn check(source: Source, root: &std::path::Path) -> Result<Loaded, Faults> {
    let (source, mut all) = secrets::hide(source);
    let (raw, node) = match read_yaml::<ConfigRaw>(&source) {
        Ok(read) => read,
        Err(faults) => {
            all.extend(faults);
            return Err(some(all));
        }
    };
    let (settings, faults) = resolve::resolve(&raw, root);
    all.extend(place(faults, &source, &node));
    if all.iter().any(|d| d.severity == Severity::Error) {
        return Err(some(all));
    }
    crate::source::sort(&mut all);
    Ok(Loaded { settings, warnings: all, source, node })
}

/// A finding for every name in the gate that no case of the sets answers to.
#[must_use]
pub fn check_gate_names(loaded: &Loaded, known: &KnownNames<'_>) -> Vec<Diagnostic> {
    place(names::faults(&loaded.settings, known), &loaded.source, &loaded.node)
}

/// The JSON Schema of `tribunal.yaml`.
#[must_use]
pub fn config_schema() -> serde_json::Value {
    schemars::schema_for!(ConfigRaw).to_value()
}

fn some(all: Vec<Diagnostic>) -> Faults {
    Faults::gather(all).unwrap_or_else(|| Diagnostic::new(Severity::Error, "unreadable", "the file cannot be used", FILE_NAME).into())
}

/// Gives faults their places.
fn place(faults: Vec<Fault>, source: &Source, node: &Node) -> Vec<Diagnostic> {
    let one = |f: Fault| {
        let d = Diagnostic::new(f.severity, f.code, f.message, &source.path);
        let span = match f.mark {
            Mark::Key => node.key_span(&f.pointer, &source.text),
            Mark::Value => node.span_of(&f.pointer, &source.text),
        };
        Diagnostic { label: f.label, help: f.help, ..d.at(source.place(span)) }
    };
    faults.into_iter().map(one).collect()
}
