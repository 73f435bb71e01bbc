//! The one place where an error becomes a `tonic::Status` with its details, or the error of one item of a
//! batch or a stream, which says the same.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::proto::{self, ClassifyError};

use super::error::{Error, Violation};

/// The domain of every `ErrorInfo`.
pub(super) const DOMAIN: &str = "demarche.dev";

/// When a caller that met a full queue may try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The status of an error: its code, its message, and `ErrorInfo`, `BadRequest` or `RetryInfo`.
pub(super) fn status(error: &Error) -> Status {
    let (code, reason) = code_and_reason(error);
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, metadata(error));
    if let Error::Invalid(violations) = error {
        let fields: Vec<_> = violations
            .iter()
            .map(|v| FieldViolation {
                field: v.field.clone(),
                description: v.description.clone(),
                reason: v.reason.to_owned(),
                localized_message: None,
            })
            .collect();
        details.set_bad_request(fields);
    }
    if let Some(after) = retry_after(error) {
        details.set_retry_info(Some(after));
    }
    Status::with_error_details(code, error.to_string(), details)
}

/// The same for one item of a batch or a stream.
pub(super) fn item_error(error: &Error) -> ClassifyError {
    let (code, reason) = code_and_reason(error);
    let violations = if let Error::Invalid(violations) = error { &violations[..] } else { &[] };
    let violation = |v: &Violation| proto::FieldViolation {
        field: v.field.clone(),
        reason: v.reason.to_owned(),
        description: v.description.clone(),
    };
    let retry_after = retry_after(error).unwrap_or_default();
    ClassifyError {
        code: code.into(),
        reason: reason.to_owned(),
        message: error.to_string(),
        field_violations: violations.iter().map(violation).collect(),
        metadata: metadata(error),
        retry_after_ms: u32::try_from(retry_after.as_millis()).unwrap_or(u32::MAX),
    }
}

/// When the same request may be tried again; `None`: it would fail again.
fn retry_after(error: &Error) -> Option<Duration> {
    matches!(error, Error::Overloaded | Error::ShuttingDown).then_some(RETRY_AFTER)
}

fn code_and_reason(error: &Error) -> (Code, &'static str) {
    match error {
        Error::Invalid(violations) => (Code::InvalidArgument, violations.first().map_or("INVALID", |v| v.reason)),
        Error::LanguageUnsupported { .. } => (Code::Unimplemented, "LANGUAGE_UNSUPPORTED"),
        Error::ModelNotFound(_) => (Code::NotFound, "MODEL_NOT_FOUND"),
        Error::ModelAmbiguous(_) => (Code::NotFound, "MODEL_AMBIGUOUS"),
        Error::Unauthenticated => (Code::Unauthenticated, "UNAUTHENTICATED"),
        Error::Overloaded => (Code::ResourceExhausted, "OVERLOADED"),
        Error::AnswerTooLarge { .. } => (Code::ResourceExhausted, "ANSWER_TOO_LARGE"),
        Error::DeadlineExceeded => (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
        Error::Cancelled => (Code::Cancelled, "CANCELLED"),
        Error::Stalled => (Code::Aborted, "READER_STALLED"),
        Error::ShuttingDown => (Code::Unavailable, "SHUTTING_DOWN"),
        Error::Panicked(_) => (Code::Internal, "INTERNAL"),
    }
}

fn metadata(error: &Error) -> HashMap<String, String> {
    let pairs: Vec<(&str, &str)> = match error {
        Error::Invalid(violations) => violations.first().map(|v| ("field", v.field.as_str())).into_iter().collect(),
        Error::LanguageUnsupported { language, name } => {
            vec![("language", language), ("language_name", name), ("supported", "en")]
        }
        Error::ModelNotFound(asked) | Error::ModelAmbiguous(asked) => {
            vec![("model", asked.name.as_str()), ("version", asked.version.as_str())]
        }
        _ => vec![],
    };
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// The code of an error.
pub(super) fn code(error: &Error) -> Code {
    code_and_reason(error).0
}

/// The name of a code as in the gRPC documents.
pub(super) fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
