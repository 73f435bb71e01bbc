//! From a text to the mentions of parties: surface forms, officials at the article's date, names
//! learnt in the text, and anaphors.

use std::cell::OnceCell;
use std::ops::Range;

use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::lexicon::Lexicon;
use crate::text::{Document, TokenKind};

use super::anaphora;
use super::mention::{Form, Mention, PartyId, Role};
use super::phrase::Phrases;
use super::registry::{Meaning, Registry};

/// The mentions of one text.
#[derive(Debug, Default)]
pub struct Mentions {
    /// In the order of the text; two of them may share their tokens ("the two countries").
    pub list: Vec<Mention>,
    /// Personal names that belong to no state: former officials, members of the opposition.
    pub(super) strangers: FxHashSet<String>,
}

/// Finds the mentions of parties in documents.
#[derive(Debug, Clone, Copy)]
pub struct Linker<'r> {
    registry: &'r Registry,
    date: Option<Date>,
}

/// A surface form found in the text, before its meaning is decided.
struct Found {
    pattern: usize,
    tokens: Range<usize>,
}

impl<'r> Linker<'r> {
    /// A linker for articles of `date`.
    #[must_use]
    pub fn new(registry: &'r Registry, date: Option<Date>) -> Self {
        Self { registry, date }
    }

    /// All mentions of parties in `document`.
    #[must_use]
    pub fn link(&self, document: &Document<'_>) -> Mentions {
        let found = self.scan(document);
        let mut named = vec![false; document.tokens.len()];
        for form in &found {
            named[form.tokens.clone()].fill(true);
        }
        let full_names = self.full_names(&found);
        let named_alone = OnceCell::new();
        let phrases = Phrases { document, lexicon: Lexicon::get(), named: &named };
        let mut mentions = Mentions::default();
        let mut learnt = FxHashMap::default();
        for form in &found {
            if let Some((party, kind)) = self.decide(document, form, &full_names, &|party| {
                named_alone.get_or_init(|| self.named_alone(&found)).contains(&party)
            }) {
                add(&mut mentions, &mut learnt, phrases, party, kind, &form.tokens);
            }
        }
        add_learnt(&mut mentions, &learnt, document, &named);
        mentions.list.sort_by_key(|mention| (mention.phrase.start, mention.tokens.start));
        share_heads(&mut mentions.list, document);
        anaphora::resolve(&mut mentions, document);
        mentions
    }

