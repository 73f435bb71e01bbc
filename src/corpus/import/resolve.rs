//! Which party a span names: by the code that was given, else by the project's own linker at the article's date.

use std::collections::BTreeSet;

use crate::party::{Linker, Mention, Mentions, PartyId, Registry};
use crate::text::Document;

use super::error::Problem;
use super::task::Marked;

/// The parties that a text names.
pub(super) struct Parties<'d> {
    registry: &'d Registry,
    document: &'d Document<'d>,
    mentions: Mentions,
}

impl<'d> Parties<'d> {
    pub(super) fn new(registry: &'d Registry, document: &'d Document<'d>, date: jiff::civil::Date) -> Self {
        Self { registry, document, mentions: Linker::new(registry, Some(date)).link(document) }
    }

    /// The code of the party that `span` names.
    pub(super) fn code(&self, span: &Marked) -> Result<String, Problem> {
        let words = || self.document.text[span.range.clone()].to_owned();
        if let Some(code) = &span.code {
            return match self.registry.id(code) {
                Some(_) => Ok(code.clone()),
                None => Err(Problem::Code { code: code.clone(), words: words() }),
            };
        }
        let found = self.found(span);
        let codes: Vec<String> = found.iter().map(|&party| self.registry.get(party).code.to_string()).collect();
        match &codes[..] {
            [code] => Ok(code.clone()),
            [] => Err(Problem::NoParty { words: words() }),
            _ => Err(Problem::Parties { words: words(), codes }),
        }
    }

    /// The parties whose names the span holds; if none, those whose phrase holds the span, as "foreign minister" is
    /// held by "the Chinese foreign minister".
    fn found(&self, span: &Marked) -> BTreeSet<PartyId> {
        let within = |outer: &std::ops::Range<usize>, inner: &std::ops::Range<usize>| {
            outer.start <= inner.start && inner.end <= outer.end
        };
        let name = |mention: &Mention| self.document.span_of(mention.tokens.clone()).range();
        let mentions = &self.mentions.list;
        let named = mentions.iter().filter(|mention| within(&span.range, &name(mention)));
        let named: BTreeSet<PartyId> = named.map(|mention| mention.party).collect();
        if !named.is_empty() {
            return named;
        }
        let around = mentions.iter().filter(|mention| within(&mention.span.range(), &span.range));
        around.map(|mention| mention.party).collect()
    }
}
