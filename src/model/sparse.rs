//! Multinomial logistic regression over sparse rows, behind linfa's `Fit` and `Predict`.
//!
//! linfa's own estimator takes dense input only, so that twenty thousand columns would cost gigabytes
//! and minutes. This one minimises the same loss (negative log-likelihood plus half the L2 penalty
//! on the weights, none on the intercepts) with the solver that linfa-logistic uses, argmin's
//! L-BFGS with the Moré-Thuente line search. A test holds the two to the same probabilities.

use std::cell::RefCell;

use argmin::core::{CostFunction, Executor, Gradient, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use linfa::dataset::{DatasetBase, Records};
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, Array2};
use sprs::CsMat;

/// Number of classes.
const CLASSES: usize = 4;
/// Past steps that L-BFGS remembers.
const MEMORY: usize = 10;

/// Rows of a sparse matrix as linfa records.
#[derive(Debug, Clone)]
pub struct SparseRows(pub CsMat<f64>);

impl Records for SparseRows {
    type Elem = f64;

    fn nsamples(&self) -> usize {
        self.0.rows()
    }

    fn nfeatures(&self) -> usize {
        self.0.cols()
    }
}

/// Parameters of the estimator.
#[derive(Debug, Clone, Copy)]
pub struct SparseLogistic {
    /// Strength of the L2 penalty, above 0.
    pub alpha: f64,
    /// Most iterations of the solver.
    pub max_iterations: u64,
    /// The solver stops when the norm of the scaled gradient falls below.
    pub gradient_tolerance: f64,
    /// The solver stops when a step lowers the loss, a sum over the rows, by less.
    pub loss_tolerance: f64,
}

/// Why the solver failed.
#[derive(Debug, thiserror::Error)]
pub enum SparseError {
    /// linfa refused the data.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
    /// The solver took all its steps without coming to rest.
    #[error("the solver did not converge in {0} steps")]
    NotConverged(u64),
    /// argmin gave up.
    #[error("the solver failed: {0}")]
    Solver(String),
}

/// Fitted weights.
#[derive(Debug, Clone)]
pub struct FittedLogistic {
    /// Features by classes.
    pub weights: Array2<f64>,
    /// One a class.
    pub intercepts: Array1<f64>,
}

impl Fit<SparseRows, Array1<usize>, SparseError> for SparseLogistic {
    type Object = FittedLogistic;

    fn fit(&self, dataset: &DatasetBase<SparseRows, Array1<usize>>) -> Result<FittedLogistic, SparseError> {
        let (rows, columns) = (&dataset.records.0, dataset.records.0.cols());
        let labels = dataset.targets.as_slice().unwrap_or_default();
        let scales = scales(rows, self.alpha);
        let problem = Problem { rows, labels, alpha: self.alpha, scales: &scales, last: RefCell::default() };
        let failed = |error: argmin::core::Error| SparseError::Solver(error.to_string());
        let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY)
            .with_tolerance_grad(self.gradient_tolerance)
            .and_then(|solver| solver.with_tolerance_cost(self.loss_tolerance))
            .map_err(failed)?;
        let start = vec![0.0; (columns + 1) * CLASSES];
        let result = Executor::new(problem, solver)
            .configure(|state| state.param(start).max_iters(self.max_iterations))
            .run()
            .map_err(failed)?;
        if result.state().get_iter() >= self.max_iterations {
            return Err(SparseError::NotConverged(self.max_iterations));
        }
        let best =
            result.state().get_best_param().ok_or_else(|| SparseError::Solver("no step was taken".to_owned()))?;
        let best = scaled(best, &scales);
        let (weights, intercepts) = best.split_at(columns * CLASSES);
        let weights = Array2::from_shape_vec((columns, CLASSES), weights.to_vec());
        let weights = weights.map_err(|error| SparseError::Solver(error.to_string()))?;
        Ok(FittedLogistic { weights, intercepts: Array1::from(intercepts.to_vec()) })
    }
}

impl PredictInplace<SparseRows, Array1<usize>> for FittedLogistic {
    fn predict_inplace(&self, rows: &SparseRows, labels: &mut Array1<usize>) {
        let parameters: Vec<f64> = self.weights.iter().chain(&self.intercepts).copied().collect();
        for (row, label) in rows.0.outer_iterator().zip(labels.iter_mut()) {
            let logits = logits(&row, &parameters, rows.0.cols());
            *label = (0..CLASSES).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap_or(0);
        }
    }

    fn default_target(&self, rows: &SparseRows) -> Array1<usize> {
        Array1::zeros(rows.nsamples())
    }
}

/// The loss and its gradient. Parameters: the weights of feature 0 by class, of feature 1, ..., the intercepts.
struct Problem<'a> {
    rows: &'a CsMat<f64>,
    labels: &'a [usize],
    alpha: f64,
    /// One a feature and one for the intercepts.
    scales: &'a [f64],
    /// What was computed last: the line search asks for loss and gradient of one point apart.
    last: RefCell<Option<Evaluated>>,
}

/// What a step along each feature is worth: the solver works on weights divided by this, so that the loss curves alike
/// along frequent and rare features (Jacobi's preconditioner at the start, where every label is as likely).
fn scales(rows: &CsMat<f64>, alpha: f64) -> Vec<f64> {
    let even = 1.0 / CLASSES as f64;
    let mut curvatures = vec![0.0; rows.cols() + 1];
    for row in rows.outer_iterator() {
        row.iter().for_each(|(column, value)| curvatures[column] += value * value);
    }
    curvatures[rows.cols()] = rows.rows() as f64;
    curvatures.iter().map(|curvature| 1.0 / (alpha + even * (1.0 - even) * curvature).sqrt()).collect()
}

