//! The noun phrase around a party's name: who or what it stands for.
//!
//! "Russian Foreign Minister" is the state, "the Israeli offensive" what a state does, "in Beijing"
//! a place, "Chinese noodles" and "the former Polish president" neither.

use std::ops::Range;

use crate::lexicon::Lexicon;
use crate::text::{Document, TokenKind};

use super::mention::{Form, Role};

/// How far the head may stand from the name, in tokens.
const REACH: usize = 7;

/// What the words around a name make of it.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    pub(super) tokens: Range<usize>,
    pub(super) role: Role,
    pub(super) person: bool,
    pub(super) possessive: bool,
    /// The personal name in the phrase: "Sami Khiyami" in "the Syrian ambassador, Sami Khiyami".
    pub(super) name: Option<Range<usize>>,
}

/// Reads phrases of one document.
#[derive(Clone, Copy)]
pub(super) struct Phrases<'d> {
    pub(super) document: &'d Document<'d>,
    pub(super) lexicon: &'static Lexicon,
    /// By token: whether it lies in the name of some party.
    pub(super) named: &'d [bool],
}

impl Phrases<'_> {
    fn lower(&self, token: usize) -> &str {
        self.document.lower(token)
    }

    /// The phrase of the name at `name`, within its sentence.
    pub(super) fn around(&self, name: &Range<usize>, form: Form, sentence: &Range<usize>) -> Phrase {
        let possessive = self.document.tokens.get(name.end).is_some_and(|t| t.kind == TokenKind::Possessive);
        if let Some(phrase) = self.delegate(name, sentence) {
            return phrase;
        }
        let mut phrase = match self.head_after(name, sentence, possessive) {
            Some(phrase) => phrase,
            None => self.headless(name, form, sentence, possessive),
        };
        self.extend_left(&mut phrase, form, sentence);
        if phrase.role == Role::State && !matches!(form, Form::Official) && self.is_place(&phrase, form, sentence) {
            phrase.role = Role::Place;
        }
        phrase
    }

    /// "ANA SOTO (Chile) said", as records of meetings name delegates.
    fn delegate(&self, name: &Range<usize>, sentence: &Range<usize>) -> Option<Phrase> {
        let enclosed =
            name.start > sentence.start + 1 && self.lower(name.start - 1) == "(" && self.lower(name.end) == ")";
        if !enclosed || !self.lexicon.is_verb(self.lower(name.end + 1)) && self.lower(name.end + 1) != "," {
            return None;
        }
        let mut start = name.start - 1;
        while start > sentence.start && self.is_name_word(start - 1) {
            start -= 1;
        }
        (start < name.start - 1).then(|| Phrase {
            tokens: start..name.end + 1,
            role: Role::State,
            person: true,
            possessive: false,
            name: Some(start..name.start - 1),
        })
    }

    /// The phrase if a head of known kind follows the name.
    fn head_after(&self, name: &Range<usize>, sentence: &Range<usize>, possessive: bool) -> Option<Phrase> {
        let from = name.end + usize::from(possessive);
        let mut blocked = false;
        for at in from..sentence.end.min(from + REACH) {
            // Another party's name has its own head, or shares this one's.
            if self.named[at] {
                return None;
            }
            let word = self.lower(at);
            blocked |= self.lexicon.not_the_state.has(word);
            if self.lexicon.is_government(word) && !self.modifies_further(at, sentence) {
                return Some(self.government(name, at, sentence, blocked));
            }
            if self.lexicon.acts.has(word) && !self.is_finite(at, from) {
                let tokens = name.start..at + 1;
                let role = if blocked { Role::Other } else { Role::Act };
                return Some(Phrase { tokens, role, person: false, possessive: false, name: None });
            }
            let passable = self.lexicon.modifiers.has(word)
                || self.lexicon.not_the_state.has(word)
                || (word == "-" && !self.lexicon.is_verb(self.lower(at + 1)))
                || (at > from && self.lower(at - 1) == "-")
                || (possessive || at > from) && is_adjective(word) && !self.lexicon.is_verb(word)
                || possessive && at < from + 3 && self.is_plain_word(at);
            if !passable {
                return None;
            }
        }
        None
    }

    /// A lower-case word that is neither verb nor function word: "farm" in "Kenya's farm minister".
    fn is_plain_word(&self, at: usize) -> bool {
        let word = self.lower(at);
        let token = &self.document.tokens[at];
        token.kind == TokenKind::Word
            && !self.lexicon.is_verb(word)
            && !self.lexicon.prepositions.has(word)
            && !self.lexicon.determiners.has(word)
            && !is_function_word(word)
    }

    /// "foreign minister", "defence ministry spokesman": the last of a row of heads counts.
    fn modifies_further(&self, at: usize, sentence: &Range<usize>) -> bool {
        let next = at + 1;
        next < sentence.end
            && (self.lexicon.is_government(self.lower(next)) || self.lexicon.acts.has(self.lower(next)))
            && !self.lexicon.is_verb(self.lower(next))
    }

    /// "U.S. claims" after a name is a verb unless a modifier stands before it.
    fn is_finite(&self, at: usize, from: usize) -> bool {
        at == from && self.lexicon.is_verb(self.lower(at)) && self.lower(at).ends_with('s') && {
            let next = self.lower(at + 1);
            self.lexicon.determiners.has(next)
                || next == "that"
                || self.named.get(at + 1) == Some(&true)
                || next == "to"
        }
    }

    fn government(&self, name: &Range<usize>, head: usize, sentence: &Range<usize>, blocked: bool) -> Phrase {
        let person = self.lexicon.government_people.has(self.lower(head)) && !self.lower(head).ends_with('s');
        let mut end = head + 1;
        let mut person_name = None;
        // "ambassador to the UN": a posting is not a second party.
        if matches!(self.lower(end), "to" | "in" | "at") && person {
            let mut at = end + 1;
            while at < sentence.end && (self.lower(at) == "the" || self.is_capitalised(at)) {
                at += 1;
            }
            if at > end + 1 && self.is_capitalised(at - 1) {
                end = at;
            }
        }
        if let Some(name) = self.personal_name(end, sentence) {
            end = name.end;
            person_name = Some(name);
        }
        let role = if blocked { Role::Other } else { Role::State };
        let possessive = self.document.tokens.get(end).is_some_and(|t| t.kind == TokenKind::Possessive);
        Phrase { tokens: name.start..end, role, person: person || person_name.is_some(), possessive, name: person_name }
    }

    /// A personal name at `at`, after an optional comma: one to four capitalised words, two after a comma.
    fn personal_name(&self, at: usize, sentence: &Range<usize>) -> Option<Range<usize>> {
        let comma = self.lower(at) == ",";
        let start = at + usize::from(comma);
        let mut end = start;
        while end < sentence.end && end < start + 4 && self.is_name_word(end) {
            end += 1;
        }
        while end > start && !self.is_capitalised(end - 1) {
            end -= 1;
        }
        let words = end - start;
        let enough = if comma { words >= 2 && matches!(self.lower(end), "," | "." | ";" | "") } else { words >= 1 };
        (enough && !self.named.get(start).copied().unwrap_or(false)).then_some(start..end)
    }

    fn is_name_word(&self, at: usize) -> bool {
        self.is_capitalised(at)
            || (matches!(self.lower(at), "al" | "-" | "bin" | "de" | "van" | "von" | "el" | "." | "da" | "ul" | "bint")
                && self.is_capitalised(at + 1))
    }

    fn is_capitalised(&self, at: usize) -> bool {
        self.document.tokens.get(at).is_some_and(|token| token.capitalised && token.kind == TokenKind::Word)
    }

    /// The phrase of a name that no known head follows.
    fn headless(&self, name: &Range<usize>, form: Form, sentence: &Range<usize>, possessive: bool) -> Phrase {
        let next = self.lower(name.end);
        let role = match form {
            Form::Place => Role::Place,
            Form::Official => Role::State,
            // Nationals are people, not their state; "the Americans" is too vague to count.
            Form::Adjective | Form::People => Role::Other,
            _ if possessive => Role::Other,
            _ if next == "-" => Role::Other,
            _ if name.end < sentence.end && self.qualifies(name, form) => Role::Other,
            _ => Role::State,
        };
        Phrase { tokens: name.clone(), role, person: form == Form::Official, possessive, name: None }
    }

    /// Whether the word after the name is a noun that the name qualifies: "U.S. wheat", "China Daily".
    fn qualifies(&self, name: &Range<usize>, form: Form) -> bool {
        let at = name.end;
        let word = self.lower(at);
        let token = &self.document.tokens[at];
        if token.kind != TokenKind::Word || self.named.get(at) == Some(&true) {
            return false;
        }
        if token.capitalised {
            return true;
        }
        // Long names seldom stand before a plain noun: what follows is a verb.
        let short =
            name.len() == 1 && self.document.surface(name.start).chars().filter(|c| *c != '.').all(char::is_uppercase);
        if !short && form != Form::Seat {
            return false;
        }
        !(self.lexicon.is_verb(word)
            || self.lexicon.prepositions.has(word)
            || self.lexicon.chain.has(word)
            || self.lexicon.determiners.has(word)
            || is_function_word(word)
            || word.ends_with("ly")
            || word.ends_with("ing")
            || (word.ends_with('s') && !word.ends_with("ss")))
    }

    /// "President Hu Jintao", "the government of Japan", "a spokesman for the Kremlin", "former".
    fn extend_left(&self, phrase: &mut Phrase, form: Form, sentence: &Range<usize>) {
        let mut start = phrase.tokens.start;
        while start > sentence.start && self.is_title(start - 1) && !self.named.get(start - 1).copied().unwrap_or(false)
        {
            start -= 1;
        }
        if form == Form::Official || phrase.role == Role::State {
            let blocked = (start..phrase.tokens.start)
                .any(|at| matches!(self.lower(at), "former" | "ex" | "late" | "opposition"))
                || start > sentence.start && matches!(self.lower(start - 1), "former" | "ex" | "late");
            if blocked {
                phrase.role = Role::Other;
            }
        }
        let article = start > sentence.start && self.lexicon.determiners.has(self.lower(start - 1));
        let before = start - usize::from(article);
        if matches!(phrase.role, Role::State | Role::Other | Role::Act)
            && !phrase.possessive
            && let Some(head) = self.head_before(before, sentence)
            && matches!(form, Form::Name | Form::Organ | Form::Capital | Form::Seat | Form::Adjective)
        {
            let (from, act, blocked) = head;
            phrase.tokens.start = from;
            phrase.person |= !act && self.lexicon.government_people.has(self.lower(from));
            phrase.role = match (act, blocked) {
                (_, true) => Role::Other,
                (true, false) => Role::Act,
                (false, false) => Role::State,
            };
            return;
        }
        phrase.tokens.start = start;
    }

    /// The head before "of" or "for" at the end of `..before`: its first token, whether it is an act, whether it is somebody else's.
    fn head_before(&self, before: usize, sentence: &Range<usize>) -> Option<(usize, bool, bool)> {
        if before < sentence.start + 2 {
            return None;
        }
        let (link, mut at) = (self.lower(before - 1), before - 2);
        // "Foreign Minister Yerlan Sadykov of Kazakhstan".
        while link == "of"
            && at > sentence.start
            && self.is_capitalised(at)
            && !self.lexicon.is_government(self.lower(at))
            && before - at < 7
        {
            at -= 1;
        }
        let word = self.lower(at);
        let people = self.lexicon.government_people.has(word);
        // "the authorities in Kiev", but not "the French ambassador in Kiev".
        let own_seat = link == "in" && (self.lexicon.is_government(word)) && !self.is_named_nearby(at, sentence);
        let government = (matches!(link, "of" | "for") && people)
            || (link == "of" && self.lexicon.government_bodies.has(word))
            || own_seat;
        let act = link == "of"
            && matches!(
                word,
                "actions"
                    | "policy"
                    | "policies"
                    | "conduct"
                    | "behaviour"
                    | "behavior"
                    | "government"
                    | "position"
                    | "efforts"
                    | "side"
            );
        if !government && !act {
            return None;
        }
        let mut start = at;
        while start > sentence.start && self.is_title(start - 1) {
            start -= 1;
        }
        let blocked =
            (start.saturating_sub(1).max(sentence.start)..at).any(|at| self.lexicon.not_the_state.has(self.lower(at)));
        Some((start, act && !government, blocked))
    }

    /// Whether a party is named among the words just before `at`.
    fn is_named_nearby(&self, at: usize, sentence: &Range<usize>) -> bool {
        (at.saturating_sub(5).max(sentence.start)..=at).any(|token| self.named[token])
    }

    fn is_title(&self, at: usize) -> bool {
        let word = self.lower(at);
        matches!(word, "mr" | "mrs" | "ms" | "dr" | "sir" | "gen" | "sheikh" | "former" | "ex" | "his" | "late")
            || word == "." && at > 0 && matches!(self.lower(at - 1), "mr" | "mrs" | "ms" | "dr" | "gen")
            || self.lexicon.government_people.has(word)
            || (self.lexicon.modifiers.has(word)
                && !matches!(word, "the" | "and" | "then" | "two" | "three" | "several" | "first" | "lead" | "main"))
    }

    /// "in Beijing", "to Syria", or a dateline.
    fn is_place(&self, phrase: &Phrase, form: Form, sentence: &Range<usize>) -> bool {
        let mut before = phrase.tokens.start;
        while before > sentence.start
            && matches!(
                self.lower(before - 1),
                "the" | "neighbouring" | "neighboring" | "southern" | "northern" | "eastern" | "western"
            )
        {
            before -= 1;
        }
        let preposition = if before > sentence.start { self.lower(before - 1) } else { "" };
        let bare = phrase.tokens.len() <= 4 && !phrase.person;
        let named_place = matches!(form, Form::Name | Form::Capital | Form::Seat) && bare;
        if named_place && (self.lexicon.locatives.has(preposition) || self.is_place_of_town(before, sentence)) {
            return true;
        }
        if form == Form::Capital
            && matches!(
                preposition,
                "from" | "to" | "of" | "for" | "over" | "outside" | "on" | "leaving" | "visited" | "visit" | "visiting"
            )
        {
            return !matches!(preposition, "of" | "on" | "to" | "from");
        }
        form == Form::Capital && self.is_dateline(phrase, sentence)
    }

    /// Whether a town stands before `at`: "at the embassy in Nairobi, Kenya". "In Geneva, Kenya said" opens with one.
    fn is_place_of_town(&self, at: usize, sentence: &Range<usize>) -> bool {
        if at < sentence.start + 3 || self.lower(at - 1) != "," {
            return false;
        }
        let mut town = at - 1;
        while town > sentence.start && self.is_name_word(town - 1) {
            town -= 1;
        }
        town < at - 1 && town > sentence.start + 1 && self.lexicon.locatives.has(self.lower(town - 1))
    }

    /// "MOSCOW, Jan 5 (Agency) -": a capital that opens a sentence, with a dash soon after.
    fn is_dateline(&self, phrase: &Phrase, sentence: &Range<usize>) -> bool {
        let opens = phrase.tokens.start == sentence.start;
        opens && matches!(self.lower(phrase.tokens.end), "," | "(" | "-" | "–" | "—" | ".") && {
            (phrase.tokens.end..sentence.end.min(phrase.tokens.end + 14))
                .any(|at| matches!(self.lower(at), "-" | "–" | "—" | ")"))
        }
    }
}

/// Endings of adjectives that may stand before a head: "Iran's controversial nuclear programme".
fn is_adjective(word: &str) -> bool {
    ["al", "ic", "ive", "ous", "ful", "ary", "ian", "ern", "ed", "ing", "ant", "ent", "able", "ible", "est"]
        .iter()
        .any(|end| word.ends_with(end) && word.len() > end.len() + 2)
}

fn is_function_word(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "or"
            | "but"
            | "who"
            | "which"
            | "that"
            | "while"
            | "when"
            | "where"
            | "if"
            | "because"
            | "though"
            | "although"
            | "so"
            | "yet"
            | "nor"
            | "whose"
            | "whether"
            | "how"
            | "why"
            | "what"
            | "also"
            | "too"
            | "alone"
            | "itself"
            | "themselves"
            | "first"
            | "last"
            | "next"
            | "ago"
            | "there"
            | "here"
            | "not"
            | "no"
            | "never"
            | "yesterday"
            | "today"
            | "tomorrow"
            | "again"
            | "over"
            | "out"
            | "up"
            | "down"
            | "away"
            | "back"
            | "later"
            | "earlier"
            | "have"
            | "were"
    )
}
