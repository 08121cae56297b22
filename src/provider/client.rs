//! The provider: one client for every model call of a run.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use secrecy::ExposeSecret;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::Instant;

use super::aimd::Pressure;
use super::attempts::{Plan, Tried, attempts};
use super::cache::{Cache, Kept, Parts};
use super::http::Http;
use super::ledger::{Ledger, Spent};
use super::link::{Link, Shared};
use super::openai::Connection;
use super::prices::{Price, PriceTable};
use super::settings::{CacheMode, Settings};
use super::{CallFailure, CallFailureKind, Chat, ChatCall, Chats, Endpoint, redact, reply};
use crate::domain::{Digest, DigestBuilder, Spend, Tokens, Usd};
use crate::error::AppError;

/// One client for every model call of a run: limits and breakers by endpoint, one cache, one ledger.
pub struct Provider {
    shared: Arc<Shared>,
    mode: CacheMode,
    cache: Option<Cache>,
    prices: PriceTable,
    ledger: Ledger,
    http: Http,
    links: Mutex<HashMap<Digest, Arc<Link>>>,
    connections: Mutex<HashMap<Digest, Arc<Line>>>,
}

/// An endpoint of chat calls: its shared state, and how to speak to it.
struct Line {
    link: Arc<Link>,
    connection: Connection,
}

impl Provider {
    /// A provider. Nothing is sent yet.
    ///
    /// # Errors
    /// When the response cache cannot be opened.
    pub fn new(settings: Settings) -> Result<Arc<Self>, AppError> {
        let Settings { limits, cache: mode, cache_path, prices, user_agent, patience } = settings;
        let cache = match (mode, cache_path) {
            (CacheMode::Off, _) | (_, None) => None,
            (_, Some(path)) => Some(Cache::open(&path).map_err(|e| {
                let help = "go on without it (`--cache off`), or remove the file: it holds nothing but replies that can be had again";
                AppError::usage(e.to_string()).because(e).with_help(help)
            })?),
        };
        Ok(Arc::new(Self {
            shared: Arc::new(Shared { start: Instant::now(), limits, patience, pressure: Pressure::default() }),
            mode,
            cache,
            prices,
            ledger: Ledger::new(limits.budget),
            http: Http::new(&user_agent),
            links: Mutex::default(),
            connections: Mutex::default(),
        }))
    }

    /// Signs of overload and of success: what `--concurrency auto` steers by.
    pub fn pressure(&self) -> &Pressure {
        &self.shared.pressure
    }

    /// What was spent, resumed spending included.
    pub fn spent(&self) -> Usd {
        self.ledger.spent()
    }

    /// Books what an earlier attempt of the same run had paid, so that a resumed run does not get its budget twice.
    pub fn book(&self, earlier: Usd) {
        self.ledger.book(earlier);
    }

