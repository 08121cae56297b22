//! The mock server as a library: the example program and the tests share it.

mod fault;
mod reply;
mod tap;

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use fault::Fault;
use tap::{Cut, Tap};

/// How the server behaves.
#[derive(Clone, Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub struct Flags {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Time before each reply
    #[arg(long, default_value_t = 0)]
    pub latency_ms: u64,
    /// Up to this much more, by request
    #[arg(long, default_value_t = 0)]
    pub jitter_ms: u64,
    /// Share of requests answered with 429
    #[arg(long, default_value_t = 0.0)]
    pub rate_429: f64,
    /// Value of `retry-after` beside 429 and 503: seconds, or a date
    #[arg(long)]
    pub retry_after: Option<String>,
    /// Value of `retry-after-ms` beside 429 and 503
    #[arg(long)]
    pub retry_after_ms: Option<u64>,
    /// Share of requests answered with 500
    #[arg(long, default_value_t = 0.0)]
    pub rate_500: f64,
    /// Share of requests whose connection breaks: half before the reply, half in the middle of it
    #[arg(long, default_value_t = 0.0)]
    pub reset: f64,
    /// Share of judge replies that are hard or impossible to read
    #[arg(long, default_value_t = 0.0)]
    pub garbage: f64,
    /// What happens to the first, second, ... request with the same content: a status, `reset`, `cut`, `hang`, or `ok`
    #[arg(long, value_delimiter = ',')]
    pub script: Vec<String>,
    /// Refuse a JSON schema with 400
    #[arg(long)]
    pub no_json_schema: bool,
    /// Refuse JSON mode with 400
    #[arg(long)]
    pub no_json_object: bool,
    /// Give token probabilities to those who ask
    #[arg(long)]
    pub logprobs: bool,
    /// Whether replies say how many tokens they took
    #[arg(long, value_enum, default_value_t = Switch::On)]
    pub usage: Switch,
    /// Ask for this key
    #[arg(long)]
    pub key: Option<String>,
    /// Send replies in small pieces
    #[arg(long)]
    pub drip: bool,
    /// Break every connection after this many requests
    #[arg(long)]
    pub down_after: Option<u64>,
    /// Answer 429 while more requests than this are in flight
    #[arg(long)]
    pub max_in_flight: Option<u64>,
    /// How judge prompts are scored: `lexical` (words shared by expected answer and answer), `random`, or `fixed:N`
    #[arg(long, default_value = "lexical")]
    pub judge_mode: String,
    /// Answers of the agent: JSONL with `question` or `id`, and `answer`. Without: an echo of the question
    #[arg(long)]
    pub answers: Option<PathBuf>,
    /// Same seed and same requests: same replies
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// What comes back in place of every reply with status 200, as it is
    #[arg(long)]
    pub raw: Option<String>,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// A running server. Dropping it stops it.
pub struct Server {
    address: SocketAddr,
    world: Arc<World>,
    task: JoinHandle<io::Result<()>>,
}

impl Server {
    /// What goes into `base_url:`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Requests so far, and the most that were in flight at once.
    pub fn stats(&self) -> Value {
        self.world.count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct World {
    flags: Flags,
    answers: HashMap<String, String>,
    requests: AtomicU64,
    in_flight: AtomicU64,
    most_in_flight: AtomicU64,
    /// How often each content came.
    seen: Mutex<HashMap<u64, u32>>,
}

impl World {
    fn count(&self) -> Value {
        let load = |a: &AtomicU64| a.load(Ordering::Relaxed);
        json!({"requests": load(&self.requests), "most_in_flight": load(&self.most_in_flight)})
    }

    /// How often this content came before; nobody counts when nothing depends on it.
    fn earlier(&self, content: u64) -> u32 {
        let f = &self.flags;
        let matters = !f.script.is_empty() || f.rate_429 + f.rate_500 + f.reset + f.garbage > 0.0 || f.judge_mode == "random";
        if !matters {
            return 0;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let n = seen.entry(content).or_default();
        *n += 1;
        *n - 1
    }
}

/// Starts a server on 127.0.0.1.
///
/// # Errors
/// When the port is taken, or the file of answers cannot be read.
pub async fn start(flags: Flags) -> io::Result<Server> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, flags.port)).await?;
    let address = listener.local_addr()?;
    let answers = flags.answers.as_deref().map_or_else(|| Ok(HashMap::new()), reply::answers)?;
    let world = Arc::new(World {
        flags,
        answers,
        requests: AtomicU64::new(0),
        in_flight: AtomicU64::new(0),
        most_in_flight: AtomicU64::new(0),
        seen: Mutex::default(),
    });
    let stats = |State(w): State<Arc<World>>| async move { axum::Json(w.count()) };
    let router = Router::new()
        .route("/v1/chat/completions", post(completions))
        .route("/chat", any(chat))
        .route("/stats", get(stats))
        .with_state(Arc::clone(&world));
    let service = router.into_make_service_with_connect_info::<Cut>();
    let task = tokio::spawn(async move { axum::serve(Tap(listener), service).await });
    Ok(Server { address, world, task })
}

