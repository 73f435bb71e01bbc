//! The check of a corpus: every mistake with file, line and reason.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::party::Registry;

use super::article::{CorpusArticle, CorpusError, read_lines};

/// A mistake in a corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what is expected.
    pub reason: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.reason)
    }
}

/// Fewest and most words of an article.
const WORDS: std::ops::RangeInclusive<usize> = 40..=1000;

/// The articles of a folder that can be read, and every mistake of every line, in the order of the files.
///
/// # Errors
/// [`CorpusError`] if the folder or a file cannot be read at all, or there is no file.
pub fn check_folder(folder: &Path, registry: &Registry) -> Result<(Vec<CorpusArticle>, Vec<Mistake>), CorpusError> {
    let (mut articles, mut mistakes) = (Vec::new(), Vec::new());
    for line in read_lines(folder)? {
        match line {
            Ok(article) => articles.push(article),
            Err(CorpusError::Malformed { path, line, reason }) => {
                mistakes.push(Mistake { file: path.into(), line, reason });
            }
            Err(error) => return Err(error),
        }
    }
    mistakes.extend(check(&articles, registry));
    mistakes.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Ok((articles, mistakes))
}

/// All mistakes of `articles`, in their order.
#[must_use]
pub fn check(articles: &[CorpusArticle], registry: &Registry) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut ids: HashMap<&str, &CorpusArticle> = HashMap::new();
    let mut texts: HashSet<&str> = HashSet::new();
    for article in articles {
        let mut report =
            |reason: String| mistakes.push(Mistake { file: article.file.clone(), line: article.line, reason });
        let first = *ids.entry(&article.id).or_insert(article);
        if !std::ptr::eq(first, article) {
            report(format!("id {:?} occurs twice, first in {}:{}", article.id, first.file.display(), first.line));
        }
        if !texts.insert(&article.text) {
            report(format!("{}: another article has the same text", article.id));
        }
        check_article(article, registry, &mut report);
        check_stances(article, registry, &mut report);
    }
    mistakes
}

fn check_article(article: &CorpusArticle, registry: &Registry, report: &mut dyn FnMut(String)) {
    let id = &article.id;
    for (field, value) in [("id", id), ("topic", &article.topic), ("style", &article.style), ("title", &article.title)]
    {
        if value.trim().is_empty() {
            report(format!("{id}: {field} is empty"));
        }
    }
    if article.date.parse::<Date>().is_err() {
        report(format!("{id}: date {:?} is not YYYY-MM-DD", article.date));
    }
    let words = article.text.split_whitespace().count();
    if !WORDS.contains(&words) {
        report(format!("{id}: {words} words; {} to {} are allowed", WORDS.start(), WORDS.end()));
    }
    if let Some(speaker) = &article.speaker
        && registry.id(speaker).is_none()
    {
        report(format!("{id}: speaker {speaker:?} is in no party table"));
    }
}

fn check_stances(article: &CorpusArticle, registry: &Registry, report: &mut dyn FnMut(String)) {
    let id = &article.id;
    let mut labels = HashMap::new();
    for stance in &article.stances {
        let pair = format!("{id}: {} > {}", stance.holder, stance.target);
        if registry.id(&stance.holder).is_none() {
            report(format!("{pair}: holder is in no party table"));
        }
        if stance.target != "ISSUE" && registry.id(&stance.target).is_none() {
            report(format!("{pair}: target is in no party table and is not ISSUE"));
        }
        if stance.holder == stance.target {
            report(format!("{pair}: a party takes no position toward itself"));
        }
        match article.text.matches(stance.evidence.as_str()).count() {
            _ if stance.evidence.trim().is_empty() => report(format!("{pair}: evidence is empty")),
            1 => {}
            count => report(format!(
                "{pair}: evidence occurs {count} times in the text, it must occur once: {:?}",
                stance.evidence
            )),
        }
        let key = (&stance.holder, &stance.target, &stance.evidence, stance.voice, stance.modality);
        if let Some(other) = labels.insert(key, stance.stance)
            && stance.target != "ISSUE"
        {
            report(format!("{pair}: labelled {other} and {} in the same sentence", stance.stance));
        }
    }
}
