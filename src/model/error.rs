//! Why a model cannot be used.

/// A model folder that is refused.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file's content is not what the manifest says, or not a model at all.
    #[error("{file}: {reason}")]
    Invalid {
        /// The file.
        file: &'static str,
        /// What is wrong and what is expected.
        reason: String,
    },
}

impl ModelError {
    pub(super) fn invalid(file: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid { file, reason: reason.into() }
    }
}
