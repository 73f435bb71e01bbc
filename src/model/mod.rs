//! The model: trained by linfa, kept as a folder of files, predicting sparsely, explaining exactly.
//! Knows no gRPC and no country.

mod artefact;
mod calibrate;
mod error;
mod manifest;
mod predict;
mod sparse;
mod train;
mod whole;

pub use artefact::sha256;
pub use calibrate::fit_temperature;
pub use error::ModelError;
pub use manifest::Manifest;
pub use predict::{Label, Model, Prediction};
pub use sparse::{FittedLogistic, SparseError, SparseLogistic, SparseRows};
pub use train::{Example, FEWEST, TrainError, TrainOptions, Trained, cross_validate, train};
