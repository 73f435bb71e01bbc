//! Analysed sentences in CoNLL-U (<https://universaldependencies.org/format.html>): the columns FORM, XPOS,
//! HEAD and DEPREL are read, the others are "_".

use std::path::Path;

use super::relation::Relation;
use super::tagger::Tag;

/// One analysed sentence.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// Of which article it is, as `sent_id` tells ("wire-001" of "wire-001.3"); empty if none does.
    pub article: String,
    /// Lower-case words, names of parties masked.
    pub words: Vec<String>,
    /// Whether each word starts with an upper-case letter.
    pub capitalised: Vec<bool>,
    /// Parts of speech.
    pub tags: Vec<Tag>,
    /// Index of each word's head; the number of words for the root.
    pub heads: Vec<usize>,
    /// Relation of each word to its head.
    pub relations: Vec<Relation>,
}

/// Why a treebank cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TreebankError {
    /// A file cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A line is no word.
    #[error("{path}:{line}: {reason}")]
    Malformed {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong and what is expected.
        reason: String,
    },
}

/// Reads a CoNLL-U file.
///
/// # Errors
/// [`TreebankError`] with the line of the first mistake.
pub fn read_treebank(path: &Path) -> Result<Vec<Analysis>, TreebankError> {
    let name = path.display().to_string();
    let content =
        std::fs::read_to_string(path).map_err(|source| TreebankError::Unreadable { path: name.clone(), source })?;
    let mut sentences = Vec::new();
    let mut current = Analysis::default();
    for (number, line) in content.lines().chain([""]).enumerate() {
        let malformed = |reason: String| TreebankError::Malformed { path: name.clone(), line: number + 1, reason };
        if let Some(comment) = line.strip_prefix('#') {
            let id = comment.trim().strip_prefix("sent_id = ");
            if let Some((article, _)) = id.and_then(|id| id.rsplit_once('.')) {
                article.clone_into(&mut current.article);
            }
            continue;
        }
        if !line.is_empty() {
            current.push(line).map_err(malformed)?;
        } else if !current.words.is_empty() {
            let mut sentence = std::mem::take(&mut current);
            sentence.close().map_err(malformed)?;
            sentences.push(sentence);
        }
    }
    Ok(sentences)
}

impl Analysis {
    fn push(&mut self, line: &str) -> Result<(), String> {
        let columns: Vec<&str> = line.split('\t').collect();
        let [_, form, _, _, tag, _, head, relation, _, _] = columns[..] else {
            return Err(format!("{} columns, 10 are expected", columns.len()));
        };
        let head: usize = head.parse().map_err(|_| format!("HEAD {head:?} is no number"))?;
        self.words.push(form.to_lowercase().replace('’', "'"));
        self.capitalised.push(form.chars().next().is_some_and(char::is_uppercase));
        self.tags.push(Tag::parse(tag).ok_or_else(|| format!("XPOS {tag:?} is no tag of the Penn treebank"))?);
        self.heads.push(head);
        self.relations
            .push(Relation::parse(relation).ok_or_else(|| format!("DEPREL {relation:?} is no ClearNLP relation"))?);
        Ok(())
    }

    /// Heads count from 1, with 0 for the root; from here on from 0, with the length for the root.
    fn close(&mut self) -> Result<(), String> {
        let length = self.words.len();
        for head in &mut self.heads {
            if *head > length {
                return Err(format!("HEAD {head} in a sentence of {length} words"));
            }
            *head = head.checked_sub(1).unwrap_or(length);
        }
        Ok(())
    }

    /// Whether no two arcs cross; a greedy parser cannot learn the others.
    pub(super) fn is_projective(&self) -> bool {
        let arcs: Vec<(usize, usize)> =
            self.heads.iter().enumerate().map(|(word, &head)| (word.min(head), word.max(head))).collect();
        !arcs.iter().any(|a| arcs.iter().any(|b| a.0 < b.0 && b.0 < a.1 && a.1 < b.1))
    }
}
