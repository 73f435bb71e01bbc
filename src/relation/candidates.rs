//! Candidates: for every sentence the pairs of a holder and a target, with the ways that tie them and the cues
//! on these ways. Everything that the grammar allows is proposed; the model decides.

use std::ops::Range;

use crate::lexicon::{Lexicon, stem};
use crate::party::{Form, Mention, Mentions, PartyId, Role};
use crate::syntax::{Mask, Relation, SyntaxModel, Tag, Tree, after_dateline};
use crate::text::{Document, SentenceKind};

use super::argument::{Grammar, Path};
use super::candidate::{Candidate, CueLink, IssueNamed};
use super::clause::Clause;
use super::cues::{Cue, Cues};
use super::issue::{Issue, Overlap, recognise};
use super::speech::{Speakers, Speech};
use super::ways::{cues_at, is_denied, is_tied, near_words, rank};

/// Longest sentence that is read, in tokens; a longer one is no sentence, and its pairs would be countless.
const LONGEST_SENTENCE: usize = 200;
/// Most mentions of one sentence that are paired.
const MOST_MENTIONS: usize = 30;
/// Most ways between one holder and one target that are read, shortest first.
const MOST_PATHS: usize = 3;
/// How many mentions back a target that the sentence does not name may stand.
const MENTIONS_BACK: usize = 40;
/// Most words of a personal name after a title.
const LONGEST_NAME: usize = 6;
/// Most words that are tried as names of the issue in one sentence.
const MOST_ISSUE_WORDS: usize = 4;

/// A sentence's tree, with the cues that start at each of its words.
#[derive(Debug)]
pub struct Parsed {
    /// Index of the sentence.
    pub sentence: usize,
    /// Its tree.
    pub tree: Tree,
    /// The base forms of its words: names and other parties masked, numbers folded.
    pub stems: Vec<String>,
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
/// `owner` is the party whose own statement the text is. `cancelled` is asked between sentences; `None` if it said yes.
pub fn propose(
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
        let reader =
            Reader { document, mentions: &mentions.list, issue, speakers: &speakers, sentence: index, tokens, own };
        reader.read(&mut proposals);
    }
    Some(proposals)
}

/// One sentence with all that the relation needs.
struct Reader<'d> {
    document: &'d Document<'d>,
    mentions: &'d [Mention],
    issue: &'d Issue,
    speakers: &'d Speakers,
    /// Its index.
    sentence: usize,
    tokens: Range<usize>,
    /// The mentions of the sentence.
    own: Range<usize>,
}

/// A party that may hold a position in the sentence.
struct Holder {
    party: PartyId,
    /// The mention to show.
    mention: Option<usize>,
    /// Its words in the tree: names, pronouns, "we".
    words: Vec<usize>,
    /// Whether it speaks a part of the sentence.
    speaks: bool,
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
        let tree = Tree::new(SyntaxModel::embedded(), self.document, body, &self.mentions[self.own.clone()]);
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
            let stems = stems(self.document, &tree);
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

    /// Who speaks in the sentence: the party, and the mention if there is one.
    fn speakers_here(&self) -> Vec<(PartyId, Option<usize>)> {
        let mut found: Vec<(PartyId, Option<usize>)> = Vec::new();
        for token in self.tokens.clone() {
            let speaker = match self.speakers.of(token) {
                Speech::Mention(index) => (self.mentions[index].party, Some(index)),
                Speech::Owner(party) => (party, None),
                Speech::Narration | Speech::Stranger => continue,
            };
            if !found.iter().any(|(party, _)| *party == speaker.0) {
                found.push(speaker);
            }
        }
        found
    }

    fn is_spoken_by(&self, token: usize, party: PartyId) -> bool {
        match self.speakers.of(token) {
            Speech::Mention(index) => self.mentions[index].party == party,
            Speech::Owner(owner) => owner == party,
            Speech::Narration | Speech::Stranger => false,
        }
    }

