//! `grpc.health.v1`, tied to the loaded model and to the drain.

use tonic::server::NamedService;
use tonic_health::ServingStatus;
use tonic_health::server::{HealthReporter, HealthService};

use crate::proto::model_service_server::ModelServiceServer;
use crate::proto::stance_service_server::StanceServiceServer;

use super::admin::Readiness;
use super::services::{ModelInfos, Stances};

/// What health is asked for: the whole server, and each service.
const NAMES: [&str; 3] =
    ["", <StanceServiceServer<Stances> as NamedService>::NAME, <ModelServiceServer<ModelInfos> as NamedService>::NAME];

/// What the server says of its health.
#[derive(Debug, Clone)]
pub(super) struct Health {
    reporter: HealthReporter,
    readiness: Readiness,
}

impl Health {
    /// Not serving yet; tonic-health by itself begins with SERVING.
    pub(super) async fn new(readiness: Readiness) -> Self {
        let health = Self { reporter: HealthReporter::new(), readiness };
        health.set(ServingStatus::NotServing).await;
        health
    }

    /// The service that answers.
    pub(super) fn service(&self) -> HealthService {
        HealthService::from_health_reporter(self.reporter.clone())
    }

    /// The models are loaded, verified and warm.
    pub(super) async fn serving(&self) {
        self.set(ServingStatus::Serving).await;
    }

    /// No new calls, please.
    pub(super) async fn not_serving(&self) {
        self.set(ServingStatus::NotServing).await;
    }

    /// Ends the open `Watch` streams, for a stream that stays open would hold up the drain.
    pub(super) async fn end_watches(mut self) {
        for name in NAMES {
            self.reporter.clear_service_status(name).await;
        }
    }

    async fn set(&self, status: ServingStatus) {
        self.readiness.set(status == ServingStatus::Serving);
        for name in NAMES {
            self.reporter.set_service_status(name, status).await;
        }
    }
}
