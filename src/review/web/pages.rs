//! The pages that people read.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::App;
use super::reply::{Answer, Fault, go};
use super::sitting::{Since, Sitting};
use super::{env, view};
use crate::domain::log::{ItemRef, Seat};
use crate::domain::{Digest, GraderName};
use crate::review::desk::{Snapshot, new_event_id};
use crate::review::queue::{Filter, Line};
use crate::review::session::{Answer as Told, BlindView, Draft, Load, Task, Undoable};
use crate::stats::interval::wilson_95;

/// Lines of the queue on its page.
const LINES: usize = 25;
/// Bytes of one page of the raw view.
const RAW: usize = 64_000;
/// Items below which nothing is said about a person.
const TOO_FEW: u32 = 20;

type Me = Extension<Arc<Sitting>>;

pub(super) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], env::STYLE).into_response()
}

pub(super) async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], env::SCRIPT).into_response()
}

pub(super) async fn nowhere() -> Fault {
    Fault::not_found()
}

/// The item that a path names.
pub(super) fn digest(text: &str) -> Result<Digest, Fault> {
    text.parse().map_err(|_| Fault::not_found())
}

/// `GET /`
pub(super) async fn queue(State(app): State<Arc<App>>, Extension(by): Me) -> Answer {
    let mut body = view::frame(&app, &by, "Queue", "queue").await?;
    let now = app.desk.snapshot().await?;
    let filter = Filter::default();
    let picks = now.queue.picks(&by.who.person, &filter);
    let lines: Vec<Line> = picks.iter().take(LINES).map(|p| Line::of(p.item, by.who.name())).collect();
    let empty = picks.is_empty().then(|| now.queue.why_empty(&by.who.person, &filter).text(&crate::review::desk::time_of_day));
    body.insert("lines".into(), json!(lines));
    body.insert("more".into(), json!(picks.len().saturating_sub(LINES)));
    body.insert("free".into(), json!(picks.len()));
    body.insert("empty".into(), json!(empty));
    app.page("queue.html", &Value::Object(body))
}

/// `GET /next?after=ITEM`, `?before=ITEM`: an untouched item goes back, a draft is kept.
pub(super) async fn next(
    State(app): State<Arc<App>>,
    Extension(by): Me,
    headers: HeaderMap,
    Query(asked): Query<HashMap<String, String>>,
) -> Answer {
    let filter = Filter::default();
    let place = |name: &str| asked.get(name).map(|t| digest(t)).transpose();
    let (load, left) = match (place("after")?, place("before")?) {
        (Some(d), _) => (Load::After(d), Some(d)),
        (_, Some(d)) => (Load::Before(d), Some(d)),
        _ => (app.desk.resume(&by.who, &filter).await?.map_or(Load::Next, Load::Item), None),
    };
    let told = app.desk.load(&by.who, load, &filter).await?;
    if let Some(d) = left.filter(|d| !matches!(&told, Told::Loaded(t) if t.on.item == *d)) {
        let drafts = app.desk.store().drafts(by.who.name()).await?;
        if drafts.iter().all(|s| s.item != d || Draft::of_body(&s.body).is_empty()) {
            app.desk.release(&by.who, &d).await?;
        }
    }
    match told {
        Told::Loaded(task) => Ok(go(&headers, &format!("/items/{}", task.on.item))),
        Told::Nothing(why) => {
            by.mind().await.say(why);
            Ok(go(&headers, "/"))
        }
        _ => Err(Fault::not_found()),
    }
}

/// What somebody may look at: before their decision with its slot, after it with the other side.
pub(super) enum Sight {
    Blind(Box<Task>),
    Decided { on: ItemRef, seat: Seat, settled: bool },
    Nothing(String),
}

pub(super) async fn sight(app: &App, by: &Sitting, item: Digest) -> Result<Sight, Fault> {
    let now = app.desk.snapshot().await?;
    if let Some(g) = now.ledger().grade_of(&item, by.who.name()) {
        let settled = g.decision.seat != Seat::Adjudicator || now.ledger().grades().cause(&item).is_some();
        return Ok(Sight::Decided { on: g.decision.on.clone(), seat: g.decision.seat, settled });
    }
    match app.desk.load(&by.who, Load::Item(item), &Filter::default()).await? {
        Told::Loaded(task) if task.on.item == item => Ok(Sight::Blind(task)),
        Told::Nothing(why) => {
            // Whoever was shown it may still say what they think of it.
            let kept = by.mind().await.shown.get(&item).copied();
            let was_shown = kept.is_some() || app.desk.store().drafts(by.who.name()).await?.iter().any(|d| d.item == item);
            match now.queue.get(&item).filter(|_| was_shown) {
                Some(found) => {
                    let mut task = app.desk.look(&by.who, found, &now).await?;
                    task.seat = kept.map_or(Seat::Grader, |k| k.seat);
                    task.slots = kept.map_or(task.slots, |k| k.slots);
                    Ok(Sight::Blind(Box::new(task)))
                }
                None => Ok(Sight::Nothing(why)),
            }
        }
        _ => Ok(Sight::Nothing("there is no such item for you".to_owned())),
    }
}

