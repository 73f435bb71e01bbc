//! One candidate: the ways between its holder and its target, and the cues on them.

use crate::party::PartyId;

use super::argument::{Grammar, Path};
use super::candidate::{Candidate, CueLink, IssueNamed};
use super::candidates::Reader;
use super::clause::Clause;
use super::cues::{Cue, CueKind, Cues};
use super::holders::{Holder, word_of};
use super::speech::Speech;
use super::ways::{cues_at, is_tied, near_words};

impl Reader<'_> {
    /// A candidate of these ways, toward the issue until a target is given; `None` if none of them ties the holder.
    pub(super) fn candidate(
        &self,
        grammar: Grammar<'_>,
        cues: &[Cue],
        holder: &Holder,
        paths: Vec<Path>,
    ) -> Option<Candidate> {
        if !is_tied(holder.speaks, &paths) {
            return None;
        }
        let clause = Clause { document: self.document, start: self.tokens.start, end: self.tokens.end };
        let link = |cue: &Cue| CueLink {
            cue: cue.clone(),
            negated: clause.is_negated(cue),
            reversed: is_noun(grammar, cue) && clause.is_reversed(cue),
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

/// Whether the cue is a noun: "aid" may be a verb too, and the sentence tells.
fn is_noun(grammar: Grammar<'_>, cue: &Cue) -> bool {
    let word = grammar.tree.unit_of(cue.tokens.start);
    cue.kind == CueKind::Noun || cue.tokens.len() == 1 && word.is_some_and(|word| grammar.tree.tags[word].is_noun())
}
