//! A model on disk: `manifest.json`, `features.txt`, `weights.safetensors`. Read with distrust:
//! hashes, shapes and numbers are checked before anything is used.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use ndarray::{Array1, Array2};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use sha2::{Digest, Sha256};

use crate::features::Vocabulary;
use crate::packed::{packed, unpack};

use super::error::ModelError;
use super::manifest::Manifest;
use super::predict::{Label, Model};
use super::whole::write_whole;

const MANIFEST: &str = "manifest.json";
const FEATURES: &str = "features.txt";
const WEIGHTS: &str = "weights.safetensors";
/// Most features that a model may have; more is a broken or hostile file.
const MOST_FEATURES: usize = 1 << 20;

impl Model {
    /// The model built into the binary.
    ///
    /// # Errors
    /// [`ModelError`] if it is damaged, which a test excludes.
    pub fn embedded() -> Result<Self, ModelError> {
        Self::from_parts(
            include_bytes!("../../models/default/manifest.json"),
            unpack(packed!("features.txt")).as_bytes(),
            include_bytes!("../../models/default/weights.safetensors"),
        )
    }

    /// Whether `folder` holds this very model, with all files whole. Cheaper than to open it.
    ///
    /// # Errors
    /// [`ModelError`] if it seems to, by its manifest, and a file is missing or does not match its hash.
    pub fn is_in(&self, folder: &Path) -> Result<bool, ModelError> {
        let same = serde_json::from_slice(&read(folder, MANIFEST)?).is_ok_and(|found: Manifest| found == self.manifest);
        if same {
            check_hash(FEATURES, &read(folder, FEATURES)?, &self.manifest.features_sha256)?;
            check_hash(WEIGHTS, &read(folder, WEIGHTS)?, &self.manifest.weights_sha256)?;
        }
        Ok(same)
    }

    /// The model in `folder`.
    ///
    /// # Errors
    /// [`ModelError`] if a file is missing, truncated, of another form, does not match its hash,
    /// or holds a number that is not finite.
    pub fn open(folder: &Path) -> Result<Self, ModelError> {
        Self::from_parts(&read(folder, MANIFEST)?, &read(folder, FEATURES)?, &read(folder, WEIGHTS)?)
    }

    fn from_parts(manifest: &[u8], features: &[u8], weights: &[u8]) -> Result<Self, ModelError> {
        let manifest: Manifest =
            serde_json::from_slice(manifest).map_err(|error| ModelError::invalid(MANIFEST, error.to_string()))?;
        check_manifest(&manifest)?;
        check_hash(FEATURES, features, &manifest.features_sha256)?;
        check_hash(WEIGHTS, weights, &manifest.weights_sha256)?;
        let features =
            std::str::from_utf8(features).map_err(|error| ModelError::invalid(FEATURES, error.to_string()))?;
        let names: Vec<String> = features.lines().map(str::to_owned).collect();
        if names.len() != manifest.features {
            let reason = format!("{} lines, the manifest says {}", names.len(), manifest.features);
            return Err(ModelError::invalid(FEATURES, reason));
        }
        let tensors =
            SafeTensors::deserialize(weights).map_err(|error| ModelError::invalid(WEIGHTS, error.to_string()))?;
        let labels = Label::ALL.len();
        let matrix = numbers(&tensors, "weights", &[names.len(), labels])?;
        let intercepts = numbers(&tensors, "intercepts", &[labels])?;
        let weights = Array2::from_shape_vec((names.len(), labels), matrix)
            .map_err(|error| ModelError::invalid(WEIGHTS, error.to_string()))?;
        Ok(Self { manifest, vocabulary: Vocabulary::new(names), weights, intercepts: Array1::from(intercepts) })
    }

