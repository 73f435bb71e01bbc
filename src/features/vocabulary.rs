//! The features that a model knows, and candidates as sparse vectors over them.

use rustc_hash::FxHashMap;

/// Indices into a vocabulary, ascending, each with its value; L2-normalised.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SparseVector(pub Vec<(u32, f64)>);

/// Feature names by column.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    names: Vec<String>,
    columns: FxHashMap<String, u32>,
}

impl Vocabulary {
    /// A vocabulary of these names, in column order.
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        let columns = names.iter().enumerate().map(|(column, name)| (name.clone(), column as u32)).collect();
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

    /// The candidate's known features, each with the same value, so that the vector has length 1.
    #[must_use]
    pub fn vector(&self, features: &[String]) -> SparseVector {
        let mut columns: Vec<u32> = features.iter().filter_map(|name| self.columns.get(name).copied()).collect();
        columns.sort_unstable();
        columns.dedup();
        let value = 1.0 / (columns.len().max(1) as f64).sqrt();
        SparseVector(columns.into_iter().map(|column| (column, value)).collect())
    }
}
