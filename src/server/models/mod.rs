//! The models that answer: several versions at once, replaced as a whole while calls go on.
//!
//! A call takes an [`Arc`] of its model at its start and keeps it to its end, so a replaced model is
//! freed with the last call that it answers. Knows no call, and nothing here is async.

mod error;
mod load;
mod place;
mod source;
mod verify;

use std::sync::{Arc, PoisonError, RwLock};

use crate::classify::Classifier;
use crate::proto::{ListModelsResponse, ListedModel};

use super::answer::model_ref;
use super::error::{Asked, Error};
use super::metrics::metrics;
use super::reload::{Mark, Reload, Reloads};
use super::request::quoted;

pub use error::LoadError;
pub use place::{PlaceError, Placed, Versions};
pub use source::{MAX_VERSIONS, ModelSource, Source};

use load::Loaded;

/// The loaded models and where they come from. Shared by all calls.
#[derive(Debug)]
pub struct Models {
    source: Source,
    loaded: RwLock<Arc<Loaded>>,
}

impl Models {
    /// Loads, verifies and warms the models of `source`.
    ///
    /// # Errors
    /// [`LoadError`] if the parties or the current model cannot be used.
    pub fn open(source: Source) -> Result<Self, LoadError> {
        let loaded = Loaded::new(&source, None)?;
        metrics().models_loaded([], loaded.manifests());
        Ok(Self { source, loaded: RwLock::new(Arc::new(loaded)) })
    }

    /// The model that answers requests that name none.
    #[must_use]
    pub fn current(&self) -> Arc<Classifier> {
        Arc::clone(self.now().current())
    }

    /// The model of this name and version; an empty one fits any. Of several the current one.
    ///
    /// # Errors
    /// [`Error::ModelNotFound`] if none fits, [`Error::ModelAmbiguous`] if several do and the current one
    /// does not.
    pub fn find(&self, name: &str, version: &str) -> Result<Arc<Classifier>, Error> {
        let fits = |classifier: &Classifier| {
            let manifest = classifier.model().manifest();
            (name.is_empty() || name == manifest.name) && (version.is_empty() || version == manifest.version)
        };
        let loaded = self.now();
        if fits(loaded.current()) {
            return Ok(Arc::clone(loaded.current()));
        }
        let mut fitting = loaded.all().filter(|classifier| fits(classifier));
        let asked = || Asked { name: quoted(name), version: quoted(version) };
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(Arc::clone(only)),
            (None, _) => Err(Error::ModelNotFound(asked())),
            (Some(_), Some(_)) => Err(Error::ModelAmbiguous(asked())),
        }
    }

    /// All of them.
    #[must_use]
    pub fn list(&self) -> ListModelsResponse {
        let loaded = self.now();
        let listed = |classifier: &Arc<Classifier>| ListedModel {
            model: Some(model_ref(classifier.model().manifest())),
            current: Arc::ptr_eq(classifier, loaded.current()),
        };
        ListModelsResponse { models: loaded.all().map(listed).collect() }
    }

    fn now(&self) -> Arc<Loaded> {
        Arc::clone(&self.loaded.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Computes and reads files for a while: not for an async thread.
impl Reload for Models {
    fn what(&self) -> Reloads {
        Reloads::Models
    }

    fn loaded(&self) -> Mark {
        Mark::of(self.now().state())
    }

    fn mark(&self) -> Mark {
        Mark::of(&self.source.state())
    }

    fn reload(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let before = self.now();
        let loaded = Arc::new(Loaded::new(&self.source, Some(&before))?);
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&loaded);
        metrics().models_loaded(before.manifests(), loaded.manifests());
        for (manifest, current) in loaded.manifests() {
            tracing::info!(name = %manifest.name, version = %manifest.version, current, "a model is loaded");
        }
        Ok(())
    }
}
