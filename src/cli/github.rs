//! `report --github`: the step summary is appended, failed cases are marked at their lines.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use crate::cli::project::Project;
use crate::error::{AppError, Exit};
use crate::report::{Look, OpenRows, Report, github, markdown};

/// A step summary above 1 MiB is dropped whole, and other steps' output counts too.
const MOST_BYTES: u64 = 1_000 * 1024;

/// Writes both.
///
/// # Errors
/// When the summary file cannot be written, or a row cannot be read.
pub fn publish(project: &Project, report: &Report, open: &OpenRows<'_>) -> Result<(), AppError> {
    match std::env::var_os("GITHUB_STEP_SUMMARY").filter(|p| !p.is_empty()).map(PathBuf::from) {
        Some(path) => {
            let mut text = Vec::new();
            markdown::render(report, &mut open(), Look::default().most_cases, &mut text)?;
            let failed = |e| AppError::new(Exit::Usage, format!("could not write the step summary {}", path.display())).because(e);
            let mut file = OpenOptions::new().append(true).create(true).open(&path).map_err(failed)?;
            let there = file.metadata().map_err(failed)?.len();
            if there + text.len() as u64 > MOST_BYTES {
                project.ui.say("the step summary is full: the report is not added to it");
            } else {
                file.write_all(&text).map_err(failed)?;
            }
        }
        None => project.ui.say("GITHUB_STEP_SUMMARY is not set: no step summary is written"),
    }
    let token = uuid::Uuid::now_v7().simple().to_string();
    project.ui.data(|out| github::annotations(report, &mut open(), &token, out))
}
