//! `audit`: does the decision log hold, and texts that must go.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;

use crate::cli::args::{AuditArgs, AuditVerb, ListFormat};
use crate::cli::project::{Project, new_event_id, now_ms, shown};
use crate::domain::log::{Act, Author, Entry, Event, Head, Known, Ruling, Verifier};
use crate::domain::{Digest, GraderName};
use crate::error::{AppError, Exit};
use crate::report::json::v1::SCHEMA_VERSION;
use crate::source::read_small;
use crate::store::{StoreError, events};

/// `audit`
pub async fn exec(project: &Project, args: &AuditArgs) -> Result<Exit, AppError> {
    match &args.verb {
        AuditVerb::Verify { heads, format } => verify(project, heads, *format).await,
        AuditVerb::Erase { text, of, author } => erase(project, text.as_deref(), of.as_deref(), author).await,
    }
}

/// Heads that were written down: those given, and those that report files quote.
fn known(project: &Project, given: &[String]) -> Result<Vec<(Head, String)>, AppError> {
    let mut all = Vec::new();
    for word in given {
        all.push((parse(word).ok_or_else(|| bad_head(word))?, "--head".to_owned()));
    }
    let Ok(folders) = std::fs::read_dir(project.reports()) else { return Ok(all) };
    let mut files: Vec<_> = folders.filter_map(|f| f.ok().map(|f| f.path().join("log.head"))).filter(|p| p.is_file()).collect();
    files.sort();
    for file in files {
        let head = read_small(&file).ok().and_then(|t| parse(t.trim()));
        if let Some(head) = head {
            all.push((head, shown(&file).display().to_string()));
        }
    }
    Ok(all)
}

fn bad_head(word: &str) -> AppError {
    AppError::usage(format!("`{word}` is no head of a log")).with_help("as reports quote it: EVENTS:DIGEST, e.g. 12:5f3c...")
}

fn parse(word: &str) -> Option<Head> {
    let (events, digest) = word.split_once(':')?;
    Some(Head { events: events.parse().ok()?, digest: digest.parse().ok()? })
}

async fn verify(project: &Project, given: &[String], format: ListFormat) -> Result<Exit, AppError> {
    const PAGE: u32 = 1000;
    let known = known(project, given)?;
    let mut walk = Verifier::new(known.iter().map(|(h, _)| *h).collect());
    let mut all: Vec<Event> = Vec::new();
    loop {
        let links = project.store.log(all.len() as u64, PAGE).await?;
        if links.is_empty() {
            break;
        }
        for link in &links {
            all.push(walk.next(link).map_err(StoreError::from)?);
        }
    }
    let head = walk.finish().map_err(|e| {
        let from: Vec<&str> = known.iter().map(|(_, f)| f.as_str()).collect();
        AppError::from(StoreError::from(e)).with_help(format!("heads were written down in {}", from.join(", ")))
    })?;
    let erased: BTreeSet<Digest> =
        all.iter().filter_map(|e| if let Act::Erased { text } = &e.entry.act { Some(*text) } else { None }).collect();
    let named: BTreeSet<Digest> = all.iter().flat_map(|e| texts_of(&e.entry.act)).collect();
    let there = project.store.texts(named.iter().copied().collect()).await?;
    let lost: Vec<String> = named.iter().filter(|d| !there.contains_key(d) && !erased.contains(d)).map(Digest::short).collect();
    if !lost.is_empty() {
        return Err(AppError::new(
            Exit::Integrity,
            format!("texts that the log names are gone, and nobody erased them: {}", lost.join(", ")),
        ));
    }
    let quoted = format!("{}:{}", head.events, head.digest);
    match format {
        ListFormat::Json => project.ui.json(&json!({
            "schema_version": SCHEMA_VERSION, "holds": true, "events": head.events, "head": quoted,
            "heads_met": known.len(), "texts": there.len(), "erased": erased.len(),
        }))?,
        ListFormat::Text => {
            project.ui.line(format_args!("the log holds: {} events, {} texts, {} erased", head.events, there.len(), erased.len()))?;
            project.ui.line(format_args!("head {quoted}"))?;
            let met = known.len();
            if met == 0 {
                project.ui.say(
                    "no head was written down elsewhere: a tail that was cut off would not show; reports quote the head, or give --head",
                );
            } else {
                project.ui.say(&format!("{met} heads that were written down are in it"));
            }
        }
    }
    Ok(Exit::Good)
}

