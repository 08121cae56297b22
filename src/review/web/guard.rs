//! The order in which a request is looked at: door, login, pace, role; and the headers that every answer carries.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::App;
use super::door::Away;
use super::reply::Fault;
use super::sitting::Sitting;

/// Nothing but our own files, forms to ourselves, and nobody frames us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

pub(super) async fn guard(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|m| m.as_str().to_owned());
    let mut answer = match admit(&app, &mut request, path.as_deref()).await {
        Ok(()) => next.run(request).await,
        Err(fault) => fault.into_response(),
    };
    if let Some(fault) = answer.extensions_mut().remove::<Fault>() {
        answer = fault.page(&app);
    }
    let headers = answer.headers_mut();
    let mut set = |name: header::HeaderName, value: &'static str| _ = headers.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    answer
}

async fn admit(app: &App, request: &mut Request, path: Option<&str>) -> Result<(), Fault> {
    let now_ms = app.desk.now_ms();
    app.door.check(request.method(), request.headers()).map_err(|away| match away {
        Away::Host => Fault::new(StatusCode::MISDIRECTED_REQUEST, "this server does not answer under that name"),
        Away::Origin => Fault::new(StatusCode::FORBIDDEN, "the request came from another site"),
    })?;
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let row = path.and_then(|p| app.least.iter().find(|((m, known), _)| *m == method && *known == p)).map(|(_, least)| *least);
    let slow = || Fault::new(StatusCode::TOO_MANY_REQUESTS, "too many requests; wait a moment");
    // Our own style and script cost nothing; links and invites could be guessed at.
    if row == Some(None) {
        let guessable = path.is_some_and(|p| p.contains("{token}"));
        return if guessable && !app.strangers.take(now_ms) { Err(slow()) } else { Ok(()) };
    }
    let login = cookie(request.headers(), &app.cookie);
    let sitting = match login {
        Some(login) => app.keyring.who(login, now_ms).await?,
        None => None,
    };
    let Some(sitting) = sitting else {
        if !app.strangers.take(now_ms) {
            return Err(slow());
        }
        let how = if app.team {
            "open your invite link first, or ask an owner for a new one"
        } else {
            "open the link that `tribunal serve` printed"
        };
        return Err(Fault::new(StatusCode::UNAUTHORIZED, how));
    };
    if !sitting.pace.take(now_ms) {
        return Err(slow());
    }
    // A path or a method that is not in the table goes on, to be refused as such.
    if let Some(Some(least)) = row
        && sitting.who.person.role < least
    {
        let why = format!("this is for {}s and above; you are here as {}", least.word(), sitting.who.person.role.word());
        return Err(Fault::new(StatusCode::FORBIDDEN, why));
    }
    let keys_on = cookie(request.headers(), super::acts::KEYS_COOKIE) != Some("off");
    sitting.keys_on.store(keys_on, std::sync::atomic::Ordering::Relaxed);
    request.extensions_mut().insert::<Arc<Sitting>>(sitting);
    Ok(())
}

/// The value of a cookie; absent where it is there twice.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    let mut found = all.filter_map(|pair| pair.trim().split_once('=')).filter(|(n, _)| *n == name).map(|(_, v)| v);
    let one = found.next()?;
    if found.next().is_some() { None } else { Some(one) }
}
