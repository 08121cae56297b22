//! Every route with the least role that may ask for it: one table, from which the router is made and by which the guard decides.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post};

use super::{App, acts, guard, live, pages, team};
use crate::review::queue::Role;

/// Bytes of a request's body, at most.
const BODY: usize = 1 << 20;

/// One route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `GET` or `POST`.
    pub method: Method,
    /// The path; `{item}` and `{token}` stand for anything.
    pub path: &'static str,
    /// The least role that may ask for it; absent where anybody may who passes the door.
    pub least: Option<Role>,
}

/// The least role of a route.
pub(super) type LeastOf = HashMap<(Method, &'static str), Option<Role>>;

fn table() -> Vec<(Row, MethodRouter<Arc<App>>)> {
    let read = |path, least, to| (Row { method: Method::GET, path, least }, to);
    let write = |path, least, to| (Row { method: Method::POST, path, least }, to);
    let (viewer, grader, third, owner) = (Some(Role::Viewer), Some(Role::Grader), Some(Role::Adjudicator), Some(Role::Owner));
    vec![
        read("/style.css", None, get(pages::style)),
        read("/app.js", None, get(pages::script)),
        read("/enter/{token}", None, get(team::enter)),
        read("/invite/{token}", None, get(team::invited)),
        write("/invite/{token}", None, post(team::accept)),
        read("/", viewer, get(pages::queue)),
        read("/events", viewer, get(live::events)),
        read("/settings", viewer, get(pages::settings)),
        write("/settings", viewer, post(acts::settings)),
        write("/leave", viewer, post(team::leave)),
        read("/next", grader, get(pages::next)),
        read("/items/{item}", grader, get(pages::item)),
        read("/items/{item}/raw", grader, get(pages::raw)),
        write("/items/{item}/draft", grader, post(acts::draft)),
        write("/items/{item}/beat", grader, post(acts::beat)),
        write("/items/{item}/submit", grader, post(acts::submit)),
        write("/items/{item}/skip", grader, post(acts::skip)),
        write("/items/{item}/revise", grader, post(acts::revise)),
        write("/items/{item}/settle", third, post(acts::settle)),
        read("/history", grader, get(pages::history)),
        write("/undo", grader, post(acts::undo)),
        read("/lead", owner, get(pages::lead)),
    ]
}

/// Every route, for tests and documents.
#[must_use]
pub fn rows() -> Vec<Row> {
    table().into_iter().map(|(row, _)| row).collect()
}

pub(super) fn least() -> LeastOf {
    rows().into_iter().map(|r| ((r.method, r.path), r.least)).collect()
}

pub(super) fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for (row, to) in table() {
        router = router.route(row.path, to);
    }
    router
        .fallback(pages::nowhere)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&app), guard::guard))
        .with_state(app)
}
