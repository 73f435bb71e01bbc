//! Any corpus file: every line an article or a mistake with its line, and an article reads back as it was.

use std::sync::LazyLock;

use demarche::corpus::{check_folder, label_articles};
use demarche::party::Registry;
use demarche::syntax::Jackknife;

use super::folder::{folder, write};

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::embedded().expect("the embedded parties"));

/// Runs one input.
pub(crate) fn run(data: &[u8]) {
    let folder = folder("corpus");
    write(&folder, "a.jsonl", data);
    let (articles, mistakes) = check_folder(&folder, &REGISTRY).expect("the folder can be read");
    let lines = data.split(|&byte| byte == b'\n').count();
    for mistake in &mistakes {
        assert!((1..=lines).contains(&mistake.line), "{mistake:?}");
        assert!(!mistake.to_string().is_empty(), "a mistake without a reason");
    }
    for article in &articles {
        assert!((1..=lines).contains(&article.line), "line {}", article.line);
        let written = serde_json::to_string(article).expect("JSON");
        let mut read: demarche::corpus::CorpusArticle = serde_json::from_str(&written).expect("it reads its own");
        (read.file, read.line) = (article.file.clone(), article.line);
        assert_eq!(&read, article);
    }
    if mistakes.is_empty() {
        let _ = label_articles(&articles.iter().collect::<Vec<_>>(), &REGISTRY, &Jackknife::default());
    }
}
