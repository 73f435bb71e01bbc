//! A text with its sentences, tokens and quotations.

use std::ops::Range;

use crate::stance::Span;

use super::quotes::{Quote, find_quotes};
use super::sentences::tile;
use super::tokens::{Token, tokenize};

/// What a line of an article is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentenceKind {
    /// Running text, headlines and bullets: read.
    Prose,
    /// Page furniture, bylines and captions: never evidence.
    Furniture,
}

/// One sentence.
#[derive(Debug, Clone)]
pub struct Sentence {
    /// The sentence without surrounding white space.
    pub span: Span,
    /// The stretch it covers; the tiles of a document tile its text.
    pub tile: Span,
    /// Its tokens.
    pub tokens: Range<usize>,
    /// Number of its paragraph, from 0.
    pub paragraph: usize,
    /// Running text or furniture.
    pub kind: SentenceKind,
}

/// A text with its sentences, tokens and quotations; borrows the text and never alters it.
#[derive(Debug)]
pub struct Document<'t> {
    /// The caller's text.
    pub text: &'t str,
    /// Sentences in order.
    pub sentences: Vec<Sentence>,
    /// Tokens in order.
    pub tokens: Vec<Token>,
    /// Direct quotations in order.
    pub quotes: Vec<Quote>,
    lower: String,
}

impl<'t> Document<'t> {
    /// Reads `text`; never fails.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let (tokens, lower) = tokenize(text);
        let quotes = find_quotes(text, &tokens);
        let sentences = sentences(text, &tokens);
        Self { text, sentences, tokens, quotes, lower }
    }

    /// The lower-cased form of a token, with straight apostrophes.
    #[must_use]
    pub fn lower(&self, token: usize) -> &str {
        self.tokens.get(token).map_or("", |token| &self.lower[token.lower.range()])
    }

    /// A token as it stands in the text.
    #[must_use]
    pub fn surface(&self, token: usize) -> &'t str {
        self.tokens.get(token).map_or("", |token| &self.text[token.span.range()])
    }

    /// The sentence that holds `token`.
    #[must_use]
    pub fn sentence_of(&self, token: usize) -> usize {
        self.sentences.partition_point(|sentence| sentence.tokens.end <= token)
    }

    /// The quotations of which a part lies among `tokens`.
    #[must_use]
    pub fn quotes_among(&self, tokens: &Range<usize>) -> &[Quote] {
        let first = self.quotes.partition_point(|quote| quote.last_token <= tokens.start);
        let count = self.quotes[first..].partition_point(|quote| quote.first_token < tokens.end);
        &self.quotes[first..first + count]
    }

    /// The stretch of text from the first to the last of `tokens`.
    #[must_use]
    pub fn span_of(&self, tokens: Range<usize>) -> Span {
        match (self.tokens.get(tokens.start), self.tokens.get(tokens.end.saturating_sub(1))) {
            (Some(first), Some(last)) if first.span.start <= last.span.end => {
                Span { start: first.span.start, end: last.span.end }
            }
            _ => Span::default(),
        }
    }
}

/// The tiles, those joined that a token lies across: the splitter cuts some numbers that are one token here.
fn whole_tokens(tiles: Vec<Span>, tokens: &[Token]) -> Vec<Span> {
    let mut whole: Vec<Span> = Vec::with_capacity(tiles.len());
    let mut token = 0;
    let mut is_cut = false;
    for tile in tiles {
        match whole.last_mut() {
            Some(last) if is_cut => last.end = tile.end,
            _ => whole.push(tile),
        }
        while tokens.get(token).is_some_and(|next| next.span.end <= tile.end) {
            token += 1;
        }
        is_cut = tokens.get(token).is_some_and(|next| next.span.start < tile.end);
    }
    whole
}

fn sentences(text: &str, tokens: &[Token]) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let (mut token, mut paragraph, mut line_start) = (0, 0, true);
    for tile in whole_tokens(tile(text), tokens) {
        let surface = &text[tile.range()];
        let first = token;
        while tokens.get(token).is_some_and(|next| next.span.start < tile.end) {
            token += 1;
        }
        let lead = surface.len() - surface.trim_start().len();
        let start = tile.start as usize + lead;
        let span = Span::new(start, start + surface.trim().len());
        let ends_line = surface.ends_with(['\n', '\r']);
        let kind =
            if line_start && is_furniture(surface.trim()) { SentenceKind::Furniture } else { SentenceKind::Prose };
        sentences.push(Sentence { span, tile, tokens: first..token, paragraph, kind });
        paragraph += usize::from(ends_line);
        line_start = ends_line;
    }
    sentences
}

/// Whole lines that a page sets around an article, compared in lower case.
const FURNITURE_LINES: &[&str] = &[
    "advertisement",
    "related articles",
    "related news",
    "read more",
    "share",
    "share this",
    "sources",
    "external links",
    "photos",
    "more on this topic",
    "sign up",
    "subscribe",
    "learn more",
    "follow us",
    "comments",
    "see also",
];

/// Beginnings of such lines.
const FURNITURE_STARTS: &[&str] = &[
    "photo:",
    "image:",
    "picture:",
    "file photo",
    "additional reporting",
    "reporting by",
    "editing by",
    "writing by",
    "by our ",
    "get more with",
    "read more:",
    "read also:",
    "also read:",
    "follow us",
    "sign up",
    "subscribe to",
    "copyright",
    "©",
    "all rights reserved",
    "last updated",
];

/// Credits that end a caption's line.
const CAPTION_CREDITS: &[&str] = &["photo:", "image:", "picture:", "photograph:", "file photo", "(credit:", "photo by"];

fn is_furniture(line: &str) -> bool {
    // Furniture is short: a long line is an article that merely begins like it.
    if line.len() > 400 {
        return false;
    }
    let lower = line.to_lowercase();
    let is_byline = lower.starts_with("by ") && line.split_whitespace().count() <= 6 && !line.ends_with('.');
    FURNITURE_LINES.contains(&lower.as_str())
        || FURNITURE_STARTS.iter().any(|start| lower.starts_with(start))
        || CAPTION_CREDITS.iter().any(|credit| lower.contains(credit))
        || is_byline
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_lies_across_two_sentences() {
        for text in ["០.໐", "It rose by ៣.໑ percent. It fell.", "U.S. forces left. They met."] {
            let document = Document::new(text);
            for sentence in &document.sentences {
                let last = document.tokens[sentence.tokens.clone()].last();
                assert!(last.is_none_or(|token| token.span.end <= sentence.tile.end), "{text}: {sentence:?}");
            }
        }
    }
}
