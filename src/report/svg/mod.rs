//! The report's pictures as files of their own: SVG with text as text, fixed light colours, no script and no link.
//!
//! Invariant: well-formed XML whatever the names hold; the same run gives the same bytes.

mod draw;
mod pictures;

use super::latency::LogHistogram;
use super::view::TrialView;
use super::{RenderError, Report, Rows};
use crate::domain::AgentName;

/// A picture with the name of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// File name without a folder: `scores-1.svg`.
    pub name: String,
    /// The document.
    pub svg: String,
}

/// All pictures that a report has data for, in a fixed order. Reads the rows once, for the latencies.
///
/// # Errors
/// [`RenderError`] when a row cannot be read.
pub fn pictures(report: &Report, rows: &mut Rows<'_>) -> Result<Vec<Picture>, RenderError> {
    let mut latency: Vec<(AgentName, LogHistogram)> =
        report.head.agents.iter().map(|a| (a.name.clone(), LogHistogram::default())).collect();
    for row in rows {
        let row = row?;
        let view = TrialView::new(&report.head, &row);
        if let (Some(ms), Some((_, h))) = (view.latency_ms(), latency.iter_mut().find(|(name, _)| *name == row.key.agent)) {
            h.add(ms);
        }
    }
    let several = report.summary.agents.len() > 1;
    let name = |what: &str, i: usize| if several { format!("{what}-{}.svg", i + 1) } else { format!("{what}.svg") };
    let mut out = Vec::new();
    for (i, a) in report.summary.agents.iter().enumerate() {
        let histogram = latency.iter().find(|(name, _)| *name == a.agent).map(|(_, h)| h);
        let honest = report.honest.as_ref().and_then(|h| h.agents.iter().find(|x| x.agent == a.agent));
        let made = [
            ("scores", Some(pictures::scores(a))),
            ("tags", pictures::tags(a)),
            ("latency", histogram.and_then(|h| pictures::latency(a, h))),
            ("pass-rate", Some(pictures::three(a, honest.map(|h| &h.release)))),
            ("reliability", honest.and_then(|h| pictures::reliability(a, &h.signals))),
        ];
        out.extend(made.into_iter().filter_map(|(what, svg)| Some(Picture { name: name(what, i), svg: svg? })));
    }
    out.extend(pictures::judges(&report.summary).map(|svg| Picture { name: "judges.svg".to_owned(), svg }));
    Ok(out)
}
