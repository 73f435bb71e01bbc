//! "the ministry", "he", "the two countries": mentions that take their party from the text before.

use std::ops::Range;

use crate::lexicon::Lexicon;
use crate::text::{Document, SentenceKind, TokenKind};

use super::linker::Mentions;
use super::mention::{Form, Mention, PartyId, Role};

/// How many paragraphs back "the ministry" may look.
const PARAGRAPHS_BACK: usize = 3;

/// How many mentions back any anaphor may look; more are a list, not a story.
const MENTIONS_BACK: usize = 40;

/// Heads that stand for a state with a bare definite article.
const DEFINITE: &[&str] = &[
    "government",
    "ministry",
    "president",
    "minister",
    "spokesman",
    "spokeswoman",
    "spokesperson",
    "ambassador",
    "envoy",
    "premier",
    "chancellor",
    "administration",
    "military",
    "army",
    "navy",
    "king",
    "regime",
    "embassy",
    "authorities",
    "parliament",
    "delegation",
    "diplomat",
    "junta",
    "presidency",
    "secretary",
    "leadership",
    "statement",
    "communique",
    "communiqué",
];

/// Most words between "two" and its noun.
const MOST_QUALIFIERS: usize = 2;

/// Nouns that make a pair of "the two ...".
const PAIRED: &[&str] = &[
    "countries",
    "sides",
    "nations",
    "governments",
    "states",
    "leaders",
    "ministers",
    "presidents",
    "capitals",
    "neighbours",
    "neighbors",
    "powers",
    "superpowers",
    "economies",
    "allies",
    "partners",
    "rivals",
    "foes",
    "adversaries",
    "parties",
    "diplomats",
    "premiers",
    "delegations",
    "envoys",
    "ambassadors",
    "republics",
    "kingdoms",
    "monarchs",
];

/// What may stand between two states that act together: "the ministers of Chad and of Niger".
const JOINING: &[&str] = &["and", ",", "the", "of", "&"];
/// Most words between them.
const LONGEST_JOINT: usize = 3;

/// Those of several states who met, spoken of together.
const OFFICIALS: &[&str] = &["ministers", "leaders", "presidents", "premiers", "diplomats", "envoys", "negotiators"];

/// Adds the anaphoric mentions of `document` to `mentions`, which are in order.
pub(super) fn resolve(mentions: &mut Mentions, document: &Document<'_>) {
    let mut covered = vec![false; document.tokens.len()];
    for mention in &mentions.list {
        covered[mention.phrase.clone()].fill(true);
    }
    let mut resolver = Resolver { document, mentions, covered, added: Vec::new(), scanned: 0, stranger: None };
    for sentence in 0..document.sentences.len() {
        if document.sentences[sentence].kind == SentenceKind::Prose {
            for at in document.sentences[sentence].tokens.clone() {
                resolver.visit(at, sentence);
            }
        }
    }
    let added = resolver.added;
    mentions.list.extend(added);
    mentions.list.sort_by_key(|mention| (mention.phrase.start, mention.tokens.start));
}

struct Resolver<'d, 'm> {
    document: &'d Document<'d>,
    mentions: &'m Mentions,
    covered: Vec<bool>,
    added: Vec<Mention>,
    /// Tokens already looked at for strangers, and the last stranger among them: the visit goes forward only.
    scanned: usize,
    stranger: Option<usize>,
}

impl Resolver<'_, '_> {
    fn visit(&mut self, at: usize, sentence: usize) {
        if self.covered[at] {
            return;
        }
        match self.document.lower(at) {
            "the" if OFFICIALS.contains(&self.document.lower(at + 1)) => self.officials(at, sentence),
            "the" if self.document.lower(at + 1) == "pair" => self.together(at..at + 2, sentence),
            "the" | "its" | "their" | "his" | "her" => self.definite(at, sentence),
            "both" | "two" => self.pair(at, at + 1, sentence),
            "he" | "she" => self.person(at, sentence),
            "they" => {
                self.together(at..at + 1, sentence);
                self.thing(at, sentence);
            }
            "it" => self.thing(at, sentence),
            _ => {}
        }
    }

