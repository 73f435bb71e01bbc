//! Rows found against rows labelled. Knows no gRPC, reads and writes no file.
//!
//! A [`Measurement`] holds the rows of every article, those labelled and those found. All else is made of it: the
//! figures ([`Evaluation`]), precision and recall at every threshold ([`Curve`]), and how far a confidence can be
//! trusted ([`CalibrationBins`]).

mod calibration;
mod counts;
mod curve;
mod evaluation;
mod rows;

pub use calibration::{Bin, CalibrationBins};
pub use counts::Tally;
pub use curve::{Curve, CurvePoint};
pub use evaluation::{Evaluation, Measurement, evaluate, evaluate_with};
