//! Puts a model into a folder of versions and makes it the one that answers: the writing side of `source`.
//! Knows no corpus: whether a model should answer is decided before.
//!
//! A version's folder is named by the hash of its weights. It appears whole, and the link changes in one step, so
//! that a server that looks in between sees the old state or the new one.

use std::cmp::Reverse;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::model::{Model, ModelError};

use super::source::{CURRENT, MAX_VERSIONS, folders};

/// Letters of the hash in a folder's name, as in a model's version.
const NAME: usize = 12;

/// A folder of versions, written to.
#[derive(Debug)]
pub struct Versions {
    folder: PathBuf,
}

/// What was done.
#[derive(Debug, PartialEq, Eq)]
pub struct Placed {
    /// The version's folder, which the link now names.
    pub folder: PathBuf,
    /// Folders of older versions that were removed.
    pub removed: Vec<PathBuf>,
}

/// Why a model does not answer now; the one before still does.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The folder, or the link.
    #[error("{}: {error}", path.display())]
    Folder {
        /// What cannot be read or written.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// The model's files.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// No room for another version.
    #[error(
        "{} holds {found} versions, the limit is {MAX_VERSIONS} with the new one: remove some, or keep fewer (--keep)",
        folder.display()
    )]
    Full {
        /// The folder of versions.
        folder: PathBuf,
        /// How many it holds.
        found: usize,
    },
}

impl Versions {
    /// Those of this folder, which need not exist yet.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The folder that the link names; `None` if there is no link.
    ///
    /// # Errors
    /// [`PlaceError::Folder`] if there is one and it names nothing.
    pub fn current(&self) -> Result<Option<PathBuf>, PlaceError> {
        let link = self.folder.join(CURRENT);
        match fs::symlink_metadata(&link) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            _ => fs::canonicalize(&link).map(Some).map_err(failed(&link)),
        }
    }

    /// Makes the model the one that answers; it is copied here unless a version is this model already. Only the `keep`
    /// latest versions stay, at least two: this one, and the one that answered until now. `None` removes nothing.
    ///
    /// # Errors
    /// [`PlaceError`]; what answers is then as before.
    pub fn promote(&self, model: &mut Model, keep: Option<usize>) -> Result<Placed, PlaceError> {
        fs::create_dir_all(&self.folder).map_err(failed(&self.folder))?;
        let mut others = self.latest_first()?;
        let known = others.iter().position(|other| model.is_in(other).is_ok_and(|same| same));
        let known = known.map(|index| others.remove(index));
        let most = keep.map_or(MAX_VERSIONS, |keep| keep.clamp(2, MAX_VERSIONS)) - 1;
        if keep.is_none() && known.is_none() && others.len() > most {
            return Err(PlaceError::Full { folder: self.folder.clone(), found: others.len() });
        }
        // Before the new one comes, for a server refuses a folder that holds too many.
        let removed = if keep.is_some() { others.split_off(most.min(others.len())) } else { vec![] };
        for old in &removed {
            fs::remove_dir_all(old).map_err(failed(old))?;
        }
        let version = match known {
            Some(version) => version,
            None => self.copy(model)?,
        };
        self.point(&version)?;
        Ok(Placed { folder: version, removed })
    }

    fn copy(&self, model: &mut Model) -> Result<PathBuf, PlaceError> {
        // The hash was checked when the model was read; the version is only what the manifest says. A folder with the
        // same weights is replaced: it differs in what the manifest tells.
        let version = self.folder.join(&model.manifest().weights_sha256[..NAME]);
        model.save(&version)?;
        Ok(version)
    }

    /// Version folders: the one that answers, so that going back to it stays possible, and then the latest first.
    fn latest_first(&self) -> Result<Vec<PathBuf>, PlaceError> {
        let mut all = folders(&self.folder).map_err(failed(&self.folder))?;
        let current = self.current()?;
        let answers = |folder: &Path| current.is_some() && fs::canonicalize(folder).ok() == current;
        let changed =
            |folder: &Path| fs::metadata(folder).and_then(|it| it.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        all.sort_by_cached_key(|folder| Reverse((answers(folder), changed(folder))));
        Ok(all)
    }

    /// A link cannot be altered, but another one can take its place.
    fn point(&self, version: &Path) -> Result<(), PlaceError> {
        let (link, next) = (self.folder.join(CURRENT), self.folder.join(format!(".next-{}", std::process::id())));
        let name = version.strip_prefix(&self.folder).unwrap_or(version);
        let placed = link_to(name, &next).and_then(|()| fs::rename(&next, &link));
        placed.map_err(|error| {
            // Why it failed matters more than that this may fail too.
            let _ = fs::remove_file(&next);
            failed(&link)(error)
        })
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> PlaceError {
    let path = path.to_owned();
    move |error| PlaceError::Folder { path, error }
}

#[cfg(unix)]
fn link_to(name: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(name, link)
}

#[cfg(not(unix))]
fn link_to(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
