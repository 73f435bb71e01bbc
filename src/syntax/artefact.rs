//! The trained tagger and parser, and their file: safetensors with the names of the parser's steps.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::parser::{State, Step, best_step};
use super::perceptron::{Perceptron, ROWS};
use super::relation::Relation;
use super::tagger::{Tag, Word, tag};

/// Where the parser's steps are named in the file's metadata.
const STEPS: &str = "steps";

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
    pub(super) tagger: Perceptron,
    pub(super) parser: Perceptron,
    pub(super) steps: Vec<Step>,
}

impl SyntaxModel {
    /// The one built into the binary.
    ///
    /// # Panics
    /// Never: a test reads the embedded file.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static MODEL: LazyLock<SyntaxModel> = LazyLock::new(|| {
            SyntaxModel::from_bytes(include_bytes!("../../models/syntax/syntax.safetensors"))
                .expect("the embedded syntax model is read by a test")
        });
        &MODEL
    }

    /// Tags, heads and relations of a sentence.
    pub(super) fn analyse(&self, words: &[Word]) -> (Vec<Tag>, Vec<u16>, Vec<Relation>) {
        let tags = tag(&self.tagger, words);
        let mut state = State::new(words, &tags);
        while !state.is_done() {
            if state.must_shift() {
                state.take(Step::Shift);
                continue;
            }
            let scores = self.parser.scores(&state.features());
            let step = best_step(&state, &self.steps, &scores, |step| state.is_plausible(step))
                .map_or(Step::Shift, |class| self.steps[class]);
            if !state.allows(step) {
                break;
            }
            state.take(step);
        }
        let (heads, relations) = (state.heads, state.relations);
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
        let encoded = [("tagger", &self.tagger), ("parser", &self.parser)].map(|(name, perceptron)| {
            let weights: Vec<u8> = perceptron.weights().map(i8::cast_unsigned).collect();
            (name, vec![ROWS, perceptron.classes()], weights)
        });
        let tensors: Vec<(&str, TensorView<'_>)> = encoded
            .iter()
            .map(|(name, shape, weights)| {
                Ok((*name, TensorView::new(Dtype::I8, shape.clone(), weights).map_err(invalid)?))
            })
            .collect::<Result<_, SyntaxError>>()?;
        let steps: Vec<String> = self.steps.iter().map(|step| step.name()).collect();
        let metadata = HashMap::from([(STEPS.to_owned(), steps.join(" "))]);
        safetensors::serialize(tensors, Some(metadata)).map_err(invalid)
    }

    /// Reads a file's content.
    ///
    /// # Errors
    /// [`SyntaxError::Invalid`] if it is truncated or of another form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SyntaxError> {
        let invalid = |error: safetensors::SafeTensorError| SyntaxError::Invalid(error.to_string());
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(invalid)?;
        let names = header.metadata().as_ref().and_then(|metadata| metadata.get(STEPS));
        let names = names.ok_or_else(|| SyntaxError::Invalid(format!("no {STEPS:?} in the metadata")))?;
        let steps: Option<Vec<Step>> = names.split(' ').map(Step::parse).collect();
        let steps = steps.ok_or_else(|| SyntaxError::Invalid(format!("unknown step among {names:?}")))?;
        let tensors = SafeTensors::deserialize(bytes).map_err(invalid)?;
        let tagger = perceptron(&tensors, "tagger", Tag::ALL.len())?;
        let parser = perceptron(&tensors, "parser", steps.len())?;
        Ok(Self { tagger, parser, steps })
    }
}

fn perceptron(tensors: &SafeTensors<'_>, name: &str, classes: usize) -> Result<Perceptron, SyntaxError> {
    let tensor = tensors.tensor(name).map_err(|error| SyntaxError::Invalid(format!("{name}: {error}")))?;
    if tensor.dtype() != Dtype::I8 || tensor.shape() != [ROWS, classes] {
        let (dtype, shape) = (tensor.dtype(), tensor.shape());
        return Err(SyntaxError::Invalid(format!("{name} is {dtype:?} {shape:?}, and not I8 [{ROWS}, {classes}]")));
    }
    let weights: Vec<i8> = tensor.data().iter().map(|byte| byte.cast_signed()).collect();
    Perceptron::new(&weights, classes).ok_or_else(|| SyntaxError::Invalid(format!("{name} has {classes} classes")))
}
