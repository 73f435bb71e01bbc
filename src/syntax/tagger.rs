//! Parts of speech, from left to right.

use super::perceptron::{Feature, Scores, Wide, best, feature, hash_word};

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
        let is_ascii = word.is_ascii();
        let from = |back: usize| {
            let start = if is_ascii {
                word.len().saturating_sub(back)
            } else {
                word.char_indices().rev().nth(back - 1).map_or(0, |(at, _)| at)
            };
            hash_word(&word[start..])
        };
        let prefix = if is_ascii {
            &word[..word.len().min(3)]
        } else {
            word.char_indices().nth(3).map_or(word, |(at, _)| &word[..at])
        };
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

/// Number of templates of the words alone, and of those with tags.
const OF_WORDS: usize = 11;
const WITH_TAGS: usize = 5;
/// What stands before the first and after the last word.
const EDGE: u32 = 0;

/// Rows of the tagger's perceptron: two megabytes.
pub(super) const TAGGER_ROWS: usize = 1 << 16;

/// The features of the word at `at`; `tags` are those of the words before.
pub(super) fn tag_features(words: &[Word], tags: &[Tag], at: usize) -> [Feature; OF_WORDS + WITH_TAGS] {
    let (of_words, with_tags) = (word_features(words, at), history_features(words, tags, at));
    std::array::from_fn(|number| if number < OF_WORDS { of_words[number] } else { with_tags[number - OF_WORDS] })
}

/// Those that no tag changes.
fn word_features(words: &[Word], at: usize) -> [Feature; OF_WORDS] {
    let word =
        |offset: isize| at.checked_add_signed(offset).and_then(|at| words.get(at)).map_or(EDGE, |word| word.whole);
    let own = &words[at];
    let next_suffix = words.get(at + 1).map_or(EDGE, |word| word.suffix3);
    let last_suffix = at.checked_sub(1).map_or(EDGE, |at| words[at].suffix3);
    [
        feature(1, own.whole, 0, 0),
        feature(2, own.suffix3, own.shape, 0),
        feature(3, own.suffix2, own.shape, 0),
        feature(4, own.prefix, own.shape, 0),
        feature(9, word(-1), 0, 0),
        feature(10, word(-2), 0, 0),
        feature(11, word(1), 0, 0),
        feature(12, word(2), 0, 0),
        feature(13, next_suffix, own.whole, 0),
        feature(14, last_suffix, own.suffix3, 0),
        feature(15, word(-1), word(1), 0),
    ]
}

/// Those with the tags of the words before.
fn history_features(words: &[Word], tags: &[Tag], at: usize) -> [Feature; WITH_TAGS] {
    let tag = |back: usize| at.checked_sub(back).map_or(EDGE, |at| tags[at] as u32 + 1);
    let own = &words[at];
    let next_suffix = words.get(at + 1).map_or(EDGE, |word| word.suffix3);
    [
        feature(5, own.shape, tag(1), 0),
        feature(6, tag(1), 0, 0),
        feature(7, tag(1), tag(2), 0),
        feature(8, tag(1), own.whole, 0),
        feature(16, next_suffix, own.suffix3, tag(1)),
    ]
}

/// The tags of a sentence. What depends on no tag is added up first, word after word: the ways from memory then overlap
/// from word to word, as they cannot where each word waits for the tag before it.
pub(super) fn tag(perceptron: &Wide<TAGGER_ROWS>, words: &[Word]) -> Vec<Tag> {
    let of_words: Vec<Scores> = (0..words.len()).map(|at| perceptron.scores(&word_features(words, at))).collect();
    let mut tags = Vec::with_capacity(words.len());
    for (at, mut scores) in of_words.into_iter().enumerate() {
        perceptron.add(&history_features(words, &tags, at), &mut scores);
        tags.push(Tag::ALL[best(&scores.by_class()[..Tag::ALL.len()])]);
    }
    tags
}
