//! Why party tables cannot be used.

/// A mistake in the party tables, with the place to mend.
#[derive(Debug, thiserror::Error)]
pub enum PartyError {
    /// A file or folder cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file or folder.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The folder holds no table.
    #[error("{path}: no *.toml file in this folder of party tables")]
    Empty {
        /// The folder.
        path: String,
    },
    /// A file is not the TOML that is expected.
    #[error("{file}:{line}: {message}")]
    Malformed {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong and what is allowed.
        message: String,
    },
}
