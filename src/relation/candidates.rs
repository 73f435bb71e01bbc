//! Candidates: for every sentence the pairs of a holder and a target that its cues may tie together.

use std::ops::Range;

use crate::lexicon::Lexicon;
use crate::party::{Form, Mention, Mentions, PartyId, Role};
use crate::stance::{Modality, Span, Voice};
use crate::text::{Document, SentenceKind, TokenKind};

use super::clause::{Clauses, Subject};
use super::cues::{Cue, CueKind, Cues};
use super::issue::{Issue, recognise};
use super::speech::{Speakers, Speech};

/// Longest sentence that is read, in tokens; a longer one is no sentence, and its pairs would be countless.
const LONGEST_SENTENCE: usize = 400;
/// Most states that act together toward one another; more are a list.
const MOST_FELLOWS: usize = 3;
/// Most mentions of one sentence that are paired.
const MOST_MENTIONS: usize = 60;

/// What the holder is to a cue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HolderRole {
    /// Its subject, directly.
    Subject,
    /// Its subject across a comma or a conjunction.
    DistantSubject,
    /// Named by "by" or "from" after it.
    Agent,
    /// Its possessor: "China's rejection", "the American accusation".
    Possessor,
    /// One of a list that belongs to a vote: "Abstaining: Fiji, Ghana and Peru."
    Listed,
    /// The speaker, whose "we" is its subject.
    FirstPerson,
    /// The speaker of the words in which it stands.
    Speaker,
}

impl HolderRole {
    /// Short name, part of feature names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Subject => "subj",
            Self::DistantSubject => "dsubj",
            Self::Agent => "agent",
            Self::Possessor => "poss",
            Self::Listed => "listed",
            Self::FirstPerson => "we",
            Self::Speaker => "speaker",
        }
    }
}

/// What the target is to a cue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TargetRole {
    /// The first party after it, in its clause.
    Object,
    /// It shares the holder's role: "Jordan and Britain agreed".
    Fellow,
    /// A later party in its clause.
    LaterObject,
    /// Its subject.
    Subject,
    /// Its possessor, in another's words: "their aggression".
    Possessor,
    /// Anywhere else in the sentence.
    Elsewhere,
    /// The issue, named after the cue in its clause.
    IssueObject,
    /// The issue, though a party stands after the cue.
    IssueBesideParty,
    /// The issue, named before the cue.
    IssueBefore,
    /// The issue, not named in the sentence.
    IssueUnnamed,
}

impl TargetRole {
    /// Short name, part of feature names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Object => "obj",
            Self::LaterObject => "obj2",
            Self::Fellow => "fellow",
            Self::Subject => "subj",
            Self::Possessor => "poss",
            Self::Elsewhere => "else",
            Self::IssueObject => "iobj",
            Self::IssueBesideParty => "iparty",
            Self::IssueBefore => "ibefore",
            Self::IssueUnnamed => "inone",
        }
    }
}

/// A cue that ties a holder to a target.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts of grammar")]
pub struct CueLink {
    /// The cue.
    pub cue: Cue,
    /// What the holder is to it.
    pub holder: HolderRole,
    /// What the target is to it.
    pub target: TargetRole,
    /// Whether a negation governs it.
    pub negated: bool,
    /// Whether a word before it takes it back.
    pub reversed: bool,
    /// How firmly it is said.
    pub modality: Modality,
    /// Whether it is a passive.
    pub passive: bool,
    /// Whether the holder's doing is told in another party's words.
    pub nested: bool,
}

/// A pair of a holder and a target in one sentence.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Index of the sentence.
    pub sentence: usize,
    /// Who may take a position.
    pub holder: PartyId,
    /// Toward whom; `None`: toward the issue.
    pub target: Option<PartyId>,
    /// Index of the holder's mention; it may lie in another sentence. `None`: the text is the holder's own statement.
    pub holder_mention: Option<usize>,
    /// Index of the target's mention.
    pub target_mention: Option<usize>,
    /// The token that names the issue, where the target is the issue.
    pub issue_token: Option<usize>,
    /// The cues that tie them; at least one.
    pub cues: Vec<CueLink>,
    /// Whether the holder is one of several that share their role.
    pub holder_listed: bool,
    /// Whether the target is one of several that share their role.
    pub target_listed: bool,
}

impl Candidate {
    /// The voice of a row that rests on `link`.
    #[must_use]
    pub fn voice(link: &CueLink) -> Voice {
        if link.nested { Voice::AttributedByOther } else { Cues::get().class(&link.cue).voice }
    }

