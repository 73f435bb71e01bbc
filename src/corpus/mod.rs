//! Labelled data: the JSONL form of the corpus, its check, its fixed split, and its examples.
//! Knows no gRPC. The form is documented in `data/corpus/README.md`.

mod article;
mod check;
mod examples;
mod summary;

pub use article::{CorpusArticle, CorpusError, LabelledStance, Part, read_corpus};
pub use check::{Mistake, check, check_folder};
pub use examples::{Labelled, label_articles};
pub use summary::Summary;