    /// "the foreign ministry", "the two countries".
    fn definite(&mut self, at: usize, sentence: usize) {
        let lexicon = Lexicon::get();
        let end = self.document.sentences[sentence].tokens.end;
        for head in at + 1..end.min(at + 5) {
            let word = self.document.lower(head);
            if self.covered[head] || lexicon.not_the_state.has(word) {
                return;
            }
            let last = !lexicon.is_government(self.document.lower(head + 1));
            if DEFINITE.contains(&word) && last {
                // "the president of the club" is somebody's, and not of a party known here.
                if self.document.lower(head + 1) == "of"
                    || self.document.tokens.get(head + 1).is_some_and(|t| t.capitalised)
                {
                    return;
                }
                let person = lexicon.government_people.has(word);
                let possessed = self.document.lower(at) != "the";
                let own = || {
                    self.before(at)
                        .rfind(|mention| mention.sentence == sentence && mention.role == Role::State)
                        .map(|m| m.party)
                };
                if let Some(party) = possessed.then(own).flatten().or_else(|| self.bearer(at, sentence, word, person)) {
                    self.push(party, at..head + 1, sentence, person);
                }
                return;
            }
            if !lexicon.modifiers.has(word) && !lexicon.is_government(word) {
                return;
            }
        }
    }

    /// Whose "minister" or "ministry" it is: of the last phrase with that head, else of the last person or state.
    fn bearer(&self, at: usize, sentence: usize, head: &str, person: bool) -> Option<PartyId> {
        let state = |mention: &Mention| mention.role == Role::State;
        let same_head = |mention: &Mention| {
            state(mention) && mention.phrase.clone().any(|token| self.document.lower(token) == head)
        };
        let subject = |mention: &Mention| state(mention) && is_subject(self.document, mention);
        let first = if person { self.recent(at, sentence, same_head) } else { self.recent(at, sentence, subject) };
        first
            .or_else(|| self.recent(at, sentence, same_head))
            .or_else(|| self.recent(at, sentence, |mention| state(mention) && mention.person == person))
            .or_else(|| self.recent(at, sentence, state))
    }

    /// "both sides", "two countries", "the two nuclear-armed neighbours".
    fn pair(&mut self, at: usize, first: usize, sentence: usize) {
        let end = self.document.sentences[sentence].tokens.end.min(first + MOST_QUALIFIERS + 1);
        let lexicon = Lexicon::get();
        let qualifies = |&token: &usize| {
            let word = self.document.lower(token);
            let is_word = self.document.tokens[token].kind == TokenKind::Word;
            is_word && !matches!(word, "and" | "or") && !lexicon.prepositions.has(word) && !lexicon.is_verb(word)
        };
        let is_paired = |&token: &usize| PAIRED.contains(&self.document.lower(token));
        let Some(noun) = (first..end).find(is_paired) else { return };
        if !(first..noun).all(|token| qualifies(&token)) || self.covered[at..=noun].contains(&true) {
            return;
        }
        let eligible = |mention: &Mention| mention.role != Role::Place && mention.form != Form::Place;
        let Some(second) = self.recent(at, sentence, eligible) else { return };
        let other = |mention: &Mention| eligible(mention) && mention.party != second;
        let Some(first) = self.recent(at, sentence, other) else { return };
        let start = if at > 0 && self.document.lower(at - 1) == "the" { at - 1 } else { at };
        self.push(first, start..noun + 1, sentence, false);
        self.push(second, start..noun + 1, sentence, false);
    }

    /// "the ministers" who acted, as one of them tells it: "Paris said the ministers had rejected the plan".
    fn officials(&mut self, at: usize, sentence: usize) {
        if !Lexicon::get().is_verb(self.document.lower(at + 2)) {
            return;
        }
        let tells = |mention: &&Mention| {
            mention.sentence == sentence && mention.role == Role::State && is_subject(self.document, mention)
        };
        let teller = self.before(at).rfind(tells).map(|mention| mention.party);
        match teller {
            Some(party) => self.push(party, at..at + 2, sentence, true),
            None => self.together(at..at + 2, sentence),
        }
    }

    /// "they", "the pair", of the states that acted together last, in this paragraph or the one before: "Chad and Niger
    /// met in May. They rejected the plan."
    fn together(&mut self, tokens: Range<usize>, sentence: usize) {
        let before: Vec<&Mention> = self.near(tokens.start, sentence, 1).collect();
        let is_actor = |mention: &&Mention| mention.role == Role::State && is_subject(self.document, mention);
        let Some(last) = before.iter().position(is_actor) else { return };
        let others = before[last..].windows(2).take_while(|pair| self.are_joined(pair[1], pair[0]));
        let mut parties: Vec<PartyId> = others.map(|pair| pair[1].party).collect();
        parties.push(before[last].party);
        parties.sort_unstable();
        parties.dedup();
        if parties.len() > 1 {
            for party in parties {
                self.push(party, tokens.clone(), sentence, false);
            }
        }
    }

    fn are_joined(&self, first: &Mention, second: &Mention) -> bool {
        let mut between = first.phrase.end..second.phrase.start;
        first.sentence == second.sentence
            && (1..=LONGEST_JOINT).contains(&between.len())
            && between.all(|token| JOINING.contains(&self.document.lower(token)))
    }

