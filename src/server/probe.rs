//! Asks a server whether it serves, as load balancers and containers do. The asking side of `health`.

use std::time::Duration;

use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::client::{ConnectError, channel};

/// How long the answer may take, after connecting. An overloaded server still answers this within milliseconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a server is not to be sent calls.
#[derive(Debug, thiserror::Error)]
pub enum Unhealthy {
    /// It cannot be asked.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It does not serve: it is starting or ending.
    #[error("{address} answers {status}")]
    NotServing {
        /// As it was given.
        address: String,
        /// By its name in `grpc.health.v1`.
        status: &'static str,
    },
    /// The question was not answered.
    #[error("{address} does not tell its health: {reason}")]
    Unanswered {
        /// As it was given.
        address: String,
        /// What came instead.
        reason: String,
    },
}

/// Asks `grpc.health.v1` at `address` for `service`; an empty one is the whole server. `ca` is the certificate of the
/// authority that the server's comes from, PEM, needed for `https://`.
///
/// # Errors
/// [`Unhealthy`] unless the answer is `SERVING`.
pub async fn probe(address: &str, ca: Option<&[u8]>, service: &str) -> Result<(), Unhealthy> {
    let unanswered = |reason: &dyn std::fmt::Display| Unhealthy::Unanswered {
        address: address.to_owned(),
        reason: reason.to_string(),
    };
    let mut client = HealthClient::new(channel(address, ca).await?);
    let asked = client.check(HealthCheckRequest { service: service.to_owned() });
    let answered = tokio::time::timeout(PATIENCE, asked).await;
    let answered = answered.map_err(|_| unanswered(&format_args!("no answer within {PATIENCE:?}")))?;
    match answered.map_err(|status| unanswered(&status.message()))?.into_inner().status() {
        ServingStatus::Serving => Ok(()),
        status => Err(Unhealthy::NotServing { address: address.to_owned(), status: status.as_str_name() }),
    }
}
