//! An averaged perceptron over hashed features (Collins, "Discriminative training methods for hidden Markov
//! models", EMNLP 2002): integers at prediction, so that a tree is the same on every machine.
//!
//! A feature has no entry of its own: its hash is the row of the table that it shares with whatever else falls there
//! (Shi et al., "Hash kernels for structured data", JMLR 2009). So a look-up is one line of memory, without a branch.
//! A table of all frequent features by name parsed 0.6 points better, and its look-ups were most of the pipeline's time;
//! one of half as many rows parses 0.2 points worse and is hardly faster.

use std::hint::black_box;
use std::sync::Arc;

/// Most classes; a row is padded to this.
pub(super) const WIDTH: usize = 48;
/// Rows of a table: one a value of [`Feature`].
pub(super) const ROWS: usize = 1 << 16;

/// The row of a feature.
pub(super) type Feature = u16;

/// The row of a template with up to three values.
pub(super) fn feature(template: u32, a: u32, b: u32, c: u32) -> Feature {
    let mut hash = u64::from(template).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for value in [a, b, c] {
        hash = (hash.rotate_left(23) ^ u64::from(value)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    (hash >> 48) as Feature
}

/// The hash of a word (FNV-1a), stable across versions.
pub(super) fn hash_word(word: &str) -> u32 {
    word.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The weights of one row, by class, in one line of the cache. Each is greater by [`BIAS`]: every sum is of as many rows,
/// so that the best class stays the best, and bytes without a sign are wider in fewer instructions.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Row([u8; WIDTH]);

/// What a weight of nothing is stored as.
const BIAS: u8 = 128;

/// Weights ready to predict with.
#[derive(Debug, Clone)]
pub(super) struct Perceptron {
    rows: Arc<[Row]>,
    classes: usize,
}

impl Perceptron {
    /// A perceptron of [`ROWS`] rows of `classes` weights each. `None` if they are not as many.
    pub(super) fn new(weights: &[i8], classes: usize) -> Option<Self> {
        if classes == 0 || classes > WIDTH || weights.len() != ROWS * classes {
            return None;
        }
        let padded = |weights: &[i8]| {
            let mut row = Row([BIAS; WIDTH]);
            row.0.iter_mut().zip(weights).for_each(|(stored, weight)| *stored = weight.cast_unsigned() ^ BIAS);
            row
        };
        Some(Self { rows: weights.chunks(classes).map(padded).collect(), classes })
    }

    /// The weights, row by row.
    pub(super) fn weights(&self) -> impl Iterator<Item = i8> + '_ {
        self.rows.iter().flat_map(|row| row.0[..self.classes].iter().map(|stored| (stored ^ BIAS).cast_signed()))
    }

    pub(super) fn classes(&self) -> usize {
        self.classes
    }

    /// The sum of the rows of `features`, at most 256 of them; only their order counts.
    pub(super) fn scores(&self, features: &[Feature]) -> [u16; WIDTH] {
        self.fetch(features);
        let mut scores = [0; WIDTH];
        for &feature in features {
            for (score, &weight) in scores.iter_mut().zip(&self.rows[usize::from(feature)].0) {
                *score += u16::from(weight);
            }
        }
        scores
    }

    /// Asks for all rows before the first is added up: their ways from memory, most of a score's time, then overlap.
    fn fetch(&self, features: &[Feature]) {
        black_box(features.iter().fold(0, |any, &feature| any | self.rows[usize::from(feature)].0[0]));
    }
}

/// A perceptron that learns.
#[derive(Debug)]
pub(super) struct Learner {
    classes: usize,
    weights: Vec<f32>,
    /// Sum over time, brought up to date when a weight changes.
    totals: Vec<f64>,
    changed: Vec<u32>,
    clock: u32,
}

impl Learner {
    pub(super) fn new(classes: usize) -> Self {
        let size = ROWS * classes;
        Self { classes, weights: vec![0.0; size], totals: vec![0.0; size], changed: vec![0; size], clock: 0 }
    }

    pub(super) fn scores(&self, features: &[Feature]) -> [f32; WIDTH] {
        let mut scores = [0.0; WIDTH];
        for &feature in features {
            let start = usize::from(feature) * self.classes;
            for (score, weight) in scores.iter_mut().zip(&self.weights[start..start + self.classes]) {
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
                let at = usize::from(feature) * self.classes + class;
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

    /// The averaged weights as small integers.
    pub(super) fn finish(mut self) -> Perceptron {
        (0..self.weights.len()).for_each(|at| self.settle(at));
        let mut magnitudes: Vec<f64> = self.totals.iter().map(|total| total.abs()).filter(|w| *w > 0.0).collect();
        magnitudes.sort_by(f64::total_cmp);
        // One weight in a thousand is clipped.
        let clipped = magnitudes.len() / 1000 + 1;
        let largest = magnitudes.len().checked_sub(clipped).map_or(1.0, |at| magnitudes[at]);
        let small = |total: &f64| (total / largest * 127.0).round().clamp(-127.0, 127.0) as i8;
        let weights: Vec<i8> = self.totals.iter().map(small).collect();
        Perceptron::new(&weights, self.classes).expect("a learner has all rows")
    }
}
