//! Coming in and leaving: the printed link, invites, cookies.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::App;
use super::form::{Posted, fields};
use super::guard::cookie;
use super::reply::{Answer, Fault, go};

fn signed_in(app: &App, login: &str, to: &str) -> Answer {
    set_cookie(app, &app.cookie, login, 14 * 24 * 3600, go(&HeaderMap::new(), to))
}

pub(super) fn set_cookie(app: &App, name: &str, value: &str, seconds: u32, mut answer: Response) -> Answer {
    let secure = if app.secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    let value = HeaderValue::from_str(&text).map_err(|_| Fault::not_found())?;
    answer.headers_mut().append(header::SET_COOKIE, value);
    Ok(answer)
}

fn spent() -> Fault {
    Fault::new(StatusCode::FORBIDDEN, "this link is unknown, too old or was used already")
}

/// `GET /enter/{token}`: the link that was printed.
pub(super) async fn enter(State(app): State<Arc<App>>, Path(token): Path<String>) -> Answer {
    let login = app.keyring.enter(&token, app.desk.now_ms()).ok_or_else(spent)?;
    signed_in(&app, &login, "/")
}

/// `GET /invite/{token}`: asks first, so that a preview of the link in a chat does not spend it.
pub(super) async fn invited(State(app): State<Arc<App>>, Path(token): Path<String>) -> Answer {
    if !app.team || token.len() != 64 || !token.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(spent());
    }
    app.page("invite.html", &json!({ "title": "Invitation", "me": Value::Null, "token": token }))
}

/// `POST /invite/{token}`
pub(super) async fn accept(State(app): State<Arc<App>>, Path(token): Path<String>, request: Request) -> Answer {
    fields(request, &app).await?;
    let login = app.keyring.accept(&token, app.desk.now_ms()).await?.ok_or_else(spent)?;
    signed_in(&app, &login, "/")
}

/// `POST /leave`
pub(super) async fn leave(State(app): State<Arc<App>>, posted: Posted) -> Answer {
    if let Some(login) = cookie(&posted.headers, &app.cookie) {
        app.keyring.leave(login).await?;
    }
    let body =
        json!({ "title": "Signed out", "text": "you are signed out; drafts and decisions are kept", "status": 200, "me": Value::Null });
    set_cookie(&app, &app.cookie, "", 0, app.page("message.html", &body)?)
}
