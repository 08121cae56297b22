//! The review in a browser: pages made on the server, on this machine by default, usable without a script and faster with one.
//!
//! Invariant: every request passes the door (Host, Origin, pace), the route's row (role) and, where it changes something, the form's
//! token, before anything else looks at it; what a page shows before a decision is made of a `BlindView`.

mod acts;
mod door;
mod env;
mod form;
mod guard;
mod keyring;
mod live;
mod markdown;
mod pages;
mod reply;
mod routes;
mod sitting;
mod team;
mod tls;
mod view;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use minijinja::Environment;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::error::{AppError, Exit};
use crate::review::desk::{Desk, Who};
use crate::review::queue::Person;

use self::door::{Door, Pace};
use self::keyring::{Guests, Keyring};

pub use self::keyring::{fresh_token, invite, token_digest};
pub use self::routes::{Row, rows};

/// Where something that went wrong is said: one line, without secrets.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// Who may come in.
#[derive(Clone, Debug)]
pub enum Crowd {
    /// One person on this machine, by the link that is printed.
    Local(Box<Who>),
    /// The people of the store, by their invites; with what is known of their fields.
    Team(Vec<Person>),
}

/// How it is served.
#[derive(Clone, Debug)]
pub struct Serve {
    /// The address; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Further names under which it is asked, with a port where it is not the listening one.
    pub hosts: Vec<String>,
    /// Who may come in.
    pub crowd: Crowd,
    /// Certificate chain and key, as PEM files.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Something in front of it speaks https with the browsers.
    pub behind_proxy: bool,
}

/// What all requests share.
struct App {
    desk: Desk,
    door: Door,
    keyring: Keyring,
    /// The pace of whoever is not signed in.
    strangers: Pace,
    pages: Environment<'static>,
    cookie: String,
    secure: bool,
    team: bool,
    live: watch::Receiver<String>,
    log: Log,
    least: routes::LeastOf,
}

/// A server that has its address and has not answered yet.
pub struct Server {
    listener: TcpListener,
    tls: Option<tls::Acceptor>,
    app: Arc<App>,
    /// Keeps the line of progress up to date.
    teller: watch::Sender<String>,
    url: String,
}

impl Server {
    /// Takes the address.
    ///
    /// # Errors
    /// When the address is taken, or a certificate cannot be read; a usage error for a team without TLS or a proxy.
    pub async fn bind(desk: Desk, serve: Serve, log: Log) -> Result<Self, AppError> {
        let local = serve.listen.ip().is_loopback();
        if !local && matches!(serve.crowd, Crowd::Local(_)) {
            return Err(AppError::usage("an address that others can reach wants users")
                .with_help("`tribunal users add NAME --role grader` lets somebody in"));
        }
        if !local && serve.tls.is_none() && !serve.behind_proxy {
            return Err(AppError::usage("an address that others can reach wants TLS").with_help(
                "give `--tls-cert FILE --tls-key FILE`, or `--trusted-proxy` where a proxy in front of it speaks https and nobody can go around it",
            ));
        }
        let tls = serve.tls.as_ref().map(|(cert, key)| tls::Acceptor::open(cert, key)).transpose()?;
        let taken = |e: std::io::Error| AppError::usage(format!("cannot listen on {}", serve.listen)).because(e);
        let listener = TcpListener::bind(serve.listen).await.map_err(taken)?;
        let at = listener.local_addr().map_err(taken)?;
        let secure = tls.is_some() || serve.behind_proxy;
        let shown = serve.hosts.first().cloned().unwrap_or_else(|| at.to_string());
        let scheme = if secure { "https" } else { "http" };
        let mut url = format!("{scheme}://{shown}/");
        let (guests, people, team) = match serve.crowd {
            Crowd::Local(who) => {
                let token = fresh_token();
                url = format!("{url}enter/{token}");
                (Guests::Local { who: *who, link: Mutex::new(Some(token_digest(&token))) }, Vec::new(), false)
            }
            Crowd::Team(people) => (Guests::Team, people, true),
        };
        let pages = env::environment().map_err(|e| AppError::new(Exit::Integrity, "a page cannot be read").because(e))?;
        let (teller, live) = watch::channel(live::line(&desk).await?);
        let app = App {
            door: Door::new(at, &serve.hosts, secure),
            keyring: Keyring::new(Arc::clone(desk.store()), guests, people),
            strangers: Pace::new(40.0, 2.0),
            pages,
            // Cookies do not know ports: two servers on one machine must not end each other's login.
            cookie: if secure { "__Host-tribunal".to_owned() } else { format!("tribunal-{}", at.port()) },
            secure,
            team,
            live,
            log,
            least: routes::least(),
            desk,
        };
        Ok(Self { listener, tls, app: Arc::new(app), teller, url })
    }

    /// Where a browser goes: for one local person with the link's token, which works once.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `stop` is done. Whatever was answered is durable.
    ///
    /// # Errors
    /// When the address is lost.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), AppError> {
        let Self { listener, tls, app, teller, .. } = self;
        let router = routes::router(Arc::clone(&app));
        let telling = tokio::spawn(live::tell(Arc::clone(&app), teller));
        // Streams of progress never end by themselves: what is left is dropped when `stop` is done.
        let served = async {
            match tls {
                Some(acceptor) => axum::serve(tls::Listener::new(listener, acceptor), router).await,
                None => axum::serve(listener, router).await,
            }
        };
        let done = tokio::select! {
            done = served => done,
            () = stop => Ok(()),
        };
        telling.abort();
        done.map_err(|e| AppError::new(Exit::Incomplete, "the server stopped").because(e))
    }
}