/// An answer's own page is asked of the store again: what is shown is made of the trial, never of the browser's word.
async fn view_of(app: &App, on: &ItemRef) -> Result<BlindView, Fault> {
    let head = if on.run == app.desk.head().id {
        Some(app.desk.head().clone())
    } else {
        app.desk.store().runs().await?.into_iter().find(|r| r.id == on.run)
    };
    let head = head.ok_or_else(Fault::not_found)?;
    let row = app.desk.store().trial(&head.id, on.seq).await?.ok_or_else(Fault::not_found)?;
    head.rubric_of(&on.set).and_then(|r| BlindView::of(&row, r)).filter(|v| v.item == on.item).ok_or_else(Fault::not_found)
}

/// `GET /items/{item}`
pub(super) async fn item(State(app): State<Arc<App>>, Extension(by): Me, Path(text): Path<String>) -> Answer {
    let item = digest(&text)?;
    match sight(&app, &by, item).await? {
        Sight::Blind(task) => {
            let since = Since { shown_ms: app.desk.now_ms(), before: task.draft.seconds, seat: task.seat, slots: task.slots };
            by.mind().await.shown.insert(item, since);
            let mut body = view::frame(&app, &by, &format!("Grade {}", task.view.case), "item").await?;
            view::blind(&mut body, &task, new_event_id().as_str());
            app.page("item.html", &Value::Object(body))
        }
        Sight::Decided { on, settled, .. } => {
            let revealed = app.desk.reveal(&by.who, &item).await?;
            let shown = view_of(&app, &on).await?;
            let mut body = view::frame(&app, &by, &format!("After grading {}", shown.case), "reveal").await?;
            view::revealed(&mut body, &shown, &revealed, !settled);
            app.page("reveal.html", &Value::Object(body))
        }
        Sight::Nothing(why) => {
            let mut body = view::frame(&app, &by, "Not for you now", "message").await?;
            body.insert("text".into(), json!(why));
            body.insert("status".into(), json!(404));
            let page = app.page("message.html", &Value::Object(body))?;
            Ok((StatusCode::NOT_FOUND, page).into_response())
        }
    }
}

