//! Rows found against rows labelled. Knows no gRPC, reads and writes no file.
//!
//! A [`Measurement`] holds the rows of every article, those labelled and those found. All else is made of it: the
//! figures ([`Evaluation`]), precision and recall at every threshold ([`Curve`]), how far a confidence can be
//! trusted ([`CalibrationBins`]), one model beside another ([`Comparison`]), and pictures of them ([`Report`]).

mod calibration;
mod chance;
mod chart;
mod compare;
mod counts;
mod curve;
mod evaluation;
mod operating;
mod page;
mod plot;
mod report;
mod rows;
mod svg;

pub use calibration::{Bin, CalibrationBins};
pub use compare::{ComparedFigure, Comparison, Verdict};
pub use counts::Tally;
pub use curve::{Curve, CurvePoint};
pub use evaluation::{Evaluation, Measurement, evaluate, evaluate_with};
pub use operating::{OperatingPoint, operating_points};
pub use report::{Baseline, MeasuredModel, Report};
