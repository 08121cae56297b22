//! `review show`: an item as this person may see it: blind before their own decision, with the other side after it.

use serde_json::json;

use crate::cli::args::ListFormat;
use crate::cli::project::Project;
use crate::cli::shell::cannot_write;
use crate::error::{AppError, Exit};
use crate::review::desk::{Desk, Who};
use crate::review::session::Seen;
use crate::review::terminal::{Shows, blind_rows, revealed_rows};

/// Version of the JSON that is printed.
pub const SCHEMA_VERSION: u32 = 1;

/// `review show`
pub async fn show(project: &Project, desk: &Desk, who: &Who, word: &str, format: ListFormat) -> Result<Exit, AppError> {
    let now = desk.snapshot().await?;
    let item = desk.find(&now, word)?;
    let task = desk.look(who, item, &now).await?;
    let digest = item.digest();
    let other = match Seen::find(now.ledger(), &digest, who.name()) {
        Some(_) => Some(desk.reveal(who, &digest).await?),
        None => None,
    };
    match format {
        ListFormat::Json => {
            let mut doc = json!({
                "schema_version": SCHEMA_VERSION, "run": desk.head().id, "item": digest, "number": item.on().seq,
                "stage": if other.is_some() { "revealed" } else { "blind" }, "view": task.view,
            });
            if let (Some(view), Some(map)) = (&other, doc.as_object_mut()) {
                map.insert("reveal".to_owned(), json!(view));
            }
            project.ui.json(&doc)?;
        }
        ListFormat::Text => {
            let shows = Shows { unfolded: true, transcript: true, evidence: true, rubric: true, ..Shows::default() };
            let width = project.ui.look().width.clamp(40, 120);
            let mut rows = blind_rows(&task.view, shows, width);
            if let Some(view) = &other {
                rows.extend(revealed_rows(view, shows, width));
            }
            project.ui.data(|out| {
                writeln!(out, " {}  case {}  item {}", task.view.set, task.view.case, item.on().seq).map_err(cannot_write)?;
                rows.iter().try_for_each(|r| writeln!(out, "{}", r.text().trim_end()).map_err(cannot_write))
            })?;
            if other.is_none() {
                project.ui.next(&[format!(
                    "tribunal review decide {} --run {} --score 1-5 --as {}",
                    item.on().seq,
                    desk.head().id,
                    who.name()
                )]);
            }
        }
    }
    Ok(Exit::Good)
}