/// `GET /items/{item}/raw?part=answer&from=0`: as it came, hidden characters shown, page by page.
pub(super) async fn raw(
    State(app): State<Arc<App>>,
    Extension(by): Me,
    Path(text): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
) -> Answer {
    let item = digest(&text)?;
    let shown = match sight(&app, &by, item).await? {
        Sight::Blind(task) => task.view,
        Sight::Decided { on, .. } => view_of(&app, &on).await?,
        Sight::Nothing(_) => return Err(Fault::not_found()),
    };
    let part = asked.get("part").map_or("answer", String::as_str);
    let passage = match part {
        "answer" => Some(&shown.answer),
        "evidence" => shown.evidence.as_ref(),
        "transcript" => shown.transcript.as_ref(),
        _ => None,
    };
    let text = &passage.ok_or_else(Fault::not_found)?.text;
    let from = asked.get("from").and_then(|f| f.parse::<usize>().ok()).unwrap_or(0).min(text.len());
    let fit = |at: usize| (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    let (start, end) = (fit(from), fit(fit(from) + RAW));
    let mut body = view::frame(&app, &by, &format!("Raw {part} of {}", shown.case), "raw").await?;
    body.insert("item".into(), json!(item));
    body.insert("part".into(), json!(part));
    body.insert("text".into(), json!(&text[start..end]));
    body.insert("of".into(), json!(text.len()));
    body.insert("from".into(), json!(start));
    body.insert("to".into(), json!(end));
    body.insert("earlier".into(), json!((start > 0).then(|| fit(start.saturating_sub(RAW)))));
    body.insert("later".into(), json!((end < text.len()).then_some(end)));
    app.page("raw.html", &Value::Object(body))
}

/// `GET /history`
pub(super) async fn history(State(app): State<Arc<App>>, Extension(by): Me) -> Answer {
    let mut body = view::frame(&app, &by, "Your decisions", "history").await?;
    let now = app.desk.snapshot().await?;
    let done = app.desk.history(&by.who).await?;
    let lines: Vec<Value> = done
        .iter()
        .rev()
        .take(200)
        .map(|d| {
            let case = now.ledger().grade_of(&d.item, by.who.name()).map(|g| g.decision.on.case.to_string());
            let case = case.or_else(|| now.queue.get(&d.item).map(|i| i.on().case.to_string())).unwrap_or_else(|| d.item.short());
            let (what, score, ruling) = match &d.what {
                Undoable::Decision(draft) => {
                    ("decided", draft.choice.map(crate::domain::Score::get), draft.ruling.as_ref().map(|r| r.kind.label()))
                }
                Undoable::Skip => ("passed on", None, None),
                Undoable::Revision => ("revised", None, None),
                Undoable::Settlement => ("closed the conflict", None, None),
            };
            json!({ "id": d.id, "item": d.item, "case": case, "what": what, "score": score, "ruling": ruling })
        })
        .collect();
    body.insert("lines".into(), json!(lines));
    body.insert("earlier".into(), json!(done.len().saturating_sub(200)));
    app.page("history.html", &Value::Object(body))
}

#[derive(Default)]
struct Count {
    decisions: u32,
    revised: u32,
    seconds: Vec<u32>,
    compared: u32,
    same_side: u32,
}

fn counts(now: &Snapshot) -> BTreeMap<GraderName, Count> {
    let mut all: BTreeMap<GraderName, Count> = BTreeMap::new();
    let grades = now.ledger().grades();
    for g in grades.all().iter().filter(|g| g.decision.seat.labels()) {
        let count = all.entry(g.by.clone()).or_default();
        count.decisions += 1;
        count.revised += u32::from(g.revised.is_some());
        count.seconds.push(g.decision.seconds);
        let Some(mark) = now.queue.get(&g.decision.on.item).map(|i| i.listed.mark) else { continue };
        let blind = grades.blind_scores(&g.decision.on.item);
        let Some((_, own)) = blind.iter().find(|(by, _)| **by == g.by) else { continue };
        for (_, other) in blind.iter().filter(|(by, _)| **by != g.by) {
            count.compared += 1;
            count.same_side += u32::from((*own >= mark) == (*other >= mark));
        }
    }
    all
}

/// `GET /lead`
pub(super) async fn lead(State(app): State<Arc<App>>, Extension(by): Me) -> Answer {
    let mut body = view::frame(&app, &by, "Graders", "lead").await?;
    let now = app.desk.snapshot().await?;
    let percent = |p: f64| format!("{:.0}%", p * 100.0);
    let lines: Vec<Value> = counts(&now)
        .into_iter()
        .map(|(name, c)| {
            let median = crate::review::session::median_seconds(c.seconds.iter().copied());
            let agreement = (c.compared >= TOO_FEW).then(|| {
                let p = f64::from(c.same_side) / f64::from(c.compared);
                let i = wilson_95(p, f64::from(c.compared));
                format!("{} ({} to {})", percent(p), percent(i.low), percent(i.high))
            });
            let revised = (c.decisions >= TOO_FEW).then(|| percent(f64::from(c.revised) / f64::from(c.decisions)));
            json!({ "name": name, "decisions": c.decisions, "seconds": median.map(|s| format!("{s:.0}")), "revised": revised, "compared": c.compared, "agreement": agreement })
        })
        .collect();
    let held: Vec<Value> = now
        .claims
        .iter()
        .filter(|c| c.is_live(now.now_ms))
        .map(|c| json!({ "by": c.grader, "until": crate::review::desk::time_of_day(c.until_ms) }))
        .collect();
    body.insert("lines".into(), json!(lines));
    body.insert("held".into(), json!(held));
    body.insert("few".into(), json!(TOO_FEW));
    app.page("lead.html", &Value::Object(body))
}

/// `GET /settings`
pub(super) async fn settings(State(app): State<Arc<App>>, Extension(by): Me, headers: HeaderMap) -> Answer {
    let mut body = view::frame(&app, &by, "Settings", "settings").await?;
    let off = super::guard::cookie(&headers, super::acts::KEYS_COOKIE) == Some("off");
    body.insert("keys_on".into(), json!(!off));
    body.insert("help".into(), view::help());
    app.page("settings.html", &Value::Object(body))
}
