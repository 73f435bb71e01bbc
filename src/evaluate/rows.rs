//! The rows of one article: those that its labels say, and those that a model finds. The unit is the row (holder,
//! target, label); see the codebook.

use std::collections::BTreeSet;

use crate::classify::{Classifier, Request};
use crate::corpus::CorpusArticle;
use crate::stance::{Stance, Target, Voice};

/// Rows below are never looked at: too many, and none is near any threshold.
const LEAST_CONFIDENCE: f64 = 0.1;

/// Holder and target.
pub(super) type Pair = (String, String);

/// A row that a model found.
#[derive(Debug, Clone)]
pub(super) struct FoundRow {
    pub(super) pair: Pair,
    pub(super) stance: Stance,
    pub(super) confidence: f64,
    /// Whether it is labelled so.
    pub(super) right: bool,
}

/// One article read.
#[derive(Debug, Clone, Default)]
pub(super) struct ArticleRows {
    pub(super) phenomena: Vec<String>,
    /// The rows that count, by the labels.
    pub(super) labelled: BTreeSet<(Pair, Stance)>,
    /// The rows found, however unlikely; one a pair.
    pub(super) found: Vec<FoundRow>,
}

impl ArticleRows {
    pub(super) fn read(classifier: &Classifier, article: &CorpusArticle) -> Self {
        let labelled = labelled_rows(article);
        let found = found_rows(classifier, article).into_iter().map(|(pair, stance, confidence)| {
            let right = labelled.contains(&(pair.clone(), stance));
            FoundRow { pair, stance, confidence, right }
        });
        let found = found.collect();
        Self { phenomena: article.phenomena.clone(), labelled, found }
    }

    /// The labels of a pair, in the order of [`Stance::ALL`].
    pub(super) fn labels_of(&self, pair: &Pair) -> impl Iterator<Item = Stance> {
        Stance::ALL.into_iter().filter(|stance| self.labelled.contains(&(pair.clone(), *stance)))
    }
}

fn labelled_rows(article: &CorpusArticle) -> BTreeSet<(Pair, Stance)> {
    let counted =
        article.stances.iter().filter(|stance| stance.voice != Voice::AttributedByOther && stance.modality.counts());
    counted.map(|stance| ((stance.holder.clone(), stance.target.clone()), stance.stance)).collect()
}

fn found_rows(classifier: &Classifier, article: &CorpusArticle) -> Vec<(Pair, Stance, f64)> {
    let request = Request {
        title: &article.title,
        text: &article.text,
        date: article.date.parse().ok(),
        issue: article.issue.as_deref(),
        speaker: article.speaker.as_deref(),
        min_confidence: Some(classifier.model().manifest().threshold.min(LEAST_CONFIDENCE)),
        ..Request::default()
    };
    let rows = classifier.classify(&request).rows;
    let code = |target: &Target| match target {
        Target::Party(code) => code.to_string(),
        Target::Issue => "ISSUE".to_owned(),
    };
    rows.iter().map(|row| ((row.holder.to_string(), code(&row.target)), row.stance, row.confidence)).collect()
}

/// Articles made up for the tests of this room.
#[cfg(test)]
pub(super) mod made_up {
    use super::{ArticleRows, FoundRow};
    use crate::stance::Stance;

    /// An article in which holder `n` truly opposes its target for every `n` below `labelled`, and of which a model
    /// found the rows `found`: (holder, confidence). Holders from `labelled` on are wrong rows.
    pub(in crate::evaluate) fn article(labelled: usize, found: &[(usize, f64)]) -> ArticleRows {
        let pair = |holder: usize| (format!("H{holder}"), "T".to_owned());
        let row = |&(holder, confidence): &(usize, f64)| FoundRow {
            pair: pair(holder),
            stance: Stance::Opposed,
            confidence,
            right: holder < labelled,
        };
        ArticleRows {
            phenomena: vec!["act".to_owned()],
            labelled: (0..labelled).map(|holder| (pair(holder), Stance::Opposed)).collect(),
            found: found.iter().map(row).collect(),
        }
    }
}