/// Each class's value of a feature times the feature's scale.
fn scaled(values: &[f64], scales: &[f64]) -> Vec<f64> {
    let of_feature = values.chunks(CLASSES).zip(scales);
    of_feature.flat_map(|(values, scale)| values.iter().map(move |value| value * scale)).collect()
}

/// Loss and gradient at one point.
#[derive(Clone)]
struct Evaluated {
    parameters: Vec<f64>,
    loss: f64,
    gradient: Vec<f64>,
}

fn logits(row: &sprs::CsVecView<'_, f64>, parameters: &[f64], columns: usize) -> [f64; CLASSES] {
    let mut logits = [0.0; CLASSES];
    logits.copy_from_slice(&parameters[columns * CLASSES..]);
    for (column, value) in row.iter() {
        for (logit, weight) in logits.iter_mut().zip(&parameters[column * CLASSES..(column + 1) * CLASSES]) {
            *logit += value * weight;
        }
    }
    logits
}

/// The logarithm of the sum of exponentials, from the largest so that nothing overflows.
fn log_sum(logits: &[f64; CLASSES]) -> f64 {
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + logits.iter().map(|logit| (logit - largest).exp()).sum::<f64>().ln()
}

impl Problem<'_> {
    /// Loss and gradient in one pass over the rows, given to `take`.
    fn evaluate<T>(&self, parameters: &[f64], take: impl FnOnce(&Evaluated) -> T) -> T {
        let mut last = self.last.borrow_mut();
        let known = last.take().filter(|known| known.parameters == parameters);
        let evaluated = known.unwrap_or_else(|| self.pass(parameters));
        take(last.insert(evaluated))
    }

    fn pass(&self, point: &[f64]) -> Evaluated {
        let columns = self.rows.cols();
        let parameters = &scaled(point, self.scales);
        let mut gradient: Vec<f64> = parameters.iter().map(|weight| self.alpha * weight).collect();
        gradient[columns * CLASSES..].fill(0.0);
        let mut loss = 0.0;
        for (row, &label) in self.rows.outer_iterator().zip(self.labels) {
            let logits = logits(&row, parameters, columns);
            let sum = log_sum(&logits);
            loss += sum - logits[label];
            let mut errors = logits.map(|logit| (logit - sum).exp());
            errors[label] -= 1.0;
            for (slot, error) in gradient[columns * CLASSES..].iter_mut().zip(errors) {
                *slot += error;
            }
            for (column, value) in row.iter() {
                for (slot, error) in gradient[column * CLASSES..(column + 1) * CLASSES].iter_mut().zip(errors) {
                    *slot += error * value;
                }
            }
        }
        let penalty: f64 = parameters[..columns * CLASSES].iter().map(|weight| weight * weight).sum();
        Evaluated {
            parameters: point.to_vec(),
            loss: loss + 0.5 * self.alpha * penalty,
            gradient: scaled(&gradient, self.scales),
        }
    }
}

impl CostFunction for Problem<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, parameters: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        Ok(self.evaluate(parameters, |known| known.loss))
    }
}

impl Gradient for Problem<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, parameters: &Vec<f64>) -> Result<Vec<f64>, argmin::core::Error> {
        Ok(self.evaluate(parameters, |known| known.gradient.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linfa::traits::Predict;
    use linfa_logistic::MultiLogisticRegression;

    /// 200 rows over 12 columns whose label follows from the columns, with some noise; no random source needed.
    fn data() -> (Array2<f64>, Array1<usize>) {
        let rows = Array2::from_shape_fn((200, 12), |(row, column)| {
            let on = (row * 31 + column * 17 + row * column) % 5 < 2;
            if on { 0.4 } else { 0.0 }
        });
        let labels = rows.outer_iter().enumerate().map(|(number, row)| {
            let on: Vec<usize> = [0, 3, 7].into_iter().filter(|&column| row[column] > 0.0).collect();
            if number % 11 == 0 { number % 4 } else { (on.len() + usize::from(row[5] > 0.0)) % 4 }
        });
        let labels: Array1<usize> = labels.collect();
        (rows, labels)
    }

    #[test]
    fn agrees_with_the_dense_estimator() {
        let (dense, labels) = data();
        let rows = SparseRows(CsMat::csr_from_dense(dense.view(), 0.0));
        let sparse =
            SparseLogistic { alpha: 0.3, max_iterations: 500, gradient_tolerance: 1e-6, loss_tolerance: 1e-12 };
        let sparse = sparse.fit(&DatasetBase::new(rows.clone(), labels.clone())).expect("fits");
        let reference = MultiLogisticRegression::default().alpha(0.3).max_iterations(500).gradient_tolerance(1e-6);
        let reference = reference.fit(&linfa::Dataset::new(dense.clone(), labels)).expect("fits");
        let probabilities = reference.predict_probabilities(&dense);
        let parameters: Vec<f64> = sparse.weights.iter().chain(&sparse.intercepts).copied().collect();
        for (number, row) in rows.0.outer_iterator().enumerate() {
            let logits = logits(&row, &parameters, 12);
            let sum = log_sum(&logits);
            for class in 0..CLASSES {
                let (own, dense) = ((logits[class] - sum).exp(), probabilities[[number, class]]);
                assert!((own - dense).abs() < 1e-3, "row {number}, class {class}: {own} and {dense}");
            }
        }
        let mut labels = sparse.default_target(&rows);
        sparse.predict_inplace(&rows, &mut labels);
        assert_eq!(labels, reference.predict(&dense));
    }
}
