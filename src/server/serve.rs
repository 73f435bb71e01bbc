//! The server from its socket to its end. The socket and the stop signal are arguments, so that a test
//! binds port 0 and stops it itself.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tonic::codec::CompressionEncoding::{Gzip, Zstd};
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::{Connected, TcpIncoming};
use tonic_health::pb::health_server::HealthServer;

use crate::proto;
use crate::proto::model_service_server::ModelServiceServer;
use crate::proto::stance_service_server::StanceServiceServer;

use super::admin::Readiness;
use super::auth::AuthLayer;
use super::guard::GuardLayer;
use super::health::Health;
use super::models::Models;
use super::observe::ObserveLayer;
use super::reload::FromFiles;
use super::services::{ModelInfos, Stances};
use super::tls::{self, Tls};
use super::tokens::Tokens;
use super::workers::Workers;

/// Most bytes of a message: above what the longest valid article (800 kB of UTF-8) and the largest batch
/// need, so that a too long one meets our own error first.
const MAX_MESSAGE: usize = 4 << 20;
/// Most calls at once on one connection; each may hold a message.
const MAX_STREAMS: u32 = 256;
/// How often a silent connection is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_mins(1);
/// For the last answers to leave after the drain was cut.
const FLUSH: Duration = Duration::from_millis(500);

/// How a server is run.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Articles read at the same time, over all connections; by default the number of cores.
    pub workers: usize,
    /// Calls that may wait for a worker, over all connections; more get `RESOURCE_EXHAUSTED`.
    pub waiting: usize,
    /// Open `StreamClassify` calls, over all connections; more get `RESOURCE_EXHAUSTED`.
    pub streams: usize,
    /// How long calls are still accepted after the stop signal, while health says `NOT_SERVING`.
    pub pause: Duration,
    /// How long calls in flight may go on after the pause.
    pub drain: Duration,
    /// Whether messages may be compressed by gzip or zstd. The limit of a message holds for what it unpacks to.
    pub compression: bool,
    /// Whether clients may ask for the contract.
    pub reflection: bool,
    /// The certificates; `None`: plain text.
    pub tls: Option<Arc<Tls>>,
    /// Who may call; `None`: everybody.
    pub tokens: Option<Arc<FromFiles<Tokens>>>,
    /// Told when calls are welcome and when no more.
    pub readiness: Readiness,
}

impl Default for ServerConfig {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            workers,
            waiting: 64,
            streams: 64,
            pause: Duration::ZERO,
            drain: Duration::from_secs(10),
            compression: false,
            reflection: true,
            tls: None,
            tokens: None,
            readiness: Readiness::default(),
        }
    }
}

/// Why a server ended other than by its stop signal.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The connections failed.
    #[error("the server failed: {0}")]
    Transport(#[from] tonic::transport::Error),
    /// The contract built into the binary cannot be shown.
    #[error("the contract cannot be reflected: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// Serves on `listener` until `shutdown` ends, then stops: health says `NOT_SERVING`, calls are accepted for
/// [`ServerConfig::pause`], then no more connections, and streams take no further message; calls in flight finish or are
/// cut with `UNAVAILABLE` after [`ServerConfig::drain`].
///
/// # Errors
/// [`ServeError`] if the services cannot be set up or the transport fails.
pub async fn serve(
    listener: TcpListener,
    models: Arc<Models>,
    config: ServerConfig,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let health = Health::new(config.readiness.clone()).await;
    let workers = Workers::new(config.workers, config.waiting, config.streams);
    let draining = CancellationToken::new();
    let stances = Stances { models: Arc::clone(&models), workers: workers.clone(), draining: draining.clone() };
    let routes = routes(stances, ModelInfos { models }, &health, &config)?;
    health.serving().await;

    let stop = begin_drain(shutdown, health, config.pause, draining.clone());
    let serving = async {
        if let Some(tls) = config.tls {
            run(routes, config.tokens, tls::incoming(listener, tls), stop).await
        } else {
            run(routes, config.tokens, TcpIncoming::from(listener).with_nodelay(Some(true)), stop).await
        }
    };
    let mut serving = std::pin::pin!(serving);
    let cut = async {
        draining.cancelled().await;
        sleep(config.drain).await;
    };
    tokio::select! {
        ended = &mut serving => Ok(ended?),
        () = cut => {
            tracing::warn!("calls or connections were still open after {:?}; they are cut", config.drain);
            workers.stop();
            timeout(FLUSH, serving).await.unwrap_or(Ok(())).map_err(ServeError::from)
        }
    }
}

/// Puts the layers around the services, the outermost first, and serves until `stop` ends and all have left.
async fn run<C>(
    routes: Routes,
    tokens: Option<Arc<FromFiles<Tokens>>>,
    connections: impl Stream<Item = io::Result<C>>,
    stop: impl Future<Output = ()>,
) -> Result<(), tonic::transport::Error>
where
    C: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
{
    Server::builder()
        .max_concurrent_streams(MAX_STREAMS)
        .http2_keepalive_interval(Some(KEEPALIVE))
        .layer(ObserveLayer)
        .layer(AuthLayer { tokens })
        .layer(GuardLayer)
        .add_routes(routes)
        .serve_with_incoming_shutdown(connections, stop)
        .await
}

/// Ends when the server should stop accepting: after the signal and the pause.
async fn begin_drain(shutdown: impl Future<Output = ()>, health: Health, pause: Duration, draining: CancellationToken) {
    shutdown.await;
    health.not_serving().await;
    if !pause.is_zero() {
        tracing::info!("stopping: health says NOT_SERVING, calls are accepted for {pause:?} more");
        sleep(pause).await;
    }
    tracing::info!("stopping: no new calls, calls in flight are finished");
    health.end_watches().await;
    draining.cancel();
}

/// Limits and compression, for each service alike.
macro_rules! limited {
    ($service:expr, $config:expr) => {{
        let service = $service.max_decoding_message_size(MAX_MESSAGE);
        if $config.compression {
            let service = service.accept_compressed(Gzip).accept_compressed(Zstd);
            service.send_compressed(Gzip).send_compressed(Zstd)
        } else {
            service
        }
    }};
}

fn routes(stances: Stances, models: ModelInfos, health: &Health, config: &ServerConfig) -> Result<Routes, ServeError> {
    let mut routes = Routes::builder();
    routes
        .add_service(limited!(StanceServiceServer::new(stances), config))
        .add_service(limited!(ModelServiceServer::new(models), config))
        .add_service(HealthServer::new(health.service()));
    if config.reflection {
        // Clients ask for either version: grpcurl for v1, the Python ones for v1alpha.
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(proto::DESCRIPTOR)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        routes.add_service(reflection().build_v1()?).add_service(reflection().build_v1alpha()?);
    }
    Ok(routes.routes())
}
