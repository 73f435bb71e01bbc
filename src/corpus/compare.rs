//! Articles compared with each other: texts that stand in the corpus twice, labels that contradict each other, and
//! held-out texts that are trained on.
//!
//! Texts and sentences are compared without regard to case and white space. Near copies are not found.

use std::collections::HashMap;

use crate::stance::{Modality, Voice};

use super::article::{CorpusArticle, LabelledStance};
use super::fault::{Fault, Mistake, Pair, StanceFault, Twin};

/// All mistakes that only two articles together show, each told at the later one.
pub(super) fn compare(articles: &[CorpusArticle]) -> Vec<Mistake> {
    let texts: Vec<String> = articles.iter().map(|article| plain(&article.text)).collect();
    let mut mistakes = Vec::new();
    let (mut seen, mut labels) = (HashMap::<&str, &CorpusArticle>::new(), HashMap::new());
    for (article, text) in articles.iter().zip(&texts) {
        let faults = match seen.get(text.as_str()) {
            Some(twin) => same_text(article, twin),
            None => other_labels(article, &mut labels),
        };
        seen.entry(text).or_insert(article);
        mistakes.extend(faults.into_iter().map(|fault| mistake(article, fault)));
    }
    mistakes
}

pub(super) fn mistake(article: &CorpusArticle, fault: Fault) -> Mistake {
    Mistake { file: article.file.clone(), line: article.line, fault }
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn same_text(article: &CorpusArticle, twin: &CorpusArticle) -> Vec<Fault> {
    let (id, other) = (article.id.clone(), Twin::of(twin));
    let mut faults = vec![if labels_of(article) == labels_of(twin) {
        Fault::SameText { id: id.clone(), twin: other.clone() }
    } else {
        Fault::OtherLabels { id: id.clone(), twin: other.clone() }
    }];
    if article.part() != twin.part() {
        faults.push(Fault::Leak { id, twin: other });
    }
    faults
}

/// The labels of an article, in an order that does not depend on how they were written down.
fn labels_of(article: &CorpusArticle) -> Vec<String> {
    let label = |stance: &LabelledStance| {
        let LabelledStance { holder, target, stance, voice, modality, evidence } = stance;
        format!("{holder}>{target} {stance} {voice:?} {modality:?} {}", plain(evidence))
    };
    let mut labels: Vec<String> = article.stances.iter().map(label).collect();
    labels.sort();
    labels
}

/// A stance without its label. Two issues may be meant by `ISSUE`, so the issue is part of it.
type Key<'a> = (String, &'a str, &'a str, Option<&'a str>, Voice, Modality);

fn other_labels<'a>(
    article: &'a CorpusArticle,
    labels: &mut HashMap<Key<'a>, (&'a CorpusArticle, &'a LabelledStance)>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for stance in &article.stances {
        let issue = if stance.target == "ISSUE" { article.issue.as_deref() } else { None };
        let sentence = plain(&stance.evidence);
        let key: Key<'_> = (sentence, &stance.holder, &stance.target, issue, stance.voice, stance.modality);
        let (twin, other) = *labels.entry(key).or_insert((article, stance));
        // Within one article the check of its stances decides.
        if !std::ptr::eq(twin, article) && other.stance != stance.stance {
            let (twin, evidence) = (Twin::of(twin), stance.evidence.clone());
            let fault = StanceFault::Elsewhere { stance: stance.stance, other: other.stance, twin, evidence };
            faults.push(Fault::Stance { pair: Pair::of(article, stance), fault });
        }
    }
    faults
}
