//! Where the model and the parties come from: the binary, or folders.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use demarche::classify::Classifier;
use demarche::model::Model;
use demarche::party::Registry;

use super::Exit;

/// Folders in place of what is built into the binary.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Sources {
    /// Folder of a trained model, instead of the one built in.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Folder of party tables, instead of the ones built in.
    #[arg(long, value_name = "DIR")]
    parties: Option<PathBuf>,
}

/// Stands for the model built in where a folder is asked for; a folder of this name is `./default`.
const BUILT_IN: &str = "default";

impl Sources {
    /// The same parties with another model: a folder, or "default" for the one built in.
    pub(super) fn with_model(&self, model: &Path) -> Self {
        let model = (model != Path::new(BUILT_IN)).then(|| model.to_owned());
        Self { model, parties: self.parties.clone() }
    }

    /// The model and the parties, ready to read articles.
    pub(super) fn classifier(&self) -> Result<Classifier, Exit> {
        let registry = load_parties(self.parties.as_deref())?;
        Ok(Classifier::new(Arc::new(registry), Arc::new(load_model(self.model.as_deref())?)))
    }
}

/// The parties of a folder, or the ones built in.
pub(crate) fn load_parties(folder: Option<&Path>) -> Result<Registry, Exit> {
    let registry = folder.map_or_else(Registry::embedded, Registry::open);
    registry.map_err(|error| Exit::configuration(format!("parties cannot be used: {error}")))
}

/// The model of a folder, or the one built in.
pub(crate) fn load_model(folder: Option<&Path>) -> Result<Model, Exit> {
    let model = folder.map_or_else(Model::embedded, Model::open);
    model.map_err(|error| Exit::configuration(format!("the model cannot be used: {error}")))
}
