//! The one place where an error becomes a `tonic::Status`, with its details.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use super::error::Error;

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
    if matches!(error, Error::Overloaded | Error::ShuttingDown) {
        details.set_retry_info(Some(RETRY_AFTER));
    }
    Status::with_error_details(code, error.to_string(), details)
}

fn code_and_reason(error: &Error) -> (Code, &'static str) {
    match error {
        Error::Invalid(violations) => (Code::InvalidArgument, violations.first().map_or("INVALID", |v| v.reason)),
        Error::LanguageUnsupported { .. } => (Code::Unimplemented, "LANGUAGE_UNSUPPORTED"),
        Error::ModelNotFound(_) => (Code::NotFound, "MODEL_NOT_FOUND"),
        Error::Unauthenticated => (Code::Unauthenticated, "UNAUTHENTICATED"),
        Error::Overloaded => (Code::ResourceExhausted, "OVERLOADED"),
        Error::DeadlineExceeded => (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
        Error::Cancelled => (Code::Cancelled, "CANCELLED"),
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
        Error::ModelNotFound(name) => vec![("model", name)],
        _ => vec![],
    };
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
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
