//! Parts of speech, from left to right.

use super::perceptron::{Feature, Perceptron, WIDTH, feature, hash_word};

/// A part of speech: the Penn treebank's tags, folded where the parser needs no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the Penn treebank")]
#[repr(u8)]
pub enum Tag {
    Cc,
    Cd,
    Dt,
    In,
    Jj,
    Md,
    Nn,
    Nns,
    Nnp,
    Pos,
    Prp,
    PrpPossessive,
    Rb,
    Rp,
    To,
    Vb,
    Vbd,
    Vbg,
    Vbn,
    Vbp,
    Vbz,
    Wdt,
    Wp,
    Wrb,
    Punctuation,
    Quote,
    Comma,
    Other,
}

/// Names in the order of the variants.
const NAMES: [&str; 28] = [
    "CC", "CD", "DT", "IN", "JJ", "MD", "NN", "NNS", "NNP", "POS", "PRP", "PRP$", "RB", "RP", "TO", "VB", "VBD", "VBG",
    "VBN", "VBP", "VBZ", "WDT", "WP", "WRB", ".", "''", ",", "X",
];

impl Tag {
    /// All of them.
    pub const ALL: [Self; 28] = [
        Self::Cc,
        Self::Cd,
        Self::Dt,
        Self::In,
        Self::Jj,
        Self::Md,
        Self::Nn,
        Self::Nns,
        Self::Nnp,
        Self::Pos,
        Self::Prp,
        Self::PrpPossessive,
        Self::Rb,
        Self::Rp,
        Self::To,
        Self::Vb,
        Self::Vbd,
        Self::Vbg,
        Self::Vbn,
        Self::Vbp,
        Self::Vbz,
        Self::Wdt,
        Self::Wp,
        Self::Wrb,
        Self::Punctuation,
        Self::Quote,
        Self::Comma,
        Self::Other,
    ];

    /// The name in the treebank.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES[self as usize]
    }

    /// The tag of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let folded = match name {
            "JJR" | "JJS" | "AFX" => "JJ",
            "NNPS" => "NNP",
            "PDT" | "WP$" => "DT",
            "RBR" | "RBS" => "RB",
            "``" => "''",
            ":" | "-LRB-" | "-RRB-" | "HYPH" | "NFP" | "SYM" | "$" => ".",
            "ADD" | "EX" | "FW" | "LS" | "UH" | "XX" | "_SP" | "GW" => "X",
            other => other,
        };
        Self::ALL.into_iter().find(|tag| tag.name() == folded)
    }

    /// Whether it is a form of a verb; modals are not.
    #[must_use]
    pub fn is_verb(self) -> bool {
        matches!(self, Self::Vb | Self::Vbd | Self::Vbg | Self::Vbn | Self::Vbp | Self::Vbz)
    }

    /// Whether it is a noun or a name.
    #[must_use]
    pub fn is_noun(self) -> bool {
        matches!(self, Self::Nn | Self::Nns | Self::Nnp)
    }
}

/// The hashes of a word that tagger and parser read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    pub(super) whole: u32,
    suffix3: u32,
    suffix2: u32,
    prefix: u32,
    shape: u32,
}

impl Word {
    pub(super) fn new(word: &str, capitalised: bool, first: bool) -> Self {
        let digit = word.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        let from = |back: usize| {
            let start = word.char_indices().rev().nth(back - 1).map_or(0, |(at, _)| at);
            hash_word(&word[start..])
        };
        let prefix = word.char_indices().nth(3).map_or(word, |(at, _)| &word[..at]);
        let letters = word.chars().next().is_some_and(char::is_alphabetic);
        let shape = u32::from(capitalised)
            | u32::from(first) << 1
            | u32::from(digit) << 2
            | u32::from(letters) << 3
            | u32::from(word.contains('\'')) << 4;
        let whole = if digit { hash_word("<number>") } else { hash_word(word) };
        Self { whole, suffix3: from(3), suffix2: from(2), prefix: hash_word(prefix), shape }
    }
}

/// Number of templates.
const FEATURES: usize = 16;
/// What stands before the first and after the last word.
const EDGE: u32 = 0;

/// The features of the word at `at`; `tags` are those of the words before.
pub(super) fn tag_features(words: &[Word], tags: &[Tag], at: usize) -> [Feature; FEATURES] {
    let word =
        |offset: isize| at.checked_add_signed(offset).and_then(|at| words.get(at)).map_or(EDGE, |word| word.whole);
    let tag = |back: usize| at.checked_sub(back).map_or(EDGE, |at| tags[at] as u32 + 1);
    let own = &words[at];
    let next_suffix = words.get(at + 1).map_or(EDGE, |word| word.suffix3);
    let last_suffix = at.checked_sub(1).map_or(EDGE, |at| words[at].suffix3);
    [
        feature(1, own.whole, 0, 0),
        feature(2, own.suffix3, own.shape, 0),
        feature(3, own.suffix2, own.shape, 0),
        feature(4, own.prefix, own.shape, 0),
        feature(5, own.shape, tag(1), 0),
        feature(6, tag(1), 0, 0),
        feature(7, tag(1), tag(2), 0),
        feature(8, tag(1), own.whole, 0),
        feature(9, word(-1), 0, 0),
        feature(10, word(-2), 0, 0),
        feature(11, word(1), 0, 0),
        feature(12, word(2), 0, 0),
        feature(13, next_suffix, own.whole, 0),
        feature(14, last_suffix, own.suffix3, 0),
        feature(15, word(-1), word(1), 0),
        feature(16, next_suffix, own.suffix3, tag(1)),
    ]
}

/// The tags of a sentence.
pub(super) fn tag(perceptron: &Perceptron, words: &[Word]) -> Vec<Tag> {
    let mut tags = Vec::with_capacity(words.len());
    for at in 0..words.len() {
        let scores = perceptron.scores(&tag_features(words, &tags, at));
        tags.push(Tag::ALL[best(&scores[..Tag::ALL.len()])]);
    }
    tags
}

/// The first class of the highest score.
fn best(scores: &[u16]) -> usize {
    debug_assert!(scores.len() <= WIDTH);
    let mut best = 0;
    for (class, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = class;
        }
    }
    best
}
