//! One labelled article, and the reading of a folder of them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::stance::{Modality, Span, Stance, Voice};

/// A labelled article, one line of a corpus file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorpusArticle {
    /// Unique name.
    pub id: String,
    /// Whether the text was invented for the project.
    pub synthetic: bool,
    /// What it is about: "nile-dam".
    pub topic: String,
    /// How it is written: "agency", "speech".
    pub style: String,
    /// Day of publication, "YYYY-MM-DD".
    pub date: String,
    /// Headline.
    pub title: String,
    /// The issue at hand, if there is one.
    #[serde(default)]
    pub issue: Option<String>,
    /// The party whose own statement the text is.
    #[serde(default)]
    pub speaker: Option<String>,
    /// Phenomena of the codebook that occur.
    pub phenomena: Vec<String>,
    /// The text.
    pub text: String,
    /// Every stance of the text; a pair that is not listed for a sentence has none there.
    pub stances: Vec<LabelledStance>,
    /// The file it was read from.
    #[serde(skip)]
    pub file: PathBuf,
    /// Its line, from 1.
    #[serde(skip)]
    pub line: usize,
}

/// One stance in one sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledStance {
    /// Code of the holder.
    pub holder: String,
    /// Code of the target, or "ISSUE".
    pub target: String,
    /// The position.
    pub stance: Stance,
    /// Words, act, or told by another party.
    pub voice: Voice,
    /// How firmly it holds.
    pub modality: Modality,
    /// The sentence, letter for letter; it occurs once in the text.
    pub evidence: String,
}

/// Which part of the corpus an article belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// For fitting and cross-validation.
    Train,
    /// Held out: never fitted to.
    Test,
}

/// Why a corpus cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A file or folder cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file or folder.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The folder holds no corpus.
    #[error("{path}: no *.jsonl file in this folder")]
    Empty {
        /// The folder.
        path: String,
    },
    /// A line is no labelled article.
    #[error("{path}:{line}: {reason}")]
    Malformed {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

impl CorpusArticle {
    /// Which part it belongs to: one in five articles, by the hash of its name, is held out.
    #[must_use]
    pub fn part(&self) -> Part {
        if Sha256::digest(self.id.as_bytes())[0] % 5 == 0 { Part::Test } else { Part::Train }
    }

    /// Where a stance's sentence stands in the text.
    #[must_use]
    pub fn evidence_span(&self, stance: &LabelledStance) -> Option<Span> {
        let start = self.text.find(&stance.evidence)?;
        Some(Span::new(start, start + stance.evidence.len()))
    }
}

/// Reads every `*.jsonl` file of `folder`, in the order of their names.
///
/// # Errors
/// [`CorpusError`] with file and line at the first line that is no labelled article.
pub fn read_corpus(folder: &Path) -> Result<Vec<CorpusArticle>, CorpusError> {
    read_lines(folder)?.into_iter().collect()
}

/// Reads every line of every `*.jsonl` file of `folder`, each as an article or as [`CorpusError::Malformed`].
///
/// # Errors
/// [`CorpusError`] if the folder or a file cannot be read at all, or there is no file.
pub(super) fn read_lines(folder: &Path) -> Result<Vec<Result<CorpusArticle, CorpusError>>, CorpusError> {
    let mut articles = Vec::new();
    for path in files(folder)? {
        // As bytes: one line that is not UTF-8 must not hide the mistakes of the others.
        let content = std::fs::read(&path).map_err(|source| unreadable(&path, source))?;
        for (index, line) in content.split(|&byte| byte == b'\n').enumerate() {
            if !line.trim_ascii().is_empty() {
                articles.push(read_line(&path, index + 1, line));
            }
        }
    }
    Ok(articles)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let entries = std::fs::read_dir(folder).map_err(|source| unreadable(folder, source))?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(|source| unreadable(folder, source))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    if paths.is_empty() {
        return Err(CorpusError::Empty { path: folder.display().to_string() });
    }
    Ok(paths)
}

fn read_line(path: &Path, number: usize, line: &[u8]) -> Result<CorpusArticle, CorpusError> {
    let malformed = |reason| CorpusError::Malformed { path: path.display().to_string(), line: number, reason };
    // serde would take an array for a struct too, by position.
    if line.trim_ascii_start().first() != Some(&b'{') {
        return Err(malformed("not a JSON object of a labelled article".to_owned()));
    }
    let mut article: CorpusArticle = serde_json::from_slice(line).map_err(|error| malformed(explain(&error)))?;
    article.file = path.to_path_buf();
    article.line = number;
    Ok(article)
}

/// What serde says, without its "at line 1": the line of the file is told apart.
fn explain(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    format!("column {}: {}", error.column(), said.strip_suffix(&place).unwrap_or(&said))
}

fn unreadable(path: &Path, source: std::io::Error) -> CorpusError {
    CorpusError::Unreadable { path: path.display().to_string(), source }
}
