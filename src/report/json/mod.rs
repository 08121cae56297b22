//! The JSON document: one versioned object, streamed, the same bytes for the same run.
//! Invariant: lossless, and still inert in a terminal: what a terminal would obey or an eye would miss is `\u` escaped.

mod inert;
pub mod v1;

use std::io::Write;

use serde::Serialize;

use super::view::TrialView;
use super::{RenderError, Report, Rows};

/// Writes the document: head and numbers on the first line, then one case a line.
///
/// # Errors
/// [`RenderError`] when the writer fails or a row cannot be read.
pub fn render(report: &Report, rows: &mut Rows<'_>, out: &mut dyn Write) -> Result<(), RenderError> {
    write!(out, "{{\"schema_version\":{},\"type\":\"report\",\"headline\":", v1::SCHEMA_VERSION)?;
    value(&report.headline(), out)?;
    write!(out, ",\"run\":")?;
    value(&v1::Run::of(report), out)?;
    write!(out, ",\"gate\":")?;
    value(&report.gate.as_ref().map(v1::Gate::of), out)?;
    write!(out, ",\"summary\":")?;
    value(&v1::Summary::of(&report.summary), out)?;
    write!(out, ",\"honest\":")?;
    value(&report.honest.as_ref().map(v1::Honest::of), out)?;
    write!(out, ",\"log\":")?;
    value(&report.log.map(|h| format!("{}:{}", h.events, h.digest)), out)?;
    write!(out, ",\"cases\":[")?;
    for (i, row) in rows.enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        let row = row?;
        value(&v1::Trial::of(&TrialView::new(&report.head, &row)), out)?;
    }
    Ok(out.write_all(b"\n]}\n")?)
}

/// Writes one value without a line feed.
pub fn value<T: Serialize>(v: &T, out: &mut dyn Write) -> Result<(), RenderError> {
    let mut s = serde_json::Serializer::with_formatter(out, inert::Inert);
    v.serialize(&mut s).map_err(|e| RenderError::Write(e.into()))
}
