//! The issue at hand: given in the request, or recognised by the words that news uses for one.

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::lexicon::Lexicon;
use crate::text::{Document, TokenKind};

/// The words by which an article can name its issue.
#[derive(Debug, Default)]
pub struct Issue {
    /// Content words of the given issue, in lower case; empty if none was given.
    words: FxHashSet<String>,
}

impl Issue {
    /// The issue as given in the request, or none.
    #[must_use]
    pub fn new(given: Option<&str>) -> Self {
        let Some(given) = given else { return Self::default() };
        let lexicon = Lexicon::get();
        let words = given.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
        let content =
            words.filter(|word| word.len() > 3 && !lexicon.prepositions.has(word) && !lexicon.determiners.has(word));
        Self { words: content.collect() }
    }

    /// Whether the token at `at` names an issue.
    #[must_use]
    pub fn is_named_at(&self, document: &Document<'_>, at: usize) -> bool {
        let word = document.lower(at);
        Lexicon::get().issues.has(word) || (!self.words.is_empty() && self.words.contains(word))
    }
}

/// The words by which the text most often names an issue: the commonest issue noun with what stands around it.
#[must_use]
pub(super) fn recognise(document: &Document<'_>) -> Option<String> {
    let lexicon = Lexicon::get();
    let mut counts: FxHashMap<&str, (usize, usize)> = FxHashMap::default();
    for (at, token) in document.tokens.iter().enumerate() {
        let word = document.lower(at);
        if token.kind == TokenKind::Word && lexicon.issues.has(word) {
            let entry = counts.entry(word).or_insert((0, at));
            entry.0 += 1;
        }
    }
    let (_, first) = counts.into_values().max_by_key(|&(count, first)| (count, std::cmp::Reverse(first)))?;
    let sentence = &document.sentences[document.sentence_of(first)].tokens;
    let mut start = first;
    while start > sentence.start
        && first - start < 4
        && (document.tokens[start - 1].capitalised || lexicon.determiners.has(document.lower(start - 1)))
    {
        start -= 1;
    }
    let mut end = first + 1;
    if matches!(document.lower(end), "in" | "on" | "over" | "of" | "against" | "between" | "with") {
        let mut at = end + 1;
        while at < sentence.end
            && at < end + 6
            && (document.tokens[at].capitalised || document.lower(at) == "the" || document.lower(at) == "and")
        {
            at += 1;
        }
        if at > end + 1 {
            end = at;
        }
    }
    Some(document.text[document.span_of(start..end).range()].to_owned())
}
