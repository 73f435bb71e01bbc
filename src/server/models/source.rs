//! Where models and parties come from, and the state by which a change of them is seen.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::LoadError;

/// Most versions that are loaded at once; each takes some 10 MB. A folder that holds more is refused.
pub const MAX_VERSIONS: usize = 8;

/// The link in a folder of versions that names the one that answers.
pub(super) const CURRENT: &str = "current";

/// Where everything comes from that a server reads by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// The models.
    pub model: ModelSource,
    /// The folder of party tables; `None`: the ones built in.
    pub parties: Option<PathBuf>,
}

/// Where models come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ModelSource {
    /// The one built into the binary.
    #[default]
    BuiltIn,
    /// One model folder.
    Folder(PathBuf),
    /// A folder of at most [`MAX_VERSIONS`] model folders, with a link `current` to one of them. Names
    /// that start with a dot are passed over: half-copied folders may have them.
    Versions(PathBuf),
}

/// What a change is seen by, without reading any content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct State {
    /// What the link names.
    current: Option<PathBuf>,
    /// The party tables.
    pub(super) tables: Tables,
}

/// The files of a folder of party tables: name, size, last change.
type Tables = Vec<(PathBuf, u64, Option<SystemTime>)>;

impl Source {
    /// What is there now. What cannot be read is as if it were not there: loading tells why.
    pub(super) fn state(&self) -> State {
        let current = match &self.model {
            ModelSource::Versions(folder) => fs::read_link(folder.join(CURRENT)).ok(),
            ModelSource::BuiltIn | ModelSource::Folder(_) => None,
        };
        State { current, tables: self.parties.as_deref().map(tables).unwrap_or_default() }
    }
}

fn tables(folder: &Path) -> Tables {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let file = |path: PathBuf| {
        let metadata = fs::metadata(&path).ok()?;
        Some((path, metadata.len(), metadata.modified().ok()))
    };
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let paths = paths.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let mut tables: Vec<_> = paths.filter_map(file).collect();
    tables.sort();
    tables
}

/// The model folders of a folder of versions by name, and which of them the link names.
pub(super) fn versions(folder: &Path) -> Result<(Vec<PathBuf>, usize), LoadError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |error: io::Error| LoadError::Unreadable { path, error }
    };
    let folders = folders(folder).map_err(unreadable(folder))?;
    if folders.len() > MAX_VERSIONS {
        return Err(LoadError::TooMany { folder: folder.to_owned(), found: folders.len() });
    }
    let link = folder.join(CURRENT);
    let named = fs::canonicalize(&link).map_err(unreadable(&link))?;
    let is_named = |version: &PathBuf| fs::canonicalize(version).is_ok_and(|version| version == named);
    let current = folders.iter().position(is_named);
    let current = current.ok_or_else(|| LoadError::NoCurrent { folder: folder.to_owned() })?;
    Ok((folders, current))
}

/// The model folders of a folder of versions, by name.
pub(super) fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = vec![];
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // The type of the entry itself: the link is no version of its own.
        if entry.file_type()?.is_dir() && !entry.file_name().as_encoded_bytes().starts_with(b".") {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}
