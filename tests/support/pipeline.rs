//! The real pipeline: embedded parties and model, shared by the tests of one file.

use std::sync::{Arc, LazyLock};

use demarche::classify::Classifier;
use demarche::model::Model;
use demarche::party::Registry;

/// The classifier that `demarche serve` runs by default.
pub(crate) fn classifier() -> &'static Classifier {
    static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(|| {
        let registry = Registry::embedded().expect("the embedded parties");
        let model = Model::embedded().expect("the embedded model");
        Classifier::new(Arc::new(registry), Arc::new(model))
    });
    &CLASSIFIER
}
