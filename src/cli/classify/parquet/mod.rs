//! Articles and answers as Parquet: the articles' own columns, and beside them those that the Python client adds to a
//! table on Spark, of the same names and types.

mod answers;
mod articles;
mod lines;
mod parts;

pub(super) use articles::Rows;
pub(super) use lines::LineColumns;
pub(super) use parts::Parts;

/// Rows that are read, and written, together: few, for a text may be long.
const BATCH: usize = 256;
