//! Candidates: for every sentence the pairs of a holder and a target, with the ways that tie them and the cues
//! on these ways. Everything that the grammar allows is proposed; the model decides.

use std::ops::Range;

use crate::lexicon::{Lexicon, stem};
use crate::party::{Mention, Mentions, PartyId};
use crate::syntax::{Mask, SyntaxModel, Tag, Tree, after_dateline};
use crate::text::{Document, SentenceKind};

use super::argument::Grammar;
use super::candidate::Candidate;
use super::cues::{Cue, Cues};
use super::holders::may_hold;
use super::issue::{Issue, Overlap, recognise};
use super::speech::Speakers;

/// Longest sentence that is read, in tokens; a longer one is no sentence, and its pairs would be countless.
const LONGEST_SENTENCE: usize = 200;
/// Most mentions of one sentence that are paired.
const MOST_MENTIONS: usize = 30;

/// A sentence's tree, with the cues that start at each of its words.
#[derive(Debug)]
pub struct Parsed {
    /// Index of the sentence.
    pub sentence: usize,
    /// Its tree.
    pub tree: Tree,
    /// The base forms of its words: names and other parties masked, numbers folded.
    pub stems: Stems,
    /// Its cues, in order.
    pub cues: Vec<Cue>,
    /// How much of the given issue it names; `None` if none was given.
    pub overlap: Option<Overlap>,
}

/// All that a document's sentences propose.
#[derive(Debug, Default)]
pub struct Proposals {
    /// The pairs, by sentence.
    pub candidates: Vec<Candidate>,
    /// The sentences that have any, in order.
    pub sentences: Vec<Parsed>,
    /// The issue's words, if the text names one.
    pub issue: Option<String>,
}

/// Finds the candidates of a document.
///
/// `syntax` parses its sentences. `owner` is the party whose own statement the text is. `cancelled` is asked between sentences; `None` if it said yes.
pub fn propose(
    syntax: &SyntaxModel,
    document: &Document<'_>,
    mentions: &Mentions,
    issue: &Issue,
    owner: Option<PartyId>,
    cancelled: &dyn Fn() -> bool,
) -> Option<Proposals> {
    let speakers = Speakers::new(document, &mentions.list, owner);
    let mut proposals = Proposals { issue: recognise(document), ..Proposals::default() };
    let mut first = 0;
    for (index, sentence) in document.sentences.iter().enumerate() {
        if cancelled() {
            return None;
        }
        while first < mentions.list.len() && mentions.list[first].sentence < index {
            first += 1;
        }
        let own = mentions.list[first..].iter().take_while(|mention| mention.sentence == index).count();
        let tokens = sentence.tokens.clone();
        if sentence.kind != SentenceKind::Prose || tokens.len() > LONGEST_SENTENCE || tokens.is_empty() {
            continue;
        }
        let own = first..first + own.min(MOST_MENTIONS);
        let reader = Reader {
            syntax,
            document,
            mentions: &mentions.list,
            issue,
            speakers: &speakers,
            sentence: index,
            tokens,
            own,
        };
        reader.read(&mut proposals);
    }
    Some(proposals)
}

/// One sentence with all that the relation needs.
pub(super) struct Reader<'d> {
    syntax: &'d SyntaxModel,
    pub(super) document: &'d Document<'d>,
    pub(super) mentions: &'d [Mention],
    pub(super) issue: &'d Issue,
    pub(super) speakers: &'d Speakers,
    /// Its index.
    pub(super) sentence: usize,
    pub(super) tokens: Range<usize>,
    /// The mentions of the sentence.
    pub(super) own: Range<usize>,
}

impl Reader<'_> {
    fn read(&self, proposals: &mut Proposals) {
        let speakers = self.speakers_here();
        if !self.may_propose(&speakers) {
            return;
        }
        let mut cues = Cues::get().find(self.document, &self.tokens);
        // "United" in "United States" is no cue.
        cues.retain(|cue| !self.own.clone().any(|index| self.mentions[index].tokens.contains(&cue.tokens.start)));
        // Of the pairs of a sentence without any cue one in twenty carries a stance, and the model finds hardly one of them.
        if speakers.is_empty() && !cues.iter().any(|cue| Cues::get().class(cue).stance().is_some()) {
            return;
        }
        let body = after_dateline(self.document, &self.tokens)..self.tokens.end;
        let tree = Tree::new(self.syntax, self.document, body, &self.mentions[self.own.clone()]);
        if tree.units.is_empty() {
            return;
        }
        let grammar = Grammar { document: self.document, tree: &tree };
        let holders = self.holders(grammar, &speakers);
        let issue_words = self.issue_words(grammar);
        let before = proposals.candidates.len();
        for holder in &holders {
            self.toward_parties(grammar, &cues, holder, &mut proposals.candidates);
            proposals.candidates.extend(self.toward_issue(grammar, &cues, holder, &issue_words));
        }
        if proposals.candidates.len() > before {
            let stems = Stems::of(self.document, &tree);
            let overlap = self.issue.overlap(self.document, self.tokens.clone(), &self.mentions[self.own.clone()]);
            proposals.sentences.push(Parsed { sentence: self.sentence, tree, stems, cues, overlap });
        }
    }

    /// Whether the sentence has a holder, and what it may hold a position toward. Told without its cues and its tree,
    /// which are most of a sentence's cost; two of five sentences with a holder have no target.
    fn may_propose(&self, speakers: &[(PartyId, Option<usize>)]) -> bool {
        let own = &self.mentions[self.own.clone()];
        let named = own.iter().filter(|mention| may_hold(mention)).map(|mention| mention.party);
        let mut holders = named.chain(speakers.iter().map(|&(party, _)| party)).peekable();
        if holders.peek().is_none() {
            return false;
        }
        let names_issue = || self.tokens.clone().any(|token| self.issue.is_named_at(self.document, token));
        let has_target = |holder: PartyId| {
            own.iter().any(|mention| mention.party != holder) || self.target_in_context(holder).is_some()
        };
        self.issue.is_given() || holders.any(has_target) || names_issue()
    }
}

/// The base forms of a sentence's words, end to end.
#[derive(Debug, Default)]
pub struct Stems {
    text: String,
    ends: Vec<usize>,
}

impl Stems {
    fn of(document: &Document<'_>, tree: &Tree) -> Self {
        let mut stems = Self::default();
        for (unit, tag) in tree.units.iter().zip(&tree.tags) {
            let word = unit.word(document);
            let is_name = || !Lexicon::get().is_government(word);
            stems.text.push_str(&match (unit.mask, tag) {
                (Some(Mask::Person), _) => "PERSON".into(),
                (Some(_), _) => "PARTY".into(),
                (None, Tag::Cd) => "NUMBER".into(),
                (None, Tag::Nnp) if is_name() => "NAME".into(),
                (None, _) => stem(word),
            });
            stems.ends.push(stems.text.len());
        }
        stems
    }

    /// The base form of a word of the tree.
    #[must_use]
    pub fn get(&self, word: usize) -> &str {
        let start = word.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[word]]
    }
}
