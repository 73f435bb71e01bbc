//! Of several holders and targets in one sentence, whose the position is, and toward whom. The model judges each pair
//! alone; here the likelier of two readings that exclude each other stands.

use crate::relation::{Candidate, Cues, IssueNamed, Parsed, Path, cues_at};
use crate::stance::Stance;
use crate::syntax::Relation;

use super::{Reading, Scored};

/// Whether the position that a candidate seems to hold is, more likely, one toward another target of its sentence.
pub(super) fn is_of_another(scored: &Scored<'_>, likely: &[Scored<'_>], reading: &Reading<'_>) -> bool {
    is_of_party(scored, likely, reading) || is_of_author(scored, likely) || is_of_holder(scored, likely)
}

/// The other candidates of the same sentence and stance; `likely` is in the order of sentences.
fn beside<'l>(scored: &'l Scored<'_>, likely: &'l [Scored<'l>]) -> impl Iterator<Item = &'l Scored<'l>> {
    let sentence = scored.candidate.sentence;
    let first = likely.partition_point(|other| other.candidate.sentence < sentence);
    let here = likely[first..].iter().take_while(move |other| other.candidate.sentence == sentence);
    here.filter(|other| other.stance == scored.stance)
}

/// Those toward another target by the same holder.
fn rivals<'l>(scored: &'l Scored<'_>, likely: &'l [Scored<'l>]) -> impl Iterator<Item = &'l Scored<'l>> {
    let own = scored.candidate;
    beside(scored, likely).filter(|other| {
        let rival = other.candidate;
        rival.holder == own.holder && rival.target != own.target
    })
}

/// Whether no word on the holder's ways carries the stance, while one does on a likelier holder's toward the same target:
/// of "China, close to its ally Russia, stays neutral" China is the holder.
fn is_of_holder(scored: &Scored<'_>, likely: &[Scored<'_>]) -> bool {
    let carries = |candidate: &Candidate| {
        candidate.cues.iter().any(|link| Cues::get().class(&link.cue).stance() == Some(scored.stance))
    };
    !carries(scored.candidate)
        && beside(scored, likely).any(|other| {
            let rival = other.candidate;
            rival.holder != scored.candidate.holder
                && rival.target == scored.candidate.target
                && other.probability > scored.probability
                && carries(rival)
        })
}

/// Whether the issue is named by the noun over which the position goes to a party: of "the French provocation" France is
/// the target (codebook, cases 20 and 21). Nor is there an issue where the noun names another than the
/// one given, or none, as "cooperation": who hails it holds a position toward those whose it is (case 14).
fn is_of_party(scored: &Scored<'_>, likely: &[Scored<'_>], reading: &Reading<'_>) -> bool {
    let own = scored.candidate;
    let Parsed { tree, cues, .. } = reading.sentence_of(own);
    let object = || own.paths.first()?.pivot.and_then(|verb| tree.dependents_by(verb, Relation::Dobj).next());
    let named = own.issue_token.map_or_else(object, |token| tree.unit_of(token));
    let (None, Some(word)) = (own.target, named) else { return false };
    let is_bond =
        || own.issue_token.is_none() && cues_at(tree, cues, word).any(|cue| Cues::get().class(cue).name == "partner");
    let yields = match own.issue_named {
        IssueNamed::Given => return false,
        IssueNamed::Other => true,
        IssueNamed::Any => is_bond(),
    };
    let is_over_word = |path: &Path| path.target_side.iter().any(|step| step.word == word);
    rivals(scored, likely)
        .filter(|rival| rival.candidate.paths.iter().any(is_over_word))
        .any(|rival| yields || rival.probability > scored.probability)
}

/// Whether the target is only what an act goes against, and the act's author is, more likely, the one opposed: of "the
/// Israeli raid on Syria" that is Israel (codebook, case 21).
fn is_of_author(scored: &Scored<'_>, likely: &[Scored<'_>]) -> bool {
    let act = |candidate: &Candidate, is_role: fn(&str) -> bool| {
        let step = candidate.paths.first()?.target_side.first()?;
        is_role(step.role).then_some(step.word)
    };
    let victim = |role: &str| matches!(role, "prep:on" | "prep:against" | "prep:toward" | "prep:towards" | "prep:at");
    let author = |role: &str| matches!(role, "poss" | "prep:of" | "prep:by" | "amod" | "compound");
    let Some(word) = act(scored.candidate, victim).filter(|_| scored.stance == Stance::Opposed) else { return false };
    rivals(scored, likely)
        .any(|rival| rival.probability > scored.probability && act(rival.candidate, author) == Some(word))
}