    /// The response cache, if it is in use.
    pub fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref()
    }

    /// The first fault of the response cache, in words, if there was one: the run went on without it, and paid for every call.
    pub fn cache_fault(&self) -> Option<String> {
        self.cache.as_ref().and_then(Cache::fault)
    }

    /// What tokens of a model cost, if known.
    pub fn price(&self, model: &str) -> Option<Price> {
        self.prices.price(model)
    }

    /// What tokens cost, by model.
    pub fn prices(&self) -> &PriceTable {
        &self.prices
    }

    /// The HTTP clients, for agents that are no chat models.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// The shared state of an endpoint: `label` is its name without secrets, `identity` tells it from all others.
    pub fn link(&self, label: &str, identity: Digest) -> Arc<Link> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(links.entry(identity).or_insert_with(|| Arc::new(Link::new(label.to_owned(), Arc::clone(&self.shared)))))
    }

    /// Runs a call under the budget: sets money aside, lets `call` make its attempts, and books what they cost. `expected` is
    /// what the call will take, as far as one can tell. The model prices the tokens; without one they cost nothing.
    pub async fn booked<T, Fut>(
        &self,
        model: Option<&str>,
        expected: impl Fn() -> Tokens,
        call: Fut,
    ) -> (Result<T, CallFailure>, Spend, u64)
    where
        Fut: Future<Output = Tried<T>> + Send,
    {
        let price = model.and_then(|m| self.price(m));
        let hold = match self.ledger.hold(|| price.map_or(Usd::default(), |p| p.of(expected()))).await {
            Ok(hold) => hold,
            Err(spent) => return (Err(budget_spent(spent)), Spend::default(), 0),
        };
        let tried = call.await;
        let cost = price.map_or(Usd::default(), |p| p.of(tried.tokens));
        hold.settle(cost);
        let free = price.is_some_and(|p| p == Price::default());
        let unpriced = model.is_some() && (tried.uncounted && !free || price.is_none() && tried.tokens != Tokens::default());
        let spend = Spend { attempts: tried.attempts, tokens: tried.tokens, cost, cached: false, unpriced };
        (tried.result, spend, tried.latency_ms)
    }

    fn connection(&self, endpoint: &Endpoint) -> Result<Arc<Line>, CallFailure> {
        let identity = DigestBuilder::new("endpoint/1")
            .text("base_url", endpoint.base_url.trim_end_matches('/'))
            .maybe("key", endpoint.key.as_ref().map(ExposeSecret::expose_secret))
            .finish();
        if let Some(found) = self.connections.lock().unwrap_or_else(PoisonError::into_inner).get(&identity) {
            return Ok(Arc::clone(found));
        }
        let connection = Connection::new(endpoint, &self.http).map_err(|f| f.failure)?;
        let made = Arc::new(Line { link: self.link(&redact::url(&endpoint.base_url), identity), connection });
        let mut all = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(all.entry(identity).or_insert(made)))
    }

    fn cached(&self, parts: &Parts) -> Option<Chat> {
        let kept = self.cache.as_ref().filter(|_| self.mode.reads())?.get(&parts.key)?;
        // An entry that cannot be read is a miss.
        let read = reply::read(&kept.reply).ok()?;
        Some(Chat { latency_ms: kept.latency_ms, ..read.chat })
    }

    async fn complete(&self, call: &ChatCall) -> Result<(Result<Chat, CallFailure>, Spend), CallFailure> {
        let parts = self.cache.as_ref().map(|_| Parts::of(call));
        if let Some(chat) = parts.as_ref().and_then(|p| self.cached(p)) {
            return Ok((Ok(chat), Spend { cached: true, ..Spend::default() }));
        }
        let broken = |e: serde_json::Error| refused(format!("the request is no JSON: {e}"));
        let body: Box<RawValue> = to_raw_value(&call.body).map_err(broken)?;
        let line = self.connection(&call.endpoint)?;
        let Line { link, connection } = line.as_ref();
        let asked = ["max_completion_tokens", "max_tokens"].iter().find_map(|k| call.body.get(k)?.as_u64());
        // Four bytes a token, as a rule of thumb for English; the served usage corrects it.
        let expected = || Tokens { input: body.get().len() as u64 / 4, output: link.expected_completion(asked) };
        let tried = attempts(link, Plan { timeout: call.endpoint.timeout, expected: &expected }, || connection.complete(&body));
        let model = call.body.get("model").and_then(Value::as_str).unwrap_or_default();
        let (result, spend, latency_ms) = self.booked(Some(model), &expected, tried).await;
        let (read, reply) = match result {
            Ok(got) => got,
            Err(failure) => return Ok((Err(failure), spend)),
        };
        if let (Some(cache), Some(parts), true) = (&self.cache, parts, self.mode.writes()) {
            let now_ms = jiff::Timestamp::now().as_millisecond();
            cache.put(parts, Kept { reply, latency_ms }, now_ms).await;
        }
        Ok((Ok(Chat { latency_ms, ..read.chat }), spend))
    }
}

impl Chats for Provider {
    fn chat<'a>(&'a self, call: &'a ChatCall) -> BoxFuture<'a, (Result<Chat, CallFailure>, Spend)> {
        Box::pin(async move { self.complete(call).await.unwrap_or_else(|failure| (Err(failure), Spend::default())) })
    }

    fn kept(&self, call: &ChatCall) -> Option<Chat> {
        self.cache.as_ref().filter(|_| self.mode.reads())?;
        self.cached(&Parts::of(call))
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("limits", &self.shared.limits).field("cache", &self.mode).finish_non_exhaustive()
    }
}

fn refused(detail: String) -> CallFailure {
    CallFailure { kind: CallFailureKind::Refused, status: None, detail }
}

fn budget_spent(s: Spent) -> CallFailure {
    let detail = format!("not asked: {} of the budget of {} is spent, and the rest does not cover this call", s.spent, s.budget);
    CallFailure { kind: CallFailureKind::BudgetSpent, status: None, detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn endpoint(base_url: &str, key: Option<&str>) -> Endpoint {
        Endpoint { base_url: base_url.into(), key: key.map(Into::into), timeout: Duration::from_secs(1) }
    }

    #[test]
    fn limits_are_shared_by_server_and_key_and_by_nothing_else() {
        let provider = Provider::new(Settings::default()).unwrap();
        let line = |base_url, key| provider.connection(&endpoint(base_url, key)).unwrap();
        let one = line("http://h/v1", Some("k1"));
        assert!(Arc::ptr_eq(&one, &line("http://h/v1/", Some("k1"))));
        for (url, key) in [("http://h/v1", Some("k2")), ("http://h/v1", None), ("http://i/v1", Some("k1"))] {
            assert!(!Arc::ptr_eq(&one.link, &line(url, key).link));
        }
        assert_eq!(provider.links.lock().unwrap().len(), 4);
    }

    #[test]
    fn a_key_that_no_header_may_hold_is_refused_and_not_printed() {
        let provider = Provider::new(Settings::default()).unwrap();
        let failure = provider.connection(&endpoint("http://h/v1", Some("new\nline"))).err().unwrap();
        assert_eq!(failure.kind, CallFailureKind::Refused);
        assert!(!failure.detail.contains("line"));
    }
}
