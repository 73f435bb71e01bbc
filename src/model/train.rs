//! Training: columns chosen by count and chi-squared, weights fitted by multinomial logistic
//! regression behind linfa's traits, the temperature and the threshold by cross-validation over articles.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};
use rustc_hash::FxHasher;
use sprs::{CsMat, CsVec};

use crate::features::Vocabulary;

use super::calibrate::fit_temperature;
use super::manifest::Manifest;
use super::predict::{Label, Model};
use super::sparse::{SparseError, SparseLogistic, SparseRows};

/// The solver stops when a step lowers the mean loss of an example by less: further steps change no figure.
const LOSS_TOLERANCE: f64 = 5e-5;

/// One labelled candidate.
#[derive(Debug, Clone)]
pub struct Example {
    /// The names of its features.
    pub features: Vec<String>,
    /// What it is.
    pub label: Label,
    /// Index of its article; folds never cut an article.
    pub article: usize,
}

/// How to train.
#[derive(Debug, Clone, Copy)]
pub struct TrainOptions {
    /// Most columns.
    pub columns: usize,
    /// Least number of examples that must have a feature.
    pub min_count: usize,
    /// Strength of the L2 penalty.
    pub alpha: f64,
    /// Folds of cross-validation.
    pub folds: usize,
    /// Models whose mean is taken, each on half of the columns.
    pub bags: usize,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self { columns: 65_536, min_count: 3, alpha: 0.1, folds: 4, bags: 4 }
    }
}

/// Why no model can be trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A label has too few examples.
    #[error("only {count} examples are labelled {label:?}; at least {needed} are needed")]
    TooFew {
        /// The label.
        label: &'static str,
        /// How many there are.
        count: usize,
        /// How many are needed.
        needed: usize,
    },
    /// The solver gave up.
    #[error(transparent)]
    Solver(#[from] SparseError),
}

/// A fitted model without its calibration, in double precision.
pub struct Trained {
    vocabulary: Vocabulary,
    weights: Array2<f64>,
    intercepts: Array1<f64>,
}

/// Fewest examples of each label, also when a fold is left out.
pub const FEWEST: usize = 10;

/// Fits a model to `examples`.
///
/// # Errors
/// [`TrainError`] if a label has fewer than ten examples or the solver fails.
pub fn train(examples: &[&Example], options: &TrainOptions) -> Result<Trained, TrainError> {
    for label in Label::ALL {
        let count = examples.iter().filter(|example| example.label == label).count();
        if count < FEWEST {
            return Err(TrainError::TooFew { label: label.name(), count, needed: FEWEST });
        }
    }
    let vocabulary = Vocabulary::new(choose_columns(examples, options));
    let mut matrix = CsMat::empty(sprs::CompressedStorage::CSR, vocabulary.len());
    for example in examples {
        let (columns, values) =
            vocabulary.vector(&example.features).0.into_iter().map(|(c, v)| (c as usize, v)).unzip();
        matrix = matrix.append_outer_csvec(CsVec::new(vocabulary.len(), columns, values).view());
    }
    let labels: Array1<usize> = examples.iter().map(|example| example.label.index()).collect();
    let (weights, intercepts) = fit_bags(&matrix, &labels, vocabulary.names(), options)?;
    Ok(Trained { vocabulary, weights, intercepts })
}

/// The mean of several models, each fitted without half of the features: a strong feature then cannot hide the others
/// that say the same, which carry the decision where it is absent (Sutton, Sindelar and `McCallum`, "Reducing weight
/// undertraining in structured discriminative learning", HLT-NAACL 2006). The mean of linear models is linear.
fn fit_bags(
    matrix: &CsMat<f64>,
    labels: &Array1<usize>,
    names: &[String],
    options: &TrainOptions,
) -> Result<(Array2<f64>, Array1<f64>), TrainError> {
    let bags: Vec<Vec<usize>> = (0..options.bags)
        .map(|bag| (0..names.len()).filter(|&column| is_in_bag(&names[column], bag)).collect())
        .collect();
    let fits = in_parallel(&bags, |kept: &Vec<usize>| {
        let loss_tolerance = LOSS_TOLERANCE * labels.len() as f64;
        let solver =
            SparseLogistic { alpha: options.alpha, max_iterations: 300, gradient_tolerance: 1e-3, loss_tolerance };
        solver.fit(&DatasetBase::new(SparseRows(columns_of(matrix, kept)), labels.clone()))
    });
    let mut weights = Array2::zeros((names.len(), Label::ALL.len()));
    let mut intercepts = Array1::zeros(Label::ALL.len());
    for (fitted, kept) in fits.into_iter().zip(&bags) {
        let fitted = fitted?;
        for (row, &column) in fitted.weights.outer_iter().zip(kept) {
            let mut total = weights.row_mut(column);
            total += &row;
        }
        intercepts += &fitted.intercepts;
    }
    let bags = options.bags.max(1) as f64;
    Ok((weights / bags, intercepts / bags))
}

