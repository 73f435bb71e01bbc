//! A client of a running server, so that nobody else need know `tonic::Status`.

use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

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
    /// The address is an `https://` one, and nobody said which authority to trust.
    #[error("{address} needs the certificate of the authority that the server's comes from (--ca)")]
    NoAuthority {
        /// As it was given.
        address: String,
    },
    /// The token cannot stand in a header.
    #[error("the token has characters that no token of a server has")]
    Token,
    /// Nobody answers there.
    #[error("cannot reach a server at {address}: {reason}")]
    Unreachable {
        /// As it was given.
        address: String,
        /// The innermost reason.
        reason: String,
    },
}

/// What a server may ask for.
#[derive(Clone, Default)]
pub struct Access {
    /// Certificate of the authority that the server's comes from, PEM; needed for `https://`.
    pub ca: Option<Vec<u8>>,
    /// Bearer token.
    pub token: Option<String>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (ca, token) = (self.ca.is_some(), self.token.is_some());
        f.debug_struct("Access").field("ca", &ca).field("token", &token).finish()
    }
}

/// What calls a server: each call with the token, if there is one.
pub(super) type Stances = StanceServiceClient<InterceptedService<Channel, Authorization>>;

/// Puts the token into the head of each call.
#[derive(Debug, Clone)]
pub(super) struct Authorization(Option<MetadataValue<Ascii>>);

impl Authorization {
    fn new(token: Option<&str>) -> Result<Self, ConnectError> {
        let value = token.map(|token| format!("Bearer {token}").parse::<MetadataValue<_>>());
        let mut value = value.transpose().map_err(|_| ConnectError::Token)?;
        if let Some(value) = &mut value {
            value.set_sensitive(true);
        }
        Ok(Self(value))
    }
}

impl Interceptor for Authorization {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, tonic::Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}

/// A connection to a server; cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    stances: Stances,
}

impl Client {
    /// Connects to `host:port`, or to a URL with `http://` or `https://`.
    ///
    /// # Errors
    /// [`ConnectError`] if that is no address, something for the access is missing or bad, or nobody answers there.
    pub async fn connect(address: &str, access: &Access) -> Result<Self, ConnectError> {
        let channel = channel(address, access.ca.as_deref()).await?;
        let stances = StanceServiceClient::with_interceptor(channel, Authorization::new(access.token.as_deref())?);
        Ok(Self { stances: stances.max_decoding_message_size(MAX_ANSWER) })
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

/// A connection to `host:port`, or to a URL with `http://` or `https://`; the latter needs the authority's certificate.
pub(super) async fn channel(address: &str, ca: Option<&[u8]>) -> Result<Channel, ConnectError> {
    let unreachable = |error| ConnectError::Unreachable { address: address.to_owned(), reason: innermost(&error) };
    let url = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    let secure = url.starts_with("https://");
    let endpoint = Endpoint::from_shared(url).map_err(|_| ConnectError::Address { address: address.to_owned() })?;
    let mut endpoint = endpoint.connect_timeout(CONNECT);
    if secure {
        let no_authority = || ConnectError::NoAuthority { address: address.to_owned() };
        let ca = Certificate::from_pem(ca.ok_or_else(no_authority)?);
        endpoint = endpoint.tls_config(ClientTlsConfig::new().ca_certificate(ca)).map_err(unreachable)?;
    }
    endpoint.connect().await.map_err(unreachable)
}

/// "transport error" alone tells nobody anything.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
