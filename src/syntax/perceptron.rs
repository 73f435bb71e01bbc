//! An averaged perceptron over hashed features (Collins, "Discriminative training methods for hidden Markov
//! models", EMNLP 2002): integers at prediction, so that a tree is the same on every machine.

use rustc_hash::FxHashMap;

/// Most classes; a row is padded to this.
pub(super) const WIDTH: usize = 48;
/// Keys that share a bucket of the index.
const BUCKET: usize = 4;

/// The hash of a feature: its template and up to three values.
pub(super) fn feature(template: u32, a: u32, b: u32, c: u32) -> u32 {
    let mut hash = u64::from(template).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for value in [a, b, c] {
        hash = (hash.rotate_left(23) ^ u64::from(value)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    (hash >> 32) as u32
}

/// The hash of a word (FNV-1a), stable across versions.
pub(super) fn hash_word(word: &str) -> u32 {
    word.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Weights ready to predict with: one row of small integers a known feature.
#[derive(Debug, Clone)]
pub(super) struct Perceptron {
    /// Hashes of the known features, ascending.
    keys: Vec<u32>,
    /// `classes` weights a key.
    weights: Vec<i8>,
    classes: usize,
    /// By the low bits of a key: its high bits and its row, 0 where there is none; small, so that it stays in the cache. Buckets and no chains, so that a
    /// look-up has no branch that depends on the text: features miss as often as they hit.
    index: Vec<[(u16, u16); BUCKET]>,
    /// One a key, after a first one of zeros for unknown features; wide, so that a sum needs no conversion.
    rows: Vec<[i16; WIDTH]>,
}

impl Perceptron {
    /// A perceptron of these rows. `None` if the shapes do not fit.
    pub(super) fn new(keys: Vec<u32>, weights: Vec<i8>, classes: usize) -> Option<Self> {
        if classes == 0 || classes > WIDTH || weights.len() != keys.len() * classes {
            return None;
        }
        let buckets = (keys.len() + 1).next_power_of_two();
        let mut index = vec![[(0, 0); BUCKET]; buckets];
        let mut rows = vec![[0; WIDTH]];
        for (&key, chunk) in keys.iter().zip(weights.chunks(classes)) {
            // A key beyond its full bucket, one in several hundred, is forgotten.
            let Some(slot) = index[key as usize & (buckets - 1)].iter_mut().find(|(_, row)| *row == 0) else {
                continue;
            };
            let Ok(number) = u16::try_from(rows.len()) else { break };
            *slot = ((key >> 16) as u16, number);
            let mut row = [0; WIDTH];
            row.iter_mut().zip(chunk).for_each(|(wide, &weight)| *wide = i16::from(weight));
            rows.push(row);
        }
        Some(Self { keys, weights, classes, index, rows })
    }

    pub(super) fn keys(&self) -> &[u32] {
        &self.keys
    }

    pub(super) fn weights(&self) -> &[i8] {
        &self.weights
    }

    pub(super) fn classes(&self) -> usize {
        self.classes
    }

    /// The sum of the rows of `features`.
    pub(super) fn scores(&self, features: &[u32]) -> [i16; WIDTH] {
        let mut scores = [0; WIDTH];
        for &feature in features {
            let row = &self.rows[self.row(feature)];
            for (score, &weight) in scores.iter_mut().zip(row) {
                *score += weight;
            }
        }
        scores
    }

    /// The number of a feature's row; 0 if it is unknown.
    fn row(&self, key: u32) -> usize {
        let bucket = &self.index[key as usize & (self.index.len() - 1)];
        let high = (key >> 16) as u16;
        bucket.iter().map(|&(known, row)| if known == high { row } else { 0 }).max().map_or(0, usize::from)
    }
}

/// A perceptron that learns.
#[derive(Debug)]
pub(super) struct Learner {
    rows: FxHashMap<u32, usize>,
    classes: usize,
    weights: Vec<f32>,
    /// Sum over time, brought up to date when a weight changes.
    totals: Vec<f64>,
    changed: Vec<u32>,
    clock: u32,
}

impl Learner {
    /// A learner of the features that occur at least `least` times in `counts`.
    pub(super) fn new(counts: &FxHashMap<u32, u32>, least: u32, classes: usize) -> Self {
        let mut keys: Vec<u32> = counts.iter().filter(|&(_, &count)| count >= least).map(|(&key, _)| key).collect();
        keys.sort_unstable();
        let size = keys.len() * classes;
        let rows = keys.into_iter().enumerate().map(|(row, key)| (key, row)).collect();
        Self { rows, classes, weights: vec![0.0; size], totals: vec![0.0; size], changed: vec![0; size], clock: 0 }
    }

    pub(super) fn scores(&self, features: &[u32]) -> [f32; WIDTH] {
        let mut scores = [0.0; WIDTH];
        for row in features.iter().filter_map(|feature| self.rows.get(feature)) {
            let weights = &self.weights[row * self.classes..(row + 1) * self.classes];
            for (score, weight) in scores.iter_mut().zip(weights) {
                *score += weight;
            }
        }
        scores
    }

    /// One step of time; rewards `right` and punishes `given` where they differ.
    pub(super) fn update(&mut self, features: &[u32], right: usize, given: usize) {
        self.clock += 1;
        if right == given {
            return;
        }
        for feature in features {
            let Some(&row) = self.rows.get(feature) else { continue };
            for (class, step) in [(right, 1.0), (given, -1.0)] {
                let at = row * self.classes + class;
                self.totals[at] += f64::from(self.weights[at]) * f64::from(self.clock - self.changed[at]);
                self.changed[at] = self.clock;
                self.weights[at] += step;
            }
        }
    }

    /// The averaged weights as small integers. Rows that hardly ever change a score are dropped.
    pub(super) fn finish(mut self) -> Perceptron {
        for at in 0..self.weights.len() {
            self.totals[at] += f64::from(self.weights[at]) * f64::from(self.clock - self.changed[at]);
        }
        let clock = f64::from(self.clock.max(1));
        let mut magnitudes: Vec<f64> =
            self.totals.iter().map(|total| (total / clock).abs()).filter(|w| *w > 0.0).collect();
        magnitudes.sort_by(f64::total_cmp);
        // One weight in a thousand is clipped.
        let largest =
            magnitudes.get(magnitudes.len().saturating_sub(magnitudes.len() / 1000 + 1)).copied().unwrap_or(1.0);
        let scale = 127.0 / largest.max(1e-9);
        let mut keys: Vec<(u32, usize)> = self.rows.iter().map(|(&key, &row)| (key, row)).collect();
        keys.sort_unstable();
        let (mut kept, mut weights) = (Vec::new(), Vec::new());
        for (key, row) in keys {
            let totals = &self.totals[row * self.classes..(row + 1) * self.classes];
            let small: Vec<i8> =
                totals.iter().map(|total| (total / clock * scale).round().clamp(-127.0, 127.0) as i8).collect();
            if small.iter().any(|weight| weight.unsigned_abs() >= LEAST_WEIGHT) {
                kept.push(key);
                weights.extend(small);
            }
        }
        Perceptron::new(kept, weights, self.classes).expect("the rows have the width of the classes")
    }
}

/// A row is kept if one of its weights is at least this.
const LEAST_WEIGHT: u8 = 24;