/// The results of `work` on every item, in order; as many at a time as there are cores.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut results = Vec::with_capacity(items.len());
    for part in items.chunks(cores) {
        std::thread::scope(|scope| {
            let running: Vec<_> = part.iter().map(|item| scope.spawn(|| work(item))).collect();
            for thread in running {
                results.push(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
        });
    }
    results
}

/// Bags come in pairs: what one lacks the other has.
fn is_in_bag(name: &str, bag: usize) -> bool {
    let mut hasher = FxHasher::default();
    (bag / 2, name).hash(&mut hasher);
    (hasher.finish() >> 40) % 2 == (bag % 2) as u64
}

/// The columns `kept` of `matrix`, ascending.
fn columns_of(matrix: &CsMat<f64>, kept: &[usize]) -> CsMat<f64> {
    let mut place = vec![usize::MAX; matrix.cols()];
    for (new, &old) in kept.iter().enumerate() {
        place[old] = new;
    }
    let mut part = CsMat::empty(sprs::CompressedStorage::CSR, kept.len());
    for row in matrix.outer_iterator() {
        let (columns, values) = row
            .iter()
            .filter(|(column, _)| place[*column] != usize::MAX)
            .map(|(column, &value)| (place[column], value))
            .unzip();
        part = part.append_outer_csvec(CsVec::new(kept.len(), columns, values).view());
    }
    part
}

/// The columns with the largest chi-squared statistic against the labels, by name.
fn choose_columns(examples: &[&Example], options: &TrainOptions) -> Vec<String> {
    let mut counts: BTreeMap<&str, [f64; 4]> = BTreeMap::new();
    let mut totals = [0.0; 4];
    for example in examples {
        totals[example.label.index()] += 1.0;
        for feature in &example.features {
            counts.entry(feature).or_insert([0.0; 4])[example.label.index()] += 1.0;
        }
    }
    let all: f64 = totals.iter().sum();
    let mut scored: Vec<(f64, &str)> = counts
        .iter()
        .filter(|(_, counts)| counts.iter().sum::<f64>() >= options.min_count as f64)
        .map(|(feature, counts)| (chi_squared(counts, &totals, all), *feature))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.truncate(options.columns);
    let mut names: Vec<String> = scored.into_iter().map(|(_, feature)| feature.to_owned()).collect();
    names.sort_unstable();
    names
}

/// Pearson's statistic of the 2 by 4 table of a feature's presence and the labels.
fn chi_squared(counts: &[f64; 4], totals: &[f64; 4], all: f64) -> f64 {
    let with: f64 = counts.iter().sum();
    let mut statistic = 0.0;
    for (count, total) in counts.iter().zip(totals) {
        for (observed, expected) in [(*count, total * with / all), (total - count, total * (all - with) / all)] {
            if expected > 0.0 {
                statistic += (observed - expected).powi(2) / expected;
            }
        }
    }
    statistic
}

impl Trained {
    /// The logits of an example, by label.
    #[must_use]
    pub fn logits(&self, features: &[String]) -> [f64; 4] {
        let mut logits = [0.0; 4];
        let vector = self.vocabulary.vector(features);
        for (label, logit) in logits.iter_mut().enumerate() {
            let sum: f64 = vector.0.iter().map(|&(column, value)| value * self.weights[[column as usize, label]]).sum();
            *logit = self.intercepts[label] + sum;
        }
        logits
    }

    /// The model with `temperature` folded into its weights.
    #[must_use]
    pub fn into_model(self, temperature: f64, manifest: Manifest) -> Model {
        let scale = |number: f64| (number / temperature) as f32;
        let labels = Label::ALL.iter().map(|label| label.name().to_owned()).collect();
        Model {
            manifest: Manifest { labels, languages: vec!["en".to_owned()], ..manifest },
            vocabulary: self.vocabulary,
            weights: self.weights.mapv(scale),
            intercepts: self.intercepts.mapv(scale),
        }
    }
}

/// Logits of every example from a model that never saw its article, and the temperature that suits them.
///
/// `progress` is called after each fold.
///
/// # Errors
/// [`TrainError`] as for [`train`].
pub fn cross_validate(
    examples: &[Example],
    options: &TrainOptions,
    mut progress: impl FnMut(),
) -> Result<(Vec<[f64; 4]>, f64), TrainError> {
    // Half the bags: the figures of the folds need not be as good as the model, only as well calibrated.
    let options = &TrainOptions { bags: options.bags.div_ceil(2), ..*options };
    let mut logits = vec![[0.0; 4]; examples.len()];
    for fold in 0..options.folds {
        let kept: Vec<&Example> = examples.iter().filter(|example| example.article % options.folds != fold).collect();
        let trained = train(&kept, options)?;
        for (index, example) in examples.iter().enumerate().filter(|(_, e)| e.article % options.folds == fold) {
            logits[index] = trained.logits(&example.features);
        }
        progress();
    }
    let labels: Vec<usize> = examples.iter().map(|example| example.label.index()).collect();
    let temperature = fit_temperature(&logits, &labels);
    Ok((logits, temperature))
}
