//! Connections to one server, and how an article goes over one of them. Does not know when the next is due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use demarche::proto::stance_service_client::StanceServiceClient;
use demarche::proto::{ClassifyRequest, StreamClassifyRequest, stream_classify_response};
use futures_util::{Stream, StreamExt};
use tonic::Code;
use tonic::transport::{Channel, Endpoint};

use crate::Method;
use crate::payload::Payload;

/// What became of a call, and how long it took.
pub(crate) struct Sample {
    pub(crate) code: Code,
    pub(crate) took: Duration,
}

/// What became of many.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    /// Times of the answered ones.
    pub(crate) answered: Vec<Duration>,
    /// The others, by code.
    pub(crate) failed: BTreeMap<String, usize>,
    /// From the first call to the last answer.
    pub(crate) lasted: Duration,
}

impl Samples {
    pub(crate) fn add(&mut self, sample: &Sample) {
        match sample.code {
            Code::Ok => self.answered.push(sample.took),
            code => *self.failed.entry(format!("{code:?}")).or_default() += 1,
        }
    }

    pub(crate) fn extend(&mut self, more: Self) {
        self.answered.extend(more.answered);
        for (code, count) in more.failed {
            *self.failed.entry(code).or_default() += count;
        }
        self.lasted = self.lasted.max(more.lasted);
    }
}

/// The connections.
pub(crate) struct Lanes {
    pub(crate) method: Method,
    pub(crate) lanes: Vec<Lane>,
}

/// One connection.
#[derive(Clone)]
pub(crate) struct Lane {
    client: StanceServiceClient<Channel>,
    payloads: Arc<[Payload]>,
    /// Where among the articles this one begins, so that not all send the same.
    first: usize,
}

impl Lanes {
    /// Connects, by turns to each of the addresses.
    pub(crate) async fn connect(
        addresses: &[String],
        method: Method,
        count: usize,
        payloads: Arc<[Payload]>,
    ) -> anyhow::Result<Self> {
        let mut lanes = vec![];
        for (number, address) in addresses.iter().cycle().take(count).enumerate() {
            let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
            let channel = endpoint.connect().await.with_context(|| format!("cannot connect to {address}"))?;
            let first = number * payloads.len() / count;
            lanes.push(Lane { client: StanceServiceClient::new(channel), payloads: Arc::clone(&payloads), first });
        }
        Ok(Self { method, lanes })
    }
}

impl Lane {
    fn request(&self, number: usize) -> ClassifyRequest {
        self.payloads[(self.first + number) % self.payloads.len()].request.clone()
    }

    /// One article by a call of its own, timed from `due`.
    pub(crate) async fn call(&self, number: usize, due: Instant) -> Sample {
        let answered = self.client.clone().classify(self.request(number)).await;
        Sample { code: answered.map_or_else(|status| status.code(), |_| Code::Ok), took: due.elapsed() }
    }

    /// Articles by one stream, until `due` ends and all are answered. Each is timed from when it was due: that is what
    /// `due` yields, as the time since `began`, and what goes out and comes back as the message's id.
    pub(crate) async fn stream(
        &self,
        began: Instant,
        due: impl Stream<Item = Duration> + Send + 'static,
        mut take: impl FnMut(Sample),
    ) -> anyhow::Result<()> {
        let lane = self.clone();
        let messages = due.enumerate().map(move |(number, due)| StreamClassifyRequest {
            id: due.as_nanos().to_string(),
            request: Some(lane.request(number)),
        });
        let mut answers = self.client.clone().stream_classify(messages).await?.into_inner();
        while let Some(answer) = answers.message().await? {
            let due = Duration::from_nanos(answer.id.parse().context("the id is not the one that was sent")?);
            let code = match answer.result {
                Some(stream_classify_response::Result::Response(_)) => Code::Ok,
                Some(stream_classify_response::Result::Error(error)) => error.code.into(),
                None => Code::Internal,
            };
            take(Sample { code, took: began.elapsed().saturating_sub(due) });
        }
        Ok(())
    }
}
