//! Toward what a holder may take a position in a sentence: the other parties, the one that the context names, the issue.

use crate::party::{Form, PartyId, Role};

use super::argument::{Grammar, Path};
use super::candidate::{Candidate, IssueNamed};
use super::candidates::Reader;
use super::cues::Cue;
use super::holders::{Holder, word_of};
use super::ways::{is_denied, rank};
use crate::syntax::Tree;

/// Most ways between one holder and one target that are read, shortest first.
const MOST_PATHS: usize = 3;
/// How many mentions back a target that the sentence does not name may stand.
const MENTIONS_BACK: usize = 40;
/// Most words that are tried as names of the issue in one sentence.
const MOST_ISSUE_WORDS: usize = 4;

impl Reader<'_> {
    pub(super) fn toward_parties(
        &self,
        grammar: Grammar<'_>,
        cues: &[Cue],
        holder: &Holder,
        found: &mut Vec<Candidate>,
    ) {
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
    pub(super) fn target_in_context(&self, holder: PartyId) -> Option<usize> {
        let paragraph = self.document.sentences[self.sentence].paragraph;
        let is_near =
            |index: &usize| self.document.sentences[self.mentions[*index].sentence].paragraph + 1 >= paragraph;
        (0..self.own.start).rev().take(MENTIONS_BACK).take_while(is_near).find(|&index| {
            let mention = &self.mentions[index];
            mention.party != holder && mention.form != Form::Place && mention.role != Role::Place
        })
    }

    pub(super) fn toward_issue(
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
    pub(super) fn issue_words(&self, grammar: Grammar<'_>) -> Vec<usize> {
        let units = &grammar.tree.units;
        let named = (0..units.len()).filter(|&word| {
            units[word].mask.is_none() && self.issue.is_named_at(self.document, units[word].tokens.start)
        });
        named.take(MOST_ISSUE_WORDS).collect()
    }
}

/// From the holder, or from whoever speaks, to the predicate that stands for a target which no word names.
fn unnamed(grammar: Grammar<'_>, holder: &Holder) -> Path {
    match holder.words.first() {
        Some(&word) => Path::unnamed(grammar, word),
        None => Path::spoken(grammar, None, root(grammar.tree)),
    }
}

pub(super) fn root(tree: &Tree) -> usize {
    (0..tree.units.len()).find(|&word| tree.head(word).is_none()).unwrap_or(0)
}
