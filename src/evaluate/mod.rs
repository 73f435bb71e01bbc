//! Metrics of rows against labelled articles. Knows no gRPC.

mod metrics;

pub use metrics::{Evaluation, Tally, evaluate, evaluate_with};
