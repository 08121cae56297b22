//! A run's presentation: one model, every format. Rows stream; untrusted text is neutralised in each renderer.

pub mod around;
pub mod compare;
pub mod csv;
pub mod files;
pub mod gate;
pub mod github;
pub mod html;
pub mod json;
pub mod jsonl;
pub mod junit;
mod latency;
pub mod lists;
pub mod markdown;
pub mod model;
pub mod pairs;
pub mod rows;
pub mod show;
pub mod svg;
pub mod terminal;
pub mod view;
pub mod words;
mod xml;

use std::io::{self, Write};

pub use files::files;
pub use model::{GateNote, GateState, NextStep, Report};
pub use rows::{OpenRows, Rows, paged};

use crate::error::{AppError, Exit};

/// The formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// The summary, for a person at a terminal.
    Terminal,
    /// A self-contained page.
    Html,
    /// For pull requests and step summaries.
    Markdown,
    /// One versioned document.
    Json,
    /// One case a line.
    Jsonl,
    /// One row a trial, for spreadsheets.
    Csv,
    /// Test results, for CI.
    Junit,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 7] = [Self::Terminal, Self::Html, Self::Markdown, Self::Json, Self::Jsonl, Self::Csv, Self::Junit];

    /// The word used on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Junit => "junit",
        }
    }

    /// How a file of this format ends.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Terminal => "txt",
            Self::Markdown => "md",
            Self::Junit => "junit.xml",
            Self::Html | Self::Json | Self::Jsonl | Self::Csv => self.word(),
        }
    }
}

/// How a report is to look. What does not apply to a format is ignored by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// Colours in the terminal.
    pub color: bool,
    /// The most cases that a page or a Markdown list embeds.
    pub most_cases: usize,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 80, color: false, most_cases: 2_000 }
    }
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The writer failed.
    #[error("could not write the report")]
    Write(#[from] io::Error),
    /// A row could not be read.
    #[error("could not read the run's trials")]
    Rows(#[from] AppError),
    /// One of our own templates is at fault.
    #[error("could not fill the page's template")]
    Template(#[from] minijinja::Error),
}

impl From<RenderError> for AppError {
    fn from(e: RenderError) -> Self {
        match e {
            RenderError::Rows(inner) => inner,
            RenderError::Write(source) => {
                Self::new(Exit::Usage, "could not write the report").because(source).with_help("check that the disk has space left")
            }
            RenderError::Template(source) => Self::new(Exit::Usage, "could not fill the page's template").because(source),
        }
    }
}

/// Writes a report in one format.
///
/// # Errors
/// [`RenderError`] when the writer fails or a row cannot be read; what was written so far is then not a whole report.
pub fn write(format: Format, report: &Report, open: &OpenRows<'_>, look: Look, out: &mut dyn Write) -> Result<(), RenderError> {
    match format {
        Format::Terminal => Ok(terminal::render(report, look, out)?),
        Format::Html => html::render(report, open, look.most_cases, out),
        Format::Markdown => markdown::render(report, &mut open(), look.most_cases, out),
        Format::Json => json::render(report, &mut open(), out),
        Format::Jsonl => jsonl::render(report, &mut open(), out),
        Format::Csv => csv::render(report, &mut open(), out),
        Format::Junit => junit::render(report, open, out),
    }
}
