//! The names of a candidate's features.

use std::fmt::Write;
use std::ops::Range;

use crate::lexicon::Lexicon;
use crate::party::{Form, Mention, Mentions, Role};
use crate::relation::{Candidate, CueKind, CueLink, Cues};
use crate::stance::Modality;
use crate::text::{Document, TokenKind};

/// Longest zone between holder and target that is read whole, in tokens.
const ZONE: usize = 14;

/// Collects feature names, each once.
struct Names(Vec<String>);

impl Names {
    fn add(&mut self, name: String) {
        if !self.0.contains(&name) {
            self.0.push(name);
        }
    }
}

/// The names of the candidate's features, each once.
#[must_use]
pub fn names(document: &Document<'_>, mentions: &Mentions, candidate: &Candidate) -> Vec<String> {
    let mut names = Names(Vec::with_capacity(64));
    for link in &candidate.cues {
        cue_features(&mut names, document, mentions, candidate, link);
    }
    pair_features(&mut names, mentions, candidate);
    sentence_features(&mut names, document, candidate);
    if let Some(link) = candidate.cues.first() {
        around_cue(&mut names, document, mentions, candidate, link);
    }
    between(&mut names, document, mentions, candidate);
    names.0
}

/// The grammatical form of the cue: nouns tie more loosely than verbs.
fn form_name(link: &CueLink) -> &'static str {
    match link.cue.kind {
        CueKind::Noun => ".noun",
        CueKind::Phrase => ".phrase",
        CueKind::Gerund => ".gerund",
        CueKind::Verb | CueKind::Participle => "",
    }
}

fn modality_name(modality: Modality) -> &'static str {
    match modality {
        Modality::Asserted => "asserted",
        Modality::Conditional => "conditional",
        Modality::Hedged => "hedged",
        Modality::Future => "future",
        Modality::Past => "past",
    }
}

fn cue_features(
    names: &mut Names,
    document: &Document<'_>,
    mentions: &Mentions,
    candidate: &Candidate,
    link: &CueLink,
) {
    let cues = Cues::get();
    let class = cues.class(&link.cue);
    let sign = match (link.negated, link.reversed) {
        (true, _) => "not-",
        (false, true) => "un-",
        (false, false) => "",
    };
    let form = form_name(link);
    let roles = format!("{}>{}", link.holder.name(), link.target.name());
    let polarity = class.stance().map_or("none", crate::stance::Stance::name);
    let kind = candidate.target_mention.map_or("issue", |index| role_name(&mentions.list[index]));
    names.add(format!("cue:{sign}{}{form}|{roles}", class.name));
    names.add(format!("cue:{sign}{}{form}|{roles}|{kind}", class.name));
    names.add(format!("cue:{sign}{}{form}|{}", class.name, link.holder.name()));
    names.add(format!("lemma:{sign}{}|{roles}", cues.lemma(document, &link.cue)));
    names.add(format!(
        "lemma:{sign}{}|{}",
        cues.lemma(document, &link.cue),
        if candidate.target.is_some() { "party" } else { "issue" }
    ));
    names.add(format!("usual:{sign}{polarity}{form}|{roles}"));
    names.add(format!("usual:{sign}{polarity}{form}|{roles}|{kind}"));
    if link.modality != Modality::Asserted {
        names.add(format!("modality:{}|{polarity}", modality_name(link.modality)));
    }
    if link.nested {
        names.add(format!("nested|{polarity}"));
    }
    if link.passive {
        names.add(format!("passive|{roles}"));
    }
    if let Some(index) = candidate.target_mention {
        let preposition = preposition_before(document, &mentions.list[index]);
        names.add(format!("cue:{}|{}|prep:{preposition}", class.name, link.target.name()));
    }
    if candidate.target.is_none()
        && let Some(token) = candidate.issue_token
    {
        let word = document.lower(token);
        let word = if Lexicon::get().issues.has(word) { word } else { "given" };
        names.add(format!("cue:{sign}{}|issue-word:{word}", class.name));
    }
}

