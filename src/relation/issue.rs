//! The issue at hand: given in the request, or recognised by the words that news uses for one.

use std::ops::Range;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::lexicon::{Lexicon, stem};
use crate::party::{Linker, Mention, PartyId, Registry};
use crate::text::{Document, TokenKind};

/// Shortest word that names a given issue, in bytes.
const SHORTEST: usize = 4;
/// Words of this length that begin alike are of one family: "annexed", "annexation".
const FAMILY: usize = 6;

/// What an article's issue is called, and whose it is.
#[derive(Debug, Default)]
pub struct Issue {
    /// Content words of the given issue, in lower case; empty if none was given.
    words: FxHashSet<String>,
    /// What tells the given issue from others: the families of its content words, names of parties left out.
    families: FxHashSet<String>,
    /// The parties that the given issue names.
    parties: Vec<PartyId>,
    is_given: bool,
}

/// How much of a given issue a sentence names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// Distinct content words of the issue in the sentence.
    pub words: usize,
    /// Parties of the issue in the sentence.
    pub parties: usize,
}

impl Issue {
    /// The issue as given in the request, or none.
    #[must_use]
    pub fn new(given: Option<&str>, registry: &Registry) -> Self {
        let Some(given) = given else { return Self::default() };
        let lexicon = Lexicon::get();
        let document = Document::new(given);
        let mentions = Linker::new(registry, None).link(&document).list;
        let is_content = |word: &str| {
            word.len() >= SHORTEST && !lexicon.prepositions.has(word) && !lexicon.determiners.has(word)
        };
        let named = |at: usize| mentions.iter().any(|mention| mention.tokens.contains(&at));
        let content = |at: &usize| document.tokens[*at].kind == TokenKind::Word && is_content(document.lower(*at));
        let tokens = || (0..document.tokens.len()).filter(content);
        Self {
            words: tokens().map(|at| document.lower(at).to_owned()).collect(),
            families: tokens().filter(|&at| !named(at)).map(|at| family(document.lower(at))).collect(),
            parties: mentions.iter().map(|mention| mention.party).collect(),
            is_given: true,
        }
    }

    /// Whether the token at `at` names an issue.
    #[must_use]
    pub fn is_named_at(&self, document: &Document<'_>, at: usize) -> bool {
        let word = document.lower(at);
        Lexicon::get().issues.has(word) || (!self.words.is_empty() && self.words.contains(word))
    }

    /// Whether the issue is a dispute of `party`'s, by its name.
    #[must_use]
    pub fn is_of(&self, party: PartyId) -> bool {
        self.parties.contains(&party)
    }

    /// How much of the given issue these tokens name; `None` if none was given.
    #[must_use]
    pub fn overlap(&self, document: &Document<'_>, tokens: Range<usize>, mentions: &[Mention]) -> Option<Overlap> {
        let words = || tokens.clone().map(|at| family(document.lower(at))).filter(|word| self.families.contains(word));
        let parties = |party: &&PartyId| mentions.iter().any(|mention| mention.party == **party);
        self.is_given.then(|| Overlap {
            words: words().collect::<FxHashSet<_>>().len(),
            parties: self.parties.iter().filter(parties).count(),
        })
    }
}

/// The words that share a stem or a long beginning.
fn family(word: &str) -> String {
    let stem = stem(word);
    stem.char_indices().nth(FAMILY).map_or(&*stem, |(end, _)| &stem[..end]).to_owned()
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
