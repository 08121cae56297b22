//! `review export` and `review import`: reviewing without a connection.

use std::path::Path;

use super::grader;
use crate::cli::project::{Project, shown};
use crate::domain::log::Via;
use crate::error::{AppError, Exit};
use crate::review::desk::{Desk, Who};
use crate::review::offline::{Returned, VERSION, html, pack, read_sheet, take, write_sheet};
use crate::review::queue::Filter;
use crate::text::neutral::log_line;

/// The largest file that is taken, in bytes.
const LARGEST: u64 = 64 << 20;

fn is(path: &Path, ext: &str) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ext))
}

/// `review export`
pub async fn export(project: &Project, desk: &Desk, to: &str, n: usize, out: &Path) -> Result<Exit, AppError> {
    let who = Who::local(grader(to)?, true, Via::File);
    if !is(out, "html") && !is(out, "csv") {
        return Err(AppError::usage(format!("{} is neither a page nor a sheet", out.display())).with_help("end it in .html or .csv"));
    }
    let cannot = |e: std::io::Error| AppError::new(Exit::Incomplete, format!("{} cannot be written", out.display())).because(e);
    // Before any slot is reserved: the place can be written to, and nothing there is lost.
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(out).map_err(cannot)?;
    let parcel = pack(desk, &who, &Filter::default(), n).await?;
    let text = if is(out, "html") { html(&parcel)? } else { write_sheet(&parcel)? };
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(cannot)?;
    project.ui.say(&format!(
        "wrote {} with {} items for {}; their places are kept for 72 hours",
        shown(out).display(),
        parcel.items.len(),
        who.name()
    ));
    if parcel.items.is_empty() {
        let now = desk.snapshot().await?;
        let why = now.queue.why_empty(&who.person, &Filter::default()).text(&crate::review::desk::time_of_day);
        project.ui.say(&why);
    }
    Ok(Exit::Good)
}

/// `review import`
pub async fn import(project: &Project, desk: &Desk, file: &Path, from: Option<&str>) -> Result<Exit, AppError> {
    let cannot = |e| AppError::usage(format!("{} cannot be read", file.display())).because(e);
    if std::fs::metadata(file).map_err(cannot)?.len() > LARGEST {
        return Err(AppError::usage(format!("{} is larger than 64 MiB", file.display())));
    }
    let text = std::fs::read_to_string(file).map_err(cannot)?;
    let returned = if is(file, "csv") {
        let by = from.ok_or_else(|| AppError::usage("a sheet does not say whose it is").with_help("give `--from NAME`"))?;
        Returned { tribunal_decisions: VERSION, run: desk.head().id.clone(), by: grader(by)?, decisions: read_sheet(&text)? }
    } else {
        let help = "it is the .json that the page saves, or the filled .csv";
        serde_json::from_str(&text)
            .map_err(|e| AppError::usage(format!("{} holds no decisions", file.display())).because(e).with_help(help))?
    };
    if returned.tribunal_decisions > VERSION {
        return Err(AppError::usage("the file was written by a newer tribunal"));
    }
    if returned.run != desk.head().id {
        let run = log_line(returned.run.as_str());
        return Err(
            AppError::usage(format!("these decisions are on run {run}")).with_help(format!("`tribunal review import FILE --run {run}`"))
        );
    }
    let who = Who::local(returned.by.clone(), true, Via::File);
    let taken = take(desk, &who, &returned).await?;
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for (back, fate) in &taken {
        let why = fate.why().map(|w| format!(": {w}")).unwrap_or_default();
        project.ui.line(format!("{}  {}{}", back.id, fate.word(), log_line(&why)))?;
        match counts.iter_mut().find(|(w, _)| *w == fate.word()) {
            Some((_, n)) => *n += 1,
            None => counts.push((fate.word(), 1)),
        }
    }
    let summary: Vec<String> = counts.iter().map(|(w, n)| format!("{n} {w}")).collect();
    project.ui.say(&format!(
        "{} by {}: {}",
        taken.len(),
        who.name(),
        if summary.is_empty() { "nothing".to_owned() } else { summary.join(", ") }
    ));
    Ok(Exit::Good)
}
