//! Why a request is not answered. Knows neither `tonic::Status` nor JSON: see `status` and `failure`.

use std::any::Any;

/// One bad field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field in `ClassifyRequest`: `article.text`, `holders[3].region_code`.
    pub field: String,
    /// What is wrong, for programs: `TOO_LONG`.
    pub reason: &'static str,
    /// What is wrong, for people, with the limit.
    pub description: String,
}

/// Why a request is not answered. What `Display` writes is what the caller reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Fields are bad; at least one violation, in the order of the fields.
    #[error("{}", summary(.0))]
    Invalid(Vec<Violation>),
    /// The text is in a language that is not read.
    #[error("only English is read, and this text is {name}")]
    LanguageUnsupported {
        /// The code as the caller gave it, or the ISO 639-3 code that was recognised, or empty.
        language: String,
        /// For people: "French", "marked \"fr\"".
        name: String,
    },
    /// No model of this name is loaded.
    #[error("no model named {0:?} is loaded")]
    ModelNotFound(String),
    /// As many calls wait as may wait.
    #[error("too many calls are waiting, try again later")]
    Overloaded,
    /// The call has no token that is known.
    #[error("a bearer token that this server knows is needed: authorization: Bearer TOKEN")]
    Unauthenticated,
    /// The caller's deadline passed.
    #[error("the deadline passed before the answer was ready")]
    DeadlineExceeded,
    /// The caller went away.
    #[error("the caller cancelled the call")]
    Cancelled,
    /// The server is stopping and the time for calls in flight is over.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// A bug. The payload is for the log, the caller does not read it.
    #[error("internal error")]
    Panicked(String),
}

impl Error {
    /// A caught panic, written to the log here, once.
    pub(super) fn panicked(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        // What it says may quote the article; the hook in `telemetry` told the place.
        tracing::error!("a call panicked; this is a bug");
        Self::Panicked(text)
    }
}

/// The first violations in one line; the others are in the details.
fn summary(violations: &[Violation]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<_> = violations.iter().take(SHOWN).map(|v| format!("{} {}", v.field, v.description)).collect();
    let more = violations.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
    shown.join("; ") + &rest
}
