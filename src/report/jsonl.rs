//! JSON lines: one case a line, the same object as in the JSON document, written as soon as it is there.

use std::io::Write;

use super::json::{v1, value};
use super::view::TrialView;
use super::{RenderError, Report, Rows};
use crate::domain::{RunHead, TrialRow};

/// Writes one line a trial.
///
/// # Errors
/// [`RenderError`] when the writer fails or a row cannot be read.
pub fn render(report: &Report, rows: &mut Rows<'_>, out: &mut dyn Write) -> Result<(), RenderError> {
    for row in rows {
        line(&report.head, &row?, out)?;
    }
    Ok(())
}

/// Writes the line of one trial: for a run that is still going.
///
/// # Errors
/// [`RenderError::Write`] when the writer fails.
pub fn line(head: &RunHead, row: &TrialRow, out: &mut dyn Write) -> Result<(), RenderError> {
    value(&v1::Trial::of(&TrialView::new(head, row)), out)?;
    Ok(out.write_all(b"\n")?)
}
