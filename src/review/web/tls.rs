//! TLS with certificate files: handshakes beside each other, so that a slow one holds up nobody.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::error::AppError;

/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A certificate with its key.
#[derive(Clone)]
pub(super) struct Acceptor(TlsAcceptor);

impl Acceptor {
    /// Reads PEM files.
    ///
    /// # Errors
    /// A usage error when one cannot be read or they do not belong together.
    pub(super) fn open(cert: &Path, key: &Path) -> Result<Self, AppError> {
        let bad = |path: &Path| format!("{} is no certificate or key in PEM form", path.display());
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_file_iter(cert).and_then(Iterator::collect).map_err(|e| AppError::usage(bad(cert)).because(e))?;
        let secret = PrivateKeyDer::from_pem_file(key).map_err(|e| AppError::usage(bad(key)).because(e))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|b| b.with_no_client_auth().with_single_cert(chain, secret))
            .map_err(|e| AppError::usage("the certificate and the key cannot be used").because(e))?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

/// Connections whose handshake is done.
pub(super) struct Listener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    at: std::io::Result<SocketAddr>,
}

impl Listener {
    pub(super) fn new(listener: TcpListener, acceptor: Acceptor) -> Self {
        let at = listener.local_addr();
        let (done, ready) = mpsc::channel(64);
        tokio::spawn(async move {
            while !done.is_closed() {
                let Ok((stream, from)) = listener.accept().await else {
                    // Out of descriptors, most likely: others will end.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let (acceptor, done) = (acceptor.clone(), done.clone());
                tokio::spawn(async move {
                    if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, acceptor.0.accept(stream)).await {
                        _ = done.send((stream, from)).await; // the server has ended
                    }
                });
            }
        });
        Self { ready, at }
    }
}

impl axum::serve::Listener for Listener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(ready) => ready,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.at.as_ref().map(|a| *a).map_err(|e| std::io::Error::new(e.kind(), e.to_string()))
    }
}