    /// All surface forms on token boundaries, longest first match, not overlapping; traps are dropped.
    fn scan(&self, document: &Document<'_>) -> Vec<Found> {
        let tokens = &document.tokens;
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let start = token.span.start as usize;
            let hit = self.registry.forms.longest(&document.text[start..]).and_then(|(form, length)| {
                let last = at + tokens[at..].partition_point(|token| (token.span.end as usize) < start + length);
                let is_whole = tokens.get(last).is_some_and(|token| token.span.end as usize == start + length);
                // "AU$5 million" is money.
                let is_currency = document.text.as_bytes().get(start + length) == Some(&b'$');
                (is_whole && !is_currency).then_some(Found { pattern: form, tokens: at..last + 1 })
            });
            at = hit.as_ref().map_or(at + 1, |hit| hit.tokens.end);
            found.extend(hit);
        }
        // A name that is a trap for one party and the name of another is the other.
        found.retain(|form| self.registry.meanings[form.pattern].iter().any(|meaning| *meaning != Meaning::Trap));
        self.drop_possessed_organs(document, &mut found);
        found
    }

    /// "Georgia's Security Council" is Georgia's, though the bare name means another party's.
    fn drop_possessed_organs(&self, document: &Document<'_>, found: &mut Vec<Found>) {
        let parties = |form: &Found, is_form: fn(Form) -> bool| -> Vec<PartyId> {
            let meanings = self.registry.meanings[form.pattern].iter();
            meanings
                .filter_map(|m| if let Meaning::Party(id, form) = m { is_form(*form).then_some(*id) } else { None })
                .collect()
        };
        let is_possessive =
            |at: usize| document.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Possessive);
        let mut is_possessed = vec![false; found.len()];
        for at in 1..found.len() {
            let (owner, organ) = (&found[at - 1], &found[at]);
            let end = owner.tokens.end + usize::from(is_possessive(owner.tokens.end));
            let organs = parties(organ, |form| form == Form::Organ);
            let owners = parties(owner, |form| matches!(form, Form::Name | Form::Adjective));
            is_possessed[at] = end == organ.tokens.start
                && !organs.is_empty()
                && !owners.is_empty()
                && !owners.iter().any(|owner| organs.contains(owner));
        }
        let mut possessed = is_possessed.iter();
        found.retain(|_| possessed.next() != Some(&true));
    }

    /// The people whose full names occur.
    fn full_names(&self, found: &[Found]) -> FxHashSet<usize> {
        let meanings = found.iter().flat_map(|form| &self.registry.meanings[form.pattern]);
        meanings
            .filter_map(|meaning| if let Meaning::FullName(person) = meaning { Some(*person) } else { None })
            .collect()
    }

    /// What a surface form means here, if it means a party.
    fn decide(
        &self,
        document: &Document<'_>,
        form: &Found,
        full_names: &FxHashSet<usize>,
        is_named_otherwise: &dyn Fn(PartyId) -> bool,
    ) -> Option<(PartyId, Form)> {
        let meanings = &self.registry.meanings[form.pattern];
        let surface = &document.text[document.span_of(form.tokens.clone()).range()];
        if let Some(party) = self.full_name(meanings) {
            return Some((party, Form::Official));
        }
        let parties: Vec<(PartyId, Form)> = meanings
            .iter()
            .filter_map(|m| if let Meaning::Party(id, form) = m { Some((*id, *form)) } else { None })
            .collect();
        if parties.is_empty() {
            return self.surname(document, form, meanings, full_names).map(|party| (party, Form::Official));
        }
        if self.registry.ambiguous.contains(surface) && is_personal_name(document, &form.tokens) {
            return None;
        }
        // A bloc's metonym wins over a capital; among states of one name, the one the text names otherwise.
        let bloc = parties.iter().find(|(id, _)| self.registry.get(*id).is_bloc);
        let supported = || parties.iter().find(|(id, _)| is_named_otherwise(*id));
        bloc.or_else(|| (parties.len() > 1).then(supported).flatten()).or_else(|| parties.first()).copied()
    }

    fn full_name(&self, meanings: &[Meaning]) -> Option<PartyId> {
        let people =
            meanings.iter().filter_map(|m| if let Meaning::FullName(person) = m { Some(*person) } else { None });
        people
            .map(|person| &self.registry.people[person])
            .find(|person| person.in_office(self.date))
            .map(|person| person.party)
    }

    /// The parties that are named by a form which means nothing else.
    fn named_alone(&self, found: &[Found]) -> FxHashSet<PartyId> {
        let meanings = found.iter().map(|form| &self.registry.meanings[form.pattern][..]);
        meanings.filter_map(|meanings| if let [Meaning::Party(id, _)] = meanings { Some(*id) } else { None }).collect()
    }

    /// A bare surname counts if the full name occurs, a title stands before it, or exactly one holder is in office.
    fn surname(
        &self,
        document: &Document<'_>,
        form: &Found,
        meanings: &[Meaning],
        full_names: &FxHashSet<usize>,
    ) -> Option<PartyId> {
        if is_given_name_before(document, form.tokens.start) {
            return None;
        }
        let people =
            meanings.iter().filter_map(|m| if let Meaning::Surname(person) = m { Some(*person) } else { None });
        let serving: Vec<usize> = people.filter(|&person| self.registry.people[person].in_office(self.date)).collect();
        if let Some(person) = serving.iter().find(|person| full_names.contains(person)) {
            return Some(self.registry.people[*person].party);
        }
        let mut parties: Vec<PartyId> = serving.iter().map(|&person| self.registry.people[person].party).collect();
        parties.dedup();
        let [party] = parties[..] else { return None };
        let surname = &self.registry.people[serving[0]].surname;
        let titled =
            form.tokens.start > 0 && Lexicon::get().government_people.has(document.lower(form.tokens.start - 1));
        // Short surnames are words and names of others too ("May", "Ban", "Hill").
        (titled || surname.chars().count() >= 5).then_some(party)
    }
}