    fn person(&mut self, at: usize, sentence: usize) {
        if let Some(party) = self.last_person(at, sentence) {
            self.push(party, at..at + 1, sentence, true);
        }
    }

    /// "it", "they": the state that the text spoke of last in this paragraph, if it was the subject of its sentence.
    fn thing(&mut self, at: usize, sentence: usize) {
        if self.covered[at] || !Lexicon::get().is_verb(self.document.lower(at + 1)) {
            return;
        }
        let is_speaker =
            |mention: &&Mention| mention.role == Role::State && !mention.person && is_subject(self.document, mention);
        let subject = self.near(at, sentence, 0).find(is_speaker);
        let subject = subject.map(|mention| mention.party);
        if let Some(party) = subject {
            self.push(party, at..at + 1, sentence, false);
        }
    }

    /// Mentions by name before token `at`, in order.
    fn before(&self, at: usize) -> impl DoubleEndedIterator<Item = &Mention> {
        let end = self.mentions.list.partition_point(|mention| mention.phrase.start < at);
        self.mentions.list[..end].iter().filter(move |mention| mention.phrase.end <= at)
    }

    /// The last mentions by name before token `at`, the last first, so many paragraphs back.
    fn near(&self, at: usize, sentence: usize, paragraphs: usize) -> impl Iterator<Item = &Mention> {
        let paragraph = self.document.sentences[sentence].paragraph;
        let is_near =
            move |mention: &&Mention| self.document.sentences[mention.sentence].paragraph + paragraphs >= paragraph;
        self.before(at).rev().take_while(is_near).take(MENTIONS_BACK)
    }

    fn recent(&self, at: usize, sentence: usize, eligible: impl Fn(&Mention) -> bool) -> Option<PartyId> {
        self.near(at, sentence, PARAGRAPHS_BACK).find(|mention| eligible(mention)).map(|mention| mention.party)
    }

    /// The party of the person spoken of last in this paragraph or the one before; `None` if that is a stranger.
    fn last_person(&mut self, at: usize, sentence: usize) -> Option<PartyId> {
        let paragraph = self.document.sentences[sentence].paragraph;
        let first = self.document.sentences.partition_point(|s| s.paragraph + 1 < paragraph);
        let first = self.document.sentences[first].tokens.start;
        let stranger = self.last_stranger(at, first);
        let near = |mention: &&Mention| mention.phrase.start >= first;
        let known = self.before(at).rev().take_while(near).take(MENTIONS_BACK).find(|mention| mention.person)?;
        // Of two persons in one sentence the subject goes on speaking.
        let same = |mention: &&Mention| mention.sentence == known.sentence;
        let subject = self.before(at).rev().skip_while(|m| !same(m)).take_while(same).take(MENTIONS_BACK);
        let subject = subject.filter(|mention| mention.person && is_subject(self.document, mention)).last();
        let known = subject.unwrap_or(known);
        let interrupted = stranger.is_some_and(|stranger| stranger > known.phrase.end);
        (!interrupted && known.role == Role::State).then_some(known.party)
    }

    /// The last stranger before `at`, not before `first`.
    fn last_stranger(&mut self, at: usize, first: usize) -> Option<usize> {
        while self.scanned < at {
            if self.is_stranger(self.scanned) {
                self.stranger = Some(self.scanned);
            }
            self.scanned += 1;
        }
        self.stranger.filter(|&token| token >= first)
    }

    /// The last word of a personal name that belongs to no mention.
    fn is_stranger(&self, token: usize) -> bool {
        let name = |at: usize| {
            self.document.tokens.get(at).is_some_and(|t| t.capitalised && t.kind == TokenKind::Word)
                && !self.covered[at]
        };
        let follows = self.document.lower(token + 1);
        name(token)
            && (self.mentions.strangers.contains(self.document.surface(token))
                || token > 0 && name(token - 1) && (follows == "," || Lexicon::get().is_verb(follows)))
    }

    fn push(&mut self, party: PartyId, tokens: Range<usize>, sentence: usize, person: bool) {
        self.covered[tokens.clone()].fill(true);
        let possessive = self.document.tokens.get(tokens.end).is_some_and(|t| t.kind == TokenKind::Possessive);
        self.added.push(Mention {
            party,
            form: Form::Anaphor,
            role: Role::State,
            span: self.document.span_of(tokens.clone()),
            phrase: tokens.clone(),
            tokens,
            person,
            possessive,
            sentence,
        });
    }
}

/// Whether a verb follows the mention directly, or after an adverb.
fn is_subject(document: &Document<'_>, mention: &Mention) -> bool {
    let lexicon = Lexicon::get();
    let next = mention.phrase.end;
    lexicon.is_verb(document.lower(next))
        || lexicon.chain.has(document.lower(next)) && lexicon.is_verb(document.lower(next + 1))
}
