//! The issue at hand: given in the request, or recognised by the words that news uses for one.

use std::ops::Range;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::lexicon::{Lexicon, stem};
use crate::party::{Linker, Mention, PartyId, Registry};
use crate::text::{Document, TokenKind};

/// Shortest word that names a given issue, in bytes.
const SHORTEST: usize = 4;
/// Words that share so long a beginning, in characters, are of one family: "annexed", "annexation".
const FAMILY: usize = 6;

/// The issue of an article, if the request gives it in words.
#[derive(Debug, Default)]
pub struct Issue {
    given: Option<Given>,
}

/// What a given issue's words name.
#[derive(Debug)]
struct Given {
    /// The families of its content words, names of parties left out.
    families: FxHashSet<String>,
    /// Its parties: those of "the war in Ukraine".
    parties: Vec<PartyId>,
}

/// How much of the given issue a sentence names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// Families of the issue's content words.
    pub words: usize,
    /// Parties of the issue.
    pub parties: usize,
}

impl Issue {
    /// The issue as given in the request, or none.
    #[must_use]
    pub fn new(given: Option<&str>, registry: &Registry) -> Self {
        Self { given: given.map(|given| Given::new(given, registry)) }
    }

    /// Whether the token at `at` may name the issue: by one of its own words, or by a noun that names issues.
    #[must_use]
    pub fn is_named_at(&self, document: &Document<'_>, at: usize) -> bool {
        Lexicon::get().issues.has(document.lower(at)) || self.is_given_at(document, at)
    }

    /// Whether the token at `at` is a word of the given issue.
    #[must_use]
    pub fn is_given_at(&self, document: &Document<'_>, at: usize) -> bool {
        self.given.as_ref().is_some_and(|given| given.has(document.lower(at)))
    }

    /// Whether the request gives the issue.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.given.is_some()
    }

    /// Whether the given issue names `party`.
    #[must_use]
    pub fn is_about(&self, party: PartyId) -> bool {
        self.given.as_ref().is_some_and(|given| given.parties.contains(&party))
    }

    /// How much of the given issue these tokens and mentions name; `None` if none was given.
    #[must_use]
    pub fn overlap(&self, document: &Document<'_>, tokens: Range<usize>, mentions: &[Mention]) -> Option<Overlap> {
        let given = self.given.as_ref()?;
        let words = tokens.map(|at| document.lower(at)).filter(|word| given.has(word)).map(family);
        let named = |party: &&PartyId| mentions.iter().any(|mention| mention.party == **party);
        Some(Overlap {
            words: words.collect::<FxHashSet<_>>().len(),
            parties: given.parties.iter().filter(named).count(),
        })
    }
}

impl Given {
    fn new(words: &str, registry: &Registry) -> Self {
        let lexicon = Lexicon::get();
        let document = Document::new(words);
        let mentions = Linker::new(registry, None).link(&document).list;
        let is_content = |&at: &usize| {
            let word = document.lower(at);
            document.tokens[at].kind == TokenKind::Word
                && word.len() >= SHORTEST
                && !lexicon.prepositions.has(word)
                && !lexicon.determiners.has(word)
                && !mentions.iter().any(|mention| mention.tokens.contains(&at))
        };
        let mut parties: Vec<PartyId> = mentions.iter().map(|mention| mention.party).collect();
        parties.sort_unstable();
        parties.dedup();
        let content = (0..document.tokens.len()).filter(is_content);
        Self { families: content.map(|at| family(document.lower(at))).collect(), parties }
    }

    fn has(&self, word: &str) -> bool {
        word.len() >= SHORTEST && self.families.contains(&family(word))
    }
}

/// What words of one stem, or with a long beginning in common, share.
fn family(word: &str) -> String {
    stem(word).chars().take(FAMILY).collect()
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