/// Whether a capitalised word that is no title stands glued before: somebody else of that surname.
fn is_given_name_before(document: &Document<'_>, at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return false };
    let token = &document.tokens[before];
    let word = document.lower(before);
    let lexicon = Lexicon::get();
    let starts = document.sentences[document.sentence_of(before)].tokens.start == before;
    let known =
        lexicon.government_people.has(word) || lexicon.modifiers.has(word) || matches!(word, "mr" | "mrs" | "ms");
    token.capitalised && token.kind == TokenKind::Word && !known && word.len() > 1 && !starts
}

/// "Michael Jordan", "Chad Smith": an ambiguous name among capitalised words.
fn is_personal_name(document: &Document<'_>, tokens: &Range<usize>) -> bool {
    let lexicon = Lexicon::get();
    let next_is_name = document.tokens.get(tokens.end).is_some_and(|token| {
        let word = document.lower(tokens.end);
        token.capitalised
            && token.kind == TokenKind::Word
            && !lexicon.is_government(word)
            && !lexicon.modifiers.has(word)
    });
    next_is_name && !document.lower(tokens.start).ends_with("an") || is_given_name_before(document, tokens.start)
}

fn add(
    mentions: &mut Mentions,
    learnt: &mut FxHashMap<String, PartyId>,
    phrases: Phrases<'_>,
    party: PartyId,
    form: Form,
    tokens: &Range<usize>,
) {
    let document = phrases.document;
    let sentence = document.sentence_of(tokens.start);
    let bounds = document.sentences[sentence].tokens.clone();
    if let Some(last) = mentions.list.last_mut()
        && (tokens.start < last.phrase.end
            || tokens.start == last.phrase.end
                && form == Form::Official
                && last.person
                && !last.possessive
                && last.party == party)
    {
        // "Russian Foreign Minister Sergei Lavrov" is one mention; "ambassador to Syria" names no second state.
        if last.party == party {
            let phrase = phrases.around(tokens, form, &bounds);
            // "President Trump's decision": the phrase ends with the name, the decision is only possessed.
            let is_possessor = document.tokens.get(tokens.end).is_some_and(|token| token.kind == TokenKind::Possessive);
            let end = if is_possessor { tokens.end } else { phrase.tokens.end };
            last.phrase.end = last.phrase.end.max(end);
            last.possessive = phrase.possessive || is_possessor;
            last.person |= phrase.person;
            last.span = document.span_of(last.phrase.clone());
            return;
        }
        push(mentions, document, party, form, tokens, Role::Place);
        return;
    }
    let phrase = phrases.around(tokens, form, &bounds);
    if let Some(name) = &phrase.name {
        learn(mentions, learnt, document, name, party, phrase.role);
    } else if let Some(name) = name_before(document, phrase.tokens.start, &bounds)
        && phrase.person
    {
        learn(mentions, learnt, document, &name, party, phrase.role);
    }
    if form == Form::Official {
        let surname = document.surface(tokens.end - 1).to_owned();
        learnt.insert(surname, party);
    }
    mentions.list.push(Mention {
        party,
        form,
        role: phrase.role,
        tokens: tokens.clone(),
        span: document.span_of(phrase.tokens.clone()),
        phrase: phrase.tokens,
        person: phrase.person,
        possessive: phrase.possessive,
        sentence,
    });
}