    fn holders(&self, grammar: Grammar<'_>, speakers: &[(PartyId, Option<usize>)]) -> Vec<Holder> {
        let mut holders: Vec<Holder> = Vec::new();
        for index in self.own.clone().filter(|&index| may_hold(&self.mentions[index])) {
            let party = self.mentions[index].party;
            let Some(word) = word_of(grammar.tree, &self.mentions[index]) else { continue };
            let at = holders.iter().position(|holder| holder.party == party).unwrap_or_else(|| {
                holders.push(Holder { party, mention: Some(index), words: Vec::new(), speaks: false });
                holders.len() - 1
            });
            holders[at].words.push(word);
        }
        for &(party, mention) in speakers {
            let at = holders.iter().position(|holder| holder.party == party).unwrap_or_else(|| {
                holders.push(Holder { party, mention, words: Vec::new(), speaks: false });
                holders.len() - 1
            });
            holders[at].speaks = true;
            let first_person = (0..grammar.tree.units.len()).filter(|&word| {
                matches!(grammar.word(word), "we" | "i" | "our" | "my" | "us")
                    && self.is_spoken_by(grammar.tree.units[word].tokens.start, party)
            });
            holders[at].words.extend(first_person);
        }
        holders
    }

    fn toward_parties(&self, grammar: Grammar<'_>, cues: &[Cue], holder: &Holder, found: &mut Vec<Candidate>) {
        let mut targets: Vec<(PartyId, Vec<usize>)> = Vec::new();
        for index in self.own.clone() {
            let mention = &self.mentions[index];
            if mention.party == holder.party {
                continue;
            }
            match targets.iter_mut().find(|(party, _)| *party == mention.party) {
                Some((_, mentions)) => mentions.push(index),
                None => targets.push((mention.party, vec![index])),
            }
        }
        if targets.is_empty() {
            self.toward_context(grammar, cues, holder, found);
        }
        for (party, mentions) in targets {
            let mut paths: Vec<(Path, usize)> = Vec::new();
            for index in mentions {
                let Some(target) = word_of(grammar.tree, &self.mentions[index]) else { continue };
                paths.extend(self.paths(grammar, holder, target).into_iter().map(|path| (path, index)));
            }
            paths.retain(|(path, _)| !is_denied(path, grammar, cues));
            paths.sort_by_key(|(path, _)| rank(path, grammar, cues));
            paths.truncate(MOST_PATHS);
            let Some(&(_, mention)) = paths.first() else { continue };
            let paths: Vec<Path> = paths.into_iter().map(|(path, _)| path).collect();
            let listed =
                word_of(grammar.tree, &self.mentions[mention]).is_some_and(|word| !grammar.sharers(word).is_empty());
            found.extend(self.candidate(grammar, cues, holder, paths).map(|candidate| Candidate {
                target: Some(party),
                target_mention: Some(mention),
                target_listed: listed,
                ..candidate
            }));
        }
    }

    /// A sentence that names nobody else may speak of the party named last: "It also closed its embassy."
    fn toward_context(&self, grammar: Grammar<'_>, cues: &[Cue], holder: &Holder, found: &mut Vec<Candidate>) {
        let Some(other) = self.target_in_context(holder.party) else { return };
        let paths = vec![unnamed(grammar, holder)];
        found.extend(self.candidate(grammar, cues, holder, paths).map(|candidate| Candidate {
            target: Some(self.mentions[other].party),
            target_mention: Some(other),
            is_contextual: true,
            ..candidate
        }));
    }

    /// The mention of another party that stands closest before the sentence, in its paragraph or the one before.
    fn target_in_context(&self, holder: PartyId) -> Option<usize> {
        let paragraph = self.document.sentences[self.sentence].paragraph;
        let is_near =
            |index: &usize| self.document.sentences[self.mentions[*index].sentence].paragraph + 1 >= paragraph;
        (0..self.own.start).rev().take(MENTIONS_BACK).take_while(is_near).find(|&index| {
            let mention = &self.mentions[index];
            mention.party != holder && mention.form != Form::Place && mention.role != Role::Place
        })
    }

