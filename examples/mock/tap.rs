//! Connections that can be broken on purpose: before a reply, in its middle, or dripping.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::serve::{IncomingStream, Listener};
use futures::{StreamExt, stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Breaks the connection that a request came on.
#[derive(Clone, Debug)]
pub struct Cut(Arc<AtomicBool>);

impl Cut {
    /// Breaks it; the response that is returned never goes out.
    pub fn now(&self) -> Response {
        self.0.store(true, Ordering::Relaxed);
        Response::new(Body::from("never sent"))
    }
}

/// A listener whose connections can be broken.
pub struct Tap(pub TcpListener);

pub struct Pipe {
    inner: TcpStream,
    cut: Cut,
}

impl Listener for Tap {
    type Io = Pipe;
    type Addr = Cut;

    async fn accept(&mut self) -> (Pipe, Cut) {
        loop {
            match self.0.accept().await {
                Ok((inner, _)) => {
                    // Small replies must not wait for each other.
                    _ = inner.set_nodelay(true);
                    let cut = Cut(Arc::default());
                    return (Pipe { inner, cut: cut.clone() }, cut);
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<Cut> {
        Ok(Cut(Arc::default()))
    }
}

impl Connected<IncomingStream<'_, Tap>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Tap>) -> Self {
        stream.remote_addr().clone()
    }
}

impl AsyncRead for Pipe {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.cut.0.load(Ordering::Relaxed) {
            // Closing with a reset rather than in good order.
            _ = self.inner.set_zero_linger();
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// A reply that breaks off in its middle.
pub fn cut_short() -> Response {
    let pieces = [Ok(r#"{"id":"mock","choices":[{"mess"#), Err(io::Error::from(io::ErrorKind::ConnectionReset))];
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(stream::iter(pieces))).into_response()
}

/// A body in small pieces, one every few milliseconds.
pub fn drip(bytes: Vec<u8>) -> Body {
    let pieces: Vec<Vec<u8>> = bytes.chunks(64).map(<[u8]>::to_vec).collect();
    Body::from_stream(stream::iter(pieces).then(|piece| async {
        tokio::time::sleep(Duration::from_millis(2)).await;
        Ok::<_, io::Error>(piece)
    }))
}
