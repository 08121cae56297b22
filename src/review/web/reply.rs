//! Answers: pages, redirects, a little JSON for the script, and calm pages for what is refused or went wrong.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use minijinja::value::Serde;
use serde_json::{Value, json};

use super::App;
use crate::error::AppError;
use crate::text::neutral::log_line;

/// Why there is no page.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    status: StatusCode,
    /// For the person; without a full stop.
    why: String,
    /// For the log.
    cause: Option<Arc<AppError>>,
}

/// What a handler gives.
pub(super) type Answer = Result<Response, Fault>;

impl Fault {
    pub(super) fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self { status, why: why.into(), cause: None }
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such page")
    }

    /// The page for the person, and a line for the log. Neither holds what was asked for: a path may hold a token.
    pub(super) fn page(self, app: &App) -> Response {
        if let Some(e) = &self.cause {
            let mut line = e.to_string();
            let mut next = std::error::Error::source(e.as_ref());
            while let Some(cause) = next {
                line.push_str(": ");
                line.push_str(&cause.to_string());
                next = cause.source();
            }
            (app.log)(&log_line(&line));
        } else {
            (app.log)(&log_line(&format!("refused with {}: {}", self.status.as_u16(), self.why)));
        }
        let body = json!({
            "title": self.status.canonical_reason().unwrap_or("Sorry"), "text": self.why, "status": self.status.as_u16(), "me": Value::Null,
        });
        let page = app.pages.get_template("message.html").and_then(|t| t.render(Serde(&body)));
        let html = page.unwrap_or_else(|_| "<!doctype html><title>Sorry</title><p>Something went wrong.".to_owned());
        (self.status, Html(html)).into_response()
    }
}

impl From<AppError> for Fault {
    fn from(e: AppError) -> Self {
        let why = "something went wrong here; nothing that you submitted is lost, try again";
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, why: why.to_owned(), cause: Some(Arc::new(e)) }
    }
}

impl From<crate::store::StoreError> for Fault {
    fn from(e: crate::store::StoreError) -> Self {
        AppError::from(e).into()
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut answer = self.status.into_response();
        answer.extensions_mut().insert(self);
        answer
    }
}

impl App {
    pub(super) fn page(&self, name: &str, body: &Value) -> Answer {
        let html = self.pages.get_template(name).and_then(|t| t.render(Serde(body)));
        let html = html.map_err(|e| AppError::new(crate::error::Exit::Integrity, "a page could not be made").because(e))?;
        Ok(Html(html).into_response())
    }
}

/// Whether our script asks: it wants JSON and goes on by itself.
pub(super) fn by_script(headers: &HeaderMap) -> bool {
    headers.get("x-tribunal").is_some_and(|v| v == "script")
}

/// To another page: for a form by redirect, for the script by saying where.
pub(super) fn go(headers: &HeaderMap, to: &str) -> Response {
    if by_script(headers) {
        return json_of(&json!({ "next": to }));
    }
    (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_owned())]).into_response()
}

pub(super) fn json_of(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
