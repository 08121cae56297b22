//! Errors that nobody disputed: how often the judges' label is wrong where it stands without a person.

use serde::Serialize;

use super::item::{Item, Label};
use super::refuse::Refusal;
use crate::stats::survey::{Cell, stratified_mean};

/// The share of accepted labels that people contradict.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Silent {
    /// Items whose label was accepted.
    pub accepted: u64,
    /// Of them, drawn at random and graded.
    pub audited: u64,
    /// Contradicted by the grade.
    pub wrong: u64,
    /// Estimated share that is wrong, weighted by stratum.
    pub rate: f64,
    /// One-sided 95% upper bound of that share.
    pub upper: f64,
}

/// Estimates it from the audit: within a stratum the audited accepted items are a simple random sample of the accepted.
///
/// # Errors
/// No accepted item, or a stratum with accepted items of which none was audited.
pub fn silent(items: &[Item], alpha: f64) -> Result<Silent, Refusal> {
    let mut cells: Vec<Cell> = Vec::new();
    for i in items.iter().filter(|i| i.accepted && i.label != Label::Unscored) {
        let at = i.stratum as usize;
        if at >= cells.len() {
            cells.resize(at + 1, Cell::of_share(0, 0, 0));
        }
        let Some(cell) = cells.get_mut(at) else { continue };
        cell.size += 1;
        if let Some(g) = i.grade() {
            let wrong = if g.pass == (i.label == Label::Pass) { 0.0 } else { 1.0 };
            *cell = Cell { seen: cell.seen + 1, sum: cell.sum + wrong, squares: cell.squares + wrong, ..*cell };
        }
    }
    let accepted: u64 = cells.iter().map(|c| c.size).sum();
    if accepted == 0 {
        return Err(Refusal::NoItems);
    }
    let blind = |c: &&Cell| c.size > 0 && c.seen == 0;
    if let Some((stratum, _)) = (0_u32..).zip(&cells).find(|(_, c)| blind(c)) {
        return Err(Refusal::Unreviewed { stratum, items: cells.iter().filter(blind).map(|c| c.size).sum() });
    }
    let mean = stratified_mean(&cells).ok_or(Refusal::NoItems)?;
    let whole = cells.iter().all(|c| c.seen == c.size);
    Ok(Silent {
        accepted,
        audited: mean.seen,
        wrong: cells.iter().map(Cell::hits).sum(),
        rate: mean.mean,
        upper: if whole { mean.mean } else { mean.rare_upper(alpha).max(mean.mean) },
    })
}
