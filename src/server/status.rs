//! The one place where an error becomes a `tonic::Status` with its details, or the error of one item of a
//! batch or a stream, which says the same.

use std::collections::HashMap;
use std::time::Duration;

use tonic::codegen::http::HeaderMap;
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

/// Gives an `ErrorInfo` to a status that has none: tonic's own, of messages and methods that no handler saw.
pub(super) fn explain(headers: &mut HeaderMap) {
    let Some(bare) = Status::from_header_map(headers) else { return };
    if bare.code() == Code::Ok || !bare.details().is_empty() {
        return;
    }
    let reason = match bare.code() {
        Code::OutOfRange | Code::ResourceExhausted => "MESSAGE_TOO_LARGE",
        Code::Internal => "MESSAGE_MALFORMED",
        Code::Unimplemented if headers.contains_key("grpc-accept-encoding") => "COMPRESSION_UNSUPPORTED",
        Code::Unimplemented => "METHOD_UNKNOWN",
        // Only health looks for anything without saying why it is not there.
        Code::NotFound => "SERVICE_UNKNOWN",
        code => code_name(code),
    };
    let details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    let explained = Status::with_error_details(bare.code(), bare.message(), details);
    // Fails only for a message that is no header, and this one came from a header.
    let _ = explained.add_header(headers);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Asked;

    /// Every error of ours; `tests/bounds.rs` has those that a caller can bring about, and tonic's.
    #[test]
    fn every_error_has_its_code_and_reason() {
        let field = "article.text".to_owned();
        let violation = Violation { field, reason: "TEXT_EMPTY", description: "is empty".to_owned() };
        let asked = || Asked { name: "a".to_owned(), version: "b".to_owned() };
        let foreign = Error::LanguageUnsupported { language: "fra".to_owned(), name: "French".to_owned() };
        let table = [
            (Error::Invalid(vec![violation]), Code::InvalidArgument, "TEXT_EMPTY", false),
            (foreign, Code::Unimplemented, "LANGUAGE_UNSUPPORTED", false),
            (Error::ModelNotFound(asked()), Code::NotFound, "MODEL_NOT_FOUND", false),
            (Error::ModelAmbiguous(asked()), Code::NotFound, "MODEL_AMBIGUOUS", false),
            (Error::Unauthenticated, Code::Unauthenticated, "UNAUTHENTICATED", false),
            (Error::Overloaded, Code::ResourceExhausted, "OVERLOADED", true),
            (Error::AnswerTooLarge { limit: 1 }, Code::ResourceExhausted, "ANSWER_TOO_LARGE", false),
            (Error::DeadlineExceeded, Code::DeadlineExceeded, "DEADLINE_EXCEEDED", false),
            (Error::Cancelled, Code::Cancelled, "CANCELLED", false),
            (Error::Stalled, Code::Aborted, "READER_STALLED", false),
            (Error::ShuttingDown, Code::Unavailable, "SHUTTING_DOWN", true),
            (Error::Panicked("a secret".to_owned()), Code::Internal, "INTERNAL", false),
        ];
        for (error, code, reason, may_retry) in table {
            let (status, item) = (status(&error), item_error(&error));
            let details = status.get_error_details();
            let info = details.error_info().expect("ErrorInfo");
            assert_eq!((status.code(), &*info.reason, &*info.domain), (code, reason, DOMAIN), "{error:?}");
            assert_eq!(details.retry_info().is_some(), may_retry, "{error:?}");
            assert_eq!((item.code, &*item.reason, item.retry_after_ms > 0), (code as i32, reason, may_retry));
            assert!(!status.message().contains("secret") && !status.message().is_empty(), "{error:?}");
        }
    }

    #[test]
    fn a_status_with_details_and_a_success_stay_as_they_are() {
        for told in [status(&Error::Overloaded), Status::ok("")] {
            let mut headers = HeaderMap::new();
            told.add_header(&mut headers).expect("headers");
            let before = headers.clone();
            explain(&mut headers);
            assert_eq!(headers, before);
        }
    }
}
