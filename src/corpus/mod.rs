//! Labelled data: the JSONL form of the corpus, its check, its fixed split, its examples, and the import of exports of
//! annotation tools.
//! Knows no gRPC. The form is documented in `data/corpus/README.md`.

mod article;
mod check;
mod compare;
mod examples;
mod fault;
mod import;
mod summary;
mod supply;

pub use article::{CorpusArticle, CorpusError, LabelledStance, Part, read_corpus};
pub use check::{check, check_folder};
pub use examples::{Labelled, label_articles};
pub use fault::{Fault, Mistake, Pair, StanceFault, Twin};
pub use import::{ImportError, ImportOptions, Imported, Notes, Place, Problem, Tool, import};
pub use summary::Summary;
pub use supply::{SupplyError, Unreached, check_supply};