    /// Where the holder is named.
    #[must_use]
    pub fn holder_span(&self, mentions: &Mentions) -> Option<Span> {
        self.holder_mention.map(|index| mentions.list[index].span)
    }
}

/// A document with all that the relation needs.
struct Reader<'d> {
    document: &'d Document<'d>,
    mentions: &'d [Mention],
    issue: &'d Issue,
    speakers: Speakers,
    /// By token: whether it names a party.
    named: Vec<bool>,
}

/// All candidates of a document, by sentence; and the issue's words, if the request named none.
///
/// `owner` is the party whose own statement the text is. `cancelled` is asked between sentences; `None` if it said yes.
pub fn candidates(
    document: &Document<'_>,
    mentions: &Mentions,
    issue: &Issue,
    owner: Option<PartyId>,
    cancelled: &dyn Fn() -> bool,
) -> Option<(Vec<Candidate>, Option<String>)> {
    let speakers = Speakers::new(document, &mentions.list, owner);
    let mut named = vec![false; document.tokens.len()];
    for mention in &mentions.list {
        named[mention.tokens.clone()].fill(true);
    }
    let reader = Reader { document, mentions: &mentions.list, issue, speakers, named };
    let mut found = Vec::new();
    let mut first = 0;
    for (index, sentence) in document.sentences.iter().enumerate() {
        if cancelled() {
            return None;
        }
        while first < mentions.list.len() && mentions.list[first].sentence < index {
            first += 1;
        }
        let own = mentions.list[first..].iter().take_while(|mention| mention.sentence == index).count();
        if sentence.kind == SentenceKind::Prose && sentence.tokens.len() <= LONGEST_SENTENCE {
            reader.sentence(index, sentence.tokens.clone(), first..first + own.min(MOST_MENTIONS), &mut found);
        }
    }
    Some((found, recognise(document)))
}

/// A holder of a cue, before its targets are known.
struct Holder {
    party: PartyId,
    mention: Option<usize>,
    role: HolderRole,
    nested: bool,
    listed: bool,
}

