//! What a corpus holds, in numbers.

use std::collections::BTreeSet;
use std::fmt;

use crate::party::{Linker, Registry};
use crate::stance::Stance;
use crate::text::{Document, SentenceKind};

use super::article::{CorpusArticle, Part};

/// Counts of a corpus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Articles.
    pub articles: usize,
    /// Articles that are held out.
    pub held_out: usize,
    /// Articles without any stance.
    pub empty: usize,
    /// Sentences of running text.
    pub sentences: usize,
    /// States that the texts name.
    pub countries: usize,
    /// States and blocs that hold a stance or are its target.
    pub parties: usize,
    /// Labelled stances, in the order of [`Stance::ALL`].
    pub stances: [usize; 3],
}

impl Summary {
    /// Counts `articles`.
    #[must_use]
    pub fn of(articles: &[CorpusArticle], registry: &Registry) -> Self {
        let mut summary = Self { articles: articles.len(), ..Self::default() };
        let (mut countries, mut parties) = (BTreeSet::new(), BTreeSet::new());
        for article in articles {
            let document = Document::new(&article.text);
            let prose = document.sentences.iter().filter(|sentence| sentence.kind == SentenceKind::Prose);
            summary.sentences += prose.filter(|sentence| !sentence.tokens.is_empty()).count();
            let mentions = Linker::new(registry, article.date.parse().ok()).link(&document);
            let named = mentions.list.iter().map(|mention| mention.party);
            countries.extend(named.filter(|&party| !registry.get(party).is_bloc));
            summary.held_out += usize::from(article.part() == Part::Test);
            summary.empty += usize::from(article.stances.is_empty());
            for stance in &article.stances {
                summary.stances[stance.stance.index()] += 1;
                parties.extend([&stance.holder, &stance.target].into_iter().filter_map(|code| registry.id(code)));
            }
        }
        Self { countries: countries.len(), parties: parties.len(), ..summary }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { articles, held_out, empty, sentences, countries, parties, stances } = self;
        let labels: Vec<String> =
            Stance::ALL.iter().map(|stance| format!("{} {stance}", stances[stance.index()])).collect();
        write!(
            f,
            "{articles} articles ({held_out} held out, {empty} without a stance), {sentences} sentences, \
             {countries} countries named; {} stances of or toward {parties} parties: {}",
            stances.iter().sum::<usize>(),
            labels.join(", ")
        )
    }
}
