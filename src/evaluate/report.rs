//! A report: the figures of one model with their pictures, as files. What is written where is the caller's business.

use serde::Serialize;

use crate::model::Manifest;

use super::calibration::CalibrationBins;
use super::compare::Comparison;
use super::curve::Curve;
use super::evaluation::{Evaluation, Measurement};
use super::{chart, page};

/// Which model was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasuredModel {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its threshold for articles.
    pub threshold: f64,
}

impl From<&Manifest> for MeasuredModel {
    fn from(manifest: &Manifest) -> Self {
        Self { name: manifest.name.clone(), version: manifest.version.clone(), threshold: manifest.threshold }
    }
}

/// The model that another one is compared with.
#[derive(Debug, Clone, Serialize)]
pub struct Baseline {
    /// Which model it is.
    pub model: MeasuredModel,
    /// Its figures.
    pub evaluation: Evaluation,
    /// How the other one does beside it.
    pub comparison: Comparison,
}

/// Everything that a report tells.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The model.
    pub model: MeasuredModel,
    /// Which articles: "the held-out articles of data/corpus".
    pub articles: String,
    /// The figures.
    pub evaluation: Evaluation,
    /// Precision and recall as the threshold falls.
    pub curve: Curve,
    /// Rows by confidence, in ten bins.
    pub bins: CalibrationBins,
    /// The model it is compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
}

impl Report {
    /// The report of a measurement of `articles`.
    #[must_use]
    pub fn new(model: MeasuredModel, articles: String, measurement: &Measurement) -> Self {
        let (evaluation, curve, bins) = (measurement.evaluation(), measurement.curve(), measurement.bins());
        Self { model, articles, evaluation, curve, bins, baseline: None }
    }

    /// The files of the report: names and contents.
    ///
    /// # Errors
    /// None in practice: serde's, if a figure cannot be written as JSON.
    pub fn files(&self) -> serde_json::Result<[(&'static str, String); 5]> {
        let reliability = chart::reliability(&self.bins);
        let confusion = chart::confusion(&self.evaluation.confusion, self.evaluation.label_macro_f1);
        let curve = chart::precision_coverage(&self.curve);
        let page = page::page(self, [&reliability, &curve, &confusion]);
        let json = serde_json::to_string_pretty(self)? + "\n";
        Ok([
            ("reliability.svg", reliability),
            ("confusion.svg", confusion),
            ("precision-coverage.svg", curve),
            ("report.json", json),
            ("index.html", page),
        ])
    }
}