    /// Writes the model as `folder`, which is created, or replaced if it holds files only. It appears whole
    /// or not at all, at whatever moment the process is killed; files that are not the model's are kept.
    ///
    /// # Errors
    /// [`ModelError`] if it cannot be written; what was there is then untouched.
    pub fn save(&mut self, folder: &Path) -> Result<(), ModelError> {
        let mut features = self.vocabulary.names().join("\n");
        features.push('\n');
        let weights = self.encode_weights()?;
        self.manifest.schema = Manifest::SCHEMA;
        self.manifest.features = self.vocabulary.len();
        self.manifest.features_sha256 = sha256(features.as_bytes());
        self.manifest.weights_sha256 = sha256(&weights);
        self.manifest.version = self.manifest.weights_sha256[..12].to_owned();
        let mut manifest = serde_json::to_string_pretty(&self.manifest)
            .map_err(|error| ModelError::invalid(MANIFEST, error.to_string()))?;
        manifest.push('\n');
        let files = [(FEATURES, features.as_bytes()), (WEIGHTS, &weights[..]), (MANIFEST, manifest.as_bytes())];
        write_whole(folder, &files)
            .map_err(|(path, source)| ModelError::Unreadable { path: path.display().to_string(), source })
    }

    fn encode_weights(&self) -> Result<Vec<u8>, ModelError> {
        let bytes = |numbers: &mut dyn Iterator<Item = &f32>| {
            numbers.flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>()
        };
        let (matrix, intercepts) = (bytes(&mut self.weights.iter()), bytes(&mut self.intercepts.iter()));
        let invalid = |error: safetensors::SafeTensorError| ModelError::invalid(WEIGHTS, error.to_string());
        let tensors = [
            ("intercepts", TensorView::new(Dtype::F32, vec![self.intercepts.len()], &intercepts).map_err(invalid)?),
            ("weights", TensorView::new(Dtype::F32, self.weights.shape().to_vec(), &matrix).map_err(invalid)?),
        ];
        safetensors::serialize(tensors, None::<HashMap<String, String>>).map_err(invalid)
    }
}

fn read(folder: &Path, file: &str) -> Result<Vec<u8>, ModelError> {
    let path = folder.join(file);
    std::fs::read(&path).map_err(|source| ModelError::Unreadable { path: path.display().to_string(), source })
}

fn check_manifest(manifest: &Manifest) -> Result<(), ModelError> {
    let labels: Vec<&str> = Label::ALL.iter().map(|label| label.name()).collect();
    let reason = if manifest.schema != Manifest::SCHEMA {
        format!("schema {}, this program reads {}", manifest.schema, Manifest::SCHEMA)
    } else if manifest.labels != labels {
        format!("labels {:?}, this program reads {labels:?}", manifest.labels)
    } else if !(1..=MOST_FEATURES).contains(&manifest.features) {
        format!("{} features; 1 to {MOST_FEATURES} are allowed", manifest.features)
    } else if ![manifest.threshold, manifest.threshold_short].iter().all(|least| (0.0..=1.0).contains(least)) {
        format!("thresholds {} and {}; 0 to 1 is allowed", manifest.threshold, manifest.threshold_short)
    } else {
        return Ok(());
    };
    Err(ModelError::invalid(MANIFEST, reason))
}

fn check_hash(file: &'static str, content: &[u8], expected: &str) -> Result<(), ModelError> {
    let actual = sha256(content);
    if actual == expected {
        return Ok(());
    }
    Err(ModelError::invalid(file, format!("SHA-256 is {actual}, the manifest says {expected}: truncated or altered")))
}

fn numbers(tensors: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
    let tensor = tensors.tensor(name).map_err(|error| ModelError::invalid(WEIGHTS, error.to_string()))?;
    if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
        let reason = format!("tensor {name} is {:?} {:?}, expected F32 {shape:?}", tensor.dtype(), tensor.shape());
        return Err(ModelError::invalid(WEIGHTS, reason));
    }
    let (chunks, _) = tensor.data().as_chunks::<4>();
    let numbers: Vec<f32> = chunks.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    if numbers.iter().any(|number| !number.is_finite()) {
        return Err(ModelError::invalid(WEIGHTS, format!("tensor {name} holds a number that is not finite")));
    }
    Ok(numbers)
}

/// SHA-256 in lower-case hexadecimal.
#[must_use]
pub fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().fold(String::with_capacity(64), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
