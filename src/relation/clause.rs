//! Negation and modality, from the words before a cue.

use crate::lexicon::Lexicon;
use crate::stance::{Modality, Voice};
use crate::text::Document;

use super::cues::{Cue, CueKind, Cues};

/// One sentence.
#[derive(Clone, Copy)]
pub(super) struct Clause<'d> {
    pub(super) document: &'d Document<'d>,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl<'d> Clause<'d> {
    fn lower(&self, at: usize) -> &'d str {
        self.document.lower(at)
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

    /// Whether a word before a cue that is a noun takes it back: "suspended aid", "lifted sanctions", "an end to support".
    pub(super) fn is_reversed(&self, cue: &Cue) -> bool {
        let from = cue.tokens.start.saturating_sub(4).max(self.start);
        let before = (from..cue.tokens.start)
            .rev()
            .take_while(|&at| !matches!(self.lower(at), "," | ";" | "that" | "and" | "\"" | "“"));
        before.into_iter().any(|at| Lexicon::get().shifters.has(self.lower(at)))
    }

    /// "Had Chad objected, we would have left": told of a world that is not.
    fn is_imagined(&self) -> bool {
        let opens = |&at: &usize| !matches!(self.lower(at), "\"" | "“" | "‘" | "'");
        let first = (self.start..self.end).find(opens);
        first.is_some_and(|at| matches!(self.lower(at), "had" | "were"))
            && (self.start..self.end).any(|at| self.lower(at) == "would")
    }

    /// The modality that the words between the subject and the cue give it.
    pub(super) fn modality(&self, cue: &Cue) -> Modality {
        if self.is_imagined() {
            return Modality::Conditional;
        }
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
                // "has not yet recognised": nothing is decided.
                "yet" | "immediately" if self.lower(at.wrapping_sub(1)) == "not" => return Modality::Hedged,
                // "could not accept": what is ruled out is refused now.
                "could" if matches!(self.lower(at + 1), "not" | "never") => {}
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
                "had" if cue.kind == CueKind::Participle && !is_act(cue) => return Modality::Past,
                "used" if self.lower(at + 1) == "to" => return Modality::Past,
                "once" if self.lower(at + 1) != "again" => return Modality::Past,
                "formerly" | "previously" => return Modality::Past,
                "if" => return Modality::Conditional,
                _ => {}
            }
        }
        modality
    }
}

/// Whether the cue is a deed or an utterance, which a past perfect does not undo.
fn is_act(cue: &Cue) -> bool {
    let class = Cues::get().class(cue);
    class.voice == Voice::Acted || matches!(class.name.as_str(), "protest" | "agree" | "accuse" | "condemn" | "demand")
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
