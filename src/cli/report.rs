//! `report`: a run's report files, made again from the store at any time.

use std::cell::RefCell;

use crate::cli::args::ReportArgs;
use crate::cli::present::{Graded, blocking, formats, next_steps, report_of, watched_rows};
use crate::cli::project::{Project, shown};
use crate::cli::{against, audit, gate, github, trend};
use crate::error::{AppError, Exit};
use crate::report::Look;

/// `report`
pub async fn exec(project: &Project, args: &ReportArgs) -> Result<Exit, AppError> {
    let formats = formats(&args.format)?;
    let head = project.run(&args.run).await?;
    let look = project.ui.look();
    let gate = gate::note_if_configured(project, &head).await?;
    let graded = Graded::read(&project.store, &head).await?;
    let mut report = report_of(&project.store, &head, &graded).await?;
    report.trend = trend::trend(&project.store, &report).await?;
    if let Some(word) = &args.baseline {
        report.baseline = Some(against::named(project, word, &head).await?);
    }
    blocking(|| {
        report.gate = gate;
        report.next = next_steps(&report, None);
        let progress = RefCell::new(project.ui.progress(head.planned));
        let open = || watched_rows(&project.store, &graded, &progress);
        if args.out.as_deref().is_some_and(|o| o.as_os_str() == "-") {
            let [format] = formats.as_slice() else {
                return Err(AppError::usage("stdout takes one format").with_help("name it: `--format html --out -`"));
            };
            return project.ui.data(|out| crate::report::write(*format, &report, &open, look, out));
        }
        let folder = args.out.clone().unwrap_or_else(|| project.reports());
        if args.github {
            github::publish(project, &report, &open)?;
        }
        let written = crate::report::files(&report, &open, &folder, &formats, Look::default());
        progress.into_inner().finish();
        let written = written?;
        audit::write_heads(&written, &graded.log)?;
        for path in written {
            project.ui.say(&format!("wrote {}", shown(&path).display()));
        }
        Ok(())
    })?;
    Ok(Exit::Good)
}
