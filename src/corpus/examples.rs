//! Labelled articles as labelled candidates: the same road as serving, up to the features.

use crate::classify::{Request, read};
use crate::model::{Example, Label};
use crate::party::Registry;
use crate::relation::Candidate;
use crate::syntax::{Jackknife, SyntaxModel};

use super::article::{CorpusArticle, LabelledStance};

/// The examples of a corpus, and the stances that no candidate reaches.
#[derive(Debug, Default)]
pub struct Labelled {
    /// One example a candidate.
    pub examples: Vec<Example>,
    /// Stances for whose pair and sentence no candidate was found: index of the article, index of the stance.
    pub missed: Vec<(usize, usize)>,
    /// The number of stances labelled.
    pub stances: usize,
}

/// Reads `articles`, each by a parser of `parsers`, and labels their candidates.
#[must_use]
pub fn label_articles(articles: &[&CorpusArticle], registry: &Registry, parsers: &Jackknife) -> Labelled {
    let mut labelled = Labelled::default();
    for (number, article) in articles.iter().enumerate() {
        Labeller { article, number, registry, syntax: parsers.parser_for(&article.id) }.label(&mut labelled);
    }
    labelled
}

/// An article with what it is read by.
struct Labeller<'a> {
    article: &'a CorpusArticle,
    number: usize,
    registry: &'a Registry,
    syntax: &'a SyntaxModel,
}

impl Labeller<'_> {
    /// A caller may give the issue or leave it to be found: an article that has one is read both ways.
    fn label(&self, labelled: &mut Labelled) {
        let mut reached = vec![false; self.article.stances.len()];
        let asked = request(self.article);
        if asked.issue.is_some() {
            self.label_reading(&Request { issue: None, ..asked.clone() }, labelled, &mut reached);
        }
        self.label_reading(&asked, labelled, &mut reached);
        labelled.stances += reached.len();
        let missed = reached.iter().enumerate().filter(|(_, reached)| !**reached);
        labelled.missed.extend(missed.map(|(index, _)| (self.number, index)));
    }

    /// Adds the candidates of one reading, and marks in `reached` the stances among them.
    fn label_reading(&self, request: &Request<'_>, labelled: &mut Labelled, reached: &mut [bool]) {
        let Self { article, number, registry, syntax } = *self;
        let reading = read(registry, syntax, request);
        let is_new = |candidate: &&Candidate| candidate.target.is_none() || request.issue == article.issue.as_deref();
        for candidate in reading.proposals.candidates.iter().filter(is_new) {
            let sentence = reading.document.sentences[candidate.sentence].span;
            let found = article.stances.iter().position(|stance| {
                let overlaps = article
                    .evidence_span(stance)
                    .is_some_and(|span| span.start < sentence.end && sentence.start < span.end);
                overlaps && is_pair(registry, candidate, stance)
            });
            let label = found.map_or(Label::None, |index| {
                reached[index] = true;
                Label::Stance(article.stances[index].stance)
            });
            let features = reading.features(candidate);
            labelled.examples.push(Example { features, label, article: number });
        }
    }
}

/// The article as a request.
fn request(article: &CorpusArticle) -> Request<'_> {
    Request {
        title: &article.title,
        text: &article.text,
        date: article.date.parse().ok(),
        issue: article.issue.as_deref(),
        speaker: article.speaker.as_deref(),
        ..Request::default()
    }
}

fn is_pair(registry: &Registry, candidate: &Candidate, stance: &LabelledStance) -> bool {
    let holder = &*registry.get(candidate.holder).code == stance.holder.as_str();
    let target = candidate.target.map_or("ISSUE", |id| &*registry.get(id).code);
    holder && target == stance.target
}
