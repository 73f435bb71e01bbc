//! From files to classifiers that were tried. Everything is loaded beside what answers and replaces it
//! only as a whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::classify::Classifier;
use crate::model::{Manifest, Model, ModelError};
use crate::party::Registry;
use crate::server::metrics::{Reloaded, metrics};
use crate::server::reload::Reloads;

use super::error::LoadError;
use super::source::{ModelSource, Source, State, versions};
use super::verify::verify;

/// What is loaded at one moment. Never altered.
#[derive(Debug)]
pub(super) struct Loaded {
    versions: Vec<Version>,
    current: usize,
    registry: Arc<Registry>,
    state: State,
}

/// A model and its folder.
#[derive(Debug)]
struct Version {
    folder: Option<PathBuf>,
    model: Arc<Model>,
    classifier: Arc<Classifier>,
}

impl Loaded {
    /// Loads what `source` names. What is the same as `before` is taken from there: two copies in memory
    /// of what did not change would be waste.
    ///
    /// The current model must be good. Another version that is refused is told in the log and left out,
    /// or stays as it was before, so that it is in nobody's way.
    pub(super) fn new(source: &Source, before: Option<&Self>) -> Result<Self, LoadError> {
        // Before the reading: what changes meanwhile is then seen as a change.
        let state = source.state();
        let registry = match before.filter(|before| before.state.tables == state.tables) {
            Some(before) => Arc::clone(&before.registry),
            None => Arc::new(source.parties.as_deref().map_or_else(Registry::embedded, Registry::open)?),
        };
        let loading = Loading { registry: &registry, before };
        let (versions, current) = match &source.model {
            ModelSource::BuiltIn => (vec![loading.version(None)?], 0),
            ModelSource::Folder(folder) => (vec![loading.version(Some(folder))?], 0),
            ModelSource::Versions(folder) => loading.versions(folder)?,
        };
        Ok(Self { versions, current, registry, state })
    }

    /// The model that answers requests that name none.
    pub(super) fn current(&self) -> &Arc<Classifier> {
        &self.versions[self.current].classifier
    }

    /// The files as they were when they were read.
    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// All of them, by their folders' names.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Classifier>> {
        self.versions.iter().map(|version| &version.classifier)
    }

    /// Their manifests, each with whether it is the current one.
    pub(super) fn manifests(&self) -> impl Iterator<Item = (&Manifest, bool)> {
        self.versions.iter().enumerate().map(|(index, version)| (version.model.manifest(), index == self.current))
    }
}

/// What every version is loaded with.
struct Loading<'a> {
    registry: &'a Arc<Registry>,
    before: Option<&'a Loaded>,
}

impl Loading<'_> {
    /// Every version of a folder, and which is the current one.
    fn versions(&self, folder: &Path) -> Result<(Vec<Version>, usize), LoadError> {
        let (folders, named) = versions(folder)?;
        let mut versions = vec![];
        let mut current = 0;
        for (index, folder) in folders.iter().enumerate() {
            let version = match self.version(Some(folder)) {
                Err(error) if index != named => self.instead(folder, &error)?,
                version => Some(version?),
            };
            if index == named {
                current = versions.len();
            }
            versions.extend(version);
        }
        unlike(&versions)?;
        Ok((versions, current))
    }

    fn version(&self, folder: Option<&Path>) -> Result<Version, LoadError> {
        let model =
            self.model(folder).map_err(|error| LoadError::Model { folder: folder.map(Path::to_owned), error })?;
        self.tried(folder, model)
    }

    /// The model of a folder: the one in memory if it is there, else read.
    fn model(&self, folder: Option<&Path>) -> Result<Arc<Model>, ModelError> {
        let before = self.before.map_or(&[][..], |before| &before.versions);
        let Some(folder) = folder else {
            return before.first().map_or_else(|| Model::embedded().map(Arc::new), |one| Ok(Arc::clone(&one.model)));
        };
        for version in before {
            if version.model.is_in(folder)? {
                return Ok(Arc::clone(&version.model));
            }
        }
        Model::open(folder).map(Arc::new)
    }

    /// What stands in the place of a version that was refused: the one that was loaded from this folder.
    fn instead(&self, folder: &Path, error: &LoadError) -> Result<Option<Version>, LoadError> {
        let loaded = self
            .before
            .and_then(|before| before.versions.iter().find(|version| version.folder.as_deref() == Some(folder)));
        let stays = if loaded.is_some() { "the one loaded before stays" } else { "it is left out" };
        tracing::error!(%error, "a model version is refused; {stays}");
        if self.before.is_some() {
            metrics().reloaded(Reloads::Models, Reloaded::Refused);
        }
        loaded.map(|loaded| self.tried(Some(folder), Arc::clone(&loaded.model))).transpose()
    }

    fn tried(&self, folder: Option<&Path>, model: Arc<Model>) -> Result<Version, LoadError> {
        let classifier = Classifier::new(Arc::clone(self.registry), Arc::clone(&model));
        let folder = folder.map(Path::to_owned);
        match verify(&classifier) {
            Ok(()) => Ok(Version { folder, model, classifier: Arc::new(classifier) }),
            Err(reason) => Err(LoadError::Fails { folder, reason }),
        }
    }
}

/// No two versions of the same name and version, which a caller could not tell apart.
fn unlike(versions: &[Version]) -> Result<(), LoadError> {
    let id = |version: &Version| {
        let manifest = version.model.manifest();
        (manifest.name.clone(), manifest.version.clone())
    };
    for (index, one) in versions.iter().enumerate() {
        if let Some(other) = versions[..index].iter().find(|other| id(other) == id(one)) {
            let folder = |version: &Version| version.folder.clone().unwrap_or_default();
            return Err(LoadError::Twice(folder(other), folder(one)));
        }
    }
    Ok(())
}
