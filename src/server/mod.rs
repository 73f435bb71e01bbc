//! The service: the contract in `proto/` answered over gRPC, or in process without a socket.
//!
//! [`answer`] is the whole way of one request (validate, classify, convert) and knows no socket; the
//! command line calls it too, so that both give the same answers and the same errors. [`serve`] puts it
//! behind tonic. Nothing here knows how a label is found, and nothing outside knows `tonic::Status`.

mod admin;
mod answer;
mod auth;
mod client;
mod error;
mod failure;
mod guard;
mod health;
mod language;
mod methods;
mod metrics;
mod observe;
mod party;
mod reload;
mod request;
mod response;
mod serve;
mod services;
pub mod settings;
mod stages;
mod status;
mod telemetry;
mod tls;
mod tokens;
mod workers;

pub use admin::{Readiness, serve_admin};
pub use answer::{answer, model_info};
pub use client::{Access, Client, ConnectError};
pub use error::{Error, Violation};
pub use failure::{Failure, FieldFailure};
pub use party::party_of_code;
pub use reload::{FileError, Refresh, Reloadable, keep_fresh};
pub use request::{MAX_HOLDERS, MAX_LINE, MAX_TEXT, Valid, validate};
pub use response::response;
pub use serve::{ServeError, ServerConfig, serve};
pub use telemetry::{Telemetry, TelemetryError};
pub use tls::{Tls, open_tls};
pub use tokens::{Tokens, issue_token, open_tokens};
