//! The articles that benchmarks read: some of the corpus, and besides those of a file that the caller names. Knows how they
//! are stored, not what is measured.
#![allow(dead_code, reason = "every benchmark takes a part of it")]

use std::path::{Path, PathBuf};

use demarche::classify::Request;
use demarche::corpus::read_corpus;
use serde::Deserialize;

/// Most articles of a file: enough for a figure, few enough for many rounds.
const MOST: usize = 500;
/// The corpus is written file by file in different styles: every third article, of each file, has them all.
const STEP: usize = 3;
/// Names a JSONL file of articles, each with a `text` and perhaps a `title` and a `date`.
pub(crate) const VARIABLE: &str = "DEMARCHE_BENCH_ARTICLES";

/// What a line of either kind of file has.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Article {
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) date: String,
}

impl Article {
    /// As the pipeline wants it.
    pub(crate) fn request(&self) -> Request<'_> {
        let date = self.date.parse().ok();
        Request { title: &self.title, text: &self.text, date, ..Request::default() }
    }
}

/// Articles that are measured together, under a name.
pub(crate) struct Set {
    pub(crate) name: &'static str,
    pub(crate) articles: Vec<Article>,
}

impl Set {
    /// Bytes of all texts.
    pub(crate) fn bytes(&self) -> u64 {
        self.articles.iter().map(|article| article.text.len() as u64).sum()
    }
}

/// Articles of the corpus and, if there is one, those of the named file.
pub(crate) fn sets() -> Vec<Set> {
    let mut sets = vec![Set { name: "invented articles", articles: invented() }];
    sets.extend(named().map(|articles| Set { name: "named file", articles }));
    sets
}

/// A folder or file of the repository.
pub(crate) fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Articles of the corpus.
pub(crate) fn invented() -> Vec<Article> {
    let articles = read_corpus(&in_repository("data/corpus")).expect("the corpus");
    articles
        .into_iter()
        .step_by(STEP)
        .map(|article| Article { text: article.text, title: article.title, date: article.date })
        .collect()
}

/// Those of the file that the environment names.
pub(crate) fn named() -> Option<Vec<Article>> {
    std::env::var(VARIABLE).ok().map(|path| from_file(Path::new(&path)))
}

/// The first articles of a file.
pub(crate) fn from_file(path: &Path) -> Vec<Article> {
    let content = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = content.lines().filter(|line| !line.trim().is_empty()).take(MOST);
    let article = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    lines.map(article).collect()
}
