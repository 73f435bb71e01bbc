//! Who answers: this process or a server. Both give the same answers and the same failures.

use demarche::classify::Classifier;
use demarche::proto::{ClassifyRequest, ClassifyResponse};
use demarche::server::{Access, Client, Failure, answer};
use tokio::runtime::Runtime;

use crate::cli::Exit;

/// Calls at once to a server: more than the cores here, for the work is done there.
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
    client: Client,
}

impl Engine {
    pub(super) fn local(classifier: Classifier) -> Self {
        Self::Local(classifier)
    }

    pub(super) fn remote(address: &str, access: &Access) -> Result<Self, Exit> {
        let runtime = Runtime::new()?;
        let client = runtime.block_on(Client::connect(address, access))?;
        Ok(Self::Remote(Box::new(Remote { runtime, client })))
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
            Self::Remote(remote) => remote.runtime.block_on(remote.client.classify(request)),
        }
    }
}
