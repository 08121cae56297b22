//! `compare`: runs beside a baseline run, paired by case.

use crate::cli::against::{self, Side};
use crate::cli::args::{CompareArgs, CompareFormatArg};
use crate::cli::project::{Project, shown};
use crate::error::{AppError, Exit};
use crate::report::compare::{CompareFormat, Comparisons, write};
use crate::report::{Look, files};

/// `compare`
pub async fn exec(project: &Project, args: &CompareArgs) -> Result<Exit, AppError> {
    let baseline = project.run(&args.baseline).await?;
    let mut heads = Vec::new();
    for word in &args.runs {
        let head = project.run(word).await?;
        if head.id == baseline.id {
            return Err(
                AppError::usage(format!("run {} would be compared with itself", head.id)).with_help("`tribunal runs` lists the others")
            );
        }
        let differences = against::differences(&baseline, &head);
        if !differences.is_empty() && !args.allow_different {
            return Err(AppError::usage(format!(
                "runs {} and {} were judged differently: {}",
                baseline.id,
                head.id,
                differences.join("; ")
            ))
            .with_help("judge one again as the other was (`tribunal judge`), or compare all the same: `--allow-different`"));
        }
        heads.push(head);
    }
    let a = Side::read(&project.store, &baseline).await?;
    let mut others = Vec::new();
    for head in heads {
        let b = Side::read(&project.store, &head).await?;
        let against = against::compare(&project.store, &a, &b).await?;
        if against.agents.is_empty() {
            let names = |h: &crate::domain::RunHead| h.agents.iter().map(|x| x.name.to_string()).collect::<Vec<_>>().join(", ");
            return Err(AppError::usage(format!("runs {} and {} have no agent in common", a.head.id, head.id)).with_help(format!(
                "the one has {}, the other {}",
                names(&a.head),
                names(&head)
            )));
        }
        others.push(against);
    }
    for difference in others.iter().flat_map(|o| &o.differences) {
        project.ui.say(&format!("warning: judged differently: {difference}"));
    }
    let all = Comparisons { baseline, others };
    let format = match args.format {
        CompareFormatArg::Text => CompareFormat::Terminal,
        CompareFormatArg::Md => CompareFormat::Markdown,
        CompareFormatArg::Html => CompareFormat::Html,
        CompareFormatArg::Json => CompareFormat::Json,
    };
    // Looked up first: the streams are locked while data is written.
    let look = project.ui.look();
    match args.out.as_deref().filter(|o| o.as_os_str() != "-") {
        Some(path) => {
            files::replace(path, |out| write(format, &all, Look::default(), out))?;
            project.ui.say(&format!("wrote {}", shown(path).display()));
        }
        None => project.ui.data(|out| write(format, &all, look, out))?,
    }
    Ok(Exit::Good)
}
