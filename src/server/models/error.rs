//! Why models cannot be loaded. What `Display` writes names the file and what is wrong with it.

use std::io;
use std::path::PathBuf;

use crate::model::ModelError;
use crate::party::PartyError;

use super::source::{CURRENT, MAX_VERSIONS};

/// Why what was asked for cannot be loaded; nothing of it is then used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The party tables.
    #[error("parties cannot be used: {0}")]
    Parties(#[from] PartyError),
    /// The files of a model.
    #[error("the model cannot be used: {}{error}", within(.folder.as_ref()))]
    Model {
        /// Its folder; `None`: the one built in.
        folder: Option<PathBuf>,
        /// What is wrong.
        error: ModelError,
    },
    /// A model that can be read and does not classify.
    #[error("the model cannot be used: {}it was tried on a sentence and {reason}", within(.folder.as_ref()))]
    Fails {
        /// Its folder; `None`: the one built in.
        folder: Option<PathBuf>,
        /// What it did.
        reason: String,
    },
    /// The folder of versions, or its link.
    #[error("the models cannot be used: {}: {error}", path.display())]
    Unreadable {
        /// What cannot be read.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// The link does not name a version.
    #[error("the models cannot be used: {} must be a link to one of the model folders beside it", folder.join(CURRENT).display())]
    NoCurrent {
        /// The folder of versions.
        folder: PathBuf,
    },
    /// More folders than may be loaded.
    #[error("the models cannot be used: {} holds {found} model folders, the limit is {MAX_VERSIONS}", folder.display())]
    TooMany {
        /// The folder of versions.
        folder: PathBuf,
        /// How many it holds.
        found: usize,
    },
    /// Two folders that a caller could not tell apart.
    #[error("the models cannot be used: {} and {} hold the same name and version", .0.display(), .1.display())]
    Twice(PathBuf, PathBuf),
}

/// "models/mine: "; a [`ModelError`] names the file alone.
fn within(folder: Option<&PathBuf>) -> String {
    folder.map(|folder| format!("{}: ", folder.display())).unwrap_or_default()
}