async fn completions(State(world): State<Arc<World>>, ConnectInfo(cut): ConnectInfo<Cut>, headers: HeaderMap, body: Bytes) -> Response {
    let content = reply::hash(world.flags.seed, &body);
    handle(&world, &cut, &headers, content, |nth| match serde_json::from_slice(&body) {
        Ok(request) => reply::completion(&world.flags, &world.answers, &request, content, nth),
        Err(e) => Err(format!("the body is no chat request: {e}")),
    })
    .await
}

async fn chat(State(world): State<Arc<World>>, ConnectInfo(cut): ConnectInfo<Cut>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let query = uri.query().unwrap_or_default();
    let content = reply::hash(world.flags.seed, if body.is_empty() { query.as_bytes() } else { &body });
    handle(&world, &cut, &headers, content, |_| reply::chat(&world.answers, query, &body)).await
}

async fn handle(
    world: &World,
    cut: &Cut,
    headers: &HeaderMap,
    content: u64,
    answer: impl FnOnce(u32) -> Result<Vec<u8>, String>,
) -> Response {
    let flags = &world.flags;
    let number = world.requests.fetch_add(1, Ordering::Relaxed);
    let in_flight = world.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
    let _leave = Leave(&world.in_flight);
    world.most_in_flight.fetch_max(in_flight, Ordering::Relaxed);
    if flags.down_after.is_some_and(|n| number >= n) {
        return cut.now();
    }
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if flags.key.as_ref().is_some_and(|key| given != format!("Bearer {key}")) {
        // It echoes what it was given, as some gateways do: clients must not print it.
        return error(StatusCode::UNAUTHORIZED, &format!("incorrect API key: {given}"), flags);
    }
    let nth = world.earlier(content);
    let jitter = Duration::from_millis(flags.jitter_ms).mul_f64(reply::unit(content, nth, "latency"));
    let wait = Duration::from_millis(flags.latency_ms) + jitter;
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    if flags.max_in_flight.is_some_and(|most| in_flight > most) {
        return error(StatusCode::TOO_MANY_REQUESTS, "too many requests at once", flags);
    }
    match fault::draw(flags, content, nth) {
        Fault::Status(status) => return error(status, "as you wished", flags),
        Fault::Reset => return cut.now(),
        Fault::Hang => std::future::pending().await,
        Fault::Cut => return tap::cut_short(),
        Fault::None => {}
    }
    match answer(nth) {
        Err(message) => error(StatusCode::BAD_REQUEST, &message, flags),
        Ok(_) if flags.raw.is_some() => json_reply(flags.raw.clone().unwrap_or_default().into()),
        Ok(bytes) if flags.drip => ([(header::CONTENT_TYPE, "application/json")], tap::drip(bytes)).into_response(),
        Ok(bytes) => json_reply(bytes),
    }
}

struct Leave<'w>(&'w AtomicU64);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn json_reply(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

fn error(status: StatusCode, message: &str, flags: &Flags) -> Response {
    let body = json!({"error": {"message": message, "type": "mock", "code": null}}).to_string();
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if matches!(status.as_u16(), 429 | 503) {
        let headers = response.headers_mut();
        if let Some(v) = flags.retry_after.as_ref().and_then(|v| v.parse().ok()) {
            headers.insert("retry-after", v);
        }
        if let Some(ms) = flags.retry_after_ms {
            headers.insert("retry-after-ms", ms.into());
        }
    }
    response
}
