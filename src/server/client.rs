//! A client of a running server, so that nobody else need know `tonic::Status`.

use std::time::Duration;

use tonic::transport::{Channel, Endpoint};

use crate::proto::stance_service_client::StanceServiceClient;
use crate::proto::{ClassifyRequest, ClassifyResponse};

use super::client_stream::ClientStream;
use super::failure::Failure;

/// Most bytes of an answer; an explained one is many times its article.
const MAX_ANSWER: usize = 64 << 20;
/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one answer may take; sent along, so that the server stops too.
pub(super) const CALL: Duration = Duration::from_mins(1);

/// Why a server cannot be reached.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address is not one.
    #[error("{address:?} is not an address such as 127.0.0.1:50051")]
    Address {
        /// As it was given.
        address: String,
    },
    /// Nobody answers there.
    #[error("cannot reach a server at {address}: {reason}")]
    Unreachable {
        /// As it was given.
        address: String,
        /// The innermost reason.
        reason: String,
    },
}

/// A connection to a server; cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    stances: StanceServiceClient<Channel>,
}

impl Client {
    /// Connects to `host:port`, or to a URL with `http://`.
    ///
    /// # Errors
    /// [`ConnectError`] if that is no address, or nobody answers there.
    pub async fn connect(address: &str) -> Result<Self, ConnectError> {
        let url = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let endpoint = Endpoint::from_shared(url).map_err(|_| ConnectError::Address { address: address.to_owned() })?;
        let channel = endpoint
            .connect_timeout(CONNECT)
            .connect()
            .await
            .map_err(|error| ConnectError::Unreachable { address: address.to_owned(), reason: innermost(&error) })?;
        Ok(Self { stances: StanceServiceClient::new(channel).max_decoding_message_size(MAX_ANSWER) })
    }

    /// For many articles: one stream instead of a call for each.
    #[must_use]
    pub fn stream(&self) -> ClientStream {
        ClientStream::new(self.stances.clone())
    }

    /// Asks the server.
    ///
    /// # Errors
    /// What the server answered, or why it did not.
    pub async fn classify(&self, request: ClassifyRequest) -> Result<ClassifyResponse, Failure> {
        let mut request = tonic::Request::new(request);
        request.set_timeout(CALL);
        let answered = self.stances.clone().classify(request).await;
        answered.map(tonic::Response::into_inner).map_err(|status| Failure::from(&status))
    }
}

/// "transport error" alone tells nobody anything.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
