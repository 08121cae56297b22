//! Report files: `<reports>/<run>/report.{html,md,json,csv}`, each replaced in one step, never half written.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{Format, Look, OpenRows, RenderError, Report, write};
use crate::domain::RunId;
use crate::error::{AppError, Exit};

/// Writes the report's files into `<reports>/<run>/` and returns their paths, in the order of `formats`.
///
/// # Errors
/// When the folder or a file cannot be written (the file that stood there stays as it was), or a row cannot be read.
pub fn files(report: &Report, open: &OpenRows<'_>, reports: &Path, formats: &[Format], look: Look) -> Result<Vec<PathBuf>, AppError> {
    if formats.is_empty() {
        return Ok(Vec::new());
    }
    let dir = reports.join(folder_name(&report.head.id));
    fs::create_dir_all(&dir).map_err(|e| cannot_write(&dir, e))?;
    formats
        .iter()
        .map(|&format| {
            let path = dir.join(format!("report.{}", format.extension()));
            replace(&path, |out| write(format, report, open, look, out))?;
            Ok(path)
        })
        .collect()
}

/// A folder's name for a run. A run id may come from an imported file, so that it must not climb out of the folder.
#[must_use]
pub fn folder_name(run: &RunId) -> String {
    let safe: String =
        run.as_str().chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' }).collect();
    if safe.starts_with('.') { format!("_{safe}") } else { safe }
}

/// Writes a file in one step: what stood there stays until the new one is whole.
///
/// # Errors
/// When the file cannot be written, and those of `fill`.
pub fn replace(path: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<(), RenderError>) -> Result<(), AppError> {
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = temp_in(dir).map_err(|e| cannot_write(path, e))?;
    let mut out = BufWriter::with_capacity(64 * 1024, file);
    fill(&mut out).map_err(|e| match e {
        RenderError::Write(io) => cannot_write(path, io),
        other => other.into(),
    })?;
    let file = out.into_inner().map_err(|e| cannot_write(path, e.into_error()))?;
    file.as_file().sync_all().map_err(|e| cannot_write(path, e))?;
    file.persist(path).map_err(|e| cannot_write(path, e.error))?;
    Ok(())
}

fn temp_in(dir: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".report-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Temporary files start private; a report is for sharing, as far as the umask lets it.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(dir)
}

fn cannot_write(path: &Path, source: std::io::Error) -> AppError {
    AppError::new(Exit::Usage, format!("could not write {}", path.display()))
        .because(source)
        .with_help("check that the folder can be written and that the disk has space left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_never_climbs_out_of_the_folder() {
        let name = |s: &str| folder_name(&RunId::new(s).unwrap());
        assert_eq!(name("r-0192.a_b"), "r-0192.a_b");
        assert_eq!(name("../../etc"), "_.._.._etc");
        assert_eq!(name(".."), "_..");
        assert_eq!(name("a/b\\c:d"), "a_b_c_d");
    }

    #[test]
    fn a_failed_write_leaves_the_file_that_stood_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.md");
        fs::write(&path, "old").unwrap();
        let result = replace(&path, |out| {
            out.write_all(b"half")?;
            Err(RenderError::Rows(AppError::usage("no")))
        });
        assert_eq!(result.unwrap_err().to_string(), "no");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "a temporary file was left behind");
    }
}
