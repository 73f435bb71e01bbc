//! Clauses without a parser: the subject of a verb, passives, negation, coordination, barriers.

use std::ops::Range;

use crate::lexicon::Lexicon;
use crate::party::{Form, Mention, Role};
use crate::stance::Modality;
use crate::text::{Document, TokenKind};

use super::cues::{Cue, CueKind};

/// Who does what a cue says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// The mention of this index.
    Mention(usize),
    /// The same, found across a comma or a conjunction.
    Distant(usize),
    /// "we", "I", "our".
    FirstPerson,
    /// A noun that names no state.
    Stranger,
    /// Nobody: a noun, an infinitive, the start of a quotation.
    Unknown,
}

impl Subject {
    /// The mention, near or distant.
    pub(super) fn mention(self) -> Option<usize> {
        match self {
            Self::Mention(index) | Self::Distant(index) => Some(index),
            _ => None,
        }
    }
}

/// One sentence with its mentions.
#[derive(Clone, Copy)]
pub(super) struct Clauses<'d> {
    pub(super) document: &'d Document<'d>,
    pub(super) mentions: &'d [Mention],
    /// Index of the sentence's first mention, and one past its last.
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl<'d> Clauses<'d> {
    fn lower(&self, at: usize) -> &'d str {
        self.document.lower(at)
    }

    /// The mention whose phrase ends at `end`; of two that share their words, the last.
    fn ending_at(&self, end: usize) -> Option<usize> {
        (self.first..self.last).rev().find(|&index| self.mentions[index].phrase.end == end)
    }

    /// The mention whose phrase covers `at`.
    fn covering(&self, at: usize) -> Option<usize> {
        (self.first..self.last).rev().find(|&index| self.mentions[index].phrase.contains(&at))
    }

    /// The subject of the verb or noun that starts at `verb`.
    pub(super) fn subject(&self, verb: usize) -> Subject {
        let lexicon = Lexicon::get();
        let mut at = verb;
        let mut distant = false;
        while at > self.start {
            if let Some(index) = self.ending_at(at) {
                let mention = &self.mentions[index];
                if !self.is_oblique(mention) && mention.role != Role::Place {
                    return if distant { Subject::Distant(index) } else { Subject::Mention(index) };
                }
                // "officials in Tehran said": go on to the noun before the preposition.
                at = mention.phrase.start.saturating_sub(1).max(self.start);
                if at == mention.phrase.start {
                    return Subject::Unknown;
                }
                continue;
            }
            let word = self.lower(at - 1);
            match word {
                "we" | "i" | "we'll" | "we're" | "we've" | "i'm" | "i've" | "i'll" => return Subject::FirstPerson,
                "\"" | "“" | "”" | "‘" | "’" => {
                    if self.opens_clause(at - 1) {
                        return Subject::Unknown;
                    }
                    at -= 1;
                }
                ";" | ":" | "—" | "–" => return if distant { Subject::Unknown } else { self.main_subject(at - 1) },
                "," => {
                    distant = true;
                    match self.comma_before(at - 1) {
                        Some(opening) => at = opening,
                        None => return self.main_subject(at),
                    }
                }
                "and" | "but" | "or" | "then" | "while" | "as" => return self.main_subject(at - 1),
                "who" | "which" | "that"
                    if self.ending_at(at - 1).is_some() || self.lower(at.saturating_sub(2)) == "," =>
                {
                    at -= 1;
                    if self.lower(at - 1) == "," && at > self.start {
                        at -= 1;
                    }
                }
                _ if lexicon.auxiliaries.has(word) || lexicon.chain.has(word) || word.ends_with("ly") => at -= 1,
                _ if lexicon.is_verb(word) || word.ends_with("ing") => {
                    distant = true;
                    at -= 1;
                }
                _ if lexicon.prepositions.has(word) || lexicon.determiners.has(word) => {
                    distant = true;
                    at -= 1;
                }
                _ if self.document.tokens[at - 1].kind == TokenKind::Number => at -= 1,
                _ if is_month(word) => at -= 1,
                _ if distant || self.covering(at - 1).is_some() => return self.main_subject(at),
                _ => return Subject::Stranger,
            }
        }
        Subject::Unknown
    }

    /// The last mention before `at` that a verb follows, not behind a preposition: the subject that a later verb shares.
    pub(super) fn main_subject(&self, at: usize) -> Subject {
        let candidates = (self.first..self.last).rev().filter(|&index| self.mentions[index].phrase.end <= at);
        for index in candidates {
            let mention = &self.mentions[index];
            if mention.role == Role::State && self.verb_follows(mention, at) && !self.is_oblique(mention) {
                return Subject::Distant(index);
            }
        }
        if (self.start..at).any(|token| matches!(self.lower(token), "we" | "i")) {
            Subject::FirstPerson
        } else {
            Subject::Unknown
        }
    }

    /// Whether a finite verb follows the mention before `limit`, past an apposition or a coordination.
    pub(super) fn verb_follows(&self, mention: &Mention, limit: usize) -> bool {
        let lexicon = Lexicon::get();
        let mut at = mention.phrase.end;
        for _ in 0..6 {
            if at >= limit {
                return false;
            }
            let word = self.lower(at);
            if lexicon.is_verb(word) || lexicon.auxiliaries.has(word) {
                return true;
            }
            match word {
                "," => match (at + 1..self.end.min(at + 25)).find(|&token| self.lower(token) == ",") {
                    Some(closing) => at = closing + 1,
                    None => at += 1,
                },
                "and" | "who" | "which" => {
                    at = self.mention_at(at + 1).map_or(at + 1, |index| self.mentions[index].phrase.end);
                }
                _ if lexicon.chain.has(word)
                    || word.ends_with("ly")
                    || lexicon.determiners.has(word)
                    || is_month(word) =>
                {
                    at += 1;
                }
                _ => return false,
            }
        }
        false
    }

    /// The verb that the mention is the subject of: the first word after it that is no auxiliary or adverb.
    pub(super) fn verb_of(&self, mention: &Mention) -> Option<usize> {
        if self.is_oblique(mention) || mention.possessive {
            return None;
        }
        let lexicon = Lexicon::get();
        let mut at = mention.phrase.end;
        if self.lower(at) == "," {
            let closing = (at + 1..self.end.min(at + 25)).find(|&token| self.lower(token) == ",")?;
            at = closing + 1;
        }
        let mut passed = None;
        while at < self.end {
            let word = self.lower(at);
            let skipped = lexicon.auxiliaries.has(word)
                || lexicon.chain.has(word)
                || word.ends_with("ly")
                || matches!(word, "who" | "which" | "each");
            if !skipped {
                return if self.is_plain_verb(at) { Some(at) } else { passed };
            }
            if lexicon.chain.has(word)
                && (lexicon.actions.has(word) || word.ends_with("ed") || word.starts_with("want"))
            {
                passed = Some(at);
            }
            at += 1;
        }
        passed
    }

    /// Whether the word at `at` can be a verb.
    fn is_plain_verb(&self, at: usize) -> bool {
        let lexicon = Lexicon::get();
        let (token, word) = (&self.document.tokens[at], self.lower(at));
        token.kind == TokenKind::Word
            && !token.capitalised
            && !lexicon.prepositions.has(word)
            && !lexicon.determiners.has(word)
            && !matches!(
                word,
                "and"
                    | "but"
                    | "or"
                    | "than"
                    | "as"
                    | "so"
                    | "yet"
                    | "when"
                    | "while"
                    | "if"
                    | "because"
                    | "whose"
                    | "where"
                    | "there"
            )
            && self.covering(at).is_none()
    }

    /// The mention whose phrase starts at `at`, or after an article there.
    fn mention_at(&self, at: usize) -> Option<usize> {
        let at = at + usize::from(Lexicon::get().determiners.has(self.lower(at)));
        (self.first..self.last).find(|&index| self.mentions[index].phrase.start == at)
    }

    /// Whether a preposition stands before the mention, or before the list that it is part of.
    pub(super) fn is_oblique(&self, mention: &Mention) -> bool {
        if !self.preposition(mention).is_empty() {
            return true;
        }
        let own = (self.first..self.last).find(|&index| std::ptr::eq(&raw const self.mentions[index], mention));
        let Some(mut front) = own else { return false };
        while front > self.first && self.are_joined(front - 1, front) {
            front -= 1;
        }
        !self.preposition(&self.mentions[front]).is_empty()
    }

    /// The preposition before the mention, past article and adjectives; "" if there is none.
    pub(super) fn preposition(&self, mention: &Mention) -> &'d str {
        let lexicon = Lexicon::get();
        let mut at = mention.phrase.start;
        for _ in 0..3 {
            if at <= self.start {
                return "";
            }
            at -= 1;
            let word = self.lower(at);
            if lexicon.prepositions.has(word) {
                return word;
            }
            if !lexicon.determiners.has(word) {
                return "";
            }
        }
        ""
    }

    /// The comma that opens the apposition which the comma at `closing` ends.
    fn comma_before(&self, closing: usize) -> Option<usize> {
        let from = closing.saturating_sub(30).max(self.start);
        (from..closing).rev().find(|&at| self.lower(at) == ",").filter(|&at| at > self.start)
    }

    /// Whether the quotation mark at `at` opens a whole clause, not a phrase of the running sentence.
    fn opens_clause(&self, at: usize) -> bool {
        if at <= self.start {
            return true;
        }
        let is_opening = self.document.quotes.iter().any(|quote| quote.first_token == at + 1);
        is_opening
            && (matches!(self.lower(at - 1), "," | ":" | "." | ";")
                || self.document.tokens.get(at + 1).is_some_and(|t| t.capitalised))
    }

    /// All mentions that share the role of `index` by coordination: "Bolivia, Peru and the EU".
    pub(super) fn coordinated(&self, index: usize) -> Vec<usize> {
        let mut group = vec![index];
        let mut front = index;
        while front > self.first && self.are_joined(front - 1, front) {
            front -= 1;
            group.push(front);
        }
        let mut back = index;
        while back + 1 < self.last && self.are_joined(back, back + 1) {
            back += 1;
            group.push(back);
        }
        group
    }

    fn are_joined(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.mentions[a], &self.mentions[b]);
        if a.phrase == b.phrase {
            return true;
        }
        if a.phrase.end >= b.phrase.start {
            return a.phrase.end == b.phrase.start && a.form == Form::Adjective && b.form == Form::Adjective;
        }
        let between = a.phrase.end..b.phrase.start;
        if between.len() > 4 || a.possessive {
            return false;
        }
        let mut joined = false;
        for at in between {
            match self.lower(at) {
                "," | "and" | "&" | "as" | "well" | "or" | "-" | "–" | "nor" | "plus" => joined = true,
                "the" | "both" | "also" | "then" => {}
                _ => return false,
            }
        }
        joined
    }

    /// Whether `cue` is a passive: a participle after a form of "be", or before "by".
    pub(super) fn is_passive(&self, cue: &Cue) -> bool {
        if cue.kind != CueKind::Participle {
            return false;
        }
        let after = (cue.tokens.end..self.end.min(cue.tokens.end + 6))
            .take_while(|&at| !matches!(self.lower(at), "," | ";" | "that"));
        let by = after.into_iter().any(|at| self.lower(at) == "by");
        let mut at = cue.tokens.start;
        for _ in 0..4 {
            if at <= self.start {
                return by && self.lower(cue.tokens.end) == "by";
            }
            at -= 1;
            match self.lower(at) {
                "is" | "are" | "was" | "were" | "be" | "been" | "being" | "get" | "got" => return true,
                word if word.ends_with("ly")
                    || matches!(word, "not" | "also" | "again" | "already" | "never" | "since") => {}
                _ => break,
            }
        }
        by && self.lower(cue.tokens.end) == "by"
    }

    /// Whether a negation governs the cue.
    pub(super) fn is_negated(&self, cue: &Cue) -> bool {
        let from = cue.tokens.start.saturating_sub(6).max(self.start);
        for at in (from..cue.tokens.start).rev() {
            let word = self.lower(at);
            if is_negation(word) {
                return true;
            }
            if matches!(word, "," | ";" | ":" | "but" | "because" | "that" | "\"" | "“" | "which" | "who") {
                return false;
            }
        }
        false
    }

    /// Whether a word before a noun takes it back: "suspended aid", "lifted sanctions", "an end to support".
    pub(super) fn is_reversed(&self, cue: &Cue) -> bool {
        if cue.kind != CueKind::Noun {
            return false;
        }
        let from = cue.tokens.start.saturating_sub(4).max(self.start);
        let before = (from..cue.tokens.start)
            .rev()
            .take_while(|&at| !matches!(self.lower(at), "," | ";" | "that" | "and" | "\"" | "“"));
        before.into_iter().any(|at| Lexicon::get().shifters.has(self.lower(at)))
    }

    /// The modality that the words between the subject and the cue give it.
    pub(super) fn modality(&self, cue: &Cue, is_act: bool) -> Modality {
        let from = cue.tokens.start.saturating_sub(7).max(self.start);
        let chain = from..cue.tokens.start;
        let mut modality = Modality::Asserted;
        for at in chain.rev() {
            match self.lower(at) {
                "," | ";" | ":" | "\"" | "“" | "”" | "that" | "which" | "who" | "and" | "but" => break,
                "will" | "shall" | "plans" | "planned" | "intends" | "vowed" | "pledged" | "promised" | "we'll"
                | "they'll" => {
                    modality = Modality::Future;
                    break;
                }
                "may" | "might" | "could" | "considering" | "considers" | "weighing" | "mulling" | "possibly"
                | "perhaps" | "whether" => {
                    return Modality::Hedged;
                }
                "would" => {
                    let conditional = (self.start..self.end)
                        .any(|at| matches!(self.lower(at), "if" | "provided" | "unless" | "should" | "only" | "once"));
                    return if conditional { Modality::Conditional } else { Modality::Future };
                }
                // What was done stays done; what was held may no longer be.
                "had" if cue.kind == CueKind::Participle && !is_act => return Modality::Past,
                "used" if self.lower(at + 1) == "to" => return Modality::Past,
                "once" if self.lower(at + 1) != "again" => return Modality::Past,
                "formerly" | "previously" => return Modality::Past,
                "if" => return Modality::Conditional,
                _ => {}
            }
        }
        modality
    }

    /// The tokens in which the object of `cue` may stand.
    pub(super) fn object_zone(&self, cue: &Cue) -> Range<usize> {
        let mut at = cue.tokens.start + 1;
        while at < self.end {
            let barrier = match self.lower(at) {
                ";" | "—" | "while" | "but" | "although" | "though" | "whereas" | "because" | "when" | "which"
                | "who" | "saying" | "adding" | "after" | "before" => at >= cue.tokens.end,
                "," => self.is_clause_comma(at),
                "said" | "told" | "added" => self.document.tokens[at].kind == TokenKind::Word && at > cue.tokens.end,
                "and" => {
                    let next = self.lower(at + 1);
                    Lexicon::get().actions.has(next) || Lexicon::get().reporting.has(next)
                }
                _ => false,
            };
            if barrier {
                break;
            }
            at += 1;
        }
        cue.tokens.start..at
    }

    /// Whether the comma at `at` ends the clause: what follows is a new subject, not a list or an apposition.
    fn is_clause_comma(&self, at: usize) -> bool {
        let next = self.lower(at + 1);
        if matches!(next, "a" | "the" | "including" | "and" | "as" | "along") {
            return self.mention_at(at + 1).is_some_and(|index| self.verb_follows(&self.mentions[index], self.end));
        }
        self.mention_at(at + 1).is_none_or(|index| self.verb_follows(&self.mentions[index], self.end))
    }
}

fn is_negation(word: &str) -> bool {
    matches!(
        word,
        "not"
            | "no"
            | "never"
            | "neither"
            | "nor"
            | "without"
            | "cannot"
            | "none"
            | "nothing"
            | "refused"
            | "refuses"
            | "refuse"
            | "refusing"
            | "declined"
            | "declines"
            | "stopped"
            | "unwilling"
            | "hardly"
            | "fell"
            | "denied"
            | "denies"
            | "failed"
            | "nobody"
            | "avoid"
            | "avoided"
            | "refrain"
            | "refrained"
            | "rather"
            | "any"
    ) || word.ends_with("n't")
}

fn is_month(word: &str) -> bool {
    matches!(
        word,
        "january"
            | "february"
            | "march"
            | "april"
            | "june"
            | "july"
            | "august"
            | "september"
            | "october"
            | "november"
            | "december"
            | "week"
            | "month"
            | "year"
            | "morning"
            | "evening"
            | "night"
            | "afternoon"
            | "late"
            | "early"
    )
}
