//! One HTTP client for all calls: TLS with the platform's roots and bundled ones, no redirects, bodies with a cap.

use std::error::Error;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Certificate, Client, Response, Url, redirect};

use super::fault::Fault;

/// HTTP clients, made when first needed: reading certificates takes a while, and a run may never call.
#[derive(Debug)]
pub struct Http {
    user_agent: String,
    /// For servers elsewhere, with the proxies that the environment names.
    outer: OnceLock<Client>,
    /// For servers on this machine, never through a proxy.
    inner: OnceLock<Client>,
}

impl Http {
    /// Clients that name themselves `user_agent`; empty for the name and version of this program.
    #[must_use]
    pub fn new(user_agent: &str) -> Self {
        let default = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
        let user_agent = if user_agent.is_empty() { default } else { user_agent }.to_owned();
        Self { user_agent, outer: OnceLock::new(), inner: OnceLock::new() }
    }

    /// The client for a URL.
    ///
    /// # Errors
    /// A fault when TLS cannot be set up.
    pub fn client(&self, url: &str) -> Result<&Client, Fault> {
        let local = is_local(url);
        let slot = if local { &self.inner } else { &self.outer };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let made = self.make(local).map_err(Fault::network)?;
        Ok(slot.get_or_init(|| made))
    }

    fn make(&self, local: bool) -> Result<Client, reqwest::Error> {
        // The first to install a provider wins; one that is there already will do.
        _ = rustls::crypto::ring::default_provider().install_default();
        let roots: Result<Vec<_>, _> = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|der| Certificate::from_der(der)).collect();
        let builder = Client::builder()
            .user_agent(&self.user_agent)
            .tls_certs_merge(roots?)
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .tcp_keepalive(Duration::from_mins(1))
            .http2_keep_alive_interval(Duration::from_secs(30));
        if local { builder.no_proxy() } else { builder }.build()
    }
}

fn is_local(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Reads a body of at most `cap` bytes, after decompression.
///
/// # Errors
/// A fault when the connection breaks off, or the body is longer.
pub async fn body(mut response: Response, cap: usize) -> Result<Bytes, Fault> {
    let too_long = || Fault::bad_reply(format!("the reply is longer than {} MiB", cap >> 20));
    if response.content_length().is_some_and(|n| n > cap as u64) {
        return Err(too_long());
    }
    let Some(first) = response.chunk().await.map_err(cut_off)? else { return Ok(Bytes::new()) };
    let Some(second) = response.chunk().await.map_err(cut_off)? else { return if first.len() > cap { Err(too_long()) } else { Ok(first) } };
    let mut all = BytesMut::from(first);
    all.extend_from_slice(&second);
    while let Some(chunk) = response.chunk().await.map_err(cut_off)? {
        if all.len() + chunk.len() > cap {
            return Err(too_long());
        }
        all.extend_from_slice(&chunk);
    }
    if all.len() > cap { Err(too_long()) } else { Ok(all.freeze()) }
}

fn cut_off(e: reqwest::Error) -> Fault {
    if e.is_timeout() || e.source().is_none() { Fault::network(e) } else { Fault::broke_off() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_can_be_made_for_this_machine_and_for_others() {
        let http = Http::new("");
        assert!(http.client("https://localhost/v1").is_ok() && http.client("https://api.openai.com/v1").is_ok());
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for url in ["http://localhost:1/v1", "http://127.0.0.1", "http://127.8.8.8/x", "https://[::1]:80/"] {
            assert!(is_local(url), "{url}");
        }
        for url in ["https://api.openai.com/v1", "http://10.0.0.1", "http://localhost.example.com", "no url"] {
            assert!(!is_local(url), "{url}");
        }
    }
}
