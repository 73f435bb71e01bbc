//! Text as the rest of the pipeline sees it: sentences, tokens and quotations over the caller's own
//! bytes, and the conversion of offsets at the edge.
//!
//! Knows no country and no stance, copies no text in altered form except the lower-cased tokens,
//! and never panics: any `&str` gives a [`Document`].

mod document;
mod offsets;
mod quotes;
mod sentences;
mod tokens;

pub use document::{Document, Sentence, SentenceKind};
pub use offsets::{OffsetEncoding, OffsetMap};
pub use quotes::Quote;
pub use tokens::{Token, TokenKind};
