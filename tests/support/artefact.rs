//! Model folders of the test's own: the model built in, altered.

use std::fs;
use std::path::Path;

use demarche::model::sha256;
use serde_json::Value;

/// The place of the label *none* among the intercepts.
pub(crate) const NONE: usize = 0;

/// The files of a model.
pub(crate) struct Artefact {
    pub(crate) manifest: Value,
    pub(crate) features: Vec<u8>,
    pub(crate) weights: Vec<u8>,
}

impl Artefact {
    /// The model built in.
    pub(crate) fn built_in() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default");
        let read = |file: &str| fs::read(folder.join(file)).expect("a file of the model");
        let manifest = serde_json::from_slice(&read("manifest.json")).expect("a manifest");
        Self { manifest, features: read("features.txt"), weights: read("weights.safetensors") }
    }

    /// With this intercept for one label, and the hashes and the version that belong to it.
    pub(crate) fn intercept(mut self, label: usize, value: f32) -> Self {
        let length =
            usize::try_from(u64::from_le_bytes(self.weights[..8].try_into().expect("8 bytes"))).expect("small");
        let header: Value = serde_json::from_slice(&self.weights[8..8 + length]).expect("a header");
        let start = header["intercepts"]["data_offsets"][0].as_u64().expect("an offset");
        let at = 8 + length + usize::try_from(start).expect("small") + 4 * label;
        self.weights[at..at + 4].copy_from_slice(&value.to_le_bytes());
        self.seal()
    }

    /// Hashes and version as the files are now.
    pub(crate) fn seal(mut self) -> Self {
        let hash = sha256(&self.weights);
        self.manifest["version"] = hash[..12].into();
        self.manifest["weights_sha256"] = hash.into();
        self.manifest["features_sha256"] = sha256(&self.features).into();
        self
    }

    /// The version.
    pub(crate) fn version(&self) -> String {
        self.manifest["version"].as_str().expect("a version").to_owned()
    }

    /// Writes it.
    pub(crate) fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).expect("a folder");
        for (file, content) in [
            ("features.txt", &self.features),
            ("weights.safetensors", &self.weights),
            ("manifest.json", &serde_json::to_vec_pretty(&self.manifest).expect("JSON")),
        ] {
            fs::write(folder.join(file), content).expect("a file");
        }
    }
}
