//! The handlers: each only hands its request on and its error over.

use std::sync::Arc;

use futures_util::stream::BoxStream;
use futures_util::{StreamExt, stream};
use prost::Message;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use crate::proto::model_service_server::ModelService;
use crate::proto::stance_service_server::StanceService;
use crate::proto::{
    BatchClassifyRequest, BatchClassifyResponse, ClassifyRequest, ClassifyResponse, ClassifyResult, GetModelRequest,
    GetModelResponse, ListModelsRequest, ListModelsResponse, StreamClassifyRequest, StreamClassifyResponse,
    classify_result,
};

use super::answer::{answer, model_info};
use super::error::Error;
use super::metrics::metrics;
use super::models::Models;
use super::request::validate_batch;
use super::status::{item_error, status};
use super::stream::answers;
use super::workers::{Admission, Workers};

/// Most bytes of the answers of a batch: an explained one may have forty times the bytes of its article.
const MAX_BATCH_ANSWER: usize = 32 << 20;

/// `StanceService`.
#[derive(Debug)]
pub(super) struct Stances {
    pub(super) models: Arc<Models>,
    pub(super) workers: Workers,
    /// Cancelled when the server begins to stop; streams then end.
    pub(super) draining: CancellationToken,
}

#[tonic::async_trait]
impl StanceService for Stances {
    async fn classify(&self, request: Request<ClassifyRequest>) -> Result<Response<ClassifyResponse>, Status> {
        let admission = self.workers.admit(request.remote_addr()).map_err(|error| status(&error))?;
        let answered = classify(&self.models, &admission, request.into_inner()).await;
        metrics().article(&answered);
        answered.map(Response::new).map_err(|error| status(&error))
    }

    async fn batch_classify(
        &self,
        request: Request<BatchClassifyRequest>,
    ) -> Result<Response<BatchClassifyResponse>, Status> {
        let connection = request.remote_addr();
        let batch = request.into_inner();
        validate_batch(&batch).map_err(|error| status(&error))?;
        let admission = self.workers.admit(connection).map_err(|error| status(&error))?;
        let answered = batch.requests.into_iter().map(|request| classify(&self.models, &admission, request));
        let mut room = MAX_BATCH_ANSWER;
        let fitting = stream::iter(answered).buffered(admission.share()).map(|answered| fitting(&mut room, answered));
        let results = fitting.map(result).collect().await;
        Ok(Response::new(BatchClassifyResponse { results }))
    }

    type StreamClassifyStream = BoxStream<'static, Result<StreamClassifyResponse, Status>>;

    async fn stream_classify(
        &self,
        request: Request<Streaming<StreamClassifyRequest>>,
    ) -> Result<Response<Self::StreamClassifyStream>, Status> {
        let admission = self.workers.admit_stream(request.remote_addr()).map_err(|error| status(&error))?;
        let answers = answers(request.into_inner(), Arc::clone(&self.models), admission, self.draining.clone());
        Ok(Response::new(answers.boxed()))
    }
}

/// One article, of a call of its own, of a batch or of a stream.
pub(super) async fn classify(
    models: &Models,
    admission: &Admission,
    request: ClassifyRequest,
) -> Result<ClassifyResponse, Error> {
    // Before the waiting: the call is answered by what was current when it came.
    let classifier = models.find(&request.model_name, &request.model_version)?;
    // Validation runs there too: looking at 200,000 code points is work.
    admission.run(move |cancelled| answer(&classifier, &request, cancelled)).await
}

/// The answer if there is room for it, which it takes.
fn fitting(room: &mut usize, answered: Result<ClassifyResponse, Error>) -> Result<ClassifyResponse, Error> {
    let response = answered?;
    *room = room.checked_sub(response.encoded_len()).ok_or(Error::AnswerTooLarge { limit: MAX_BATCH_ANSWER })?;
    Ok(response)
}

fn result(answered: Result<ClassifyResponse, Error>) -> ClassifyResult {
    metrics().article(&answered);
    let result = match answered {
        Ok(response) => classify_result::Result::Response(response),
        Err(error) => classify_result::Result::Error(item_error(&error)),
    };
    ClassifyResult { result: Some(result) }
}

/// `ModelService`.
#[derive(Debug)]
pub(super) struct ModelInfos {
    pub(super) models: Arc<Models>,
}

#[tonic::async_trait]
impl ModelService for ModelInfos {
    async fn get_model(&self, request: Request<GetModelRequest>) -> Result<Response<GetModelResponse>, Status> {
        let GetModelRequest { name, version } = request.get_ref();
        let found = self.models.find(name, version).map_err(|error| status(&error))?;
        Ok(Response::new(model_info(found.model())))
    }

    async fn list_models(&self, _: Request<ListModelsRequest>) -> Result<Response<ListModelsResponse>, Status> {
        Ok(Response::new(self.models.list()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_takes_room_and_an_error_does_not() {
        let answer = |length: usize| Ok(ClassifyResponse { issue: "i".repeat(length), ..ClassifyResponse::default() });
        let mut room = 100;
        let table = [(answer(60), true), (Err(Error::Cancelled), false), (answer(60), false), (answer(20), true)];
        for (index, (answered, fits)) in table.into_iter().enumerate() {
            assert_eq!(fitting(&mut room, answered).is_ok(), fits, "answer {index}, {room} bytes left");
        }
    }
}
