//! A server that decodes every request and answers by turns what the pipeline answered to the same articles, without
//! reading: the same contract, limits and threads as `demarche serve`, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use demarche::proto::stance_service_server::{StanceService, StanceServiceServer};
use demarche::proto::{
    BatchClassifyRequest, BatchClassifyResponse, ClassifyRequest, ClassifyResponse, StreamClassifyRequest,
    StreamClassifyResponse, stream_classify_response,
};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};

use crate::payload;

/// As `demarche serve` has them.
const MAX_MESSAGE: usize = 4 << 20;
const MAX_STREAMS: u32 = 256;
const KEEPALIVE: Duration = Duration::from_mins(1);

/// The answers and whose turn it is.
struct Noop {
    answers: Arc<[ClassifyResponse]>,
    next: Arc<AtomicUsize>,
}

/// Serves until the process is ended.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let answers = payload::payloads().into_iter().map(|payload| payload.answer).collect();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("the no-op is listening on {}", listener.local_addr()?);
    let service = StanceServiceServer::new(Noop { answers, next: Arc::default() });
    Server::builder()
        .max_concurrent_streams(MAX_STREAMS)
        .http2_keepalive_interval(Some(KEEPALIVE))
        .add_service(service.max_decoding_message_size(MAX_MESSAGE))
        .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)))
        .await?;
    Ok(())
}

fn next(answers: &[ClassifyResponse], next: &AtomicUsize) -> ClassifyResponse {
    answers[next.fetch_add(1, Relaxed) % answers.len()].clone()
}

#[tonic::async_trait]
impl StanceService for Noop {
    async fn classify(&self, _: Request<ClassifyRequest>) -> Result<Response<ClassifyResponse>, Status> {
        Ok(Response::new(next(&self.answers, &self.next)))
    }

    async fn batch_classify(
        &self,
        _: Request<BatchClassifyRequest>,
    ) -> Result<Response<BatchClassifyResponse>, Status> {
        Err(Status::unimplemented("batches are not measured"))
    }

    type StreamClassifyStream = BoxStream<'static, Result<StreamClassifyResponse, Status>>;

    async fn stream_classify(
        &self,
        request: Request<Streaming<StreamClassifyRequest>>,
    ) -> Result<Response<Self::StreamClassifyStream>, Status> {
        let (answers, turn) = (Arc::clone(&self.answers), Arc::clone(&self.next));
        let answered = request.into_inner().map(move |message| {
            let response = stream_classify_response::Result::Response(next(&answers, &turn));
            message.map(|message| StreamClassifyResponse { id: message.id, result: Some(response) })
        });
        Ok(Response::new(answered.boxed()))
    }
}
