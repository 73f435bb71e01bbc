//! An averaged perceptron over hashed features (Collins, "Discriminative training methods for hidden Markov
//! models", EMNLP 2002): integers at prediction, so that a tree is the same on every machine.
//!
//! A feature has no entry of its own: its hash is the row of the table that it shares with whatever else falls there
//! (Shi et al., "Hash kernels for structured data", JMLR 2009). So a look-up is one line of memory, without a branch.
//! Each perceptron has as many rows as its question is worth: what falls together is told apart no more.

use std::sync::Arc;

/// The hash of a feature; its first bits are its row.
pub(super) type Feature = u32;

/// The row of a feature in a table of so many, which are a power of two.
pub(super) fn row<const ROWS: usize>(feature: Feature) -> usize {
    const { assert!(ROWS.is_power_of_two() && ROWS > 1) };
    (feature >> (Feature::BITS - ROWS.trailing_zeros())) as usize
}

/// The hash of a template with up to three values, by multilinear hashing with odd multipliers (Dietzfelbinger,
/// "Universal hashing and k-wise independent random variables via integer arithmetic without primes", STACS 1996): what
/// several templates take is multiplied once.
pub(super) fn feature(template: u32, a: u32, b: u32, c: u32) -> Feature {
    let hash = u64::from(template)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(u64::from(a).wrapping_mul(0xd6e8_feb8_6659_fd93))
        .wrapping_add(u64::from(b).wrapping_mul(0xa076_1d64_78bd_642f))
        .wrapping_add(u64::from(c).wrapping_mul(0xe703_7ed1_a0b4_28db));
    (hash >> 32) as Feature
}

/// The hash of a word (FNV-1a), stable across versions.
pub(super) fn hash_word(word: &str) -> u32 {
    word.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The largest weight: of so few bits that [`TOGETHER`] rows can be added up in bytes.
pub(super) const LARGEST: i8 = 31;
/// What a weight of nothing is stored as. Every sum is of as many rows, so that the best class stays the best, and bytes
/// without a sign are wider in fewer instructions.
const BIAS: u8 = 32;
/// Rows whose sum still fits a byte.
const TOGETHER: usize = 4;

/// Classes of a [`Wide`] perceptron.
pub(super) const WIDE: usize = 32;
/// Classes of a [`Narrow`] one.
pub(super) const NARROW: usize = 4;

/// Weights ready to predict with: a perceptron that tells up to 32 classes apart.
#[derive(Debug, Clone)]
pub(super) struct Wide<const ROWS: usize>(Arc<[WideRow; ROWS]>);

/// The weights of a row by class, eight in a number, the first in its lowest byte; within one line of the cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct WideRow([u64; WIDE / 8]);

/// A perceptron that tells up to four classes apart; a row is one number, the first class in its lowest byte. It is small
/// enough to stay in the cache.
#[derive(Debug, Clone)]
pub(super) struct Narrow<const ROWS: usize>(Arc<[u32; ROWS]>);

impl<const ROWS: usize> Wide<ROWS> {
    /// A perceptron of these weights, signed bytes, row by row. `None` if they are not as many rows, or too large.
    pub(super) fn new(weights: &[u8]) -> Option<Self> {
        let rows = rows::<WIDE>(weights)?.iter().map(|row| {
            let (eights, _) = row.as_chunks::<8>();
            WideRow(std::array::from_fn(|at| u64::from_le_bytes(eights[at].map(stored))))
        });
        Some(Self(table(rows)?))
    }

    /// The weights, row by row.
    pub(super) fn weights(&self) -> Vec<u8> {
        self.0.iter().flat_map(|row| row.0).flat_map(u64::to_le_bytes).map(weight).collect()
    }

    /// By class, the sum of the rows of `features`, at most 256 of them; only their order counts. As many as the type
    /// tells, so that nothing branches and the ways of all rows from memory overlap.
    pub(super) fn scores<const FEATURES: usize>(&self, features: &[Feature; FEATURES]) -> Scores {
        let mut scores = Scores::default();
        self.add(features, &mut scores);
        scores
    }

    /// Adds the rows of `features` to `scores`.
    pub(super) fn add<const FEATURES: usize>(&self, features: &[Feature; FEATURES], scores: &mut Scores) {
        for features in features.chunks(TOGETHER) {
            let mut sums = [0_u64; WIDE / 8];
            for &feature in features {
                for (sum, weights) in sums.iter_mut().zip(self.0[row::<ROWS>(feature)].0) {
                    *sum = sum.wrapping_add(weights);
                }
            }
            for (at, sum) in sums.into_iter().enumerate() {
                scores.even[at] += sum & EVERY_OTHER;
                scores.odd[at] += sum >> 8 & EVERY_OTHER;
            }
        }
    }
}

/// The scores of 32 classes, four in a number.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scores {
    even: [u64; WIDE / 8],
    odd: [u64; WIDE / 8],
}

