//! Syntax: a part of speech for every word of a sentence, and a tree of dependencies over them.
//!
//! A greedy tagger and a greedy arc-hybrid parser, both averaged perceptrons, trained from `data/treebank`.
//! No parser in pure Rust could be had as a library, and rules over flat words found a quarter fewer of the
//! stances (see `docs/accuracy.md`). Names of parties are masked before a word is read, so that exchanging
//! countries cannot change a tree. Knows no stance and no cue.

mod artefact;
mod jackknife;
mod learner;
mod parser;
mod perceptron;
mod relation;
mod state;
mod tagger;
mod train;
mod tree;
mod treebank;
mod units;

pub use artefact::{SyntaxError, SyntaxModel};
pub use jackknife::Jackknife;
pub use relation::Relation;
pub use tagger::Tag;
pub use train::{Accuracy, STEPS, measure, train};
pub use tree::Tree;
pub use treebank::{Analysis, TreebankError, read_treebank};
pub use units::{Mask, Unit, after_dateline, units};
