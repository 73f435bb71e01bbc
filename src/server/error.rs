//! Why a request is not answered. Knows neither `tonic::Status` nor JSON: see `status` and `failure`.

use std::any::Any;
use std::fmt;

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

/// A model as it was asked for: an empty part was left open. Shortened and escaped, to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("model")?;
        if !self.name.is_empty() {
            write!(f, " named \"{}\"", self.name)?;
        }
        if !self.version.is_empty() {
            write!(f, " of version \"{}\"", self.version)?;
        }
        Ok(())
    }
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
    /// No such model is loaded.
    #[error("no {0} is loaded; ListModels tells which are")]
    ModelNotFound(Asked),
    /// Several models fit, and the current one is not among them.
    #[error("several models fit {0}; give name and version, ListModels tells them")]
    ModelAmbiguous(Asked),
    /// The call has no token that is known.
    #[error("a bearer token that this server knows is needed: authorization: Bearer TOKEN")]
    Unauthenticated,
    /// As many calls wait as may wait.
    #[error("too many calls are waiting, try again later")]
    Overloaded,
    /// The answers before this one in a batch leave no room for it.
    #[error(
        "the answers of this batch are above {limit} bytes in all; ask again with fewer articles, or by StreamClassify"
    )]
    AnswerTooLarge {
        /// Most bytes of a batch's answers.
        limit: usize,
    },
    /// The caller's deadline passed.
    #[error("the deadline passed before the answer was ready")]
    DeadlineExceeded,
    /// The caller went away.
    #[error("the caller cancelled the call")]
    Cancelled,
    /// The caller has not taken an answer of its stream for long.
    #[error("no answer was taken for five minutes, so the stream was ended")]
    Stalled,
    /// The server is stopping and the time for calls in flight is over.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// A bug, and what it said: neither the caller nor the log reads that, for it may quote the article.
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