impl Reader<'_> {
    fn sentence(&self, index: usize, tokens: Range<usize>, own: Range<usize>, found: &mut Vec<Candidate>) {
        let mut cues = Cues::get().find(self.document, &tokens);
        // "United" in "United States" is no cue.
        cues.retain(|cue| !self.mentions[own.clone()].iter().any(|mention| mention.tokens.contains(&cue.tokens.start)));
        let clauses = Clauses {
            document: self.document,
            mentions: self.mentions,
            first: own.start,
            last: own.end,
            start: tokens.start,
            end: tokens.end,
        };
        let mut pending = Vec::new();
        for cue in &cues {
            let subject = clauses.subject(cue.tokens.start);
            for holder in self.holders(&clauses, cue, subject) {
                self.targets(index, &clauses, cue, subject, &holder, &mut pending);
            }
        }
        for cue in self.plain_cues(&clauses, &cues, &pending) {
            let subject = clauses.subject(cue.tokens.start);
            for holder in self.holders(&clauses, &cue, subject) {
                self.targets(index, &clauses, &cue, subject, &holder, &mut pending);
            }
        }
        found.append(&mut pending);
    }

    /// Verbs of states, and words of speakers, that no class of the lexicon covers.
    fn plain_cues(&self, clauses: &Clauses<'_>, cues: &[Cue], pending: &[Candidate]) -> Vec<Cue> {
        let mut plain: Vec<Cue> = Vec::new();
        let mut add = |cue: Cue| {
            let known = cues.iter().chain(&plain).any(|other| other.tokens.contains(&cue.tokens.start));
            if !known && cue.tokens.end <= clauses.end {
                plain.push(cue);
            }
        };
        for index in clauses.first..clauses.last {
            let mention = &self.mentions[index];
            if mention.role == Role::State
                && let Some(verb) = clauses.verb_of(mention)
            {
                add(Cues::get().plain(verb));
            }
        }
        let spoken = (clauses.start..clauses.end)
            .find(|&at| self.is_spoken(at) && self.document.tokens[at].kind == TokenKind::Word);
        if let Some(at) = spoken {
            let first_person = (at..clauses.end)
                .find(|&at| self.is_spoken(at) && matches!(self.document.lower(at), "we" | "i" | "our"));
            let speaker = match self.speakers.of(at) {
                Speech::Mention(index) => Some(self.mentions[index].party),
                Speech::Owner(party) => Some(party),
                _ => None,
            };
            if first_person.is_some() || !pending.iter().any(|candidate| Some(candidate.holder) == speaker) {
                add(Cues::get().spoken(first_person.map_or(at, |pronoun| pronoun + 1)));
            }
        }
        plain
    }

    /// Whether the token names the issue; the name of a party in the issue's words does not.
    fn names_issue(&self, at: usize) -> bool {
        !self.named[at] && self.issue.is_named_at(self.document, at)
    }

    fn is_spoken(&self, at: usize) -> bool {
        matches!(self.speakers.of(at), Speech::Mention(_) | Speech::Owner(_))
    }

    /// Who may hold the position that `cue` carries.
    fn holders(&self, clauses: &Clauses<'_>, cue: &Cue, subject: Subject) -> Vec<Holder> {
        let passive = clauses.is_passive(cue);
        let speech = self.speakers.of(cue.tokens.start);
        let mut holders = Vec::new();
        let mut grammatical = Vec::new();
        if let Some(agent) = self.agent(clauses, cue, passive) {
            grammatical.push((agent, HolderRole::Agent));
        } else if let Some(possessor) = self.possessor(clauses, cue) {
            grammatical.push((possessor, HolderRole::Possessor));
        } else if !passive && let Some(index) = subject.mention() {
            let role =
                if matches!(subject, Subject::Mention(_)) { HolderRole::Subject } else { HolderRole::DistantSubject };
            grammatical.push((index, role));
        } else if let Some(index) = self.listed(clauses, cue) {
            grammatical.push((index, HolderRole::Listed));
        }
        for (index, role) in grammatical {
            let group = clauses.coordinated(index);
            for &member in &group {
                let mention = &self.mentions[member];
                if may_hold(mention, role) {
                    let nested = self.is_nested(speech, mention.party);
                    holders.push(Holder {
                        party: mention.party,
                        mention: Some(member),
                        role,
                        nested,
                        listed: group.len() > 1,
                    });
                }
            }
        }
        self.add_speaker(clauses, subject, speech, &mut holders);
        holders
    }

    /// Whether what the party does is told in another state's words.
    fn is_nested(&self, speech: Speech, party: PartyId) -> bool {
        match speech {
            Speech::Mention(speaker) => self.mentions[speaker].party != party,
            Speech::Owner(owner) => owner != party,
            Speech::Stranger | Speech::Narration => false,
        }
    }

    fn add_speaker(&self, clauses: &Clauses<'_>, subject: Subject, speech: Speech, holders: &mut Vec<Holder>) {
        let role = if subject == Subject::FirstPerson { HolderRole::FirstPerson } else { HolderRole::Speaker };
        match speech {
            Speech::Mention(speaker) => {
                let own = self.mentions[speaker].sentence == self.document.sentence_of(clauses.start);
                let group = if own { clauses.coordinated(speaker) } else { vec![speaker] };
                for &member in &group {
                    let mention = &self.mentions[member];
                    if mention.role == Role::State && !holders.iter().any(|holder| holder.party == mention.party) {
                        let listed = group.len() > 1;
                        holders.push(Holder {
                            party: mention.party,
                            mention: Some(member),
                            role,
                            nested: false,
                            listed,
                        });
                    }
                }
            }
            Speech::Owner(party) if !holders.iter().any(|holder| holder.party == party) => {
                holders.push(Holder { party, mention: None, role, nested: false, listed: false });
            }
            _ => {}
        }
    }

    /// The mention after "by" or "from" that follows a passive or a noun.
    fn agent(&self, clauses: &Clauses<'_>, cue: &Cue, passive: bool) -> Option<usize> {
        if !(passive || matches!(cue.kind, CueKind::Noun | CueKind::Phrase)) {
            return None;
        }
        let distance = match cue.kind {
            CueKind::Phrase => 1,
            CueKind::Noun => 4,
            _ => 9,
        };
        let reach = cue.tokens.end..clauses.end.min(cue.tokens.end + distance);
        let preposition =
            reach.clone().find(|&at| matches!(self.document.lower(at), "by" | "from" | "," | ";" | "that"))?;
        let word = self.document.lower(preposition);
        let own = self.document.lower(cue.tokens.end - 1);
        let start = if own == "by" {
            cue.tokens.end
        } else if word == "by" || (word == "from" && !passive) {
            preposition + 1
        } else {
            return None;
        };
        self.mention_starting(clauses, start)
    }

    /// A member of the list of states that stands beside a word of voting or joining which has no subject.
    fn listed(&self, clauses: &Clauses<'_>, cue: &Cue) -> Option<usize> {
        if !matches!(
            Cues::get().class(cue).name.as_str(),
            "abstain" | "vote_against" | "join" | "oppose" | "agree" | "support"
        ) {
            return None;
        }
        let is_list =
            |index: &usize| self.mentions[*index].role == Role::State && clauses.coordinated(*index).len() > 1;
        let after = (clauses.first..clauses.last)
            .filter(|&index| self.mentions[index].phrase.start >= cue.tokens.end)
            .find(is_list);
        after.or_else(|| (clauses.first..clauses.last).find(is_list))
    }

    /// The mention whose phrase starts at `at`, past an article and adjectives.
    fn mention_starting(&self, clauses: &Clauses<'_>, at: usize) -> Option<usize> {
        (clauses.first..clauses.last).find(|&index| {
            let start = self.mentions[index].phrase.start;
            start >= at
                && start <= at + 3
                && (at..start).all(|token| {
                    Lexicon::get().determiners.has(self.document.lower(token)) || self.document.lower(token) == "both"
                })
        })
    }

    /// The mention that possesses a noun: "China's sharp rejection", "the American accusation".
    fn possessor(&self, clauses: &Clauses<'_>, cue: &Cue) -> Option<usize> {
        if cue.kind != CueKind::Noun {
            return None;
        }
        (clauses.first..clauses.last).rev().find(|&index| {
            let mention = &self.mentions[index];
            let before = mention.tokens.end <= cue.tokens.start;
            let near = cue.tokens.start - mention.tokens.end.min(cue.tokens.start) <= 4;
            let adjacent = (mention.phrase.end..cue.tokens.start)
                .all(|at| !matches!(self.document.lower(at), "," | "and" | ";" | "on" | "for" | "of" | "to"));
            let possessive =
                mention.possessive || mention.role == Role::Act && mention.phrase.contains(&cue.tokens.start);
            let adjective = mention.form == Form::Adjective && mention.phrase.end >= cue.tokens.start;
            before && near && adjacent && (possessive || adjective)
        })
    }

    fn targets(
        &self,
        sentence: usize,
        clauses: &Clauses<'_>,
        cue: &Cue,
        subject: Subject,
        holder: &Holder,
        pending: &mut Vec<Candidate>,
    ) {
        let passive = clauses.is_passive(cue);
        let zone = clauses.object_zone(cue);
        let mut objects: Vec<(usize, TargetRole)> = self.party_targets(clauses, cue, subject, holder, &zone, passive);
        objects.retain(|&(index, _)| self.mentions[index].party != holder.party);
        // A party named twice stands in its closest role.
        objects.sort_by_key(|&(index, role)| (self.mentions[index].party, role, index));
        objects.dedup_by_key(|&mut (index, _)| self.mentions[index].party);
        let has_object = objects.iter().any(|(_, role)| *role == TargetRole::Object);
        let link = |target: TargetRole| CueLink {
            cue: cue.clone(),
            holder: holder.role,
            target,
            negated: clauses.is_negated(cue),
            reversed: clauses.is_reversed(cue),
            modality: clauses.modality(cue, is_act(cue)),
            passive,
            nested: holder.nested,
        };
        for (index, role) in objects {
            let listed = clauses.coordinated(index).len() > 1;
            let target = Some(self.mentions[index].party);
            merge(pending, sentence, holder, target, Some(index), None, listed, link(role));
        }
        let (role, token) = self.issue_role(clauses, cue, &zone, has_object);
        merge(pending, sentence, holder, None, None, token, false, link(role));
    }

    fn party_targets(
        &self,
        clauses: &Clauses<'_>,
        cue: &Cue,
        subject: Subject,
        holder: &Holder,
        zone: &Range<usize>,
        passive: bool,
    ) -> Vec<(usize, TargetRole)> {
        let holder_tokens = holder.mention.map(|index| self.mentions[index].phrase.clone());
        let subject_group = subject.mention().map(|index| clauses.coordinated(index)).unwrap_or_default();
        let speaks = matches!(holder.role, HolderRole::Speaker | HolderRole::FirstPerson);
        let fellows = holder.mention.filter(|&index| index >= clauses.first && index < clauses.last);
        let fellows = fellows.map(|index| clauses.coordinated(index)).unwrap_or_default();
        let is_list = fellows.len() > MOST_FELLOWS;
        let mut first_object: Option<usize> = None;
        let mut targets = Vec::new();
        for index in clauses.first..clauses.last {
            let mention = &self.mentions[index];
            if !may_be_target(clauses, mention)
                || holder_tokens.as_ref().is_some_and(|tokens| {
                    *tokens == mention.phrase && !mention.phrase.is_empty() && mention.form != Form::Anaphor
                })
            {
                continue;
            }
            let in_zone = mention.phrase.start >= cue.tokens.start
                && mention.phrase.start < zone.end
                && mention.phrase.end > cue.tokens.start;
            let role = if fellows.contains(&index) {
                if is_list {
                    continue;
                }
                TargetRole::Fellow
            } else if in_zone && mention.party != holder.party {
                let first = *first_object.get_or_insert(index);
                let shares = clauses.coordinated(first).contains(&index);
                if shares { TargetRole::Object } else { TargetRole::LaterObject }
            } else if subject_group.contains(&index) && (passive || speaks) {
                TargetRole::Subject
            } else if speaks && mention.phrase.contains(&cue.tokens.start) {
                TargetRole::Possessor
            } else {
                TargetRole::Elsewhere
            };
            targets.push((index, role));
        }
        targets
    }

    fn issue_role(
        &self,
        clauses: &Clauses<'_>,
        cue: &Cue,
        zone: &Range<usize>,
        has_object: bool,
    ) -> (TargetRole, Option<usize>) {
        let after = (cue.tokens.end..zone.end).find(|&at| self.names_issue(at));
        if let Some(token) = after {
            let role = if has_object { TargetRole::IssueBesideParty } else { TargetRole::IssueObject };
            return (role, Some(token));
        }
        let before = (clauses.start..cue.tokens.start).rev().find(|&at| self.names_issue(at));
        match (has_object, before) {
            (true, token) => (TargetRole::IssueBesideParty, token),
            (false, Some(token)) => (TargetRole::IssueBefore, Some(token)),
            (false, None) => (TargetRole::IssueUnnamed, None),
        }
    }
}

