//! `queue`: what waits for people, in the order in which they get it. For leads: it names reasons, which a grader must not know.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::desk;
use crate::cli::args::{ListFormat, QueueArgs};
use crate::cli::present::{blocking, rows};
use crate::cli::project::Project;
use crate::cli::shell::cannot_write;
use crate::domain::{ReviewItem, TrialRow};
use crate::error::{AppError, Exit};
use crate::report::lists;
use crate::review::queue::{Filter, Item};

/// Version of the JSON that is printed.
const SCHEMA_VERSION: u32 = 1;

fn filter(args: &QueueArgs) -> Result<Filter, AppError> {
    let mut filter = Filter::default();
    let groups: [(&str, Vec<&String>); 5] = [
        ("state", args.state.iter().collect()),
        ("risk", args.risk.iter().collect()),
        ("tag", args.tag.iter().collect()),
        ("trigger", args.trigger.iter().collect()),
        ("by", args.by.iter().collect()),
    ];
    for (field, values) in groups {
        for value in values {
            filter.add(&format!("{field}:{value}")).map_err(|e| AppError::usage(e.to_string()))?;
        }
    }
    // What is done is listed where it is asked for.
    if filter.states.is_empty() && filter.people.is_empty() {
        filter.states.push("open".to_owned());
    }
    Ok(filter)
}

/// `queue`
pub async fn queue(project: &Project, args: &QueueArgs) -> Result<Exit, AppError> {
    let head = project.run(&args.run).await?;
    let filter = filter(args)?;
    let desk = desk(project, head.clone()).await?;
    let now = desk.snapshot().await?;
    let wanted: Vec<&Item> = now.queue.filtered(&filter).collect();
    let all = wanted.len();
    let shown = &wanted[..all.min(args.limit.unwrap_or(usize::MAX))];
    let place: HashMap<u64, usize> = shown.iter().enumerate().map(|(n, i)| (i.on().seq, n)).collect();
    let mut found: Vec<(usize, TrialRow)> = Vec::with_capacity(shown.len());
    blocking(|| -> Result<(), AppError> {
        for row in rows(&project.store, &head.id) {
            let mut row = row?;
            let Some(n) = place.get(&row.key.seq) else { continue };
            let listed = &shown[*n].listed;
            // A list shows neither answers nor ballots: a long queue must not hold them.
            row.answer = Ok(crate::domain::Output::default());
            row.ballots = Vec::new();
            let item = row.item.get_or_insert_with(|| ReviewItem {
                seq: row.key.seq,
                triggers: Vec::new(),
                priority: shown[*n].terms.score,
                tier: listed.tier,
                stratum: listed.stratum,
                inclusion: 1.0,
            });
            item.triggers.clone_from(&listed.triggers);
            found.push((*n, row));
        }
        Ok(())
    })?;
    found.sort_by_key(|(n, _)| *n);
    let stop = desk.stop().await?;
    match args.format {
        ListFormat::Json => {
            let list: Vec<Value> = found.iter().filter_map(|(n, r)| Some(line(shown[*n], r, r.item.as_ref()?))).collect();
            let p = now.queue.progress();
            project.ui.json(&json!({
                "schema_version": SCHEMA_VERSION, "run": head.id, "items": list, "of": all,
                "progress": {"done": p.done, "of": p.of, "minutes_left": p.minutes_left}, "stop": stop,
            }))?;
        }
        ListFormat::Text if all == 0 => project.ui.say(&nothing(&now.queue.progress(), &head)),
        ListFormat::Text => {
            let rows: Vec<TrialRow> = found.into_iter().map(|(_, r)| r).collect();
            // Asked before stdout is held: both are behind one lock.
            let look = project.ui.look();
            project.ui.data(|out| lists::queue(&head, &rows, look, out).map_err(cannot_write))?;
            if rows.len() < all {
                project.ui.say(&format!("the first {} of {all}; `tribunal queue` without --limit lists all", rows.len()));
            }
            if let Some(stop) = stop {
                project.ui.say(&stop.text());
            }
            project.ui.next(&[format!("tribunal review --run {}", head.id)]);
        }
    }
    Ok(Exit::Good)
}

fn nothing(p: &crate::review::queue::Progress, head: &crate::domain::RunHead) -> String {
    match p.of {
        0 => format!("nothing in run {} wants a person", head.id),
        n => format!("nothing like that waits in run {}: {} of {n} are done", head.id, p.done),
    }
}

fn line(item: &Item, r: &TrialRow, i: &ReviewItem) -> Value {
    json!({
        "seq": r.key.seq, "set": r.key.set, "case": r.case.id, "trial": r.key.trial, "agent": r.key.agent,
        "risk": r.case.risk, "tags": r.case.tags, "triggers": i.triggers, "priority": i.priority,
        "tier": i.tier, "stratum": i.stratum, "inclusion": i.inclusion, "question": r.case.question,
        "item": item.digest(), "state": item.state, "band": item.band, "given": item.given, "wanted": item.wanted,
        "assigned": item.assigned, "held": item.held.iter().map(|c| &c.grader).collect::<Vec<_>>(),
    })
}
