//! The features that a model knows, and candidates as sparse vectors over them.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

/// Indices into a vocabulary, ascending, each with its value; L2-normalised.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SparseVector(pub Vec<(u32, f64)>);

/// Feature names by column.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    names: Vec<String>,
    /// Columns by the hash of their names: 64 bits tell a hundred thousand names apart, and a look-up compares none.
    columns: FxHashMap<u64, u32>,
}

fn hash(name: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(name.as_bytes());
    hasher.finish()
}

impl Vocabulary {
    /// A vocabulary of these names, in column order.
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        let columns = names.iter().enumerate().map(|(column, name)| (hash(name), column as u32)).collect();
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
        let mut columns: Vec<u32> = Vec::with_capacity(256);
        visit(&mut |name| columns.extend(self.columns.get(&hash(name))));
        columns.sort_unstable();
        columns.dedup();
        let value = 1.0 / (columns.len().max(1) as f64).sqrt();
        SparseVector(columns.into_iter().map(|column| (column, value)).collect())
    }
}
