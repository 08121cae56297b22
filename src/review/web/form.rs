//! What a form sends, taken in only with the login's own token; and a draft made of its fields.

use std::sync::Arc;

use axum::extract::{Form, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode};

use super::App;
use super::reply::Fault;
use super::sitting::Sitting;
use crate::domain::Score;
use crate::domain::log::Chip;
use crate::review::session::{Draft, RulingDraft, RulingKind};

/// Characters of a note or of a ruling's text.
const LONGEST: usize = 20_000;

/// A form of ours, sent by who it was made for.
pub(super) struct Posted {
    pub by: Arc<Sitting>,
    pub headers: HeaderMap,
    fields: Vec<(String, String)>,
}

/// The fields of any form, within the limit of size.
pub(super) async fn fields(request: Request, app: &Arc<App>) -> Result<Vec<(String, String)>, Fault> {
    Form::<Vec<(String, String)>>::from_request(request, app).await.map(|Form(fields)| fields).map_err(|e| {
        Fault::new(e.status(), if e.status() == StatusCode::PAYLOAD_TOO_LARGE { "that is too much at once" } else { "that is no form" })
    })
}

impl FromRequest<Arc<App>> for Posted {
    type Rejection = Fault;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Fault> {
        let by = request.extensions().get::<Arc<Sitting>>().cloned();
        let by = by.ok_or_else(|| Fault::new(StatusCode::UNAUTHORIZED, "sign in first"))?;
        let headers = request.headers().clone();
        let posted = Self { fields: fields(request, app).await?, by, headers };
        if posted.text("csrf") == Some(posted.by.csrf.as_str()) {
            Ok(posted)
        } else {
            Err(Fault::new(StatusCode::FORBIDDEN, "this form is not one of yours; go back, load the page again and send it once more"))
        }
    }
}

impl Posted {
    /// A field that is there once and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let mut all = self.fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let one = all.next()?;
        if all.next().is_some() || one.is_empty() { None } else { Some(one) }
    }

    pub(super) fn score(&self, name: &str) -> Option<Score> {
        self.text(name)?.parse::<u8>().ok().and_then(|n| Score::try_from(n).ok())
    }

    fn long(&self, name: &str) -> String {
        // Browsers send line ends in the old way.
        self.text(name).unwrap_or_default().replace("\r\n", "\n").chars().take(LONGEST).collect()
    }

    /// What was entered.
    pub(super) fn draft(&self, seconds: u32) -> Draft {
        let ruling = self.text("ruling").and_then(RulingKind::of).map(|kind| {
            let plain = RulingDraft::new(kind);
            RulingDraft {
                text: self.long("ruling_text"),
                trials: self.text("trials").and_then(|t| t.parse().ok()).filter(|n| (1..=100).contains(n)).unwrap_or(plain.trials),
                range: self.score("low").zip(self.score("high")),
                kind,
            }
        });
        Draft {
            choice: self.score("score"),
            chip: self.text("chip").and_then(Chip::of),
            ruling,
            note: self.long("note"),
            opened: self.text("opened").is_some(),
            seconds,
        }
    }
}