fn role_name(mention: &Mention) -> &'static str {
    match (mention.role, mention.form) {
        (Role::State, Form::Anaphor) => "anaphor",
        (Role::State, _) if mention.person => "person",
        (Role::State, _) if mention.phrase.len() > mention.tokens.len() + 1 => "government",
        (Role::State, _) => "state",
        (Role::Act, _) => "act",
        (Role::Place, _) => "place",
        (Role::Other, Form::People) => "people",
        (Role::Other, _) if mention.possessive => "possessor",
        (Role::Other, _) => "other",
    }
}

fn preposition_before(document: &Document<'_>, mention: &Mention) -> String {
    let lexicon = Lexicon::get();
    let mut at = mention.phrase.start;
    for _ in 0..2 {
        if at == 0 {
            break;
        }
        at -= 1;
        let word = document.lower(at);
        if lexicon.prepositions.has(word) {
            return word.to_owned();
        }
        if !lexicon.determiners.has(word) {
            break;
        }
    }
    "none".to_owned()
}

fn pair_features(names: &mut Names, mentions: &Mentions, candidate: &Candidate) {
    let target = match candidate.target_mention {
        Some(index) => role_name(&mentions.list[index]),
        None if candidate.issue_token.is_some() => "issue",
        None => "unnamed",
    };
    let best = candidate.cues.iter().map(|link| (link.holder, link.target)).min();
    if let Some((holder, role)) = best {
        names.add(format!("best:{}>{}|{target}", holder.name(), role.name()));
    }
    let holder = candidate.holder_mention.map_or("owner", |index| role_name(&mentions.list[index]));
    names.add(format!("holder:{holder}"));
    names.add(format!("target:{target}"));
    if candidate.holder_listed {
        names.add(format!("holder-listed|{}", if candidate.target.is_some() { "party" } else { "issue" }));
    }
    if candidate.target_listed {
        names.add("target-listed".to_owned());
    }
    names.add(format!("cues:{}", candidate.cues.len().min(4)));
    let links = candidate.cues.iter();
    let classes = links.filter_map(|link| Cues::get().class(&link.cue).stance().map(|stance| (stance, link.negated)));
    let mut seen: Vec<_> = classes.collect();
    seen.sort_by_key(|&(stance, negated)| (stance as usize, negated));
    seen.dedup();
    if seen.len() > 1 {
        names.add("mixed".to_owned());
    }
}

fn sentence_features(names: &mut Names, document: &Document<'_>, candidate: &Candidate) {
    let sentence = &document.sentences[candidate.sentence];
    let kind = if candidate.target.is_some() { "party" } else { "issue" };
    for at in sentence.tokens.clone() {
        let word = document.lower(at);
        if matches!(
            word,
            "if" | "unless"
                | "reportedly"
                | "allegedly"
                | "analysts"
                | "analyst"
                | "experts"
                | "observers"
                | "may"
                | "might"
                | "could"
                | "expected"
                | "whether"
                | "?"
                | "denied"
                | "opposition"
                | "activists"
                | "protesters"
                | "former"
                | "rebels"
                | "militants"
        ) {
            names.add(format!("word:{word}|{kind}"));
        }
    }
    let first = document.lower(sentence.tokens.start);
    if matches!(first, "if" | "when" | "while" | "although" | "in" | "after" | "but") {
        names.add(format!("opens:{first}"));
    }
}

/// A word as the model sees it: parties masked, numbers folded.
struct Masked<'d> {
    document: &'d Document<'d>,
    mentions: &'d Mentions,
    candidate: &'d Candidate,
    /// Mentions of the sentence.
    own: Range<usize>,
}

impl<'d> Masked<'d> {
    fn new(document: &'d Document<'d>, mentions: &'d Mentions, candidate: &'d Candidate) -> Self {
        let first = mentions.list.partition_point(|mention| mention.sentence < candidate.sentence);
        let last = mentions.list.partition_point(|mention| mention.sentence <= candidate.sentence);
        Self { document, mentions, candidate, own: first..last }
    }

