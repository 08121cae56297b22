//! The one place that speaks through async-openai. Its own retries are off: every call brings a service that makes one
//! request and keeps the raw bytes of the reply.

use std::sync::{Arc, OnceLock};

use async_openai::Client;
use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use bytes::Bytes;
use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderMap};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;

use super::attempts::Success;
use super::fault::Fault;
use super::http as transport;
use super::reply::{Completion, Read, not_json};
use super::{Endpoint, redact};

/// Token probabilities make long replies; this is ample for them.
const CAP: usize = 64 << 20;

/// A connection to one endpoint.
#[derive(Clone)]
pub(super) struct Connection {
    client: Client<Target>,
    http: reqwest::Client,
    secrets: Arc<[SecretString]>,
}

/// Where requests go and what they carry. Unlike the crate's own configuration it reads no environment.
#[derive(Clone)]
struct Target {
    url: Arc<str>,
    headers: HeaderMap,
    key: SecretString,
}

impl Connection {
    /// Prepares an endpoint. Nothing is sent yet.
    pub(super) fn new(endpoint: &Endpoint, http: &transport::Http) -> Result<Self, Fault> {
        let http = http.client(&endpoint.base_url)?.clone();
        let mut headers = HeaderMap::new();
        if let Some(key) = &endpoint.key {
            let refused = |_| Fault::new(super::CallFailureKind::Refused, "the API key holds characters that no header may hold");
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret())).map_err(refused)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        // A query in the base URL (`?api-version=...`) stays behind the path.
        let (base, query) =
            endpoint.base_url.split_once('?').map_or((endpoint.base_url.as_str(), String::new()), |(b, q)| (b, format!("?{q}")));
        let url = format!("{}/chat/completions{query}", base.trim_end_matches('/')).into();
        let key = endpoint.key.clone().unwrap_or_default();
        let client = Client::build(http.clone(), Target { url, headers, key });
        Ok(Self { client, http, secrets: endpoint.key.iter().cloned().collect() })
    }

    /// Makes one attempt: what was read, and the bytes it was read from.
    pub(super) async fn complete(&self, body: &RawValue) -> Result<Success<(Read, Bytes)>, Fault> {
        let kept = Arc::new(OnceLock::new());
        let (keep, http, secrets) = (Arc::clone(&kept), self.http.clone(), Arc::clone(&self.secrets));
        let service = tower::service_fn(move |request: HttpRequestFactory| {
            let (keep, http, secrets) = (Arc::clone(&keep), http.clone(), Arc::clone(&secrets));
            async move {
                let request = request.build().await?;
                let bytes = send(&http, request, &secrets).await.map_err(|f| OpenAIError::Boxed(Box::new(f)))?;
                _ = keep.set(bytes.clone());
                Ok::<_, OpenAIError>(reqwest::Response::from(::http::Response::new(bytes)))
            }
        });
        let client = self.client.clone().with_http_service(service);
        let reply: Result<Completion, _> = client.chat().create_byot(body).await;
        let bytes = kept.get().cloned().unwrap_or_default();
        let read = match reply {
            Ok(completion) => completion.read()?,
            Err(OpenAIError::Boxed(e)) => {
                return Err(e.downcast::<Fault>().map_or_else(|e| Fault::bad_reply(e.to_string()), |fault| *fault));
            }
            Err(OpenAIError::Reqwest(e)) => return Err(Fault::network(e)),
            Err(OpenAIError::JSONDeserialize(e, _)) => return Err(not_json(&e, &bytes)),
            Err(other) => return Err(Fault::bad_reply(redact::excerpt(other.to_string().as_bytes()))),
        };
        let tokens = read.tokens;
        Ok(Success { value: (read, bytes), tokens })
    }
}

async fn send(http: &reqwest::Client, request: reqwest::Request, secrets: &[SecretString]) -> Result<Bytes, Fault> {
    let mut response = http.execute(request).await.map_err(Fault::network)?;
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let bytes = redact::scrub_body(transport::body(response, CAP).await?, secrets);
    if status.is_success() { Ok(bytes) } else { Err(Fault::status(status, &headers, &bytes, now_unix())) }
}

/// The time of day, which dates in `retry-after` are relative to.
pub(crate) fn now_unix() -> i64 {
    jiff::Timestamp::now().as_second()
}

impl Config for Target {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, _path: &str) -> String {
        self.url.as_ref().to_owned()
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.url
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}
