//! Who may hold a position in a sentence: the parties named there, and whoever speaks.

use std::iter::successors;

use crate::party::{Form, Mention, PartyId, Role};
use crate::syntax::{Relation, Tag, Tree};

use super::argument::Grammar;
use super::candidates::Reader;
use super::speech::Speech;

/// Most words of a personal name after a title.
const LONGEST_NAME: usize = 6;

/// A party that may hold a position in the sentence.
pub(super) struct Holder {
    pub(super) party: PartyId,
    /// The mention to show.
    pub(super) mention: Option<usize>,
    /// Its words in the tree: names, pronouns, "we".
    pub(super) words: Vec<usize>,
    /// Whether it speaks a part of the sentence.
    pub(super) speaks: bool,
}

impl Reader<'_> {
    /// Who speaks in the sentence: the party, and the mention if there is one.
    pub(super) fn speakers_here(&self) -> Vec<(PartyId, Option<usize>)> {
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

    pub(super) fn is_spoken_by(&self, token: usize, party: PartyId) -> bool {
        match self.speakers.of(token) {
            Speech::Mention(index) => self.mentions[index].party == party,
            Speech::Owner(owner) => owner == party,
            Speech::Narration | Speech::Stranger => false,
        }
    }

    pub(super) fn holders(&self, grammar: Grammar<'_>, speakers: &[(PartyId, Option<usize>)]) -> Vec<Holder> {
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
}

/// The word of the tree that stands for a mention: the top of a state's whole phrase, else the name alone, so
/// that "the Israeli offensive" is reached over the word "offensive".
pub(super) fn word_of(tree: &Tree, mention: &Mention) -> Option<usize> {
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
    successors(Some(title), name).take(LONGEST_NAME).last().unwrap_or(title)
}

/// A state, or a name that qualifies or possesses a noun: "the American accusation".
pub(super) fn may_hold(mention: &Mention) -> bool {
    match mention.role {
        Role::State => true,
        Role::Act => mention.form != Form::Place,
        Role::Other => mention.possessive || mention.form == Form::Adjective,
        Role::Place => false,
    }
}
