//! One model beside another on the same articles: each figure of both, and whether the difference is more than
//! chance explains.
//!
//! Each figure is judged by itself: of a hundred figures of two equally good models, one is called worse by chance.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::stance::Stance;

use super::chance::{Exchanges, Readings};
use super::counts::Counts;
use super::evaluation::Measurement;

/// A difference that the table does not show, half of its last digit, is none.
const UNSEEN: f64 = 0.000_5;

/// What a difference means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Better than the baseline by more than the margin.
    Better,
    /// Within the margin.
    Same,
    /// Worse than the baseline by more than the margin.
    Worse,
}

impl Verdict {
    /// The word for it; nothing for a difference within the margin.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Same => "",
            Self::Worse => "worse",
        }
    }
}

/// One figure of both models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedFigure {
    /// What it is, or the phenomenon.
    pub name: String,
    /// The baseline's.
    pub baseline: f64,
    /// The model's.
    pub model: f64,
    /// The largest difference that may be chance.
    pub margin: f64,
    /// What the difference means.
    pub verdict: Verdict,
}

impl ComparedFigure {
    /// As in a table: name, baseline, model, difference, margin, verdict.
    #[must_use]
    pub fn cells(&self) -> [String; 6] {
        let [baseline, model, margin] = [self.baseline, self.model, self.margin].map(|figure| format!("{figure:.3}"));
        let difference = format!("{:+.3}", self.model - self.baseline);
        [self.name.clone(), baseline, model, difference, margin, self.verdict.name().to_owned()]
    }
}

/// All figures of both models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Over all articles.
    pub figures: Vec<ComparedFigure>,
    /// F1 of the rows of the articles in which a phenomenon occurs.
    pub by_phenomenon: Vec<ComparedFigure>,
}

impl Comparison {
    /// What the margin is, for readers of a table.
    pub const MARGIN: &str = "The margin is what chance explains: exchanging the two models' readings of each article \
                              at random, 98 of 100 times the difference stays within it.";

    /// Compares `model` with `baseline`, two measurements of the same articles in the same order.
    #[must_use]
    pub fn of(baseline: &Measurement, model: &Measurement) -> Self {
        let articles = baseline.articles.iter().zip(&model.articles);
        let readings: Vec<Readings> = articles
            .map(|(before, now)| [Counts::of(before, baseline.threshold), Counts::of(now, model.threshold)])
            .collect();
        let phenomena: BTreeSet<&String> = model.articles.iter().flat_map(|article| &article.phenomena).collect();
        let by_phenomenon = phenomena.into_iter().map(|phenomenon| {
            let having = model.articles.iter().zip(&readings).filter(|(rows, _)| rows.phenomena.contains(phenomenon));
            let exchanges = Exchanges::of(&having.map(|(_, readings)| readings).collect::<Vec<_>>());
            Figure::higher(phenomenon, |counts| counts.rows.f1()).judged(&exchanges)
        });
        let by_phenomenon = by_phenomenon.collect();
        let exchanges = Exchanges::of(&readings.iter().collect::<Vec<_>>());
        Self { figures: figures().iter().map(|figure| figure.judged(&exchanges)).collect(), by_phenomenon }
    }

    /// The figures in which the model is worse, with full names.
    #[must_use]
    pub fn worse(&self) -> Vec<ComparedFigure> {
        let phenomena = self.by_phenomenon.iter().map(|figure| {
            let name = format!("F1 of rows where {} occurs", figure.name);
            ComparedFigure { name, ..figure.clone() }
        });
        let all = self.figures.iter().cloned().chain(phenomena);
        all.filter(|figure| figure.verdict == Verdict::Worse).collect()
    }
}

/// A figure of counts.
struct Figure {
    name: String,
    of: fn(&Counts) -> f64,
    /// 1 if more is better, -1 if less is.
    sign: f64,
}

impl Figure {
    fn higher(name: impl Into<String>, of: fn(&Counts) -> f64) -> Self {
        Self { name: name.into(), of, sign: 1.0 }
    }

    fn lower(name: impl Into<String>, of: fn(&Counts) -> f64) -> Self {
        Self { sign: -1.0, ..Self::higher(name, of) }
    }

