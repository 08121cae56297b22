//! What people do: drafts, signs of life, decisions, skips, revisions, settlements, undo.
//!
//! Invariant: a decision is sent under the id that its form was made with: sending it again records nothing new.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::json;

use super::App;
use super::form::Posted;
use super::pages::{Sight, digest, sight};
use super::reply::{Answer, Fault, by_script, go, json_of};
use super::sitting::{Mind, Since, Sitting};
use super::team::set_cookie;
use crate::domain::log::{Act, Cause, Seat, SkipReason, Via};
use crate::domain::{Digest, EventId, Taken};
use crate::review::desk::digest_of;
use crate::review::session::{Answer as Told, Effect, Intent, Session, Task, Undoable, usual_seconds};

/// Says whether single keys act.
pub(super) const KEYS_COOKIE: &str = "tribunal-keys";

fn place(item: &Digest) -> String {
    format!("/items/{item}")
}

fn bad(why: &str) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, why)
}

fn seconds(since: Since, now_ms: i64) -> u32 {
    let here = u32::try_from((now_ms.saturating_sub(since.shown_ms) / 1000).clamp(0, 3600)).unwrap_or(0);
    since.before.saturating_add(here)
}

/// `POST /items/{item}/draft`
pub(super) async fn draft(State(app): State<Arc<App>>, Path(text): Path<String>, posted: Posted) -> Answer {
    let item = digest(&text)?;
    let since = posted.by.mind().await.shown.get(&item).copied();
    let Some(since) = since else { return Err(Fault::new(StatusCode::CONFLICT, "open the item first")) };
    if app.desk.snapshot().await?.ledger().grade_of(&item, posted.by.who.name()).is_some() {
        return Ok(json_of(&json!({ "saved": false, "held": false })));
    }
    let draft = posted.draft(seconds(since, app.desk.now_ms()));
    app.desk.save_draft(&posted.by.who, item, draft.to_body()).await?;
    let held = app.desk.heartbeat(&posted.by.who, &item).await?;
    if by_script(&posted.headers) {
        return Ok(json_of(&json!({ "saved": true, "held": held })));
    }
    posted.by.mind().await.say("draft kept");
    Ok(go(&posted.headers, &place(&item)))
}

/// `POST /items/{item}/beat`
pub(super) async fn beat(State(app): State<Arc<App>>, Path(text): Path<String>, posted: Posted) -> Answer {
    let held = app.desk.heartbeat(&posted.by.who, &digest(&text)?).await?;
    Ok(json_of(&json!({ "held": held })))
}

/// The session of a login with this item on its desk: it knows pace and place.
async fn seated<'a>(app: &App, by: &Sitting, mind: &'a mut Mind, task: Task) -> Result<&'a mut Session, Fault> {
    let since = mind.shown.get(&task.on.item).map_or(app.desk.now_ms(), |s| s.shown_ms);
    if mind.session.is_none() {
        let usual = usual_seconds(app.desk.snapshot().await?.ledger(), by.who.name());
        mind.session = Some(Session::start(Via::Web, Vec::new(), usual, None, app.desk.now_ms()).0);
    }
    let session = mind.session.as_mut().ok_or_else(Fault::not_found)?;
    session.answer(Told::Failed(String::new()), app.desk.now_ms());
    session.answer(Told::Loaded(Box::new(task)), since);
    Ok(session)
}

/// The item that somebody was shown, in the seat in which they were; absent where their decision stands already (sent twice, or decided
/// elsewhere).
async fn on_desk(app: &App, by: &Sitting, item: Digest) -> Result<Option<Box<Task>>, Fault> {
    let kept = by.mind().await.shown.get(&item).copied();
    let now = app.desk.snapshot().await?;
    if now.ledger().grade_of(&item, by.who.name()).is_some() {
        return Ok(None);
    }
    if let Some((kept, found)) = kept.zip(now.queue.get(&item)) {
        let mut task = app.desk.look(&by.who, found, &now).await?;
        (task.seat, task.slots) = (kept.seat, kept.slots);
        return Ok(Some(Box::new(task)));
    }
    match sight(app, by, item).await? {
        Sight::Blind(task) => Ok(Some(task)),
        Sight::Decided { .. } => Ok(None),
        Sight::Nothing(why) => Err(Fault::new(StatusCode::CONFLICT, why)),
    }
}

/// `POST /items/{item}/submit`
pub(super) async fn submit(State(app): State<Arc<App>>, Path(text): Path<String>, posted: Posted) -> Answer {
    let item = digest(&text)?;
    let id = posted.text("decision").and_then(|t| EventId::new(t).ok()).filter(is_ours);
    let id = id.ok_or_else(|| bad("this form has no decision's id; load the page again"))?;
    let Some(mut task) = on_desk(&app, &posted.by, item).await? else { return Ok(go(&posted.headers, &place(&item))) };
    let mut mind = posted.by.mind().await;
    let before = mind.shown.get(&item).map_or(task.draft.seconds, |s| s.before);
    task.draft = posted.draft(before);
    task.draft.opened |= posted.text("anyway").is_some();
    let who = &posted.by.who;
    let draft = task.draft.to_body();
    let session = seated(&app, &posted.by, &mut mind, *task).await?;
    let mut said = Vec::new();
    let mut sent = false;
    for effect in session.act(Intent::Submit, app.desk.now_ms()) {
        match effect {
            Effect::Say(why) => {
                app.desk.save_draft(who, item, draft.clone()).await?;
                said.push(why);
            }
            Effect::Submit(out) => {
                // The draft is kept only where the decision is not: one wait for the disk in place of three.
                let taken = match app.desk.submit(who, *out, &id).await {
                    Ok(submitted) => submitted.taken,
                    Err(e) => {
                        app.desk.save_draft(who, item, draft).await?;
                        return Err(e.into());
                    }
                };
                sent = true;
                let told = Told::Recorded { id: id.clone(), taken };
                let more = session.answer(told, app.desk.now_ms());
                said.extend(more.into_iter().filter_map(|e| if let Effect::Say(text) = e { Some(text) } else { None }));
                if taken == Taken::Again {
                    said.clear();
                }
            }
            _ => {}
        }
    }
    if sent {
        mind.shown.remove(&item);
    }
    for text in said {
        mind.say(text);
    }
    Ok(go(&posted.headers, &place(&item)))
}

