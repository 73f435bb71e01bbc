//! Any model folder: refused with a reason, or a model whose predictions are probabilities.
//!
//! Input: manifest, features and weights, NUL between. The files are read as they are, and once more with the
//! hashes that belong to them, for hardly any input would pass that check.

use demarche::features::SparseVector;
use demarche::model::{Model, sha256};
use serde_json::Value;

use super::fields;
use super::folder::{folder, write};

/// Runs one input.
pub(crate) fn run(data: &[u8]) {
    let [manifest, features, weights] = fields::<3>(data);
    open(manifest, features, weights);
    if let Ok(Value::Object(mut fields)) = serde_json::from_slice(manifest) {
        fields.insert("features_sha256".to_owned(), sha256(features).into());
        fields.insert("weights_sha256".to_owned(), sha256(weights).into());
        open(Value::Object(fields).to_string().as_bytes(), features, weights);
    }
}

fn open(manifest: &[u8], features: &[u8], weights: &[u8]) {
    let folder = folder("model");
    write(&folder, "manifest.json", manifest);
    write(&folder, "features.txt", features);
    write(&folder, "weights.safetensors", weights);
    match Model::open(&folder) {
        Ok(model) => check(&model),
        Err(error) => assert!(!error.to_string().is_empty(), "refused without a reason"),
    }
}

fn check(model: &Model) {
    let vocabulary = model.vocabulary();
    assert_eq!(vocabulary.len(), model.manifest().features);
    for features in [SparseVector::default(), vocabulary.vector(vocabulary.names())] {
        let prediction = model.predict(&features);
        let (_, confidence) = prediction.stance();
        assert!((0.0..=1.0).contains(&confidence), "{prediction:?}");
    }
}
