//! The ways between a holder and a target: which are worth a candidate, which comes first, what lies on them.

use crate::syntax::{Relation, Tree};

use super::argument::{Grammar, Path};
use super::cues::{Cue, Cues};

/// The cues that start at a word of the tree.
pub fn cues_at<'c>(tree: &Tree, cues: &'c [Cue], word: usize) -> impl Iterator<Item = &'c Cue> + use<'c> {
    let tokens = tree.units[word].tokens.clone();
    cues.iter().filter(move |cue| tokens.contains(&cue.tokens.start))
}

/// Whether the way lies in what somebody denies: "denied that it had attacked" (codebook, case 5).
pub(super) fn is_denied(path: &Path, grammar: Grammar<'_>, cues: &[Cue]) -> bool {
    let Some(pivot) = path.pivot else { return false };
    let clause = |word: usize| {
        matches!(grammar.tree.relations[word], Relation::Ccomp | Relation::Xcomp | Relation::Pcomp | Relation::Conj)
    };
    let denies = |word: usize| cues_at(grammar.tree, cues, word).any(|cue| Cues::get().class(cue).name == "deny");
    let above = grammar.tree.up(pivot).take_while(|&word| clause(word)).filter_map(|word| grammar.tree.head(word));
    let told = |word: usize| grammar.tree.relations[word] != Relation::Conj;
    told(pivot) && above.take(3).any(denies)
}

/// The order of the ways between a holder and a target: those by grammar first, then those over a word that carries a
/// stance, then the shortest: in "X told Y that the two oppose Z" it is not the telling that matters.
pub(super) fn rank(path: &Path, grammar: Grammar<'_>, cues: &[Cue]) -> (bool, bool, usize) {
    let has_stance =
        |word: usize| cues_at(grammar.tree, cues, word).any(|cue| Cues::get().class(cue).stance().is_some());
    let has_cue = path
        .words()
        .any(|(_, word, _)| has_stance(word) || grammar.tree.dependents_by(word, Relation::Dobj).any(has_stance));
    (!path.is_bound, !has_cue, path.length())
}

/// Whether the grammar lets the holder take a position: it speaks, or it stands toward a word that leads to the target as
/// those do who act. Of the pairs left out, one in fifty carries a stance.
pub(super) fn is_tied(speaks: bool, paths: &[Path]) -> bool {
    let acts = |path: &Path| match path.holder_role {
        "subj" | "msubj" | "agent" | "magent" | "poss" | "appos" | "compound" | "ccomp" | "advmod" => true,
        "from" | "of" | "prep:with" | "prep:from" | "attr" => path.is_bound,
        _ => false,
    };
    speaks || paths.iter().any(acts)
}

/// The words of the ways, and what hangs closely on them: objects, particles, complements.
pub(super) fn near_words(tree: &Tree, paths: &[Path]) -> Vec<usize> {
    let mut near = Vec::new();
    for path in paths {
        // The pivot first: of "condemned the sanctions" the condemning decides.
        for word in path.pivot.into_iter().chain(path.words().map(|(_, word, _)| word)) {
            if !near.contains(&word) {
                near.push(word);
            }
        }
    }
    for at in 0..near.len() {
        let close = tree.dependents(near[at]).filter(|&word| {
            matches!(
                tree.relations[word],
                Relation::Dobj
                    | Relation::Attr
                    | Relation::Prt
                    | Relation::Xcomp
                    | Relation::Oprd
                    | Relation::Prep
                    | Relation::Amod
                    | Relation::Acl
                    | Relation::Advmod
            )
        });
        for word in close.collect::<Vec<_>>() {
            if !near.contains(&word) {
                near.push(word);
            }
        }
    }
    near
}
