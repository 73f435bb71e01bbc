//! A server of the test's own: port 0, embedded model, stopped when told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use demarche::proto::stance_service_client::StanceServiceClient;
use demarche::proto::{Article, ClassifyRequest};
use demarche::server::{Models, ServeError, ServerConfig, Source, serve};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};

/// A running server.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), ServeError>>,
}

impl Server {
    /// Starts one with the given time to drain.
    pub(crate) async fn start(drain: Duration) -> Self {
        Self::start_with(ServerConfig { drain, ..ServerConfig::default() }).await
    }

    /// Starts one with this configuration.
    pub(crate) async fn start_with(config: ServerConfig) -> Self {
        let models = Models::open(Source::default()).expect("the embedded parties and model");
        Self::start_models(Arc::new(models), config).await
    }

    /// Starts one with these models and this configuration.
    pub(crate) async fn start_models(models: Arc<Models>, config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let ended = tokio::spawn(serve(listener, models, config, shutdown));
        Self { address, stop, ended }
    }

    /// A connection.
    pub(crate) async fn channel(&self) -> Channel {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).expect("an address");
        endpoint.connect().await.expect("the server answers")
    }

    /// A client of the stance service.
    pub(crate) async fn stances(&self) -> StanceServiceClient<Channel> {
        StanceServiceClient::new(self.channel().await)
    }

    /// Gives the stop signal; the handle ends when the server does.
    pub(crate) fn stop(self) -> JoinHandle<Result<(), ServeError>> {
        let _ = self.stop.send(());
        self.ended
    }
}

/// A request for a text, with nothing else.
pub(crate) fn request(text: &str) -> ClassifyRequest {
    ClassifyRequest {
        article: Some(Article { text: text.to_owned(), ..Article::default() }),
        ..ClassifyRequest::default()
    }
}
