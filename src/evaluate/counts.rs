//! Counts, and the figures made of them. Counts of articles can be added, so that the figures of many articles, or
//! of any choice among them, are those of a sum.

use std::ops::AddAssign;

use serde::Serialize;

use crate::stance::Stance;

use super::calibration::CalibrationBins;
use super::rows::ArticleRows;

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

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.right += more.right;
        self.wrong += more.wrong;
        self.missed += more.missed;
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// What articles add to the figures.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    /// All rows.
    pub(super) rows: Tally,
    /// Rows by label, in the order of [`Stance::ALL`].
    pub(super) by_stance: [Tally; 3],
    /// Where the pair was found: label given (row) by label labelled (column).
    pub(super) confusion: [[usize; 3]; 3],
    /// Rows by confidence, however unlikely.
    pub(super) bins: CalibrationBins,
    /// Articles without any labelled row.
    empty: usize,
    /// Rows found in those.
    false_rows: usize,
}

impl Counts {
    /// Those of one article.
    pub(super) fn of(article: &ArticleRows, threshold: f64) -> Self {
        let mut counts = Self::default();
        counts.add(article, threshold);
        counts
    }

    /// Counts one article more; rows stand from `threshold` on.
    pub(super) fn add(&mut self, article: &ArticleRows, threshold: f64) {
        let before = self.rows;
        let mut missed = article.labelled.clone();
        for row in &article.found {
            self.bins.add(row.confidence, row.right);
            if row.confidence < threshold {
                continue;
            }
            missed.remove(&(row.pair.clone(), row.stance));
            let one = Tally { right: row.right.into(), wrong: (!row.right).into(), missed: 0 };
            self.by_stance[row.stance.index()] += one;
            self.rows += one;
            for label in article.labels_of(&row.pair).filter(|&label| !row.right || label == row.stance) {
                self.confusion[row.stance.index()][label.index()] += 1;
            }
        }
        for (_, stance) in &missed {
            self.by_stance[stance.index()].missed += 1;
        }
        self.rows.missed += missed.len();
        if article.labelled.is_empty() {
            self.empty += 1;
            self.false_rows += self.rows.wrong - before.wrong;
        }
    }

    /// Mean F1 of the three labels where the pair was found.
    pub(super) fn label_macro_f1(&self) -> f64 {
        let f1 = |stance: Stance| {
            let label = stance.index();
            let given: usize = self.confusion[label].iter().sum();
            let labelled: usize = self.confusion.iter().map(|row| row[label]).sum();
            ratio(2 * self.confusion[label][label], given + labelled)
        };
        Stance::ALL.into_iter().map(f1).sum::<f64>() / 3.0
    }

    /// Wrong rows an article, on articles without any stance.
    pub(super) fn false_rows_on_empty(&self) -> f64 {
        self.false_rows as f64 / self.empty.max(1) as f64
    }
}

impl AddAssign<&Self> for Counts {
    fn add_assign(&mut self, more: &Self) {
        self.rows += more.rows;
        for (tally, more) in self.by_stance.iter_mut().zip(more.by_stance) {
            *tally += more;
        }
        for (count, more) in self.confusion.as_flattened_mut().iter_mut().zip(more.confusion.as_flattened()) {
            *count += more;
        }
        self.bins += &more.bins;
        self.empty += more.empty;
        self.false_rows += more.false_rows;
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::made_up::article;
    use super::*;

    #[test]
    fn counts_right_wrong_missed_and_empty_articles() {
        let mut counts = Counts::default();
        counts.add(&article(3, &[(0, 0.9), (1, 0.2), (7, 0.6)]), 0.5); // one right, one too unlikely, one wrong
        counts.add(&article(0, &[(0, 0.8), (1, 0.1)]), 0.5); // nothing is labelled
        assert_eq!(counts.rows, Tally { right: 1, wrong: 2, missed: 2 });
        assert_eq!(counts.by_stance, [Tally::default(), Tally::default(), counts.rows]);
        assert_eq!(counts.confusion, [[0, 0, 0], [0, 0, 0], [0, 0, 1]]);
        assert!((counts.false_rows_on_empty() - 1.0).abs() < 1e-9);
        assert_eq!(counts.bins.rows(), 5, "calibration looks at unlikely rows too");
    }

    #[test]
    fn a_wrong_label_is_confused_and_missed() {
        let mut wrong = article(1, &[(0, 0.9)]);
        wrong.found[0].stance = Stance::Neutral;
        wrong.found[0].right = false;
        let mut counts = Counts::default();
        counts.add(&wrong, 0.5);
        assert_eq!(counts.rows, Tally { right: 0, wrong: 1, missed: 1 });
        assert_eq!(counts.confusion[Stance::Neutral.index()][Stance::Opposed.index()], 1);
        assert!((counts.label_macro_f1() - 1.0 / 3.0).abs() < 1e-9, "only the absent label is right");
    }

    #[test]
    fn a_sum_of_counts_is_the_counts_of_all() {
        let articles = [article(2, &[(0, 0.9), (5, 0.7)]), article(0, &[(1, 0.6)])];
        let (mut all, mut sum) = (Counts::default(), Counts::default());
        for article in &articles {
            all.add(article, 0.5);
            sum += &Counts::of(article, 0.5);
        }
        assert_eq!((sum.rows, sum.by_stance, sum.confusion), (all.rows, all.by_stance, all.confusion));
        assert!((sum.false_rows_on_empty() - all.false_rows_on_empty()).abs() < 1e-9);
    }
}