/// Whether the cue is a deed or an utterance, which a past perfect does not undo.
fn is_act(cue: &Cue) -> bool {
    let class = Cues::get().class(cue);
    class.voice == Voice::Acted || matches!(class.name.as_str(), "protest" | "agree" | "accuse" | "condemn" | "demand")
}

fn may_hold(mention: &Mention, role: HolderRole) -> bool {
    match mention.role {
        Role::State => true,
        Role::Act => role == HolderRole::Possessor,
        Role::Other => role == HolderRole::Possessor && mention.form != Form::People,
        Role::Place => false,
    }
}

/// A place is a target only of what is done to it: "strikes on Gaza".
fn may_be_target(clauses: &Clauses<'_>, mention: &Mention) -> bool {
    match (mention.form, mention.role) {
        (Form::Place, _) => {
            matches!(clauses.preposition(mention), "on" | "against" | "into" | "toward" | "towards" | "in" | "to")
        }
        (Form::Capital, Role::Place) => false,
        _ => true,
    }
}

/// Adds `link` to the candidate of this pair, or opens one.
#[expect(clippy::too_many_arguments, reason = "the parts of one candidate")]
fn merge(
    pending: &mut Vec<Candidate>,
    sentence: usize,
    holder: &Holder,
    target: Option<PartyId>,
    target_mention: Option<usize>,
    issue_token: Option<usize>,
    target_listed: bool,
    link: CueLink,
) {
    let known = pending.iter_mut().find(|candidate| candidate.holder == holder.party && candidate.target == target);
    if let Some(candidate) = known {
        if !candidate.cues.iter().any(|old| old.cue.tokens == link.cue.tokens && old.cue.class == link.cue.class) {
            if (link.holder, link.target)
                < candidate.cues.iter().map(|c| (c.holder, c.target)).min().unwrap_or((link.holder, link.target))
            {
                candidate.target_mention = target_mention.or(candidate.target_mention);
                candidate.holder_mention = holder.mention.or(candidate.holder_mention);
                candidate.issue_token = issue_token.or(candidate.issue_token);
            }
            candidate.cues.push(link);
        }
        return;
    }
    pending.push(Candidate {
        sentence,
        holder: holder.party,
        target,
        holder_mention: holder.mention,
        target_mention,
        issue_token,
        cues: vec![link],
        holder_listed: holder.listed,
        target_listed,
    });
}
