//! What the parser reads as one word: a token, or the whole name of a party, masked.

use std::ops::Range;

use crate::party::{Form, Mention};
use crate::text::{Document, TokenKind};

/// What stands for a party's name, by the kind of words it is: "the United States" and "Peru" look the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// A noun that names a state, a capital, an organ.
    Party,
    /// "Chinese"
    Adjective,
    /// "Russians"
    People,
    /// A personal name.
    Person,
}

impl Mask {
    /// The word that the parser reads; no text can hold it as a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Party => "<party>",
            Self::Adjective => "<adjective>",
            Self::People => "<people>",
            Self::Person => "<person>",
        }
    }

    fn of(form: Form) -> Option<Self> {
        match form {
            Form::Name | Form::Capital | Form::Place | Form::Seat | Form::Organ => Some(Self::Party),
            Form::Adjective => Some(Self::Adjective),
            Form::People => Some(Self::People),
            Form::Official => Some(Self::Person),
            Form::Anaphor => None,
        }
    }
}

/// One word of the parser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its tokens in the document.
    pub tokens: Range<usize>,
    /// Its mask, if it names a party.
    pub mask: Option<Mask>,
}

impl Unit {
    /// The lower-case word, or the mask.
    #[must_use]
    pub fn word<'a>(&self, document: &'a Document<'_>) -> &'a str {
        match self.mask {
            Some(mask) => mask.word(),
            None => document.lower(self.tokens.start),
        }
    }
}

/// Longest dateline, in tokens.
const DATELINE: usize = 14;

/// The first token after "NAIROBI, Kenya (Agency) —" at the start of a sentence; the start if there is no dateline.
/// A parser trained on sentences would make a subject of the town.
#[must_use]
pub fn after_dateline(document: &Document<'_>, sentence: &Range<usize>) -> usize {
    let reach = sentence.start..sentence.end.min(sentence.start + DATELINE);
    for at in reach {
        let token = &document.tokens[at];
        let spaced = at > sentence.start
            && document.tokens.get(at + 1).is_some_and(|next| next.span.start > token.span.end)
            && document.tokens[at - 1].span.end < token.span.start;
        let dash = matches!(document.lower(at), "—" | "–" | "-");
        if dash && (spaced || document.lower(at) != "-") {
            return if at > sentence.start { at + 1 } else { sentence.start };
        }
        let month = document.lower(at).len() <= 4;
        if token.kind == TokenKind::Word && !token.capitalised && !month {
            break;
        }
    }
    sentence.start
}

/// Quotation marks, and the apostrophe that closes a quotation.
const QUOTATION_MARKS: [&str; 7] = ["\"", "“", "”", "‘", "’", "'", "`"];

/// The units of the tokens `sentence`; `mentions` are those of the sentence, in order.
///
/// Quotation marks are left out: they may stand anywhere, and where they do the words around them are still one clause.
#[must_use]
pub fn units(document: &Document<'_>, sentence: Range<usize>, mentions: &[Mention]) -> Vec<Unit> {
    let mut names: Vec<(Range<usize>, Mask)> = mentions
        .iter()
        .filter_map(|mention| Mask::of(mention.form).map(|mask| (mention.tokens.clone(), mask)))
        .filter(|(tokens, _)| tokens.start >= sentence.start && tokens.end <= sentence.end)
        .collect();
    names.sort_by_key(|(tokens, _)| tokens.start);
    let mut names = names.into_iter().peekable();
    let mut units = Vec::with_capacity(sentence.len());
    let mut at = sentence.start;
    while at < sentence.end {
        while names.next_if(|(tokens, _)| tokens.start < at).is_some() {}
        if document.tokens[at].kind == TokenKind::Punctuation && QUOTATION_MARKS.contains(&document.lower(at)) {
            at += 1;
            continue;
        }
        let name = names.next_if(|(tokens, _)| tokens.start == at);
        let (end, mask) = name.map_or((at + 1, None), |(tokens, mask)| (tokens.end.max(at + 1), Some(mask)));
        units.push(Unit { tokens: at..end, mask });
        at = end;
    }
    units
}
