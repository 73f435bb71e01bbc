//! The service: the contract in `proto/` answered over gRPC, or in process without a socket.
//!
//! [`answer`] is the whole way of one request (validate, classify, convert) and knows no socket; the
//! command line calls it too, so that both give the same answers and the same errors. [`serve`] puts it
//! behind tonic. Nothing here knows how a label is found, and nothing outside knows `tonic::Status`.

mod admin;
mod answer;
mod auth;
mod client;
mod client_stream;
mod error;
mod failure;
mod guard;
mod health;
mod language;
mod methods;
mod metrics;
mod models;
mod observe;
mod party;
mod places;
mod probe;
mod reload;
mod request;
mod response;
mod serve;
mod services;
pub mod settings;
mod stages;
mod stall;
mod status;
mod stream;
mod telemetry;
mod tls;
mod tokens;
mod workers;

pub use admin::{Readiness, serve_admin};
pub use answer::{answer, model_info};
pub use client::{Access, Client, ConnectError};
pub use client_stream::ClientStream;
pub use error::{Asked, Error, Violation};
pub use failure::{Failure, FieldFailure};
pub use models::{LoadError, MAX_VERSIONS, ModelSource, Models, PlaceError, Placed, Source, Versions};
pub use party::party_of_code;
pub use probe::{Unhealthy, probe};
pub use reload::{FileError, FromFiles, Mark, Reload, Reloads, follow};
pub use request::{MAX_BATCH, MAX_BATCH_BYTES, MAX_HOLDERS, MAX_ID, MAX_LINE, MAX_TEXT, Valid, validate};
pub use response::response;
pub use serve::{ServeError, ServerConfig, serve};
pub use telemetry::{Telemetry, TelemetryError, log_filter};
pub use tls::{Tls, open_tls};
pub use tokens::{Tokens, issue_token, open_tokens};
