//! A perceptron that learns, and averages its weights over the time of its learning: with numbers that a finished one no
//! longer needs.

use super::perceptron::{Feature, LARGEST, ROWS};

/// A perceptron that learns.
#[derive(Debug)]
pub(super) struct Learner<const CLASSES: usize> {
    weights: Vec<f32>,
    /// Sum over time, brought up to date when a weight changes.
    totals: Vec<f64>,
    changed: Vec<u32>,
    clock: u32,
}

impl<const CLASSES: usize> Learner<CLASSES> {
    pub(super) fn new() -> Self {
        let size = ROWS * CLASSES;
        Self { weights: vec![0.0; size], totals: vec![0.0; size], changed: vec![0; size], clock: 0 }
    }

    pub(super) fn scores(&self, features: &[Feature]) -> [f32; CLASSES] {
        let mut scores = [0.0; CLASSES];
        for &feature in features {
            let start = usize::from(feature) * CLASSES;
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
                let at = usize::from(feature) * CLASSES + class;
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

    /// The averaged weights as small integers, row by row. Few are large, and those count: to clip one in a thousand, for
    /// a finer scale of the others, costs three points of labelled attachment.
    pub(super) fn finish(mut self) -> Vec<i8> {
        (0..self.weights.len()).for_each(|at| self.settle(at));
        let largest = self.totals.iter().fold(f64::MIN_POSITIVE, |largest, total| largest.max(total.abs()));
        let small = |total: &f64| (total / largest * f64::from(LARGEST)).round() as i8;
        self.totals.iter().map(small).collect()
    }
}
