//! The whole way of one request: validate, classify, convert. Knows no socket and nothing async.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::classify::Classifier;
use crate::model::{Manifest, Model};
use crate::proto::{ClassifyRequest, ClassifyResponse, GetModelResponse, ModelRef};

use super::error::Error;
use super::metrics::metrics;
use super::request::validate;
use super::response::response;
use super::stages::Stages;
use super::telemetry::log_article;

/// Answers one request, asking `cancelled` between sentences.
///
/// # Errors
/// [`Error::Invalid`] with every bad field, [`Error::LanguageUnsupported`], [`Error::Cancelled`], and
/// [`Error::Panicked`] for a bug, which is thereby kept to this one request.
pub fn answer(
    classifier: &Classifier,
    request: &ClassifyRequest,
    cancelled: &dyn Fn() -> bool,
) -> Result<ClassifyResponse, Error> {
    // The classifier is only read, so a panic leaves nothing half changed behind.
    let answered = catch_unwind(AssertUnwindSafe(|| {
        let mut stages = Stages::begin("validate");
        let valid = validate(classifier.registry(), request)?;
        log_article(valid.request.text);
        let analysis = classifier.classify_watched(&valid.request, cancelled, &mut |stage| stages.next(stage.name()));
        let analysis = analysis.ok_or(Error::Cancelled)?;
        stages.next("convert");
        Ok(response(classifier, &valid, &analysis))
    }));
    let answered = answered.unwrap_or_else(|payload| Err(Error::panicked(&*payload)));
    metrics().answered(&answered);
    answered
}

/// What is known of a model.
#[must_use]
pub fn model_info(model: &Model) -> GetModelResponse {
    let manifest = model.manifest();
    GetModelResponse {
        model: Some(model_ref(manifest)),
        labels: manifest.labels.clone(),
        languages: manifest.languages.clone(),
        corpus_hash: manifest.corpus_sha256.clone(),
        code_version: manifest.code_version.clone(),
        features: u32::try_from(manifest.features).unwrap_or(u32::MAX),
        threshold: manifest.threshold,
        metrics: manifest.metrics.iter().map(|(name, value)| (name.clone(), *value)).collect(),
    }
}

pub(super) fn model_ref(manifest: &Manifest) -> ModelRef {
    ModelRef {
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        content_hash: manifest.weights_sha256.clone(),
    }
}
