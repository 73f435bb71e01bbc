//! Rows found against rows labelled: precision, recall, F1, the confusion of labels, calibration,
//! and the same by phenomenon. The unit is the row (holder, target, label); see the codebook.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::classify::{Classifier, Request};
use crate::corpus::CorpusArticle;
use crate::model::expected_calibration_error;
use crate::stance::{Stance, Target, Voice};

/// Counts of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Rows found that are labelled so.
    pub right: usize,
    /// Rows found that are not.
    pub wrong: usize,
    /// Rows labelled and not found.
    pub missed: usize,
}

impl Tally {
    /// Right rows among those found, 0 to 1; 1 if none was found.
    #[must_use]
    pub fn precision(&self) -> f64 {
        ratio(self.right, self.right + self.wrong)
    }

    /// Right rows among those labelled, 0 to 1; 1 if none is labelled.
    #[must_use]
    pub fn recall(&self) -> f64 {
        ratio(self.right, self.right + self.missed)
    }

    /// Harmonic mean of precision and recall, 0 to 1.
    #[must_use]
    pub fn f1(&self) -> f64 {
        ratio(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// What an evaluation found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Evaluation {
    /// Articles read.
    pub articles: usize,
    /// All rows.
    pub rows: Tally,
    /// Rows by label, in the order of [`Stance::ALL`].
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

type Pair = (String, String);

/// Classifies `articles` and compares the rows that count with the labels.
#[must_use]
pub fn evaluate(classifier: &Classifier, articles: &[&CorpusArticle]) -> Evaluation {
    evaluate_with(classifier, articles, || ())
}

/// The same, calling `progress` after each article.
#[must_use]
pub fn evaluate_with(classifier: &Classifier, articles: &[&CorpusArticle], mut progress: impl FnMut()) -> Evaluation {
    let mut evaluation = Evaluation { articles: articles.len(), ..Evaluation::default() };
    let threshold = classifier.model().manifest().threshold;
    let mut confidences = Vec::new();
    let (mut empty, mut false_rows) = (0, 0);
    for article in articles {
        let labelled = labelled_rows(article);
        let mut found: BTreeMap<Pair, Stance> = BTreeMap::new();
        for (pair, stance, confidence) in found_rows(classifier, article) {
            let right = labelled.contains(&(pair.clone(), stance));
            confidences.push((confidence, right));
            if confidence >= threshold {
                found.insert(pair, stance);
            }
        }
        if labelled.is_empty() {
            empty += 1;
            false_rows += found.len();
        }
        evaluation.compare(article, &labelled, &found);
        progress();
    }
    evaluation.calibration_error = expected_calibration_error(&confidences);
    evaluation.false_rows_on_empty = if empty == 0 { 0.0 } else { false_rows as f64 / f64::from(empty) };
    evaluation.label_macro_f1 = macro_f1(&evaluation.confusion);
    evaluation
}

/// The rows of an article that count, by its labels.
fn labelled_rows(article: &CorpusArticle) -> BTreeSet<(Pair, Stance)> {
    let counted =
        article.stances.iter().filter(|stance| stance.voice != Voice::AttributedByOther && stance.modality.counts());
    counted.map(|stance| ((stance.holder.clone(), stance.target.clone()), stance.stance)).collect()
}

/// The rows of an article, however unlikely, with their confidence.
fn found_rows(classifier: &Classifier, article: &CorpusArticle) -> Vec<(Pair, Stance, f64)> {
    let request = Request {
        title: &article.title,
        text: &article.text,
        date: article.date.parse().ok(),
        issue: article.issue.as_deref(),
        speaker: article.speaker.as_deref(),
        min_confidence: Some(classifier.model().manifest().threshold.min(0.1)),
        ..Request::default()
    };
    let rows = classifier.classify(&request).rows;
    let code = |target: &Target| match target {
        Target::Party(code) => code.to_string(),
        Target::Issue => "ISSUE".to_owned(),
    };
    rows.iter().map(|row| ((row.holder.to_string(), code(&row.target)), row.stance, row.confidence)).collect()
}

impl Evaluation {
    fn compare(
        &mut self,
        article: &CorpusArticle,
        labelled: &BTreeSet<(Pair, Stance)>,
        found: &BTreeMap<Pair, Stance>,
    ) {
        let mut all = Tally::default();
        for (pair, &stance) in found {
            let right = labelled.contains(&(pair.clone(), stance));
            let tally = self.by_stance.entry(stance.name()).or_default();
            if right {
                tally.right += 1;
                all.right += 1;
            } else {
                tally.wrong += 1;
                all.wrong += 1;
            }
            for gold in Stance::ALL.into_iter().filter(|gold| labelled.contains(&(pair.clone(), *gold))) {
                if !right || gold == stance {
                    self.confusion[stance.index()][gold.index()] += 1;
                }
            }
        }
        for (pair, stance) in labelled {
            if found.get(pair) != Some(stance) {
                self.by_stance.entry(stance.name()).or_default().missed += 1;
                all.missed += 1;
            }
        }
        add(&mut self.rows, all);
        for phenomenon in &article.phenomena {
            add(self.by_phenomenon.entry(phenomenon.clone()).or_default(), all);
        }
    }
}

fn add(tally: &mut Tally, more: Tally) {
    tally.right += more.right;
    tally.wrong += more.wrong;
    tally.missed += more.missed;
}

/// Mean F1 of the labels of a confusion table.
fn macro_f1(confusion: &[[usize; 3]; 3]) -> f64 {
    let f1 = |label: usize| {
        let right = confusion[label][label];
        let given: usize = confusion[label].iter().sum();
        let labelled: usize = confusion.iter().map(|row| row[label]).sum();
        ratio(2 * right, given + labelled)
    };
    (0..3).map(f1).sum::<f64>() / 3.0
}
