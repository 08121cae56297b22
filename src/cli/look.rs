//! `runs`, `show`, `queue`: looking at what the store holds.

use serde_json::{Value, json};

use crate::cli::args::{ListArgs, ListFormat, QueueArgs, ShowArgs};
use crate::cli::present::{Graded, blocking, report_of};
use crate::cli::project::Project;
use crate::cli::shell::cannot_write;
use crate::domain::{RunStatus, TrialRow};
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
        ListFormat::Text => {
            project.ui.data(|out| lists::runs(&heads, look, out).map_err(cannot_write))?;
            if heads.iter().any(|h| h.status == RunStatus::Open) {
                project.ui.say("open: still running, or cut short; the same command as before goes on where it stopped");
            }
            if heads.iter().any(|h| h.status == RunStatus::Incomplete) {
                project.ui.say("incomplete: some answers or ballots could not be had; the same command as before asks for them");
            }
        }
    }
    Ok(Exit::Good)
}

/// `show`
pub async fn show(project: &Project, args: &ShowArgs) -> Result<Exit, AppError> {
    let head = project.run(&args.run).await?;
    let graded = Graded::read(&project.store, &head).await?;
    let look = project.ui.look();
    let Some(id) = &args.case else {
        let report = report_of(&project.store, &head, &graded).await?;
        blocking(|| {
            let open = || graded.rows(&project.store);
            match args.format {
                ListFormat::Json => project.ui.data(|out| crate::report::write(Format::Json, &report, &open, Look::default(), out)),
                ListFormat::Text => {
                    project.ui.data(|out| lists::trials(&head, &mut open(), look, out))?;
                    if let Some(why) = report.incomplete() {
                        project.ui.say(&format!("the run is {why}"));
                    }
                    Ok(())
                }
            }
        })?;
        return Ok(Exit::Good);
    };
    let (mut found, mut ids) = (Vec::new(), std::collections::BTreeSet::new());
    blocking(|| -> Result<(), AppError> {
        for row in graded.rows(&project.store) {
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

/// `queue`
pub async fn queue(project: &Project, args: &QueueArgs) -> Result<Exit, AppError> {
    let head = project.run(&args.run).await?;
    let mut items: Vec<TrialRow> = Vec::new();
    let look = project.ui.look();
    let graded = Graded::read(&project.store, &head).await?;
    let mut done = 0_u64;
    blocking(|| -> Result<(), AppError> {
        for row in graded.rows(&project.store) {
            let mut row = row?;
            done += u64::from(row.item.is_some() && row.label.is_some());
            if row.item.is_some() && row.label.is_none() {
                // A list shows neither answers nor ballots: a long queue must not hold them.
                row.answer = Ok(crate::domain::Output::default());
                row.ballots = Vec::new();
                items.push(row);
            }
        }
        Ok(())
    })?;
    let priority = |r: &TrialRow| r.item.as_ref().map_or(0.0, |i| i.priority);
    items.sort_by(|a, b| priority(b).total_cmp(&priority(a)).then(a.key.seq.cmp(&b.key.seq)));
    let all = items.len();
    items.truncate(args.limit.unwrap_or(usize::MAX));
    match args.format {
        ListFormat::Json => {
            let list: Vec<Value> = items
                .iter()
                .filter_map(|r| r.item.as_ref().map(|i| (r, i)))
                .map(|(r, i)| {
                    json!({
                        "seq": r.key.seq, "set": r.key.set, "case": r.case.id, "trial": r.key.trial, "agent": r.key.agent,
                        "risk": r.case.risk, "tags": r.case.tags, "triggers": i.triggers, "priority": i.priority,
                        "tier": i.tier, "stratum": i.stratum, "inclusion": i.inclusion, "question": r.case.question,
                    })
                })
                .collect();
            project.ui.json(&json!({"schema_version": SCHEMA_VERSION, "run": head.id, "items": list, "of": all, "graded": done}))?;
        }
        ListFormat::Text if all == 0 && done > 0 => {
            project.ui.say(&format!("nothing is left to grade in run {}: {done} answers are graded", head.id));
        }
        ListFormat::Text if all == 0 => project.ui.say(&format!("nothing in run {} wants a person", head.id)),
        ListFormat::Text => {
            project.ui.data(|out| lists::queue(&head, &items, look, out).map_err(cannot_write))?;
            if items.len() < all {
                project.ui.say(&format!("the first {} of {all}; `tribunal queue` without --limit lists all", items.len()));
            }
        }
    }
    Ok(Exit::Good)
}
