//! Exports of annotation tools turned into articles of the corpus.
//!
//! `label_studio` and `doccano` each read their tool's form into a `Task`: a text with marked spans and relations,
//! in byte offsets. From there one road: `scheme` says what labels mean, `resolve` which party a span names, and
//! `build` makes the article. The labelling scheme is documented in `docs/retraining.md`.
//!
//! Reads no file and prints nothing. Nothing is guessed and nothing is dropped in silence: what cannot be used is an
//! [`ImportError`], what is left out is counted in [`Notes`].

mod build;
mod doccano;
mod error;
mod json;
mod label_studio;
mod offsets;
mod resolve;
mod scheme;
mod task;

use std::fmt;

use crate::party::Registry;

use super::article::CorpusArticle;

pub use error::{ImportError, Place, Problem};

/// The tool that wrote an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Label Studio, its export "JSON".
    LabelStudio,
    /// doccano, its export "JSONL (relation)".
    Doccano,
}

/// How to import.
#[derive(Debug, Clone, Copy)]
pub struct ImportOptions {
    /// The tool.
    pub tool: Tool,
    /// Whether an article of doccano without any span was read and has no stance; otherwise it is left out.
    pub keep_unmarked: bool,
}

/// What an export gave.
#[derive(Debug, Default)]
pub struct Imported {
    /// The articles, in the order of the export.
    pub articles: Vec<CorpusArticle>,
    /// Every mistake; with one of them the articles are not to be used.
    pub errors: Vec<ImportError>,
    /// What was left out or made out of the ordinary.
    pub notes: Notes,
}

/// What was left out or made out of the ordinary: counts to be told to the user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notes {
    /// Tasks that nobody annotated, left out.
    pub not_annotated: usize,
    /// Annotations that were cancelled (skipped by the annotator), left out.
    pub cancelled: usize,
    /// Articles of doccano without a span, left out.
    pub unmarked: usize,
    /// Articles that were read and have no stance; they are kept.
    pub without_stance: usize,
    /// Spans that no relation touches.
    pub loose_spans: usize,
    /// Results of a Label Studio task that are neither spans, their codes nor relations.
    pub other_results: usize,
    /// Stances marked more than once in their sentence; one of them is kept.
    pub repeated_stances: usize,
    /// Sentences that occur more than once; their evidence takes in a neighbouring sentence.
    pub widened_evidence: usize,
}

/// Reads an export; parties are resolved by `registry` at each article's date.
///
/// # Errors
/// [`ImportError`] if `content` is no export at all. Mistakes within tasks are collected in [`Imported::errors`].
pub fn import(content: &[u8], options: ImportOptions, registry: &Registry) -> Result<Imported, ImportError> {
    let mut imported = Imported::default();
    let tasks = match options.tool {
        Tool::LabelStudio => label_studio::read(content, &mut imported.notes)?,
        Tool::Doccano => doccano::read(content, options.keep_unmarked, &mut imported.notes),
    };
    for task in tasks {
        let built = task.map_err(|error| vec![error]).and_then(|task| build::article(task, registry));
        match built {
            Ok(built) => {
                imported.notes.without_stance += usize::from(built.article.stances.is_empty());
                imported.notes.loose_spans += built.loose_spans;
                imported.notes.repeated_stances += built.repeated;
                imported.notes.widened_evidence += built.widened;
                imported.articles.push(built.article);
            }
            Err(errors) => imported.errors.extend(errors),
        }
    }
    Ok(imported)
}

impl fmt::Display for Notes {
    /// A line for each count that is not 0.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = [
            (self.not_annotated, "without an annotation: left out"),
            (self.cancelled, "cancelled: annotations that the annotator skipped, left out"),
            (self.unmarked, "without a span: left out; --keep-unmarked takes them as read and without a stance"),
            (self.without_stance, "without a stance: kept, all their pairs are learnt as none"),
            (self.loose_spans, "spans in no relation: they give no stance"),
            (self.other_results, "results that are no span, code or relation: left out"),
            (self.repeated_stances, "stances marked again in the same sentence: one of each kept"),
            (self.widened_evidence, "sentences that occur more than once: their evidence takes in a neighbour"),
        ];
        for (count, what) in lines.iter().filter(|(count, _)| *count > 0) {
            writeln!(f, "{count} {what}")?;
        }
        Ok(())
    }
}
