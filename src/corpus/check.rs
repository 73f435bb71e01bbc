//! The check of a corpus: every mistake with file, line and reason.

use std::collections::HashMap;
use std::path::Path;

use jiff::civil::Date;

use crate::party::Registry;

use super::article::{CorpusArticle, CorpusError, LabelledStance, read_lines};
use super::compare::{compare, mistake};
use super::fault::{Fault, Mistake, Pair, StanceFault, WORDS};

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
                mistakes.push(Mistake { file: path.into(), line, fault: Fault::Malformed(reason) });
            }
            Err(error) => return Err(error),
        }
    }
    mistakes.extend(check(&articles, registry));
    mistakes.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Ok((articles, mistakes))
}

/// All mistakes of `articles`: first those of each article, then those that two show together.
#[must_use]
pub fn check(articles: &[CorpusArticle], registry: &Registry) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut ids: HashMap<&str, &CorpusArticle> = HashMap::new();
    for article in articles {
        let mut report = |fault: Fault| mistakes.push(mistake(article, fault));
        let first = *ids.entry(&article.id).or_insert(article);
        if !std::ptr::eq(first, article) {
            report(Fault::IdTwice { id: article.id.clone(), file: first.file.clone(), line: first.line });
        }
        check_article(article, registry, &mut report);
        check_stances(article, registry, &mut report);
    }
    mistakes.extend(compare(articles));
    mistakes
}

fn check_article(article: &CorpusArticle, registry: &Registry, report: &mut dyn FnMut(Fault)) {
    let id = || article.id.clone();
    let fields = [("id", &article.id), ("topic", &article.topic), ("style", &article.style), ("title", &article.title)];
    for (field, _) in fields.into_iter().filter(|(_, value)| value.trim().is_empty()) {
        report(Fault::Empty { id: id(), field });
    }
    if article.date.parse::<Date>().is_err() {
        report(Fault::Date { id: id(), date: article.date.clone() });
    }
    let words = article.text.split_whitespace().count();
    if !WORDS.contains(&words) {
        report(Fault::Words { id: id(), words });
    }
    if let Some(code) = article.speaker.as_ref().filter(|code| registry.id(code).is_none()) {
        report(Fault::Speaker { id: id(), code: code.clone() });
    }
}

fn check_stances(article: &CorpusArticle, registry: &Registry, report: &mut dyn FnMut(Fault)) {
    let mut labels = HashMap::new();
    for stance in &article.stances {
        let mut report = |fault| report(Fault::Stance { pair: Pair::of(article, stance), fault });
        check_parties(stance, registry, &mut report);
        match article.text.matches(stance.evidence.as_str()).count() {
            _ if stance.evidence.trim().is_empty() => report(StanceFault::NoEvidence),
            1 => {}
            count => report(StanceFault::Evidence { count, evidence: stance.evidence.clone() }),
        }
        let key = (&stance.holder, &stance.target, &stance.evidence, stance.voice, stance.modality);
        if let Some(first) = labels.insert(key, stance.stance)
            && stance.target != "ISSUE"
        {
            report(StanceFault::Contradiction { first, second: stance.stance });
        }
    }
}

fn check_parties(stance: &LabelledStance, registry: &Registry, report: &mut dyn FnMut(StanceFault)) {
    if registry.id(&stance.holder).is_none() {
        report(StanceFault::Holder);
    }
    if stance.target != "ISSUE" && registry.id(&stance.target).is_none() {
        report(StanceFault::Target);
    }
    if stance.holder == stance.target {
        report(StanceFault::Itself);
    }
}
