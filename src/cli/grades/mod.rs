//! `grades`: grades that people gave elsewhere come in, and every grade goes out, with who gave it.

mod file;
mod place;

use std::collections::HashMap;

use serde_json::json;

use self::file::Line;
use self::place::Places;
use crate::cli::args::{GradesArgs, GradesVerb};
use crate::cli::present::{blocking, rows};
use crate::cli::project::{Project, now_ms};
use crate::cli::shell::cannot_write;
use crate::domain::grade::plain;
use crate::domain::log::{Act, Author, Entry, Known, Via};
use crate::domain::{Digest, DigestBuilder, EventId, Grades, RunHead};
use crate::error::{AppError, Exit};
use crate::store::events;

/// `grades`
pub async fn exec(project: &Project, args: &GradesArgs) -> Result<Exit, AppError> {
    match &args.verb {
        GradesVerb::Import { run, file } => import(project, run, file).await,
        GradesVerb::Export { run } => export(project, run).await,
    }
}

/// An id that the same line of the same grader on the same answer always has: a file that is imported twice counts once.
fn id_of(item: &Digest, line: &Line) -> EventId {
    let digest = DigestBuilder::new("imported-grade/1")
        .digest("item", item)
        .text("grader", line.grader.as_str())
        .bytes("score", &[line.score.get(), u8::from(line.blind)])
        .finish();
    EventId::new(&format!("d-{}", &digest.to_string()[..16])).unwrap_or_else(|_| unreachable!("hexadecimal digits are a name"))
}

async fn import(project: &Project, run: &str, path: &std::path::Path) -> Result<Exit, AppError> {
    let head = project.run(run).await?;
    let lines = file::read(path)?;
    let mut places = Places::looking_for(lines.iter().map(|(_, l)| &l.case));
    blocking(|| rows(&project.store, &head.id).try_for_each(|row| row.map(|r| places.add(&head, &r))))?;
    let before = Grades::of(&events(&*project.store).await?.0);
    let (mut entries, mut texts, mut faults, mut there) = (Vec::new(), Vec::new(), Vec::new(), 0_u64);
    let mut given: HashMap<(Digest, String), (u64, u8)> = HashMap::new();
    let now = now_ms();
    for (number, line) in &lines {
        let on = match places.find(line) {
            Ok(on) => on,
            Err(why) => {
                faults.push(format!("{}:{number}: {why}", path.display()));
                continue;
            }
        };
        if let Some((first, score)) = given.insert((on.item, line.grader.to_string()), (*number, line.score.get())) {
            if score == line.score.get() {
                there += 1;
            } else {
                faults.push(format!("{}:{number}: line {first} has another score of {} for this answer", path.display(), line.grader));
            }
            continue;
        }
        let own = before.on(&on.item).find(|g| g.by == line.grader);
        if let Some(old) = own.and_then(crate::domain::Grade::last) {
            if old == line.score {
                there += 1;
            } else {
                faults.push(format!("{}:{number}: {} has graded this answer {old} already", path.display(), line.grader));
            }
            continue;
        }
        let mut decision = plain(on.clone(), line.score, Via::Import);
        decision.seat = line.seat;
        decision.blind = line.blind;
        decision.seconds = line.seconds.unwrap_or(0);
        if let Some(note) = &line.note {
            decision.note = Some(Digest::of_bytes(note.as_bytes()));
            texts.push(note.clone());
        }
        let by = Author { name: line.grader.clone(), known: Known::Claimed };
        entries.push(Entry { id: id_of(&on.item, line), at_ms: now, by, act: Act::Decided(decision) });
    }
    if !faults.is_empty() {
        let all = faults.len();
        faults.truncate(20);
        return Err(AppError::usage(format!("{all} of {} grades do not fit run {}; nothing was stored", lines.len(), head.id))
            .with_snippet(faults.join("\n"))
            .with_help("grades belong to answers: name the run that has them with --run"));
    }
    let (new, open) = (entries.len(), entries.iter().filter(|e| matches!(&e.act, Act::Decided(d) if !d.blind)).count());
    if new > 0 {
        project.store.append(entries, texts).await?;
    }
    project.ui.say(&format!("{new} grades came in for run {}, {there} were there already", head.id));
    if open > 0 {
        project.ui.say(&format!("{open} of them were not blind: they label cases, and feed no estimate"));
    }
    project.ui.next(&[format!("tribunal report {}", head.id), format!("tribunal gate {}", head.id)]);
    Ok(Exit::Good)
}

async fn export(project: &Project, run: &str) -> Result<Exit, AppError> {
    let head: RunHead = project.run(run).await?;
    let (all, _) = events(&*project.store).await?;
    let grades = Grades::of(&all);
    let notes = project.store.texts(grades.all().iter().filter_map(|g| g.decision.note).collect()).await?;
    let mut count = 0_u64;
    blocking(|| {
        project.ui.data(|out| -> Result<(), AppError> {
            for row in rows(&project.store, &head.id) {
                let row = row?;
                let Some(item) = head.rubric_of(&row.key.set).and_then(|r| row.item_digest(r)) else { continue };
                for g in grades.on(&item) {
                    count += 1;
                    let d = &g.decision;
                    let line = json!({
                        "case": row.case.id, "set": row.key.set, "agent": row.key.agent, "trial": row.key.trial, "grader": g.by,
                        "score": d.score, "revised": g.revised, "blind": d.blind, "seconds": d.seconds, "at_ms": g.at_ms,
                        "chip": d.chip, "ruling": d.ruling.as_ref().map(crate::domain::log::Ruling::word),
                        "note": d.note.and_then(|n| notes.get(&n)), "decision": g.id, "carried": d.on.run != head.id,
                    });
                    crate::report::json::value(&line, out)?;
                    writeln!(out).map_err(cannot_write)?;
                }
            }
            Ok(())
        })
    })?;
    project.ui.say(&format!("{count} grades on the answers of run {}", head.id));
    Ok(Exit::Good)
}
