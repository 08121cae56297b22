//! The page: one self-contained HTML file, streamed. It needs no network, no script and no image.
//! Invariant: every value passes through one formatter that makes hidden characters visible and escapes for HTML; only our
//! own style and script go in as they are, and the content security policy names them by hash.

mod against;
mod case;
mod charts;
mod csp;
mod env;
mod outcome;
mod page;
mod survey;

use std::io::Write;

pub(super) use against::compare;
use minijinja::value::Serde;

use super::view::TrialView;
use super::{OpenRows, RenderError, Report};

/// Writes the page. Reads the rows twice: once to choose what is embedded, once to write it.
///
/// # Errors
/// [`RenderError`] when the writer fails or a row cannot be read.
pub fn render(report: &Report, open: &OpenRows<'_>, most_cases: usize, out: &mut dyn Write) -> Result<(), RenderError> {
    let survey = survey::survey(report, &mut open(), most_cases)?;
    let env = env::environment()?;
    let page = page::Page::new(report, &survey);
    out.write_all(env.get_template("page.html")?.render(Serde(&page))?.as_bytes())?;
    let template = env.get_template("case.html")?;
    let mut left = survey.picked.len();
    for row in open() {
        if left == 0 {
            break;
        }
        let row = row?;
        if let Some(rank) = survey.picked.get(&row.key.seq) {
            left -= 1;
            let case = case::CasePage::new(report, &page.filters, &TrialView::new(&report.head, &row), *rank);
            out.write_all(template.render(Serde(&case))?.as_bytes())?;
        }
    }
    out.write_all(env.get_template("foot.html")?.render(Serde(&page))?.as_bytes())?;
    Ok(())
}
