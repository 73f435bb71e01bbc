//! The server from its socket to its end. The socket and the stop signal are arguments, so that a test
//! binds port 0 and stops it itself.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic::transport::server::{Router, TcpIncoming};
use tonic_health::pb::health_server::HealthServer;
use tower::layer::util::{Identity, Stack};

use crate::proto;
use crate::proto::model_service_server::ModelServiceServer;
use crate::proto::stance_service_server::StanceServiceServer;

use super::guard::GuardLayer;
use super::health::Health;
use super::models::Models;
use super::services::{ModelInfos, Stances};
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
    /// How long calls in flight may go on after the stop signal.
    pub drain: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        Self { workers, waiting: 1_024, streams: 64, drain: Duration::from_secs(10) }
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

/// Serves on `listener` until `shutdown` ends, then drains: health says `NOT_SERVING`, no connection is
/// accepted, streams take no further message, calls in flight finish or are cut with `UNAVAILABLE` after
/// [`ServerConfig::drain`].
///
/// # Errors
/// [`ServeError`] if the services cannot be set up or the transport fails.
pub async fn serve(
    listener: TcpListener,
    models: Arc<Models>,
    config: ServerConfig,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let health = Health::new().await;
    let workers = Workers::new(config.workers, config.waiting, config.streams);
    let draining = CancellationToken::new();
    let stances = Stances { models: Arc::clone(&models), workers: workers.clone(), draining: draining.clone() };
    let router = router(stances, ModelInfos { models }, &health)?;
    health.serving().await;

    let stop = begin_drain(shutdown, health, draining.clone());
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let mut serving = std::pin::pin!(router.serve_with_incoming_shutdown(incoming, stop));
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

/// Ends when the server should stop accepting: after the signal, once health has said so.
async fn begin_drain(shutdown: impl Future<Output = ()>, health: Health, draining: CancellationToken) {
    shutdown.await;
    tracing::info!("stopping: no new calls, calls in flight are finished");
    health.drain().await;
    draining.cancel();
}

fn router(
    stances: Stances,
    models: ModelInfos,
    health: &Health,
) -> Result<Router<Stack<GuardLayer, Identity>>, ServeError> {
    // Clients ask for either version: grpcurl for v1, the Python ones for v1alpha.
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTOR)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    Ok(Server::builder()
        .max_concurrent_streams(MAX_STREAMS)
        .http2_keepalive_interval(Some(KEEPALIVE))
        .layer(GuardLayer)
        .add_service(StanceServiceServer::new(stances).max_decoding_message_size(MAX_MESSAGE))
        .add_service(ModelServiceServer::new(models).max_decoding_message_size(MAX_MESSAGE))
        .add_service(HealthServer::new(health.service()))
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?))
}