/// An id as our forms hold it: a name like any other would do, but a log is easier to read without.
fn is_ours(id: &EventId) -> bool {
    id.as_str().strip_prefix("d-").is_some_and(|rest| rest.len() <= 40 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// `POST /items/{item}/skip`
pub(super) async fn skip(State(app): State<Arc<App>>, Path(text): Path<String>, posted: Posted) -> Answer {
    let item = digest(&text)?;
    let why = posted.text("why").and_then(SkipReason::of).ok_or_else(|| bad("say why you pass it on"))?;
    let who = &posted.by.who;
    if let Sight::Blind(task) = sight(&app, &posted.by, item).await? {
        app.desk.append(who, Act::Skipped { on: task.on.clone(), why }, Vec::new()).await?;
        app.desk.release(who, &item).await?;
        let mut mind = posted.by.mind().await;
        mind.shown.remove(&item);
        mind.say("passed on: somebody else gets it, you do not");
    }
    Ok(go(&posted.headers, "/next"))
}

/// `POST /items/{item}/revise`
pub(super) async fn revise(State(app): State<Arc<App>>, Path(text): Path<String>, posted: Posted) -> Answer {
    let item = digest(&text)?;
    let Sight::Decided { .. } = sight(&app, &posted.by, item).await? else { return Err(bad("a score is revised after the reveal")) };
    let seen = app.desk.reveal(&posted.by.who, &item).await?;
    let (score, why) = (posted.score("score"), posted.text("why").map(str::trim).filter(|w| !w.is_empty()));
    let said = match (score, why) {
        (None, _) => "choose the new score",
        (_, None) => "write why you change the score",
        (Some(s), _) if seen.revised.or(seen.given) == Some(s) => "that is the score already",
        (Some(score), Some(why)) => {
            let act = Act::Revised { of: seen.decision, score, why: digest_of(why) };
            app.desk.append(&posted.by.who, act, vec![why.to_owned()]).await?;
            "revised; your blind score is kept beside it"
        }
    };
    posted.by.mind().await.say(said);
    Ok(go(&posted.headers, &place(&item)))
}

/// `POST /items/{item}/settle`
pub(super) async fn settle(State(app): State<Arc<App>>, Path(text): Path<String>, posted: Posted) -> Answer {
    let item = digest(&text)?;
    let cause = posted.text("cause").and_then(Cause::of).ok_or_else(|| bad("name why the two differed"))?;
    let said = match sight(&app, &posted.by, item).await? {
        Sight::Decided { on, seat: Seat::Adjudicator, settled: false } => {
            let act = Act::Settled { on, score: posted.score("score"), cause };
            app.desk.append(&posted.by.who, act, Vec::new()).await?;
            "the conflict is closed"
        }
        Sight::Decided { seat: Seat::Adjudicator, .. } => "the conflict is closed already",
        _ => "there is no conflict to close here",
    };
    posted.by.mind().await.say(said);
    Ok(go(&posted.headers, &place(&item)))
}

/// `POST /undo`: the last own act, or the one that is named.
pub(super) async fn undo(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    let who = &posted.by.who;
    let done = app.desk.history(who).await?;
    let found = match posted.text("of") {
        Some(id) => done.iter().find(|d| d.id.as_str() == id),
        None => done.last(),
    };
    let Some(found) = found else {
        posted.by.mind().await.say("there is nothing to take back");
        return Ok(go(&posted.headers, "/history"));
    };
    app.desk.append(who, Act::Voided { of: found.id.clone() }, Vec::new()).await?;
    let said = match &found.what {
        Undoable::Decision(draft) => {
            app.desk.save_draft(who, found.item, draft.to_body()).await?;
            "taken back: it is a draft again"
        }
        Undoable::Skip => "the skip is taken back",
        Undoable::Revision => "the revision is taken back",
        Undoable::Settlement => "the conflict is open again",
    };
    posted.by.mind().await.say(said);
    Ok(go(&posted.headers, &place(&found.item)))
}

/// `POST /settings`
pub(super) async fn settings(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    let value = if posted.text("keys") == Some("on") { "on" } else { "off" };
    posted.by.mind().await.say(if value == "on" { "single keys are on" } else { "single keys are off" });
    set_cookie(&app, KEYS_COOKIE, value, 365 * 24 * 3600, go(&posted.headers, "/settings"))
}
