//! A candidate: a pair of a holder and a target in one sentence, with the ways and the cues that tie them.

use crate::party::{Mentions, PartyId};
use crate::stance::{Modality, Span, Voice};

use super::argument::Path;
use super::cues::{Cue, Cues};

/// A cue on the way between a holder and a target.
#[derive(Debug, Clone)]
pub struct CueLink {
    /// The cue.
    pub cue: Cue,
    /// Whether a negation governs it.
    pub negated: bool,
    /// Whether a word before it takes it back.
    pub reversed: bool,
    /// How firmly it is said.
    pub modality: Modality,
    /// Whether the holder's doing is told in another party's words.
    pub nested: bool,
}

/// Which issue a word names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IssueNamed {
    /// Some issue; the request gives none, or no word names it.
    #[default]
    Any,
    /// The given one.
    Given,
    /// One for which the given issue has no word.
    Other,
}

/// A pair of a holder and a target in one sentence.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
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
    /// The ways between the two, the closest first.
    pub paths: Vec<Path>,
    /// The cues on these ways; at least one.
    pub cues: Vec<CueLink>,
    /// Whether the holder speaks the sentence or a part of it.
    pub speaks: bool,
    /// Whether the holder is one of several that share their role.
    pub holder_listed: bool,
    /// Whether the target is one of several that share their role.
    pub target_listed: bool,
    /// Whether the target is named in a sentence before this one.
    pub is_contextual: bool,
    /// Whether the given issue names the holder: Ukraine in "the war in Ukraine".
    pub holder_in_issue: bool,
    /// Which issue the target is, by the word that names it.
    pub issue_named: IssueNamed,
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