    fn toward_issue(
        &self,
        grammar: Grammar<'_>,
        cues: &[Cue],
        holder: &Holder,
        issue_words: &[usize],
    ) -> Option<Candidate> {
        // Where nobody gives the issue, a sentence that names none speaks of none that could be told.
        if issue_words.is_empty() && !self.issue.is_given() {
            return None;
        }
        let named = issue_words
            .iter()
            .flat_map(|&word| self.paths(grammar, holder, word).into_iter().map(move |path| (path, Some(word))));
        let mut paths: Vec<(Path, Option<usize>)> = named.filter(|(path, _)| path.is_bound).collect();
        paths.sort_by_key(|(path, _)| rank(path, grammar, cues));
        paths.truncate(MOST_PATHS - 1);
        let word = paths.first().and_then(|(_, word)| *word);
        let mut paths: Vec<Path> = paths.into_iter().map(|(path, _)| path).collect();
        paths.push(unnamed(grammar, holder));
        let word = word.or_else(|| issue_words.first().copied());
        let issue_token = word.map(|word| grammar.tree.units[word].tokens.start);
        let issue_named = match issue_token {
            Some(token) if self.issue.is_given_at(self.document, token) => IssueNamed::Given,
            Some(_) if self.issue.is_given() => IssueNamed::Other,
            _ => IssueNamed::Any,
        };
        let candidate = self.candidate(grammar, cues, holder, paths)?;
        Some(Candidate { issue_token, issue_named, ..candidate })
    }

    /// The ways from the holder to one word.
    fn paths(&self, grammar: Grammar<'_>, holder: &Holder, target: usize) -> Vec<Path> {
        let words = holder.words.iter().filter(|&&word| word != target);
        let mut paths: Vec<Path> = words.map(|&word| Path::between(grammar, word, target)).collect();
        let token = grammar.tree.units[target].tokens.start;
        if holder.speaks && self.is_spoken_by(token, holder.party) {
            paths.push(Path::spoken(grammar, Some(target), root(grammar.tree)));
        }
        paths
    }

    /// The words that name the issue; the name of a party in the issue's words does not.
    fn issue_words(&self, grammar: Grammar<'_>) -> Vec<usize> {
        let units = &grammar.tree.units;
        let named = (0..units.len()).filter(|&word| {
            units[word].mask.is_none() && self.issue.is_named_at(self.document, units[word].tokens.start)
        });
        named.take(MOST_ISSUE_WORDS).collect()
    }

    /// A candidate of these ways, toward the issue until a target is given; `None` if none of them ties the holder.
    fn candidate(&self, grammar: Grammar<'_>, cues: &[Cue], holder: &Holder, paths: Vec<Path>) -> Option<Candidate> {
        if !is_tied(holder.speaks, &paths) {
            return None;
        }
        let clause = Clause { document: self.document, start: self.tokens.start, end: self.tokens.end };
        let link = |cue: &Cue| CueLink {
            cue: cue.clone(),
            negated: clause.is_negated(cue),
            reversed: clause.is_reversed(cue),
            modality: clause.modality(cue),
            nested: self.is_nested(grammar, cue.tokens.start, holder),
        };
        let near = near_words(grammar.tree, &paths);
        let mut links: Vec<CueLink> = Vec::new();
        for &word in &near {
            links.extend(cues_at(grammar.tree, cues, word).map(link));
        }
        if links.is_empty() {
            let word = paths.iter().find_map(|path| path.pivot).or_else(|| near.first().copied());
            let token = word.map_or(self.tokens.start, |word| grammar.tree.units[word].tokens.start);
            links.push(link(&Cues::get().plain(token)));
        }
        let listed = holder.words.first().is_some_and(|&word| !grammar.sharers(word).is_empty());
        Some(Candidate {
            sentence: self.sentence,
            holder: holder.party,
            target: None,
            holder_mention: holder.mention,
            target_mention: None,
            issue_token: None,
            paths,
            cues: links,
            speaks: holder.speaks,
            holder_listed: listed,
            target_listed: false,
            is_contextual: false,
            holder_in_issue: self.issue.is_about(holder.party),
            issue_named: IssueNamed::Any,
        })
    }

