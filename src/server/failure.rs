//! An error as the command line shows it: the same code, reason and fields whether it came from a
//! server or from this process.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Serialize;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::proto::ClassifyError;

use super::error::{Error, Violation};
use super::status::{code_name, status};

/// One bad field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldFailure {
    /// Path of the field in `ClassifyRequest`.
    pub field: String,
    /// What is wrong, for programs.
    pub reason: String,
    /// What is wrong, for people.
    pub description: String,
}

/// Why a call failed; `Serialize` gives the `error` object of a JSON line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The gRPC code by name: `INVALID_ARGUMENT`.
    pub code: Box<str>,
    /// The reason, for programs: `TEXT_EMPTY`; empty if whoever answered gave none.
    pub reason: Box<str>,
    /// For people.
    pub message: Box<str>,
    /// Path of the first bad field in `ClassifyRequest`, if fields are bad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// All bad fields, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldFailure>,
    /// Particulars of the reason, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

impl Failure {
    fn new(
        code: Code,
        reason: String,
        message: &str,
        fields: Vec<FieldFailure>,
        metadata: HashMap<String, String>,
    ) -> Self {
        let mut metadata: BTreeMap<_, _> = metadata.into_iter().collect();
        metadata.remove("field"); // it stands beside
        let field = fields.first().map(|first| first.field.clone());
        let fields = if fields.len() > 1 { fields } else { vec![] };
        Self { code: code_name(code).into(), reason: reason.into(), message: message.into(), field, fields, metadata }
    }

    /// A failure of one field, found before there was a request to validate.
    #[must_use]
    pub fn field(field: &str, reason: &'static str, description: impl Into<String>) -> Self {
        let violation = Violation { field: field.to_owned(), reason, description: description.into() };
        Self::from(&Error::Invalid(vec![violation]))
    }

    /// Input that cannot be read at all, so that no field can be blamed.
    #[must_use]
    pub fn unreadable(reason: &str, message: impl Into<Box<str>>) -> Self {
        Self {
            code: code_name(Code::InvalidArgument).into(),
            reason: reason.into(),
            message: message.into(),
            field: None,
            fields: vec![],
            metadata: BTreeMap::new(),
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self::from(&status(error))
    }
}

impl From<&Status> for Failure {
    fn from(status: &Status) -> Self {
        let details = status.get_error_details();
        let violations = details.bad_request().map_or(&[][..], |bad| &bad.field_violations);
        let fields = violations.iter().map(|v| FieldFailure {
            field: v.field.clone(),
            reason: v.reason.clone(),
            description: v.description.clone(),
        });
        let (reason, metadata) =
            details.error_info().map(|info| (info.reason.clone(), info.metadata.clone())).unwrap_or_default();
        Self::new(status.code(), reason, status.message(), fields.collect(), metadata)
    }
}

impl From<ClassifyError> for Failure {
    fn from(error: ClassifyError) -> Self {
        let fields = error.field_violations.into_iter().map(|v| FieldFailure {
            field: v.field,
            reason: v.reason,
            description: v.description,
        });
        Self::new(error.code.into(), error.reason, &error.message, fields.collect(), error.metadata)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, reason, message, .. } = self;
        let separator = if reason.is_empty() { "" } else { ", " };
        write!(f, "{message} ({code}{separator}{reason})")
    }
}

impl std::error::Error for Failure {}
