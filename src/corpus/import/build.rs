//! A task into an article of the corpus.
//!
//! The evidence of a stance is the sentence that holds its target, also where the holder stands in another one: the
//! pair is judged in the sentence where the position toward the target is put in words, while the holder may be a
//! name that a pronoun takes up.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use crate::corpus::{CorpusArticle, LabelledStance};
use crate::party::Registry;
use crate::text::Document;

use super::error::{ImportError, Problem};
use super::resolve::Parties;
use super::scheme::Kind;
use super::task::{Marked, Related, Task};

/// An article, and what is to be told about it.
pub(super) struct Built {
    pub(super) article: CorpusArticle,
    pub(super) loose_spans: usize,
    pub(super) repeated: usize,
    pub(super) widened: usize,
}

/// Makes the article of a task, or tells every mistake of its relations.
pub(super) fn article(task: Task, registry: &Registry) -> Result<Built, Vec<ImportError>> {
    let document = Document::new(&task.text);
    let spans = by_id(&task).map_err(|error| vec![error])?;
    let builder = Builder {
        task: &task,
        document: &document,
        parties: Parties::new(registry, &document, task.about.date),
        spans: &spans,
    };
    let (mut stances, mut errors) = (Vec::<LabelledStance>::new(), Vec::new());
    let (mut repeated, mut widened) = (0, 0);
    for relation in &task.relations {
        match builder.stance(relation) {
            Ok((stance, _)) if stances.contains(&stance) => repeated += 1,
            Ok((stance, is_wider)) => {
                widened += usize::from(is_wider);
                stances.push(stance);
            }
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let is_tied = |span: &Marked| task.relations.iter().any(|tie| tie.from == span.id || tie.to == span.id);
    let loose_spans = task.spans.iter().filter(|span| !is_tied(span)).count();
    Ok(Built { article: assemble(task, stances), loose_spans, repeated, widened })
}

fn assemble(task: Task, stances: Vec<LabelledStance>) -> CorpusArticle {
    let about = task.about;
    CorpusArticle {
        id: about.id,
        synthetic: false,
        topic: about.topic,
        style: about.style,
        date: about.date.to_string(),
        title: about.title,
        issue: about.issue,
        speaker: about.speaker,
        phenomena: vec![],
        text: task.text,
        stances,
        file: PathBuf::new(),
        line: 0,
    }
}

fn by_id(task: &Task) -> Result<BTreeMap<&str, &Marked>, ImportError> {
    let mut spans = BTreeMap::new();
    for span in &task.spans {
        if spans.insert(span.id.as_str(), span).is_some() {
            return Err(error(task, &span.field, Problem::SpanTwice(span.id.clone())));
        }
    }
    Ok(spans)
}

fn error(task: &Task, field: &str, problem: Problem) -> ImportError {
    ImportError { place: task.place.clone(), field: field.to_owned(), problem: Box::new(problem) }
}

struct Builder<'t> {
    task: &'t Task,
    document: &'t Document<'t>,
    parties: Parties<'t>,
    spans: &'t BTreeMap<&'t str, &'t Marked>,
}

impl Builder<'_> {
    /// The stance of a relation, and whether its evidence is wider than a sentence that occurs twice.
    fn stance(&self, relation: &Related) -> Result<(LabelledStance, bool), ImportError> {
        let (from, to) = (self.end(relation, &relation.from)?, self.end(relation, &relation.to)?);
        let words = |span: &Marked| self.task.text[span.range.clone()].to_owned();
        let wrong = |problem| error(self.task, &relation.field, problem);
        if from.kind != Kind::Holder {
            let (from_words, to_words) = (words(from), words(to));
            let (from, to) = (from.kind.name(), to.kind.name());
            return Err(wrong(Problem::Ends { from, from_words, to, to_words }));
        }
        let code = |span: &Marked| self.parties.code(span).map_err(|problem| error(self.task, &span.field, problem));
        let holder = code(from)?;
        let target = if to.kind == Kind::Issue { "ISSUE".to_owned() } else { code(to)? };
        if holder == target {
            return Err(wrong(Problem::Itself { from: words(from), to: words(to), code: holder }));
        }
        let (evidence, is_wider) = self.evidence(&to.range).map_err(|problem| error(self.task, &to.field, problem))?;
        let tie = relation.tie;
        let (stance, voice, modality) = (tie.stance, tie.voice, tie.modality);
        Ok((LabelledStance { holder, target, stance, voice, modality, evidence }, is_wider))
    }

    fn end(&self, relation: &Related, id: &str) -> Result<&Marked, ImportError> {
        let found = self.spans.get(id).copied();
        found.ok_or_else(|| error(self.task, &relation.field, Problem::NoSpan(id.to_owned())))
    }

    /// The sentence of `target`, or sentences if the span reaches into several; with the next or the one before if
    /// these words stand in the text twice, since evidence is found again by its words.
    fn evidence(&self, target: &Range<usize>) -> Result<(String, bool), Problem> {
        let sentences = &self.document.sentences;
        let first = sentences.partition_point(|sentence| sentence.tile.end as usize <= target.start);
        let last = sentences.partition_point(|sentence| (sentence.tile.start as usize) < target.end);
        let text = |range: Range<usize>| -> Option<&str> {
            let (first, last) = (sentences.get(range.start)?, sentences.get(range.end.checked_sub(1)?)?);
            self.task.text.get(first.span.start as usize..last.span.end as usize)
        };
        let once = |words: &&str| !words.is_empty() && self.task.text.matches(words).count() == 1;
        let exact = text(first..last).unwrap_or_default();
        if once(&exact) {
            return Ok((exact.to_owned(), false));
        }
        let wider = [(first, last + 1), (first.saturating_sub(1), last)];
        let found = wider.into_iter().filter_map(|(first, last)| text(first..last)).find(once);
        found.map(|words| (words.to_owned(), true)).ok_or_else(|| Problem::Evidence(exact.to_owned()))
    }
}
