//! The tree of one sentence.

use std::ops::Range;

use crate::party::Mention;
use crate::text::Document;

use super::artefact::SyntaxModel;
use super::relation::Relation;
use super::tagger::{Tag, Word};
use super::units::{Unit, units};

/// Longest path from a word to the root that is followed.
const DEEPEST: usize = 60;

/// The words of a sentence with their parts of speech, heads and relations.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Its words, in order.
    pub units: Vec<Unit>,
    /// Their parts of speech.
    pub tags: Vec<Tag>,
    heads: Vec<u16>,
    /// What each is to its head.
    pub relations: Vec<Relation>,
    /// Dependents of all words, and where those of each word begin.
    dependents: Vec<u16>,
    first_dependent: Vec<u32>,
}

impl Tree {
    /// The tree of the tokens `sentence`; `mentions` are those of the sentence.
    #[must_use]
    pub fn new(model: &SyntaxModel, document: &Document<'_>, sentence: Range<usize>, mentions: &[Mention]) -> Self {
        let units = units(document, sentence, mentions);
        let words: Vec<Word> = units
            .iter()
            .enumerate()
            .map(|(at, unit)| {
                let capitalised = unit.mask.is_none() && document.tokens[unit.tokens.start].capitalised;
                Word::new(unit.word(document), capitalised, at == 0)
            })
            .collect();
        let (tags, mut heads, mut relations) = model.analyse(&words);
        let is_and = |at: usize| matches!(units[at].word(document), "and" | "or" | "&");
        join_possessors(&units, is_and, &mut heads, &mut relations);
        Self::of(units, tags, heads, relations)
    }

    fn of(units: Vec<Unit>, tags: Vec<Tag>, mut heads: Vec<u16>, mut relations: Vec<Relation>) -> Self {
        let length = units.len();
        give_to_verbs(&mut heads, &mut relations);
        let mut first_dependent = vec![0_u32; length + 2];
        for &head in &heads {
            first_dependent[head as usize + 1] += 1;
        }
        for at in 1..first_dependent.len() {
            first_dependent[at] += first_dependent[at - 1];
        }
        let mut free = first_dependent.clone();
        let mut dependents = vec![0; length];
        for (word, &head) in heads.iter().enumerate() {
            let slot = &mut free[head as usize];
            dependents[*slot as usize] = word as u16;
            *slot += 1;
        }
        Self { units, tags, heads, relations, dependents, first_dependent }
    }

    /// The head of a word; `None` for a root.
    #[must_use]
    pub fn head(&self, word: usize) -> Option<usize> {
        self.heads.get(word).map(|&head| head as usize).filter(|&head| head < self.units.len())
    }

    /// The dependents of a word, from left to right.
    #[must_use]
    pub fn dependents(&self, word: usize) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let (first, last) = (self.first_dependent[word] as usize, self.first_dependent[word + 1] as usize);
        self.dependents[first..last].iter().map(|&word| word as usize)
    }

    /// The dependents of a word that stand to it in `relation`.
    #[must_use]
    pub fn dependents_by(&self, word: usize, relation: Relation) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.dependents(word).filter(move |&dependent| self.relations[dependent] == relation)
    }

    /// The words above `word`, nearest first, itself included.
    pub fn up(&self, word: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(word), |&word| self.head(word)).take(DEEPEST)
    }

    /// The word that `token` of the document belongs to.
    #[must_use]
    pub fn unit_of(&self, token: usize) -> Option<usize> {
        let at = self.units.partition_point(|unit| unit.tokens.end <= token);
        self.units.get(at).filter(|unit| unit.tokens.contains(&token)).map(|_| at)
    }

    /// Of the words of `tokens` the one whose head lies outside.
    #[must_use]
    pub fn top_of(&self, tokens: &Range<usize>) -> Option<usize> {
        let mut read = tokens.clone().filter_map(|token| self.unit_of(token));
        let first = read.next()?;
        let last = read.next_back().unwrap_or(first);
        (first..=last).find(|&word| self.head(word).is_none_or(|head| head < first || head > last)).or(Some(first))
    }
}

/// "The harmony of Moscow and Beijing's approaches" is the harmony of what both approach: of two parties joined by "and"
/// whose second is a possessor, both are.
fn join_possessors(units: &[Unit], is_and: impl Fn(usize) -> bool, heads: &mut [u16], relations: &mut [Relation]) {
    for first in 0..units.len().saturating_sub(2) {
        let (and, second) = (first + 1, first + 2);
        let joined = units[first].mask.is_some() && is_and(and) && units[second].mask.is_some();
        let owned = heads[second] as usize;
        if !joined || relations[second] != Relation::Poss || relations[first] == Relation::Poss || owned <= second {
            continue;
        }
        // What is owned takes the first one's place, unless that lies below it: a tree has no circle.
        let above =
            std::iter::successors(Some(first), |&word| heads.get(word).map(|&head| head as usize)).take(DEEPEST);
        if owned < units.len() && !above.into_iter().any(|word| word == owned) {
            (heads[owned], relations[owned]) = (heads[first], relations[first]);
        }
        (heads[first], relations[first]) = (owned as u16, Relation::Poss);
        (heads[second], relations[second]) = (first as u16, Relation::Conj);
        heads[and] = first as u16;
    }
}

/// An auxiliary has no dependents: what the parser hung on one belongs to its verb. The subject of a verb with the
/// auxiliary of a passive is that of a passive.
fn give_to_verbs(heads: &mut [u16], relations: &mut [Relation]) {
    let mut passive = vec![false; heads.len()];
    for word in 0..heads.len() {
        if relations[word] == Relation::Auxpass
            && let Some(is_passive) = passive.get_mut(heads[word] as usize)
        {
            *is_passive = true;
        }
    }
    for word in 0..heads.len() {
        let head = heads[word] as usize;
        match relations.get(head) {
            Some(Relation::Auxpass) if relations[word] == Relation::Nsubj => {
                heads[word] = heads[head];
                relations[word] = Relation::Nsubjpass;
            }
            Some(Relation::Aux | Relation::Auxpass) => heads[word] = heads[head],
            Some(_) if relations[word] == Relation::Nsubj && passive[head] => relations[word] = Relation::Nsubjpass,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::units::Mask;
    use super::*;

    /// The heads of "X and Y approaches", X and Y masked and Y a possessor, after the joining.
    fn joined(heads: [u16; 4]) -> [u16; 4] {
        let mask = |word: usize| (word != 1 && word != 3).then_some(Mask::Party);
        let units: Vec<Unit> = (0..4).map(|word| Unit { tokens: word..word + 1, mask: mask(word) }).collect();
        let mut relations = [Relation::Pobj, Relation::Cc, Relation::Poss, Relation::Conj];
        let mut heads = heads;
        join_possessors(&units, |word| word == 1, &mut heads, &mut relations);
        assert_eq!((relations[0], relations[2]), (Relation::Poss, Relation::Conj));
        heads
    }

    #[test]
    fn joined_possessors_share_what_they_own_without_a_circle() {
        let root = 4;
        assert_eq!(joined([root, 0, 3, 0]), [3, 0, 0, root], "the owned word takes the first one's place");
        assert_eq!(joined([1, 3, 3, root]), [3, 0, 0, root], "the first one lies below what is owned");
    }
}
