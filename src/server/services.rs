//! The handlers: each only hands its request on and its error over.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use crate::classify::Classifier;
use crate::proto::model_service_server::ModelService;
use crate::proto::stance_service_server::StanceService;
use crate::proto::{ClassifyRequest, ClassifyResponse, GetModelRequest, GetModelResponse};

use super::answer::{answer, model_info};
use super::status::status;
use super::workers::Workers;

/// `StanceService`.
#[derive(Debug)]
pub(super) struct Stances {
    pub(super) classifier: Arc<Classifier>,
    pub(super) workers: Workers,
}

#[tonic::async_trait]
impl StanceService for Stances {
    async fn classify(&self, request: Request<ClassifyRequest>) -> Result<Response<ClassifyResponse>, Status> {
        let classifier = Arc::clone(&self.classifier);
        let request = request.into_inner();
        // Validation runs there too: looking at 200,000 code points is work.
        let answered = self.workers.run(move |cancelled| answer(&classifier, &request, cancelled)).await;
        answered.map(Response::new).map_err(|error| status(&error))
    }
}

/// `ModelService`.
#[derive(Debug)]
pub(super) struct Models {
    pub(super) classifier: Arc<Classifier>,
}

#[tonic::async_trait]
impl ModelService for Models {
    async fn get_model(&self, request: Request<GetModelRequest>) -> Result<Response<GetModelResponse>, Status> {
        let info = model_info(&self.classifier, &request.get_ref().name);
        info.map(Response::new).map_err(|error| status(&error))
    }
}
