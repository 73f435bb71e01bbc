//! A tree of dependencies, greedily from left to right. Linear in the sentence's length.

use super::perceptron::{Feature, Narrow, Wide, best};
use super::relation::Relation;
use super::state::{FEATURES, Move, State};
use super::tagger::{Tag, Word};

/// Rows of the perceptron that tells moves apart: a megabyte.
pub(super) const MOVE_ROWS: usize = 1 << 18;
/// Rows of each that tells relations apart: four megabytes.
pub(super) const RELATION_ROWS: usize = 1 << 17;

/// The relations that are told apart: by class, without the root's, which follows from the state.
pub(super) const CLASSES: [Relation; 32] = {
    let mut classes = [Relation::Root; 32];
    let mut class = 0;
    while class < classes.len() {
        classes[class] = Relation::ALL[class + 1];
        class += 1;
    }
    classes
};

/// The class of a relation other than the root's.
pub(super) fn class_of(relation: Relation) -> usize {
    relation as usize - 1
}

/// A trained parser: which move, and of an arc, which relation. The two are asked apart (as by Nivre et al.,
/// "`MaltParser`", Natural Language Engineering 13, 2007), so that half of the answers come from a table that stays in
/// the cache.
#[derive(Debug, Clone)]
pub(super) struct Parser {
    pub(super) moves: Narrow<MOVE_ROWS>,
    /// Of arcs to the left, by [`CLASSES`].
    pub(super) left: Wide<RELATION_ROWS>,
    /// Of arcs to the right.
    pub(super) right: Wide<RELATION_ROWS>,
}

impl Parser {
    /// Heads and relations of a sentence.
    pub(super) fn parse(&self, words: &[Word], tags: &[Tag]) -> (Vec<u16>, Vec<Relation>) {
        let mut state = State::new(words, tags);
        while !state.is_done() {
            if state.must_shift() {
                state.take(Move::Shift, Relation::Dep);
                continue;
            }
            let features = state.features();
            let allowed = state.allowed();
            let Some(next) = best_move(&self.moves.scores(&features), |next| allowed[next as usize]) else { break };
            state.take(next, self.relation(&state, next, &features));
        }
        state.finish()
    }

    /// The most plausible relation of an arc; any for a shift.
    fn relation(&self, state: &State, next: Move, features: &[Feature; FEATURES]) -> Relation {
        let mut scores = match next {
            Move::Shift => return Relation::Dep,
            Move::Left if state.is_at_root() => return Relation::Root,
            Move::Left => self.left.scores(&of_relations(features)).by_class(),
            Move::Right => self.right.scores(&of_relations(features)).by_class(),
        };
        if state.is_clause() {
            for relation in OF_NOUNS {
                scores[class_of(relation)] = i16::MIN;
            }
        }
        CLASSES[best(&scores)]
    }
}

/// The templates that tell relations apart, by number.
const OF_RELATIONS: [usize; 25] =
    [1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20, 22, 24, 26, 29, 31, 32, 34, 35, 36, 37, 38, 39];

/// The features of a state that tell relations apart.
pub(super) fn of_relations(features: &[Feature; FEATURES]) -> [Feature; OF_RELATIONS.len()] {
    OF_RELATIONS.map(|number| features[number - 1])
}

/// Relations of a noun's modifiers and objects, which no finite verb and no infinitive can be.
const OF_NOUNS: [Relation; 6] =
    [Relation::Compound, Relation::Amod, Relation::Det, Relation::Poss, Relation::Case, Relation::Pobj];

/// Of the accepted moves the first with the highest score.
pub(super) fn best_move<S: PartialOrd + Copy>(scores: &[S], accepts: impl Fn(Move) -> bool) -> Option<Move> {
    let accepted = Move::ALL.into_iter().filter(|&next| accepts(next));
    accepted.reduce(|best, next| if scores[next as usize] > scores[best as usize] { next } else { best })
}
