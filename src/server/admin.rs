//! The HTTP server for those who run the service: `/metrics`, `/livez`, `/readyz`.
//!
//! It has its own listener, apart from the callers' one, and neither TLS nor tokens. It is up before the model is
//! loaded and until the process ends, so that both can be watched. Knows no call.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::metrics::metrics;

/// Most connections at once: a few probes and scrapers.
const MAX_CONNECTIONS: usize = 32;
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(5);
/// How long a connection may last; a scraper connects again.
const CONNECTION: Duration = Duration::from_mins(10);
/// After accepting failed: trying again at once would fail too.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Of Prometheus' text format.
const METRICS_TYPE: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// Whether calls are welcome: from when the model is loaded until the stop signal.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    pub(super) fn set(&self, ready: bool) {
        self.0.store(ready, Relaxed);
    }

    /// Whether they are.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// Answers on `listener`; never ends.
pub async fn serve_admin(listener: TcpListener, readiness: Readiness) {
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        // Never closed, so a slot always comes.
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let readiness = readiness.clone();
                tokio::spawn(async move {
                    if timeout(CONNECTION, connection(stream, readiness)).await.is_err() {
                        tracing::debug!("a connection to the admin server was closed after {CONNECTION:?}");
                    }
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection to the admin server cannot be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn connection(stream: TcpStream, readiness: Readiness) -> impl Future<Output = ()> {
    let service = service_fn(move |request| {
        let answered = answer(&request, &readiness);
        async move { Ok::<_, Infallible>(answered) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to the admin server failed");
        }
    }
}

fn answer(request: &Request<Incoming>, readiness: &Readiness) -> Response<Full<Bytes>> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered\n");
        refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    match request.uri().path() {
        "/livez" => plain(StatusCode::OK, "alive\n"),
        "/readyz" if readiness.is_ready() => plain(StatusCode::OK, "ready\n"),
        "/readyz" => plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
        "/metrics" => match metrics().text() {
            Ok(text) => typed(StatusCode::OK, METRICS_TYPE, text),
            Err(error) => {
                tracing::error!(%error, "the metrics cannot be written");
                plain(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written\n")
            }
        },
        _ => plain(StatusCode::NOT_FOUND, "there are /metrics, /livez and /readyz\n"),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    typed(status, PLAIN, text)
}

fn typed(status: StatusCode, kind: HeaderValue, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
