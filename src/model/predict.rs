//! A model in memory: probabilities and exact contributions from sparse vectors.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2};

use crate::features::{SparseVector, Vocabulary};
use crate::stance::{Stance, TermContribution};

use super::manifest::Manifest;

/// What a candidate is labelled as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Label {
    /// No position.
    None,
    /// A position.
    Stance(Stance),
}

impl Label {
    /// All labels, in the order of the weights' columns.
    pub const ALL: [Self; 4] =
        [Self::None, Self::Stance(Stance::Aligned), Self::Stance(Stance::Neutral), Self::Stance(Stance::Opposed)];

    /// The column of this label.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::None => 0,
            Self::Stance(stance) => stance.index() + 1,
        }
    }

    /// The lower-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Stance(stance) => stance.name(),
        }
    }
}

/// What the model says of one candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// Intercept plus contributions, by label.
    pub logits: [f64; 4],
    /// Calibrated probabilities, by label; they sum to 1.
    pub probabilities: [f64; 4],
}

impl Prediction {
    /// The prediction of calibrated logits, by label.
    #[must_use]
    pub fn of(logits: [f64; 4]) -> Self {
        Self { logits, probabilities: softmax(&logits) }
    }

    /// The strongest stance and its probability.
    #[must_use]
    pub fn stance(&self) -> (Stance, f64) {
        let by_probability = |stance: &Stance| self.probabilities[stance.index() + 1];
        let best = Stance::ALL.into_iter().max_by(|a, b| by_probability(a).total_cmp(&by_probability(b)));
        let best = best.unwrap_or(Stance::Aligned);
        (best, by_probability(&best))
    }
}

/// A trained, calibrated model.
#[derive(Debug, Clone)]
pub struct Model {
    pub(super) manifest: Manifest,
    pub(super) vocabulary: Vocabulary,
    /// Features by labels; the temperature is already in it.
    pub(super) weights: Array2<f32>,
    pub(super) intercepts: Array1<f32>,
}

impl Model {
    /// What is known of the model.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Adds to the metrics of the manifest.
    pub fn add_metrics(&mut self, metrics: BTreeMap<String, f64>) {
        self.manifest.metrics.extend(metrics);
    }

    /// The features it knows.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Labels a candidate given by its known features.
    #[must_use]
    pub fn predict(&self, features: &SparseVector) -> Prediction {
        let mut logits = [0.0; 4];
        for (label, logit) in logits.iter_mut().enumerate() {
            *logit = f64::from(self.intercepts[label]);
        }
        for &(column, value) in &features.0 {
            for (logit, weight) in logits.iter_mut().zip(self.weights.row(column as usize)) {
                *logit += value * f64::from(*weight);
            }
        }
        Prediction::of(logits)
    }

    /// The model's intercept for `label`.
    #[must_use]
    pub fn intercept(&self, label: Label) -> f64 {
        f64::from(self.intercepts[label.index()])
    }

    /// What every known feature adds to the logit of `label`, strongest first.
    #[must_use]
    pub fn explain(&self, features: &SparseVector, label: Label) -> Vec<TermContribution> {
        let terms = features.0.iter().map(|&(column, value)| TermContribution {
            term: self.vocabulary.names()[column as usize].clone(),
            contribution: value * f64::from(self.weights[[column as usize, label.index()]]),
        });
        let mut terms: Vec<TermContribution> = terms.collect();
        terms.sort_by(|a, b| b.contribution.total_cmp(&a.contribution).then_with(|| a.term.cmp(&b.term)));
        terms
    }
}

/// Probabilities of `logits`, computed from the largest so that nothing overflows.
pub(super) fn softmax(logits: &[f64; 4]) -> [f64; 4] {
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let exponentials = logits.map(|logit| (logit - largest).exp());
    let sum: f64 = exponentials.iter().sum();
    exponentials.map(|exponential| exponential / sum)
}
