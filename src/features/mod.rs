//! A candidate as a sparse vector with named features: the only place where text becomes numbers.
//! Does not know which country it is: holder and target are masked before anything is read.

mod extract;
mod path;
mod reason;
mod vocabulary;

pub use extract::{names, visit_names};
pub use reason::reason;
pub use vocabulary::{SparseVector, Vocabulary};
