//! The domain's words: what a stance is, toward whom, how it is voiced and where it stands in the
//! text. Nothing here computes; everything else may use it, it uses nothing.
//!
//! The definitions are the codebook's. Offsets are byte offsets into the caller's own text.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A position toward a target. "No stance" is the absence of a row, never a value of this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// Supports, endorses, defends, stands with, votes for, joins, aids.
    Aligned,
    /// Explicitly takes no side, or abstains.
    Neutral,
    /// Condemns, accuses, rejects, threatens, votes against, sanctions, attacks.
    Opposed,
}

impl Stance {
    /// All stances, in the order of every score array.
    pub const ALL: [Self; 3] = [Self::Aligned, Self::Neutral, Self::Opposed];

    /// The position of this stance in [`Stance::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// The lower-case name, as in the corpus and in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["aligned", "neutral", "opposed"][self.index()]
    }
}

impl fmt::Display for Stance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How the holder took the position (codebook, cases 10 and 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// In words of its own.
    Stated,
    /// By a material act.
    Acted,
    /// Another party says so; never counted.
    AttributedByOther,
}

/// How firmly the position holds (codebook, cases 7, 8, 9 and 24).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// Holds now.
    Asserted,
    /// Hangs on a condition; never counted.
    Conditional,
    /// Possible or undecided; never counted.
    Hedged,
    /// Announced; the position holds now.
    Future,
    /// Held once; never counted.
    Past,
}

impl Modality {
    /// Whether a row of this modality counts toward a country's label.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Asserted | Self::Future)
    }
}

/// A stretch of the caller's text, in bytes, half-open, on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The stretch `start..end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    /// As a range to index a `str` with.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `other` lies within this stretch.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// The code of a party: a CLDR region code (`CN`, `EU`) or a bloc code (`NATO`), upper case.
pub type PartyCode = std::sync::Arc<str>;

/// What a position is taken toward.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// A state or a bloc.
    Party(PartyCode),
    /// The issue at hand: a conflict, a measure, a text, a plan.
    Issue,
}

/// A feature and what it added to the logit of the row's stance.
#[derive(Debug, Clone, PartialEq)]
pub struct TermContribution {
    /// The feature's name in the model's vocabulary.
    pub term: String,
    /// What it added; may be negative.
    pub contribution: f64,
}

/// A sentence that carries a position.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The sentence, without surrounding white space.
    pub sentence: Span,
    /// The words that carry the position, where one phrase does.
    pub cue: Option<Span>,
    /// The words that name the holder; may lie in another sentence.
    pub holder: Option<Span>,
    /// The words that name the target.
    pub target: Option<Span>,
    /// `intercept` plus the sum of all contributions.
    pub logit: f64,
    /// The model's intercept for the row's stance.
    pub intercept: f64,
    /// All contributions, strongest first; none unless the request asks to explain.
    pub terms: Vec<TermContribution>,
}

/// One row: a holder's position toward one target.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Who takes the position.
    pub holder: PartyCode,
    /// Toward whom or what.
    pub target: Target,
    /// The strongest of `scores`.
    pub stance: Stance,
    /// Calibrated probabilities in the order of [`Stance::ALL`], given that a position is stated; they sum to 1.
    pub scores: [f64; 3],
    /// Calibrated probability that `stance` is stated, 0 to 1.
    pub confidence: f64,
    /// Words, act, or only attributed.
    pub voice: Voice,
    /// How firmly it holds.
    pub modality: Modality,
    /// The words that name who speaks or acts.
    pub speaker: Option<Span>,
    /// The sentences it rests on, strongest first; at least one.
    pub evidence: Vec<Evidence>,
}

impl Row {
    /// Whether the row counts toward the holder's label: its own words or act, asserted or announced.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.voice != Voice::AttributedByOther && self.modality.counts()
    }
}
