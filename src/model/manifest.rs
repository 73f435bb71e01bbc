//! What is known of a model: `manifest.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The manifest of a model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this file's form.
    pub schema: u32,
    /// Name of the model.
    pub name: String,
    /// Version: the first twelve digits of the weights' hash.
    pub version: String,
    /// Version of the code that trained it.
    pub code_version: String,
    /// The labels in the order of the weights' columns.
    pub labels: Vec<String>,
    /// Languages it reads, BCP 47.
    pub languages: Vec<String>,
    /// Number of features, the rows of the weights.
    pub features: usize,
    /// How the features were chosen and the weights fitted.
    pub settings: BTreeMap<String, f64>,
    /// Rows whose confidence is below are not returned unless asked for, 0 to 1.
    pub threshold: f64,
    /// The same for texts of at most two sentences, 0 to 1.
    pub threshold_short: f64,
    /// SHA-256 of the labelled articles it was trained on, lower-case hexadecimal.
    pub corpus_sha256: String,
    /// SHA-256 of `weights.safetensors`, lower-case hexadecimal.
    pub weights_sha256: String,
    /// SHA-256 of `features.txt`, lower-case hexadecimal.
    pub features_sha256: String,
    /// Metrics by cross-validation over articles and on the held-out articles.
    pub metrics: BTreeMap<String, f64>,
}

impl Manifest {
    /// The form that this code reads.
    pub const SCHEMA: u32 = 2;
}
