//! `plot`: a run's pictures as SVG files.

use std::fs;

use crate::cli::args::PlotArgs;
use crate::cli::present::{Graded, blocking, report_of};
use crate::cli::project::{Project, shown};
use crate::error::{AppError, Exit};
use crate::report::{files, svg};

/// `plot`
pub async fn exec(project: &Project, args: &PlotArgs) -> Result<Exit, AppError> {
    let head = project.run(&args.run).await?;
    let graded = Graded::read(&project.store, &head).await?;
    let report = report_of(&project.store, &head, &graded).await?;
    let folder = args.out.clone().unwrap_or_else(|| project.reports().join(files::folder_name(&head.id)));
    blocking(|| {
        let pictures = svg::pictures(&report, &mut graded.rows(&project.store))?;
        fs::create_dir_all(&folder).map_err(|e| AppError::new(Exit::Usage, format!("could not make {}", folder.display())).because(e))?;
        for picture in pictures {
            let path = folder.join(&picture.name);
            files::replace(&path, |out| Ok(out.write_all(picture.svg.as_bytes())?))?;
            project.ui.say(&format!("wrote {}", shown(&path).display()));
        }
        Ok::<(), AppError>(())
    })?;
    Ok(Exit::Good)
}