/// "Nigerian and British armed forces": the first adjective shares the head of the second.
fn share_heads(mentions: &mut [Mention], document: &Document<'_>) {
    for second in (1..mentions.len()).rev() {
        let (head, tail) = mentions.split_at_mut(second);
        let (first, second) = (&mut head[second - 1], &tail[0]);
        let between = first.phrase.end..second.tokens.start;
        let joined = (1..=3).contains(&between.len())
            && between.clone().all(|at| matches!(document.lower(at), "and" | "," | "the" | "or" | "&" | "-"));
        let headed = second.phrase.end > second.tokens.end && second.phrase.start == second.tokens.start;
        let qualifies = matches!(first.form, Form::Adjective | Form::Name) && !first.possessive;
        if joined && headed && first.role == Role::Other && qualifies {
            first.role = second.role;
        }
    }
}

fn push(
    mentions: &mut Mentions,
    document: &Document<'_>,
    party: PartyId,
    form: Form,
    tokens: &Range<usize>,
    role: Role,
) {
    mentions.list.push(Mention {
        party,
        form,
        role,
        tokens: tokens.clone(),
        phrase: tokens.clone(),
        person: false,
        possessive: false,
        sentence: document.sentence_of(tokens.start),
        span: document.span_of(tokens.clone()),
    });
}

/// "Sami Khiyami, the Syrian ambassador": the name before the comma.
fn name_before(document: &Document<'_>, phrase: usize, sentence: &Range<usize>) -> Option<Range<usize>> {
    let mut comma = phrase.checked_sub(1)?;
    if Lexicon::get().determiners.has(document.lower(comma)) {
        comma = comma.checked_sub(1)?;
    }
    if document.lower(comma) != "," || comma <= sentence.start {
        return None;
    }
    let mut start = comma;
    let lexicon = Lexicon::get();
    let is_name = |at: usize| {
        document.tokens[at].capitalised
            && !lexicon.prepositions.has(document.lower(at))
            && !lexicon.chain.has(document.lower(at))
    };
    while start > sentence.start && comma - start < 4 && is_name(start - 1) {
        start -= 1;
    }
    (comma - start >= 2).then_some(start..comma)
}

fn learn(
    mentions: &mut Mentions,
    learnt: &mut FxHashMap<String, PartyId>,
    document: &Document<'_>,
    name: &Range<usize>,
    party: PartyId,
    role: Role,
) {
    for at in [name.start, name.end - 1] {
        // The family name comes last, or first where names are written so ("Wang Yi").
        let surname = document.surface(at);
        if surname.chars().count() < 3 && name.len() > 2 {
            continue;
        }
        if role == Role::State {
            learnt.entry(surname.to_owned()).or_insert(party);
        } else if at == name.end - 1 {
            mentions.strangers.insert(surname.to_owned());
        }
    }
}

/// Mentions by the names that the text itself introduced.
fn add_learnt(mentions: &mut Mentions, learnt: &FxHashMap<String, PartyId>, document: &Document<'_>, named: &[bool]) {
    let mut covered = named.to_vec();
    for mention in &mentions.list {
        covered[mention.phrase.clone()].fill(true);
    }
    for (at, token) in document.tokens.iter().enumerate() {
        if !token.capitalised || covered[at] || token.kind != TokenKind::Word {
            continue;
        }
        let surface = document.surface(at);
        if mentions.strangers.contains(surface) {
            continue;
        }
        if let Some(&party) = learnt.get(surface) {
            let possessive = document.tokens.get(at + 1).is_some_and(|t| t.kind == TokenKind::Possessive);
            push(mentions, document, party, Form::Official, &(at..at + 1), Role::State);
            if let Some(mention) = mentions.list.last_mut() {
                mention.person = true;
                mention.possessive = possessive;
            }
        }
    }
}
