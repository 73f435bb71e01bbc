//! Training of tagger and parser from analysed sentences. No clock, no random source: the same treebank gives
//! the same weights.

use rustc_hash::FxHashMap;

use super::artefact::SyntaxModel;
use super::parser::{State, Step, best_step};
use super::perceptron::{Learner, Perceptron};
use super::relation::Relation;
use super::tagger::{Tag, Word, tag, tag_features};
use super::treebank::Analysis;

/// Passes over the treebank.
const EPOCHS: usize = 10;
/// A step of the parser is learnt if the treebank needs it at least this often.
const LEAST_STEPS: usize = 20;

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

/// Trains a model; `progress` is called after each pass.
pub fn train(sentences: &[Analysis], mut progress: impl FnMut()) -> SyntaxModel {
    let words: Vec<Vec<Word>> = sentences.iter().map(words).collect();
    let tagger = train_tagger(sentences, &words, None);
    progress();
    // The parser learns from tags that a tagger gives to sentences it has not seen.
    let halves = [0, 1].map(|half| train_tagger(sentences, &words, Some(half)));
    progress();
    let tags: Vec<Vec<Tag>> = words.iter().enumerate().map(|(number, words)| tag(&halves[number % 2], words)).collect();
    let (parser, steps) = train_parser(sentences, &words, &tags, progress);
    SyntaxModel { tagger, parser, steps }
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

/// A tagger of all sentences, or of those outside one half.
fn train_tagger(sentences: &[Analysis], words: &[Vec<Word>], without: Option<usize>) -> Perceptron {
    let chosen: Vec<usize> = (0..sentences.len()).filter(|number| without != Some(number % 2)).collect();
    let mut learner = Learner::new(Tag::ALL.len());
    for epoch in 0..EPOCHS {
        for &number in &order(&chosen, epoch) {
            let (words, gold) = (&words[number], &sentences[number].tags);
            let mut tags = Vec::with_capacity(words.len());
            for (at, &right) in gold.iter().enumerate() {
                let features = tag_features(words, &tags, at);
                let scores = learner.scores(&features);
                let given = (0..Tag::ALL.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap_or_default();
                learner.update(&features, right as usize, given);
                tags.push(Tag::ALL[given]);
            }
        }
    }
    learner.finish()
}

fn train_parser(
    sentences: &[Analysis],
    words: &[Vec<Word>],
    tags: &[Vec<Tag>],
    mut progress: impl FnMut(),
) -> (Perceptron, Vec<Step>) {
    let chosen: Vec<usize> = (0..sentences.len()).filter(|&number| sentences[number].is_projective()).collect();
    let steps = survey(sentences, words, tags, &chosen);
    let mut learner = Learner::new(steps.len());
    for epoch in 0..EPOCHS {
        for &number in &order(&chosen, epoch) {
            let gold = &sentences[number];
            let mut state = State::new(&words[number], &tags[number]);
            let mut turn = number;
            while !state.is_done() {
                let features = state.features();
                let scores = learner.scores(&features);
                let costs = state.costs(gold);
                let least = least_cost(&state, costs);
                let right = |step: Step| cost(costs, step) == least && state.is_labelled_right(step, gold);
                let Some(given) = best_step(&state, &steps, &scores, |_| true) else { break };
                let Some(wanted) = best_step(&state, &steps, &scores, right) else { break };
                let wanted = if right(steps[given]) { given } else { wanted };
                learner.update(&features, wanted, given);
                // After the first passes the parser mostly follows its own mistakes, to learn what to do then.
                turn += 1;
                let explores = epoch > 1 && turn % 10 != 0;
                state.take(steps[if explores { given } else { wanted }]);
            }
        }
        progress();
    }
    (learner.finish(), steps)
}

/// The steps that the treebank needs, the most frequent first.
fn survey(sentences: &[Analysis], words: &[Vec<Word>], tags: &[Vec<Tag>], chosen: &[usize]) -> Vec<Step> {
    let mut steps: FxHashMap<Step, usize> = FxHashMap::default();
    let every = every_step();
    for &number in chosen {
        let gold = &sentences[number];
        let mut state = State::new(&words[number], &tags[number]);
        while !state.is_done() {
            let costs = state.costs(gold);
            let least = least_cost(&state, costs);
            let right =
                |step: Step| state.allows(step) && cost(costs, step) == least && state.is_labelled_right(step, gold);
            let Some(step) = every.iter().copied().find(|&step| right(step)) else { break };
            *steps.entry(step).or_default() += 1;
            state.take(step);
        }
    }
    let mut steps: Vec<(Step, usize)> = steps.into_iter().filter(|&(_, count)| count >= LEAST_STEPS).collect();
    steps.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    steps.truncate(super::perceptron::WIDTH);
    steps.into_iter().map(|(step, _)| step).collect()
}

/// Arcs first, so that a word is attached as soon as it can be.
fn every_step() -> Vec<Step> {
    let left = Relation::ALL.into_iter().map(Step::Left);
    let right = Relation::ALL.into_iter().map(Step::Right);
    left.chain(right).chain([Step::Shift]).collect()
}

fn cost(costs: [usize; 3], step: Step) -> usize {
    match step {
        Step::Shift => costs[0],
        Step::Left(_) => costs[1],
        Step::Right(_) => costs[2],
    }
}

fn least_cost(state: &State<'_>, costs: [usize; 3]) -> usize {
    let relation = |step: fn(Relation) -> Step| Relation::ALL.into_iter().any(|r| state.allows(step(r)));
    let allowed = [state.allows(Step::Shift), relation(Step::Left), relation(Step::Right)];
    costs.into_iter().zip(allowed).filter(|&(_, allowed)| allowed).map(|(cost, _)| cost).min().unwrap_or(0)
}

/// The sentences in another order at each pass.
fn order(chosen: &[usize], epoch: usize) -> Vec<usize> {
    let mut order = chosen.to_vec();
    let mut state = 0x2545_f491_4f6c_dd1d_u64.wrapping_add(epoch as u64);
    for at in (1..order.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(at, (state % (at as u64 + 1)) as usize);
    }
    order
}
