//! Relations: which holder may take a position toward which target, in which sentence, by which
//! words, in whose speech. Knows no model: it proposes, the model decides.

mod argument;
mod candidate;
mod candidates;
mod clause;
mod cues;
mod holders;
mod issue;
mod pair;
mod speech;
mod targets;
mod ways;

pub use argument::{Path, Step};
pub use candidate::{Candidate, CueLink, IssueNamed};
pub use candidates::{Parsed, Proposals, Stems, propose};
pub use cues::{Cue, CueClass, CueKind, Cues};
pub use issue::{Issue, Overlap};
pub use speech::Speech;
pub use ways::cues_at;
