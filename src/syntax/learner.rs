//! A perceptron that learns, and averages its weights over the time of its learning: with numbers that a finished one no
//! longer needs.

use super::perceptron::{Feature, LARGEST, row};

/// A perceptron that learns.
#[derive(Debug)]
pub(super) struct Learner<const ROWS: usize, const CLASSES: usize> {
    weights: Vec<f32>,
    /// Sum over time, brought up to date when a weight changes.
    totals: Vec<f64>,
    changed: Vec<u32>,
    clock: u32,
}

impl<const ROWS: usize, const CLASSES: usize> Learner<ROWS, CLASSES> {
    pub(super) fn new() -> Self {
        let size = ROWS * CLASSES;
        Self { weights: vec![0.0; size], totals: vec![0.0; size], changed: vec![0; size], clock: 0 }
    }

    pub(super) fn scores(&self, features: &[Feature]) -> [f32; CLASSES] {
        let mut scores = [0.0; CLASSES];
        for &feature in features {
            let start = row::<ROWS>(feature) * CLASSES;
            for (score, weight) in scores.iter_mut().zip(&self.weights[start..start + CLASSES]) {
                *score += weight;
            }
        }
        scores
    }

    /// One step of time; rewards `right` and punishes `given` where they differ.
    pub(super) fn update(&mut self, features: &[Feature], right: usize, given: usize) {
        self.clock += 1;
        if right == given {
            return;
        }
        for &feature in features {
            for (class, step) in [(right, 1.0), (given, -1.0)] {
                let at = row::<ROWS>(feature) * CLASSES + class;
                self.settle(at);
                self.weights[at] += step;
            }
        }
    }

    /// Brings a weight's sum up to date.
    fn settle(&mut self, at: usize) {
        self.totals[at] += f64::from(self.weights[at]) * f64::from(self.clock - self.changed[at]);
        self.changed[at] = self.clock;
    }

    /// The averaged weights, row by row.
    fn averages(mut self) -> Vec<f64> {
        (0..self.weights.len()).for_each(|at| self.settle(at));
        let time = f64::from(self.clock.max(1));
        self.totals.into_iter().map(|total| total / time).collect()
    }

    /// The mean of the averaged weights of learners that met the same examples in different orders, as small integers,
    /// signed bytes, row by row: what chance gave to one of them fades (parameter mixing; `McDonald`, Hall and Mann, "Distributed training
    /// strategies for the structured perceptron", NAACL 2010). Few weights are large, and those count: to clip one in a
    /// thousand, for a finer scale of the others, costs three points of labelled attachment.
    pub(super) fn mix(learners: Vec<Self>) -> Vec<u8> {
        let mut sums = vec![0.0; ROWS * CLASSES];
        for learner in learners {
            sums.iter_mut().zip(learner.averages()).for_each(|(sum, average)| *sum += average);
        }
        let largest = sums.iter().fold(f64::MIN_POSITIVE, |largest, sum| largest.max(sum.abs()));
        let small = |sum: &f64| ((sum / largest * f64::from(LARGEST)).round() as i8).cast_unsigned();
        sums.iter().map(small).collect()
    }
}