    fn gain(&self, [baseline, model]: &Readings) -> f64 {
        self.sign * ((self.of)(model) - (self.of)(baseline))
    }

    fn judged(&self, exchanges: &Exchanges) -> ComparedFigure {
        let margin = exchanges.margin(|readings| self.gain(readings));
        let gain = self.gain(&exchanges.real);
        let verdict = if gain.abs() <= margin + UNSEEN {
            Verdict::Same
        } else if gain > 0.0 {
            Verdict::Better
        } else {
            Verdict::Worse
        };
        let [baseline, model] = exchanges.real.each_ref().map(self.of);
        ComparedFigure { name: self.name.clone(), baseline, model, margin, verdict }
    }
}

fn figures() -> [Figure; 9] {
    [
        Figure::higher("precision of rows", |counts| counts.rows.precision()),
        Figure::higher("recall of rows", |counts| counts.rows.recall()),
        Figure::higher("F1 of rows", |counts| counts.rows.f1()),
        Figure::higher("F1 of aligned", |counts| counts.by_stance[Stance::Aligned.index()].f1()),
        Figure::higher("F1 of neutral", |counts| counts.by_stance[Stance::Neutral.index()].f1()),
        Figure::higher("F1 of opposed", |counts| counts.by_stance[Stance::Opposed.index()].f1()),
        Figure::higher("macro-F1 of labels where the pair was found", Counts::label_macro_f1),
        Figure::lower("expected calibration error", |counts| counts.bins.error()),
        Figure::lower("rows an article without any stance", Counts::false_rows_on_empty),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::rows::made_up::article;
    use super::*;

    /// `articles` articles with three labelled rows; the model finds `found` of them in each.
    fn measured(articles: usize, found: usize) -> Measurement {
        let rows: Vec<(usize, f64)> = (0..found).map(|holder| (holder, 0.9)).collect();
        Measurement { threshold: 0.5, articles: vec![article(3, &rows); articles] }
    }

    fn verdict(comparison: &Comparison, name: &str) -> Verdict {
        let mut all = comparison.figures.iter().chain(&comparison.by_phenomenon);
        all.find(|figure| figure.name == name).expect(name).verdict
    }

    #[test]
    fn the_same_model_is_the_same() {
        let comparison = Comparison::of(&measured(20, 2), &measured(20, 2));
        for figure in comparison.figures.iter().chain(&comparison.by_phenomenon) {
            assert_eq!((figure.verdict, figure.margin), (Verdict::Same, 0.0), "{figure:?}");
        }
    }

    #[test]
    fn worse_and_better_where_many_articles_say_so() {
        for (before, now, wanted) in [(3, 1, Verdict::Worse), (1, 3, Verdict::Better)] {
            let comparison = Comparison::of(&measured(20, before), &measured(20, now));
            for name in ["recall of rows", "F1 of rows", "F1 of opposed", "act"] {
                assert_eq!(verdict(&comparison, name), wanted, "{name}, {before} to {now}");
            }
            assert_eq!(verdict(&comparison, "precision of rows"), Verdict::Same, "all rows are right");
            assert_eq!(!comparison.worse().is_empty(), wanted == Verdict::Worse);
        }
    }

    #[test]
    fn three_articles_tell_nothing() {
        let comparison = Comparison::of(&measured(3, 3), &measured(3, 1));
        assert_eq!(verdict(&comparison, "recall of rows"), Verdict::Same);
        assert!((comparison.figures[1].margin - 2.0 / 3.0).abs() < 1e-9, "{:?}", comparison.figures[1]);
    }

    #[test]
    fn more_is_worse_for_errors() {
        let quiet = Measurement { threshold: 0.5, articles: vec![article(0, &[]); 20] };
        let noisy = Measurement { threshold: 0.5, articles: vec![article(0, &[(0, 0.9)]); 20] };
        let comparison = Comparison::of(&quiet, &noisy);
        for name in ["expected calibration error", "rows an article without any stance"] {
            assert_eq!(verdict(&comparison, name), Verdict::Worse, "{name}");
        }
    }
}
