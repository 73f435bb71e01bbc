//! A model's rows of many articles, and the figures of them: precision, recall, F1, the confusion of labels,
//! calibration, and the same by phenomenon.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::classify::Classifier;
use crate::corpus::CorpusArticle;
use crate::stance::Stance;

use super::calibration::CalibrationBins;
use super::counts::{Counts, Tally};
use super::curve::Curve;
use super::rows::ArticleRows;

/// What an evaluation found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Evaluation {
    /// Articles read.
    pub articles: usize,
    /// All rows.
    pub rows: Tally,
    /// Rows by label, of the labels that occur.
    pub by_stance: BTreeMap<&'static str, Tally>,
    /// Rows by phenomenon of their article.
    pub by_phenomenon: BTreeMap<String, Tally>,
    /// Where the pair was found: label given (row) by label labelled (column), in the order of [`Stance::ALL`].
    pub confusion: [[usize; 3]; 3],
    /// Mean F1 of the three labels where the pair was found.
    pub label_macro_f1: f64,
    /// Expected calibration error of the rows' confidence, over all rows however unlikely.
    pub calibration_error: f64,
    /// Wrong rows an article, on articles without any stance.
    pub false_rows_on_empty: f64,
}

impl Evaluation {
    /// All rows, then those of each stance that occurs, in the order of [`Stance::ALL`].
    #[must_use]
    pub fn rows_by_stance(&self) -> Vec<(&'static str, &Tally)> {
        let of_stance = |stance: &Stance| Some((stance.name(), self.by_stance.get(stance.name())?));
        std::iter::once(("all", &self.rows)).chain(Stance::ALL.iter().filter_map(of_stance)).collect()
    }
}

/// Classifies `articles` and compares the rows that count with the labels.
#[must_use]
pub fn evaluate(classifier: &Classifier, articles: &[&CorpusArticle]) -> Evaluation {
    evaluate_with(classifier, articles, || ())
}

/// The same, calling `progress` after each article.
#[must_use]
pub fn evaluate_with(classifier: &Classifier, articles: &[&CorpusArticle], progress: impl FnMut()) -> Evaluation {
    Measurement::of(classifier, articles, progress).evaluation()
}

/// The rows of every article, those labelled and those that one model found.
#[derive(Debug, Clone)]
pub struct Measurement {
    /// Rows stand from this confidence on.
    pub(super) threshold: f64,
    pub(super) articles: Vec<ArticleRows>,
}

impl Measurement {
    /// Classifies `articles`, calling `progress` after each.
    #[must_use]
    pub fn of(classifier: &Classifier, articles: &[&CorpusArticle], mut progress: impl FnMut()) -> Self {
        let read = |article: &&CorpusArticle| {
            let rows = ArticleRows::read(classifier, article);
            progress();
            rows
        };
        Self { threshold: classifier.model().manifest().threshold, articles: articles.iter().map(read).collect() }
    }

    /// The figures.
    #[must_use]
    pub fn evaluation(&self) -> Evaluation {
        let counts = self.counts();
        let found = Stance::ALL.into_iter().map(|stance| (stance.name(), counts.by_stance[stance.index()]));
        Evaluation {
            articles: self.articles.len(),
            rows: counts.rows,
            by_stance: found.filter(|(_, tally)| *tally != Tally::default()).collect(),
            by_phenomenon: self.by_phenomenon(),
            confusion: counts.confusion,
            label_macro_f1: counts.label_macro_f1(),
            calibration_error: counts.bins.error(),
            false_rows_on_empty: counts.false_rows_on_empty(),
        }
    }

    /// Precision and recall as the threshold falls.
    #[must_use]
    pub fn curve(&self) -> Curve {
        Curve::of(self)
    }

    /// Rows by confidence, however unlikely.
    #[must_use]
    pub fn bins(&self) -> CalibrationBins {
        self.counts().bins
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for article in &self.articles {
            counts.add(article, self.threshold);
        }
        counts
    }

    fn by_phenomenon(&self) -> BTreeMap<String, Tally> {
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        for article in &self.articles {
            let counts = Counts::of(article, self.threshold);
            for phenomenon in &article.phenomena {
                *tallies.entry(phenomenon.clone()).or_default() += counts.rows;
            }
        }
        tallies
    }
}
