//! Progress as it happens: one line for everybody, told when it changes.
//!
//! Invariant: counts and the stop rule only; nothing about any item.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use serde_json::json;
use tokio::sync::watch;

use super::App;
use crate::error::AppError;
use crate::review::desk::Desk;

/// How often the log is looked at for something new.
const LOOK: Duration = Duration::from_secs(2);

/// The line as JSON.
pub(super) async fn line(desk: &Desk) -> Result<String, AppError> {
    let progress = desk.progress().await?;
    let stop = desk.stop().await?.map(crate::review::queue::Stop::text);
    Ok(json!({ "done": progress.done, "of": progress.of, "minutes": minutes(progress.minutes_left), "stop": stop }).to_string())
}

/// Minutes as people say them.
pub(super) fn minutes(left: f64) -> String {
    if left < 1.0 {
        return "less than a minute".to_owned();
    }
    if left < 90.0 { format!("about {left:.0} min") } else { format!("about {:.1} h", left / 60.0) }
}

/// Looks for news until nobody asks any more.
pub(super) async fn tell(app: Arc<App>, teller: watch::Sender<String>) {
    let mut beat = tokio::time::interval(LOOK);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut seen = None;
    loop {
        beat.tick().await;
        let head = app.desk.store().log_head().await.ok().map(|h| h.events);
        if head.is_none() || head == seen {
            continue;
        }
        match line(&app.desk).await {
            Ok(now) => {
                seen = head;
                teller.send_if_modified(|was| {
                    if *was == now {
                        false
                    } else {
                        was.clone_from(&now);
                        true
                    }
                });
            }
            Err(e) => (app.log)(&crate::text::neutral::log_line(&e.to_string())),
        }
    }
}

/// `GET /events`
pub(super) async fn events(State(app): State<Arc<App>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let start = (app.live.clone(), true);
    let stream = futures::stream::unfold(start, |(mut live, first)| async move {
        if !first {
            live.changed().await.ok()?;
        }
        let now = live.borrow_and_update().clone();
        Some((Ok(Event::default().event("progress").data(now)), (live, false)))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}