    /// The masked word at `at`; `None` for the later words of a mention that was already given.
    fn word(&self, at: usize) -> Option<&'d str> {
        let list = &self.mentions.list;
        let covering = self.own.clone().find(|&index| list[index].tokens.contains(&at));
        if let Some(index) = covering {
            let mask = match &list[index] {
                mention if mention.party == self.candidate.holder => "HOLDER",
                mention if Some(mention.party) == self.candidate.target => "TARGET",
                _ => "PARTY",
            };
            return (list[index].tokens.start == at).then_some(mask);
        }
        Some(match self.document.tokens[at].kind {
            TokenKind::Number => "NUMBER",
            _ if self.document.tokens[at].capitalised
                && self.document.lower(at).len() > 3
                && !Lexicon::get().is_government(self.document.lower(at))
                && at > self.document.sentences[self.candidate.sentence].tokens.start =>
            {
                "NAME"
            }
            _ => self.document.lower(at),
        })
    }

    fn words(&self, tokens: Range<usize>) -> Vec<&'d str> {
        tokens.filter_map(|at| self.word(at)).collect()
    }
}

/// Unigrams and bigrams of a zone.
fn grams(names: &mut Names, zone: &str, words: &[&str]) {
    for word in words {
        names.add(format!("{zone}:{word}"));
    }
    for pair in words.windows(2) {
        names.add(format!("{zone}:{}_{}", pair[0], pair[1]));
    }
}

fn around_cue(names: &mut Names, document: &Document<'_>, mentions: &Mentions, candidate: &Candidate, first: &CueLink) {
    let sentence = document.sentences[candidate.sentence].tokens.clone();
    let masked = Masked::new(document, mentions, candidate);
    let kind = if candidate.target.is_some() { "p" } else { "i" };
    for link in &candidate.cues {
        let before = masked.words(link.cue.tokens.start.saturating_sub(3).max(sentence.start)..link.cue.tokens.start);
        let after = masked.words(link.cue.tokens.end..sentence.end.min(link.cue.tokens.end + 3));
        let class = &Cues::get().class(&link.cue).name;
        for word in &before {
            names.add(format!("before-{kind}:{word}"));
        }
        for word in &after {
            names.add(format!("after-{kind}:{word}"));
        }
        if let Some(next) = after.first() {
            names.add(format!("next:{class}|{next}"));
        }
        if link.cue.tokens == first.cue.tokens {
            grams(names, "cue-words", &masked.words(link.cue.tokens.clone()));
        }
    }
}

fn between(names: &mut Names, document: &Document<'_>, mentions: &Mentions, candidate: &Candidate) {
    let masked = Masked::new(document, mentions, candidate);
    let sentence = &document.sentences[candidate.sentence].tokens;
    let here = |index: usize| {
        Some(&mentions.list[index].tokens).filter(|_| mentions.list[index].sentence == candidate.sentence)
    };
    let holder = candidate.holder_mention.and_then(here);
    let target = match (candidate.target_mention, candidate.issue_token) {
        (Some(index), _) => here(index).cloned(),
        (None, Some(token)) => Some(token..token + 1),
        (None, None) => None,
    };
    if let (Some(holder), Some(target)) = (holder, &target) {
        let (zone, order) = if holder.end <= target.start {
            (holder.end..target.start, "ht")
        } else {
            (target.end..holder.start.max(target.end), "th")
        };
        let bucket = match zone.len() {
            0..=3 => "near",
            4..=8 => "mid",
            9..=14 => "far",
            _ => "very-far",
        };
        let mut name = String::new();
        let _ = write!(name, "distance:{order}-{bucket}");
        names.add(name);
        if zone.len() <= ZONE {
            grams(names, &format!("between-{order}"), &masked.words(zone));
        }
    }
    if let Some(target) = target {
        let after = masked.words(target.end..sentence.end.min(target.end + 3));
        grams(names, "after-target", &after);
        let before = masked.words(target.start.saturating_sub(2).max(sentence.start)..target.start);
        grams(names, "before-target", &before);
    }
}
