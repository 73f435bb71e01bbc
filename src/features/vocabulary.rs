//! The features that a model knows, and candidates as sparse vectors over them.

use std::hash::Hasher;
use std::hint::black_box;

use rustc_hash::FxHasher;

/// Indices into a vocabulary, ascending, each with its value; L2-normalised.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SparseVector(pub Vec<(u32, f64)>);

/// Feature names by column.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    names: Vec<String>,
    columns: Columns,
}

impl Vocabulary {
    /// A vocabulary of these names, in column order.
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        let columns = Columns::new(names.iter().map(|name| hash(name)));
        Self { names, columns }
    }

    /// The number of columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no column.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names in column order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The known ones among `names`, each with the same value, so that the vector has length 1.
    #[must_use]
    pub fn vector(&self, names: &[String]) -> SparseVector {
        self.vector_of(|sink| names.iter().for_each(|name| sink(name)))
    }

    /// The same for the names that `visit` gives to its sink; a name given twice counts once.
    pub fn vector_of(&self, visit: impl FnOnce(&mut dyn FnMut(&str))) -> SparseVector {
        let mut hashes: Vec<u64> = Vec::with_capacity(512);
        visit(&mut |name| hashes.push(hash(name)));
        let mut columns = self.columns.of(&hashes);
        columns.sort_unstable();
        columns.dedup();
        let value = 1.0 / (columns.len().max(1) as f64).sqrt();
        SparseVector(columns.into_iter().map(|column| (column, value)).collect())
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(name.as_bytes());
    hasher.finish()
}

/// Columns by the hashes of their names; a look-up compares no name, for the bits of a hash that a slot's place and its
/// mark hold tell a hundred thousand names apart. Linear probing (Knuth, "Sorting and Searching", 6.4) in half-empty
/// slots.
#[derive(Debug, Clone)]
struct Columns {
    slots: Box<[Slot]>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    mark: u32,
    column: u32,
}

/// What no column has.
const EMPTY: u32 = u32::MAX;

impl Columns {
    fn new(hashes: impl ExactSizeIterator<Item = u64>) -> Self {
        let size = (2 * hashes.len() + 1).next_power_of_two();
        let mut columns = Self { slots: vec![Slot { mark: 0, column: EMPTY }; size].into() };
        for (column, hash) in hashes.enumerate() {
            let free = columns.probe(hash).find(|&at| columns.slots[at].column == EMPTY);
            columns.slots[free.expect("half of the slots are empty")] =
                Slot { mark: mark(hash), column: column as u32 };
        }
        columns
    }

    /// The known columns. All slots are asked for before the first is read: their ways from memory then overlap.
    fn of(&self, hashes: &[u64]) -> Vec<u32> {
        black_box(hashes.iter().fold(0, |any, &hash| any | self.slots[self.place(hash)].mark));
        hashes.iter().filter_map(|&hash| self.get(hash)).collect()
    }

    fn get(&self, hash: u64) -> Option<u32> {
        let mut at = self.place(hash);
        loop {
            let Slot { mark, column } = self.slots[at];
            if column == EMPTY {
                return None;
            }
            if mark == self::mark(hash) {
                return Some(column);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn place(&self, hash: u64) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    /// The slots at which a hash may stand, in order.
    fn probe(&self, hash: u64) -> impl Iterator<Item = usize> {
        let (first, size) = (self.place(hash), self.slots.len());
        (first..first + size).map(move |at| at & (size - 1))
    }
}

fn mark(hash: u64) -> u32 {
    (hash >> 32) as u32
}
