//! Training of tagger and parser from analysed sentences. No clock, no random source: the same treebank gives
//! the same weights.

use super::artefact::SyntaxModel;
use super::learner::Learner;
use super::parser::{CLASSES, MOVE_ROWS, Parser, RELATION_ROWS, best_move, class_of, of_relations};
use super::perceptron::{Feature, NARROW, Narrow, WIDE, Wide, best};
use super::relation::Relation;
use super::state::{FEATURES, Move, State};
use super::tagger::{TAGGER_ROWS, Tag, Word, tag, tag_features};
use super::treebank::Analysis;

/// Passes over the treebank.
const EPOCHS: usize = 10;
/// Orders in which the sentences are met.
const ORDERS: usize = 8;
/// How often [`train`] calls `progress`.
pub const STEPS: usize = 3;
/// Why what a learner finishes is a table.
const COMPLETE: &str = "a learner has all rows, of small weights";

/// How many words of a treebank a model analyses right.
#[derive(Debug, Clone, Copy, Default)]
pub struct Accuracy {
    /// Words read, punctuation left out.
    pub words: usize,
    /// With the right tag.
    pub tags: usize,
    /// With the right head.
    pub heads: usize,
    /// With the right head and relation.
    pub relations: usize,
}

/// Trains a model; `progress` is called [`STEPS`] times.
pub fn train(sentences: &[Analysis], progress: impl FnMut()) -> SyntaxModel {
    train_in_orders(sentences, ORDERS, progress)
}

/// The same, mixed of so many that met the sentences in different orders.
pub(super) fn train_in_orders(sentences: &[Analysis], orders: usize, mut progress: impl FnMut()) -> SyntaxModel {
    let words: Vec<Vec<Word>> = sentences.iter().map(words).collect();
    let tagger = train_tagger(sentences, &words, None, orders);
    progress();
    // The parser learns from tags that a tagger gives to sentences it has not seen.
    let halves = [0, 1].map(|half| train_tagger(sentences, &words, Some(half), 1));
    progress();
    let tags: Vec<Vec<Tag>> = words.iter().enumerate().map(|(number, words)| tag(&halves[number % 2], words)).collect();
    let parser = train_parser(sentences, &words, &tags, orders);
    progress();
    SyntaxModel { tagger, parser }
}

/// Compares what `model` says with the analysis of `sentences`.
#[must_use]
pub fn measure(model: &SyntaxModel, sentences: &[Analysis]) -> Accuracy {
    let mut accuracy = Accuracy::default();
    for sentence in sentences {
        let (tags, heads, relations) = model.analyse(&words(sentence));
        for at in 0..sentence.words.len() {
            if matches!(sentence.tags[at], Tag::Punctuation | Tag::Quote | Tag::Comma) {
                continue;
            }
            accuracy.words += 1;
            accuracy.tags += usize::from(tags[at] == sentence.tags[at]);
            let head = heads[at] as usize == sentence.heads[at];
            accuracy.heads += usize::from(head);
            accuracy.relations += usize::from(head && relations[at] == sentence.relations[at]);
        }
    }
    accuracy
}

fn words(sentence: &Analysis) -> Vec<Word> {
    let words = sentence.words.iter().zip(&sentence.capitalised).enumerate();
    words.map(|(at, (word, &capitalised))| Word::new(word, capitalised, at == 0)).collect()
}

/// What `learn` makes of each order, at the same time.
fn in_orders<L: Send>(orders: usize, learn: impl Fn(usize) -> L + Sync) -> Vec<L> {
    std::thread::scope(|scope| {
        let learn = &learn;
        let learners: Vec<_> = (0..orders).map(|number| scope.spawn(move || learn(number))).collect();
        learners.into_iter().map(|learner| learner.join().expect("a learner does not panic")).collect()
    })
}

