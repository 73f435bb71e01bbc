//! Who answers: this process or a server. Both give the same answers and the same failures.

use demarche::classify::Classifier;
use demarche::proto::{ClassifyRequest, ClassifyResponse};
use demarche::server::{Access, Client, ClientStream, Failure, answer};
use tokio::runtime::Runtime;

use crate::cli::Exit;

/// Articles at once on their way to a server: more than the cores here, for the work is done there.
const REMOTE_CALLS: usize = 16;

/// Who answers; shared by all threads that ask.
#[derive(Debug)]
pub(super) enum Engine {
    /// This process.
    Local(Classifier),
    /// A server.
    Remote(Box<Remote>),
}

/// A connection and the threads that drive it.
#[derive(Debug)]
pub(super) struct Remote {
    runtime: Runtime,
    road: Road,
}

/// How a server is asked.
#[derive(Debug)]
enum Road {
    /// A call for one article.
    Call(Client),
    /// A stream for many.
    Stream(ClientStream),
}

impl Engine {
    pub(super) fn local(classifier: Classifier) -> Self {
        Self::Local(classifier)
    }

    /// A server, for one article or for many.
    pub(super) fn remote(address: &str, access: &Access, many: bool) -> Result<Self, Exit> {
        let runtime = Runtime::new()?;
        let client = runtime.block_on(Client::connect(address, access))?;
        let road = if many { Road::Stream(client.stream()) } else { Road::Call(client) };
        Ok(Self::Remote(Box::new(Remote { runtime, road })))
    }

    /// How many threads are worth asking it at once.
    pub(super) fn threads(&self) -> usize {
        match self {
            Self::Local(_) => std::thread::available_parallelism().map_or(1, usize::from),
            Self::Remote(_) => REMOTE_CALLS,
        }
    }

    pub(super) fn classify(&self, request: ClassifyRequest) -> Result<ClassifyResponse, Failure> {
        match self {
            Self::Local(classifier) => answer(classifier, &request, &|| false).map_err(|error| Failure::from(&error)),
            Self::Remote(remote) => match &remote.road {
                Road::Call(client) => remote.runtime.block_on(client.classify(request)),
                Road::Stream(stream) => remote.runtime.block_on(stream.classify(request)),
            },
        }
    }
}
