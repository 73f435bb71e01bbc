//! Parsers for articles whose sentences the built-in parser was trained on. It reads those better than any other text, and
//! a model of stances that learns from them trusts its trees too much (jackknifing, as tags are had for parsers since
//! Collins and Koo, "Discriminative reranking for natural language parsing", Computational Linguistics 31, 2005).

use rustc_hash::FxHashMap;

use super::artefact::SyntaxModel;
use super::train::train_in_orders;
use super::treebank::Analysis;

/// Parsers trained, each without a part of the treebank.
const FOLDS: usize = 4;
/// Orders that each is mixed of: fewer than the built-in one's, for time.
const ORDERS: usize = 2;

/// For every article of a treebank a parser that has not seen it.
#[derive(Debug, Default)]
pub struct Jackknife {
    parsers: Vec<SyntaxModel>,
    folds: FxHashMap<String, usize>,
}

impl Jackknife {
    /// How often [`Self::train`] calls `progress`.
    pub const STEPS: usize = FOLDS;

    /// Trains the parsers; `progress` is called after each.
    #[must_use]
    pub fn train(treebank: &[Analysis], mut progress: impl FnMut()) -> Self {
        let mut folds = FxHashMap::default();
        for sentence in treebank.iter().filter(|sentence| !sentence.article.is_empty()) {
            let next = folds.len() % FOLDS;
            folds.entry(sentence.article.clone()).or_insert(next);
        }
        let mut parser_without = |fold: usize| {
            let seen = treebank.iter().filter(|sentence| folds.get(&sentence.article) != Some(&fold));
            let parser = train_in_orders(&seen.cloned().collect::<Vec<_>>(), ORDERS, || ());
            progress();
            parser
        };
        Self { parsers: (0..FOLDS).map(&mut parser_without).collect(), folds }
    }

    /// A parser that was not trained on this article: the built-in one, if the treebank does not hold it.
    #[must_use]
    pub fn parser_for(&self, article: &str) -> &SyntaxModel {
        match self.folds.get(article) {
            Some(&fold) => &self.parsers[fold],
            None => SyntaxModel::embedded(),
        }
    }
}