/// Of the bytes of a number every other one, with room for a sum.
const EVERY_OTHER: u64 = 0x00ff_00ff_00ff_00ff;

impl Scores {
    /// By class.
    pub(super) fn by_class(&self) -> [i16; WIDE] {
        std::array::from_fn(|class| {
            let of = if class % 2 == 0 { &self.even } else { &self.odd };
            (of[class / 8] >> (class % 8 / 2 * 16)) as i16
        })
    }
}

impl<const ROWS: usize> Narrow<ROWS> {
    /// As of [`Wide::new`].
    pub(super) fn new(weights: &[u8]) -> Option<Self> {
        let rows = rows::<NARROW>(weights)?.iter().map(|row| u32::from_le_bytes(row.map(stored)));
        Some(Self(table(rows)?))
    }

    /// The weights, row by row.
    pub(super) fn weights(&self) -> Vec<u8> {
        self.0.iter().flat_map(|row| row.to_le_bytes()).map(weight).collect()
    }

    /// As of [`Wide::scores`]; all classes are added up at once, as the bytes of a number.
    pub(super) fn scores<const FEATURES: usize>(&self, features: &[Feature; FEATURES]) -> [u32; NARROW] {
        let mask = EVERY_OTHER as u32;
        let (mut even, mut odd) = (0, 0);
        for features in features.chunks(TOGETHER) {
            let sums = features.iter().fold(0_u32, |sum, &feature| sum.wrapping_add(self.0[row::<ROWS>(feature)]));
            even += sums & mask;
            odd += sums >> 8 & mask;
        }
        [even & 0xffff, odd & 0xffff, even >> 16, odd >> 16]
    }
}

/// The rows of these weights; `None` if one is too large.
fn rows<const CLASSES: usize>(weights: &[u8]) -> Option<&[[u8; CLASSES]]> {
    let fit = weights.iter().all(|weight| (-LARGEST..=LARGEST).contains(&weight.cast_signed()));
    let (rows, rest) = weights.as_chunks();
    (fit && rest.is_empty()).then_some(rows)
}

/// A weight as it is stored.
fn stored(weight: u8) -> u8 {
    weight.wrapping_add(BIAS)
}

/// The weight that is stored so.
fn weight(stored: u8) -> u8 {
    stored.wrapping_sub(BIAS)
}

/// As many rows as a table has, or `None`. Without a copy: of a service's memory the tables are a sixth.
fn table<R, const ROWS: usize>(rows: impl Iterator<Item = R>) -> Option<Arc<[R; ROWS]>> {
    rows.collect::<Arc<[R]>>().try_into().ok()
}

/// The first of the classes with the highest score.
pub(super) fn best<S: PartialOrd + Copy>(scores: &[S]) -> usize {
    let first = *scores.first().expect("a perceptron has classes");
    let highest = scores.iter().fold(first, |highest, &score| if score > highest { score } else { highest });
    scores.iter().position(|&score| score == highest).unwrap_or_default()
}
