//! Whether a corpus has enough examples of every label to train on, and if not, where the labels went.
//!
//! A label is an example only if the pipeline proposes its pair in its sentence, so a corpus may hold forty neutral
//! stances and give three examples.

use std::fmt;
use std::path::PathBuf;

use crate::model::{Example, Label};
use crate::stance::Stance;

use super::article::CorpusArticle;
use super::examples::Labelled;

/// Why a corpus cannot be trained on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SupplyError {
    /// Nothing to train on.
    #[error("no article is in the training part; one in five is held out by the hash of its id, so add articles")]
    NoArticle,
    /// A label that no stance has.
    #[error("no stance of the training part is labelled {0}; a model needs examples of aligned, neutral and opposed")]
    MissingClass(Stance),
    /// Too little of a label.
    #[error(
        "{reached} of {labelled} stances labelled {stance} give an example, {least} when the fold of cross-validation \
         that has most of them is left out; at least {needed} must remain: label more, or add your files beside those \
         of data/corpus{unreached}"
    )]
    TooFew {
        /// The label.
        stance: Stance,
        /// How many are labelled.
        labelled: usize,
        /// How many of them give an example.
        reached: usize,
        /// How many examples remain without the largest fold.
        least: usize,
        /// How many must remain.
        needed: usize,
        /// Those that give none.
        unreached: Unreached,
    },
    /// No pair without a stance.
    #[error("{least} pairs without a stance remain without the largest fold; at least {needed} are needed")]
    TooFewNone {
        /// How many remain.
        least: usize,
        /// How many must remain.
        needed: usize,
    },
}

/// Stances that give no example, by file and line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unreached(pub Vec<(PathBuf, usize)>);

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (file, line) in &self.0 {
            write!(
                f,
                "\n{}:{line}: no example, the pipeline does not propose this pair in its sentence",
                file.display()
            )?;
        }
        Ok(())
    }
}

/// Every label that `labelled`, made from `articles`, has too few examples of to be fitted `folds` times.
#[must_use]
pub fn check_supply(articles: &[&CorpusArticle], labelled: &Labelled, needed: usize, folds: usize) -> Vec<SupplyError> {
    if articles.is_empty() {
        return vec![SupplyError::NoArticle];
    }
    let mut errors = Vec::new();
    let least = least(&labelled.examples, Label::None, folds);
    if least < needed {
        errors.push(SupplyError::TooFewNone { least, needed });
    }
    errors.extend(Stance::ALL.iter().filter_map(|&stance| check_stance(articles, labelled, stance, needed, folds)));
    errors
}

fn check_stance(
    articles: &[&CorpusArticle],
    labelled: &Labelled,
    stance: Stance,
    needed: usize,
    folds: usize,
) -> Option<SupplyError> {
    let stances = articles.iter().flat_map(|article| &article.stances);
    let count = stances.filter(|labelled| labelled.stance == stance).count();
    if count == 0 {
        return Some(SupplyError::MissingClass(stance));
    }
    let least = least(&labelled.examples, Label::Stance(stance), folds);
    if least >= needed {
        return None;
    }
    let missed = labelled.missed.iter().filter(|(article, index)| articles[*article].stances[*index].stance == stance);
    let unreached: Vec<_> =
        missed.map(|&(article, _)| (articles[article].file.clone(), articles[article].line)).collect();
    let reached = count - unreached.len();
    Some(SupplyError::TooFew { stance, labelled: count, reached, least, needed, unreached: Unreached(unreached) })
}

/// How many examples of `label` remain when the fold that has most of them is left out.
fn least(examples: &[Example], label: Label, folds: usize) -> usize {
    let mut counts = vec![0; folds.max(1)];
    for example in examples.iter().filter(|example| example.label == label) {
        counts[example.article % folds.max(1)] += 1;
    }
    let all: usize = counts.iter().sum();
    if folds < 2 { all } else { all - counts.iter().max().copied().unwrap_or_default() }
}
