//! Rows found against rows labelled. Knows no gRPC, reads and writes no file.
//!
//! A [`Measurement`] holds the rows of every article, those labelled and those found. All else is made of it: the
//! figures ([`Evaluation`]), precision and recall at every threshold ([`Curve`]), how far a confidence can be
//! trusted ([`CalibrationBins`]), and one model beside another ([`Comparison`]).

mod calibration;
mod chance;
mod compare;
mod counts;
mod curve;
mod evaluation;
mod rows;

pub use calibration::{Bin, CalibrationBins};
pub use compare::{ComparedFigure, Comparison, Verdict};
pub use counts::Tally;
pub use curve::{Curve, CurvePoint};
pub use evaluation::{Evaluation, Measurement, evaluate, evaluate_with};
