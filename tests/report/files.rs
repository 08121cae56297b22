//! Report files, and rows by pages.

use std::fs;

use tribunal::domain::TrialRow;
use tribunal::error::AppError;
use tribunal::report::{Format, Look, Rows, files, paged};

use crate::fake::{ONE, Shape, run};

#[test]
fn every_format_becomes_a_file_and_a_second_time_replaces_it() {
    let (report, rows) = run(Shape { cases: 5, ..ONE });
    let open = || -> Rows<'_> { Box::new(rows.iter().cloned().map(Ok)) };
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let paths = files(&report, &open, dir.path(), &Format::ALL, Look::default()).unwrap();
        let names: Vec<_> = paths.iter().map(|p| p.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["report.txt", "report.html", "report.md", "report.json", "report.jsonl", "report.csv", "report.junit.xml"]);
        assert!(paths.iter().all(|p| p.parent().unwrap() == dir.path().join("r-20261121-a1")));
        assert_eq!(fs::read_dir(dir.path().join("r-20261121-a1")).unwrap().count(), 7, "temporary files are gone");
    }
}

#[cfg(unix)]
#[test]
fn a_report_can_be_read_by_others() {
    use std::os::unix::fs::PermissionsExt;
    let (report, rows) = run(Shape { cases: 1, ..ONE });
    let open = || -> Rows<'_> { Box::new(rows.iter().cloned().map(Ok)) };
    let dir = tempfile::tempdir().unwrap();
    let path = &files(&report, &open, dir.path(), &[Format::Json], Look::default()).unwrap()[0];
    // A file made the plain way shows what the umask leaves.
    let plain = dir.path().join("plain");
    fs::write(&plain, "").unwrap();
    let mode = |p: &std::path::Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path), mode(&plain));
}

#[test]
fn a_folder_that_cannot_be_made_is_a_clear_error() {
    let (report, rows) = run(Shape { cases: 1, ..ONE });
    let open = || -> Rows<'_> { Box::new(rows.iter().cloned().map(Ok)) };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("reports");
    fs::write(&file, "").unwrap();
    let error = files(&report, &open, &file, &[Format::Json], Look::default()).unwrap_err();
    assert!(error.to_string().starts_with("could not write ") && error.help().is_some());
}

#[test]
fn pages_give_every_row_once_and_stop_at_the_first_error() {
    let (_, rows) = run(Shape { cases: 1_203, ..ONE });
    let fetch = |after: Option<u64>, limit: u32| -> Result<Vec<TrialRow>, AppError> {
        Ok(rows.iter().filter(|r| after.is_none_or(|a| r.key.seq > a)).take(limit as usize).cloned().collect())
    };
    let seen: Vec<u64> = paged(fetch).map(|r| r.unwrap().key.seq).collect();
    assert_eq!(seen, (0..1_203).collect::<Vec<_>>());

    let mut calls = 0;
    let broken: Vec<_> = paged(|after, limit| {
        calls += 1;
        if after.is_some() { Err(AppError::usage("the store could not read a page")) } else { fetch(after, limit) }
    })
    .collect();
    assert_eq!((broken.len(), broken.iter().filter(|r| r.is_err()).count(), calls), (501, 1, 2));
}
