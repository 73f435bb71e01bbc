//! The trained tagger and parser, and their file: safetensors, a table a tensor, compressed by zstd to a seventh.

use std::path::Path;
use std::sync::LazyLock;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::parser::{MOVE_ROWS, Parser, RELATION_ROWS};
use super::perceptron::{NARROW, Narrow, WIDE, Wide};
use super::relation::Relation;
use super::tagger::{TAGGER_ROWS, Tag, Word, tag};

/// The level of zstd: most weights are nothing, and higher ones gain little.
const COMPRESSION: i32 = 19;
/// Bytes of the tables, and more than safetensors says of them.
const LARGEST_FILE: usize = (TAGGER_ROWS + 2 * RELATION_ROWS) * WIDE + MOVE_ROWS * NARROW + (1 << 12);

/// Why a file of syntax cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SyntaxError {
    /// It cannot be read or written.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It holds no tagger and parser.
    #[error("syntax model: {0}")]
    Invalid(String),
}

/// A tagger and a parser.
#[derive(Debug, Clone)]
pub struct SyntaxModel {
    pub(super) tagger: Wide<TAGGER_ROWS>,
    pub(super) parser: Parser,
}

impl SyntaxModel {
    /// The one built into the binary.
    ///
    /// # Panics
    /// Never: a test reads the embedded file.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static MODEL: LazyLock<SyntaxModel> = LazyLock::new(|| {
            SyntaxModel::from_bytes(include_bytes!("../../models/syntax/syntax.safetensors.zst"))
                .expect("the embedded syntax model is read by a test")
        });
        &MODEL
    }

    /// Tags, heads and relations of a sentence.
    pub(super) fn analyse(&self, words: &[Word]) -> (Vec<Tag>, Vec<u16>, Vec<Relation>) {
        let tags = tag(&self.tagger, words);
        let (heads, relations) = self.parser.parse(words, &tags);
        (tags, heads, relations)
    }

    /// Writes the file; it appears whole or not at all.
    ///
    /// # Errors
    /// [`SyntaxError`] if it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), SyntaxError> {
        let unwritable = |source| SyntaxError::Unreadable { path: path.display().to_string(), source };
        let bytes = self.to_bytes()?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(unwritable)?;
        }
        let partial = path.with_extension("partial");
        std::fs::write(&partial, bytes).map_err(unwritable)?;
        std::fs::rename(&partial, path).map_err(unwritable)
    }

    fn to_bytes(&self) -> Result<Vec<u8>, SyntaxError> {
        let invalid = |error: safetensors::SafeTensorError| SyntaxError::Invalid(error.to_string());
        let Parser { moves, left, right } = &self.parser;
        let tables = [
            ("tagger", [TAGGER_ROWS, WIDE], self.tagger.weights()),
            ("moves", [MOVE_ROWS, NARROW], moves.weights()),
            ("left", [RELATION_ROWS, WIDE], left.weights()),
            ("right", [RELATION_ROWS, WIDE], right.weights()),
        ];
        let tensors = tables.iter().map(|(name, shape, weights)| {
            Ok((*name, TensorView::new(Dtype::I8, shape.to_vec(), weights).map_err(invalid)?))
        });
        let tensors: Vec<_> = tensors.collect::<Result<_, SyntaxError>>()?;
        let bytes = safetensors::serialize(tensors, None).map_err(invalid)?;
        zstd::encode_all(&*bytes, COMPRESSION).map_err(|error| SyntaxError::Invalid(error.to_string()))
    }

    /// Reads a file's content.
    ///
    /// # Errors
    /// [`SyntaxError::Invalid`] if it is truncated or of another form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SyntaxError> {
        let bytes =
            zstd::bulk::decompress(bytes, LARGEST_FILE).map_err(|error| SyntaxError::Invalid(error.to_string()))?;
        let tensors = SafeTensors::deserialize(&bytes).map_err(|error| SyntaxError::Invalid(error.to_string()))?;
        let too_large = || SyntaxError::Invalid("a weight is too large".to_owned());
        let tagger = Wide::new(weights(&tensors, "tagger", [TAGGER_ROWS, WIDE])?).ok_or_else(too_large)?;
        let moves = Narrow::new(weights(&tensors, "moves", [MOVE_ROWS, NARROW])?).ok_or_else(too_large)?;
        let relations = |name| Wide::new(weights(&tensors, name, [RELATION_ROWS, WIDE])?).ok_or_else(too_large);
        Ok(Self { tagger, parser: Parser { moves, left: relations("left")?, right: relations("right")? } })
    }
}

/// The weights of a table, row by row.
fn weights<'t>(tensors: &SafeTensors<'t>, name: &str, wanted: [usize; 2]) -> Result<&'t [u8], SyntaxError> {
    let tensor = tensors.tensor(name).map_err(|error| SyntaxError::Invalid(format!("{name}: {error}")))?;
    if tensor.dtype() != Dtype::I8 || tensor.shape() != wanted {
        let (dtype, shape) = (tensor.dtype(), tensor.shape());
        return Err(SyntaxError::Invalid(format!("{name} is {dtype:?} {shape:?}, and not I8 {wanted:?}")));
    }
    Ok(tensor.data())
}
