//! Packs items for one person, with their slots reserved, and writes them as one page that needs nothing else.

use serde::Serialize;

use crate::domain::claim::OFFLINE_LEASE_MS;
use crate::domain::log::Seat;
use crate::domain::{Claimed, Digest, EventId, GraderName, RunId};
use crate::error::{AppError, Exit};
use crate::review::desk::{Desk, Who, new_event_id};
use crate::review::queue::Filter;
use crate::review::session::BlindView;
use crate::text::neutral::visible;

/// One item as it travels: text only, every hidden character made visible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Packed {
    /// The id of the decision to be.
    pub id: EventId,
    /// The item.
    pub item: Digest,
    /// Set and case, for people.
    pub set: String,
    /// The case.
    pub case: String,
    /// What an error costs.
    pub risk: &'static str,
    /// The case's tags.
    pub tags: Vec<String>,
    /// Names of parts and their texts, in order.
    pub parts: Vec<(&'static str, String)>,
    /// The answer.
    pub answer: String,
    /// A word of warning about it; empty without one.
    pub warning: String,
}

/// Items for one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parcel {
    /// The run.
    pub run: RunId,
    /// For whom.
    pub by: GraderName,
    /// Until when the slots are reserved, in Unix milliseconds.
    pub until_ms: i64,
    /// The items.
    pub items: Vec<Packed>,
}

fn packed(view: &BlindView) -> Packed {
    let safe = |t: &str| visible(t).into_owned();
    let mut parts: Vec<(&'static str, String)> = view.turns.iter().map(|t| (t.role.word(), safe(&t.text))).collect();
    parts.extend([("question", safe(&view.question)), ("expected", safe(&view.expected))]);
    parts.extend(view.accept.iter().map(|t| ("also right", safe(t))));
    parts.extend(view.must_mention.iter().map(|t| ("must mention", safe(t))));
    parts.extend(view.must_not_mention.iter().map(|t| ("must not mention", safe(t))));
    parts.extend(view.context.iter().map(|t| ("context", safe(t))));
    let r = &view.rubric;
    let anchors: Vec<String> = (1..=5_u8)
        .rev()
        .zip(r.anchors.iter().rev())
        .map(|(n, a)| format!("{n}  {}{}", safe(a), if n == r.pass_mark { "\n-- passes above this line --" } else { "" }))
        .collect();
    parts.push(("rubric", format!("{}\n{}", safe(&r.criteria), anchors.join("\n"))));
    parts.extend(r.notes.iter().map(|t| ("note", safe(t))));
    parts.extend(view.evidence.iter().map(|p| ("evidence", safe(&p.text))));
    parts.extend(view.transcript.iter().map(|p| ("transcript", safe(&p.text))));
    Packed {
        id: new_event_id(),
        item: view.item,
        set: safe(view.set.as_str()),
        case: safe(view.case.as_str()),
        risk: view.risk.word(),
        tags: view.tags.iter().map(|t| safe(t)).collect(),
        parts,
        answer: safe(&view.answer.text),
        warning: view.warning().map(|w| safe(&w)).unwrap_or_default(),
    }
}

/// Packs up to `n` items for a person and reserves their slots for 72 hours.
///
/// # Errors
/// When the store fails.
pub async fn pack(desk: &Desk, who: &Who, filter: &Filter, n: usize) -> Result<Parcel, AppError> {
    let now = desk.snapshot().await?;
    let until_ms = now.now_ms.saturating_add(OFFLINE_LEASE_MS);
    let mut parcel = Parcel { run: desk.head().id.clone(), by: who.name().clone(), until_ms, items: Vec::new() };
    // A conflict is looked at with both sides open afterwards, which a file cannot do; what was seen once is not blind any more.
    let picks = now.queue.picks(&who.person, filter);
    for pick in picks.iter().filter(|p| p.seat == Seat::Grader && !now.ledger().has_seen(&p.item.digest(), who.name())) {
        if parcel.items.len() >= n {
            break;
        }
        let mut ask = pick.ask(who.name(), now.now_ms);
        ask.until_ms = until_ms;
        if let Claimed::Yes(_) = desk.store().claim(ask).await? {
            parcel.items.push(packed(&desk.look(who, pick.item, &now).await?.view));
        }
    }
    Ok(parcel)
}

/// The page: everything in it, nothing loaded.
///
/// # Errors
/// When the items cannot be written as JSON, which no item of ours does.
pub fn html(parcel: &Parcel) -> Result<String, AppError> {
    let json = serde_json::to_string(parcel).map_err(|e| AppError::new(Exit::Integrity, "an item cannot be written as JSON").because(e))?;
    // Inside a script element nothing may look like markup.
    let json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let nonce = uuid::Uuid::now_v7().simple().to_string();
    Ok(include_str!("page.html").replace("%NONCE%", &nonce).replace("%DATA%", &json))
}