/// A tagger of all sentences, or of those outside one half.
fn train_tagger(
    sentences: &[Analysis],
    words: &[Vec<Word>],
    without: Option<usize>,
    orders: usize,
) -> Wide<TAGGER_ROWS> {
    let chosen: Vec<usize> = (0..sentences.len()).filter(|number| without != Some(number % 2)).collect();
    let learners = in_orders(orders, |which| {
        let mut learner = Learner::<TAGGER_ROWS, WIDE>::new();
        for epoch in 0..EPOCHS {
            for &number in &order(&chosen, which * EPOCHS + epoch) {
                let (words, gold) = (&words[number], &sentences[number].tags);
                let mut tags = Vec::with_capacity(words.len());
                for (at, &right) in gold.iter().enumerate() {
                    let features = tag_features(words, &tags, at);
                    let given = best(&learner.scores(&features)[..Tag::ALL.len()]);
                    learner.update(&features, right as usize, given);
                    tags.push(Tag::ALL[given]);
                }
            }
        }
        learner
    });
    Wide::new(&Learner::mix(learners)).expect(COMPLETE)
}

fn train_parser(sentences: &[Analysis], words: &[Vec<Word>], tags: &[Vec<Tag>], orders: usize) -> Parser {
    let chosen: Vec<usize> = (0..sentences.len()).filter(|&number| sentences[number].is_projective()).collect();
    let learners = in_orders(orders, |which| {
        let mut learners = Learners { moves: Learner::new(), left: Learner::new(), right: Learner::new() };
        for epoch in 0..EPOCHS {
            for &number in &order(&chosen, which * EPOCHS + epoch) {
                let mut state = State::new(&words[number], &tags[number]);
                let mut turn = number;
                while !state.is_done() {
                    // After the first passes the parser mostly follows its own mistakes, to learn what to do then.
                    turn += 1;
                    let explores = epoch > 1 && turn % 10 != 0;
                    let Some((next, relation)) = learners.learn(&state, &sentences[number], explores) else { break };
                    state.take(next, relation);
                }
            }
        }
        learners
    });
    let (mut moves, mut left, mut right) = (vec![], vec![], vec![]);
    for learner in learners {
        moves.push(learner.moves);
        left.push(learner.left);
        right.push(learner.right);
    }
    Parser {
        moves: Narrow::new(&Learner::mix(moves)).expect(COMPLETE),
        left: Wide::new(&Learner::mix(left)).expect(COMPLETE),
        right: Wide::new(&Learner::mix(right)).expect(COMPLETE),
    }
}

/// A parser that learns.
struct Learners {
    moves: Learner<MOVE_ROWS, NARROW>,
    left: Learner<RELATION_ROWS, WIDE>,
    right: Learner<RELATION_ROWS, WIDE>,
}

impl Learners {
    /// Learns what to do in a state, and tells it: what the treebank wants, or if it `explores`, its own choice.
    fn learn(&mut self, state: &State, gold: &Analysis, explores: bool) -> Option<(Move, Relation)> {
        let features = state.features();
        let scores = self.moves.scores(&features);
        let (allowed, costs) = (state.allowed(), state.costs(gold));
        let least =
            Move::ALL.into_iter().filter(|&next| allowed[next as usize]).map(|next| costs[next as usize]).min()?;
        let is_right = |next: Move| allowed[next as usize] && costs[next as usize] == least;
        let given = best_move(&scores, |next| allowed[next as usize])?;
        let wanted = if is_right(given) { given } else { best_move(&scores, is_right)? };
        self.moves.update(&features, wanted as usize, given as usize);
        let next = if explores { given } else { wanted };
        Some((next, self.learn_relation(state, next, gold, explores, &features)))
    }

    fn learn_relation(
        &mut self,
        state: &State,
        next: Move,
        gold: &Analysis,
        explores: bool,
        features: &[Feature; FEATURES],
    ) -> Relation {
        let features = &of_relations(features);
        let learner = match next {
            Move::Shift => return Relation::Dep,
            Move::Left if state.is_at_root() => return Relation::Root,
            Move::Left => &mut self.left,
            Move::Right => &mut self.right,
        };
        let given = best(&learner.scores(features));
        match state.gold_relation(next, gold) {
            // Only the root's own arc has the root's relation.
            Some(wanted) if wanted != Relation::Root => {
                learner.update(features, class_of(wanted), given);
                if explores { CLASSES[given] } else { wanted }
            }
            _ => CLASSES[given],
        }
    }
}

/// The sentences in another order at each pass.
fn order(chosen: &[usize], pass: usize) -> Vec<usize> {
    let mut order = chosen.to_vec();
    let mut state = 0x2545_f491_4f6c_e105_u64.wrapping_add(pass as u64);
    for at in (1..order.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(at, (state % (at as u64 + 1)) as usize);
    }
    order
}
