//! What can be wrong with a line of a corpus: one variant a mistake, each with what is expected.

use std::fmt;
use std::path::PathBuf;

use crate::stance::Stance;

use super::article::{CorpusArticle, LabelledStance};

/// Fewest and most words of an article.
pub(super) const WORDS: std::ops::RangeInclusive<usize> = 40..=1000;

/// A mistake in a corpus.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {fault}", .file.display())]
pub struct Mistake {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what is expected.
    pub fault: Fault,
}

/// Another article: its name and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// Its id.
    pub id: String,
    /// Its file.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: usize,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No labelled article.
    #[error("{0}")]
    Malformed(String),
    /// Two articles of one name.
    #[error("id {id:?} occurs twice, first in {}:{line}", .file.display())]
    IdTwice {
        /// The name.
        id: String,
        /// The file of the first.
        file: PathBuf,
        /// Its line.
        line: usize,
    },
    /// A field that must say something.
    #[error("{id}: {field} is empty")]
    Empty {
        /// The article.
        id: String,
        /// The field.
        field: &'static str,
    },
    /// No such day.
    #[error("{id}: date {date:?} is not YYYY-MM-DD")]
    Date {
        /// The article.
        id: String,
        /// What stands there.
        date: String,
    },
    /// Too short or too long.
    #[error("{id}: {words} words; {} to {} are allowed", WORDS.start(), WORDS.end())]
    Words {
        /// The article.
        id: String,
        /// How many it has.
        words: usize,
    },
    /// A speaker in no table.
    #[error("{id}: speaker {code:?} is in no party table")]
    Speaker {
        /// The article.
        id: String,
        /// The code.
        code: String,
    },
    /// A mistake of one stance.
    #[error("{pair}: {fault}")]
    Stance {
        /// Article, holder and target.
        pair: Pair,
        /// The mistake.
        fault: StanceFault,
    },
    /// A text that stands in the corpus already.
    #[error("{id}: the same text as {twin}; remove one of them")]
    SameText {
        /// The article.
        id: String,
        /// The earlier one.
        twin: Twin,
    },
    /// A text that stands in the corpus already, with other labels.
    #[error("{id}: the same text as {twin}, with other labels; decide which are right and remove the other article")]
    OtherLabels {
        /// The article.
        id: String,
        /// The earlier one.
        twin: Twin,
    },
    /// A text in both parts of the corpus.
    #[error(
        "{id}: the text is in the held-out part and in the training part ({twin}), so the figures would be too good; \
         remove one of them"
    )]
    Leak {
        /// The article.
        id: String,
        /// The one of the other part.
        twin: Twin,
    },
}

/// A stance by its article, holder and target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The article's name.
    pub id: String,
    /// The holder's code.
    pub holder: String,
    /// The target's code, or "ISSUE".
    pub target: String,
}

/// What is wrong with a stance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StanceFault {
    /// An unknown holder.
    #[error("holder is in no party table")]
    Holder,
    /// An unknown target.
    #[error("target is in no party table and is not ISSUE")]
    Target,
    /// A party toward itself.
    #[error("a party takes no position toward itself")]
    Itself,
    /// No evidence.
    #[error("evidence is empty")]
    NoEvidence,
    /// Evidence that cannot be found again.
    #[error("evidence occurs {count} times in the text, it must occur once: {evidence:?}")]
    Evidence {
        /// How often.
        count: usize,
        /// The evidence.
        evidence: String,
    },
    /// Two labels in one article.
    #[error("labelled {first} and {second} in the same sentence")]
    Contradiction {
        /// The earlier label.
        first: Stance,
        /// The later one.
        second: Stance,
    },
    /// Two labels in two articles.
    #[error("labelled {stance}, but {other} in the same sentence of {twin}; mend one of them: {evidence:?}")]
    Elsewhere {
        /// The label here.
        stance: Stance,
        /// The label there.
        other: Stance,
        /// The other article.
        twin: Twin,
        /// The sentence.
        evidence: String,
    },
}

impl Twin {
    pub(super) fn of(article: &CorpusArticle) -> Self {
        Self { id: article.id.clone(), file: article.file.clone(), line: article.line }
    }
}

impl Pair {
    pub(super) fn of(article: &CorpusArticle, stance: &LabelledStance) -> Self {
        Self { id: article.id.clone(), holder: stance.holder.clone(), target: stance.target.clone() }
    }
}

impl fmt::Display for Twin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}:{}", self.id, self.file.display(), self.line)
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} > {}", self.id, self.holder, self.target)
    }
}
