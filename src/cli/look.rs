//! `runs`, `show`: looking at what the store holds.

use serde_json::{Value, json};

use crate::cli::args::{ListArgs, ListFormat, ShowArgs};
use crate::cli::present::{blocking, report_of, rows};
use crate::cli::project::Project;
use crate::cli::shell::cannot_write;
use crate::domain::TrialRow;
use crate::error::{AppError, Exit};
use crate::report::{Format, Look, jsonl, lists, show};

/// Version of the JSON that the lists print.
const SCHEMA_VERSION: u32 = 1;

/// `runs`
pub async fn runs(project: &Project, args: &ListArgs) -> Result<Exit, AppError> {
    let heads = project.store.runs().await?;
    let look = project.ui.look();
    match args.format {
        ListFormat::Json => {
            let runs: Vec<Value> = heads
                .iter()
                .map(|h| {
                    json!({
                        "id": h.id, "status": h.status, "created_ms": h.created_ms, "finished_ms": h.finished_ms,
                        "agents": h.agents.iter().map(|a| &a.name).collect::<Vec<_>>(),
                        "judges": h.judges.iter().map(|j| &j.name).collect::<Vec<_>>(),
                        "sets": h.sets.iter().map(|s| &s.name).collect::<Vec<_>>(),
                        "selection": h.selection, "planned": h.planned, "judged_from": h.judged_from,
                    })
                })
                .collect();
            project.ui.json(&json!({"schema_version": SCHEMA_VERSION, "runs": runs}))?;
        }
        ListFormat::Text if heads.is_empty() => project.ui.say("no runs yet: `tribunal run` makes the first"),
        ListFormat::Text => project.ui.data(|out| lists::runs(&heads, look, out).map_err(cannot_write))?,
    }
    Ok(Exit::Good)
}

/// `show`
pub async fn show(project: &Project, args: &ShowArgs) -> Result<Exit, AppError> {
    let head = project.run(&args.run).await?;
    let look = project.ui.look();
    let Some(id) = &args.case else {
        blocking(|| {
            let report = report_of(&project.store, &head)?;
            let open = || rows(&project.store, &head.id);
            match args.format {
                ListFormat::Json => project.ui.data(|out| crate::report::write(Format::Json, &report, &open, Look::default(), out)),
                ListFormat::Text => project.ui.data(|out| lists::trials(&head, &mut open(), look, out)),
            }
        })?;
        return Ok(Exit::Good);
    };
    let (mut found, mut ids) = (Vec::new(), std::collections::BTreeSet::new());
    blocking(|| -> Result<(), AppError> {
        for row in rows(&project.store, &head.id) {
            let row = row?;
            if row.case.id.as_str() == id {
                found.push(row);
            } else if found.is_empty() {
                ids.insert(row.case.id.to_string());
            }
        }
        Ok(())
    })?;
    if found.is_empty() {
        let near = crate::source::did_you_mean(id, ids.iter().map(String::as_str));
        let help = near.unwrap_or_else(|| format!("`tribunal show {}` lists the cases of the run", head.id));
        return Err(AppError::usage(format!("run {} has no case `{id}`", head.id)).with_help(help));
    }
    project.ui.data(|out| {
        found.iter().try_for_each(|row: &TrialRow| match args.format {
            ListFormat::Json => jsonl::line(&head, row, out).map_err(AppError::from),
            ListFormat::Text => show::trial(&head, row, look, out).map_err(cannot_write),
        })
    })?;
    Ok(Exit::Good)
}