    /// Whether what stands at `token` is told in another state's words.
    fn is_nested(&self, grammar: Grammar<'_>, token: usize, holder: &Holder) -> bool {
        match self.speakers.of(token) {
            Speech::Mention(speaker) => {
                let party = self.mentions[speaker].party;
                party != holder.party && !self.is_beside(speaker, holder) && !self.acts_with(grammar, party, holder)
            }
            Speech::Owner(owner) => owner != holder.party,
            Speech::Stranger | Speech::Narration => false,
        }
    }

    /// Whether the holder acts jointly with `party`, which then tells of itself too: "the ministers of China and Russia
    /// hailed it, Beijing said" (codebook, case 14).
    fn acts_with(&self, grammar: Grammar<'_>, party: PartyId, holder: &Holder) -> bool {
        let others = self.own.clone().map(|index| &self.mentions[index]).filter(|mention| mention.party == party);
        let words: Vec<usize> = others.filter_map(|mention| word_of(grammar.tree, mention)).collect();
        holder.words.iter().any(|&word| grammar.sharers(word).iter().any(|sharer| words.contains(sharer)))
    }

    /// Whether the holder is named together with the speaker: "France and Britain said".
    fn is_beside(&self, speaker: usize, holder: &Holder) -> bool {
        let Some(mention) = holder.mention.map(|index| &self.mentions[index]) else { return false };
        let speaker = &self.mentions[speaker];
        let between = mention.phrase.end.min(speaker.phrase.end)..mention.phrase.start.max(speaker.phrase.start);
        mention.sentence == speaker.sentence
            && between.len() <= 3
            && between.clone().any(|at| matches!(self.document.lower(at), "and" | "," | "&"))
    }
}

/// The word of the tree that stands for a mention: the top of a state's whole phrase, else the name alone, so
/// that "the Israeli offensive" is reached over the word "offensive".
fn word_of(tree: &Tree, mention: &Mention) -> Option<usize> {
    match mention.role {
        Role::State | Role::Place => tree.top_of(&mention.phrase).map(|word| named_by(tree, word)),
        Role::Act | Role::Other => tree.unit_of(mention.tokens.start),
    }
}

/// The name that a title stands before: "Hussein" for "president" in "Iraqi President Saddam Hussein".
fn named_by(tree: &Tree, title: usize) -> usize {
    let name = |&word: &usize| {
        let head = tree.head(word).filter(|&head| head > word && tree.tags[head] == Tag::Nnp)?;
        (tree.relations[word] == Relation::Compound).then_some(head)
    };
    std::iter::successors(Some(title), name).take(LONGEST_NAME).last().unwrap_or(title)
}

/// A state, or a name that qualifies or possesses a noun: "the American accusation".
fn may_hold(mention: &Mention) -> bool {
    match mention.role {
        Role::State => true,
        Role::Act => mention.form != Form::Place,
        Role::Other => mention.possessive || mention.form == Form::Adjective,
        Role::Place => false,
    }
}

fn stems(document: &Document<'_>, tree: &Tree) -> Vec<String> {
    let base = |word: usize| {
        let unit = &tree.units[word];
        match (unit.mask, tree.tags[word]) {
            (Some(Mask::Person), _) => "PERSON".to_owned(),
            (Some(_), _) => "PARTY".to_owned(),
            (None, Tag::Cd) => "NUMBER".to_owned(),
            (None, Tag::Nnp) if !Lexicon::get().is_government(unit.word(document)) => "NAME".to_owned(),
            (None, _) => stem(unit.word(document)).into_owned(),
        }
    };
    (0..tree.units.len()).map(base).collect()
}

/// From the holder, or from whoever speaks, to the predicate that stands for a target which no word names.
fn unnamed(grammar: Grammar<'_>, holder: &Holder) -> Path {
    match holder.words.first() {
        Some(&word) => Path::unnamed(grammar, word),
        None => Path::spoken(grammar, None, root(grammar.tree)),
    }
}

fn root(tree: &Tree) -> usize {
    (0..tree.units.len()).find(|&word| tree.head(word).is_none()).unwrap_or(0)
}