/// The texts that an act names.
fn texts_of(act: &Act) -> Vec<Digest> {
    match act {
        Act::Decided(d) => {
            let ruling = match &d.ruling {
                Some(
                    Ruling::ExpectedWrong { expected: t }
                    | Ruling::Accept { text: t }
                    | Ruling::RubricUnclear { note: t }
                    | Ruling::Split { note: t }
                    | Ruling::Retire { reason: t }
                    | Ruling::Example { why: t },
                ) => Some(*t),
                Some(Ruling::Ambiguous { question }) => *question,
                Some(Ruling::Flaky { .. } | Ruling::NoSingleAnswer { .. }) | None => None,
            };
            d.note.into_iter().chain(ruling).collect()
        }
        Act::Revised { why, .. } | Act::Disputed { why, .. } => vec![*why],
        _ => Vec::new(),
    }
}

async fn erase(project: &Project, text: Option<&str>, of: Option<&str>, author: &str) -> Result<Exit, AppError> {
    let name = GraderName::new(author).map_err(|e| AppError::usage(e.to_string()))?;
    let (all, _) = events(&*project.store).await?;
    let digests: Vec<Digest> = match (text, of) {
        (Some(t), _) => vec![t.parse().map_err(|e: crate::domain::digest::NotADigest| AppError::usage(e.to_string()))?],
        (None, Some(id)) => {
            let event = all.iter().find(|e| e.entry.id.as_str() == id);
            let event = event.ok_or_else(|| AppError::usage(format!("there is no decision `{id}`")))?;
            texts_of(&event.entry.act)
        }
        (None, None) => return Err(AppError::usage("say what to erase").with_help("`--of DECISION` or `--text DIGEST`")),
    };
    let known: BTreeSet<Digest> = all.iter().flat_map(|e| texts_of(&e.entry.act)).collect();
    if let Some(stranger) = digests.iter().find(|d| !known.contains(d)) {
        return Err(AppError::usage(format!("no decision names the text {}", stranger.short())));
    }
    let there = project.store.texts(digests.clone()).await?;
    let gone: Vec<Digest> = digests.into_iter().filter(|d| there.contains_key(d)).collect();
    if gone.is_empty() {
        project.ui.say("nothing is left to erase there");
        return Ok(Exit::Good);
    }
    // Written down first: an erasure that is cut off half-way is finished by the same command.
    let by = Author { name, known: Known::Claimed };
    let entry = |text: &Digest| Entry { id: new_event_id(), at_ms: now_ms(), by: by.clone(), act: Act::Erased { text: *text } };
    project.store.append(gone.iter().map(entry).collect(), Vec::new()).await?;
    for digest in &gone {
        project.store.erase_text(digest).await?;
    }
    project.ui.say(&format!("erased {} texts; the chain holds without them", gone.len()));
    project.ui.next(&["tribunal audit verify".to_owned()]);
    Ok(Exit::Good)
}

/// Writes down where the log stands, beside the report files that were just written.
///
/// # Errors
/// When the file cannot be written.
pub fn write_heads(written: &[PathBuf], head: &Head) -> Result<(), AppError> {
    let Some(folder) = written.first().and_then(|p| p.parent()).filter(|_| head.events > 0) else { return Ok(()) };
    let path = folder.join("log.head");
    std::fs::write(&path, format!("{}:{}\n", head.events, head.digest))
        .map_err(|e| AppError::new(Exit::Incomplete, format!("could not write {}", path.display())).because(e))
}
