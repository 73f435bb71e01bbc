//! The handlers: each only hands its request on and its error over.

use std::sync::Arc;

use futures_util::stream::BoxStream;
use futures_util::{StreamExt, stream};
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
use super::models::Models;
use super::request::validate_batch;
use super::status::{item_error, status};
use super::stream::answers;
use super::workers::{Admission, Workers};

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
        let admission = self.workers.admit().map_err(|error| status(&error))?;
        let answered = classify(&self.models, &admission, request.into_inner()).await;
        answered.map(Response::new).map_err(|error| status(&error))
    }

    async fn batch_classify(
        &self,
        request: Request<BatchClassifyRequest>,
    ) -> Result<Response<BatchClassifyResponse>, Status> {
        let batch = request.into_inner();
        validate_batch(&batch).map_err(|error| status(&error))?;
        let admission = self.workers.admit().map_err(|error| status(&error))?;
        let answered = batch.requests.into_iter().map(|request| classify(&self.models, &admission, request));
        let results = stream::iter(answered).buffered(admission.share()).map(result).collect().await;
        Ok(Response::new(BatchClassifyResponse { results }))
    }

    type StreamClassifyStream = BoxStream<'static, Result<StreamClassifyResponse, Status>>;

    async fn stream_classify(
        &self,
        request: Request<Streaming<StreamClassifyRequest>>,
    ) -> Result<Response<Self::StreamClassifyStream>, Status> {
        let admission = self.workers.admit_stream().map_err(|error| status(&error))?;
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

fn result(answered: Result<ClassifyResponse, Error>) -> ClassifyResult {
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
