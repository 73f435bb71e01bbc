//! A place in the text that names a party.

use std::ops::Range;

use crate::stance::Span;

/// Index of a party in its registry.
pub type PartyId = u16;

/// By what kind of words a party is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// "China", "the European Union"
    Name,
    /// "Chinese"
    Adjective,
    /// "Russians"
    People,
    /// "Beijing"
    Capital,
    /// "Shanghai": shows what a text is about, never a holder or a target.
    Place,
    /// "the Kremlin", "Brussels" for the EU
    Seat,
    /// "the Bundestag"
    Organ,
    /// "Sergei Lavrov", or a name learnt in the text
    Official,
    /// "the ministry", "he", "the two countries"
    Anaphor,
}

/// What the phrase around the name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The state itself, its government, organs or officials.
    State,
    /// What the state does or has: "the Israeli offensive".
    Act,
    /// A place: "in Beijing", "ambassador to Syria", a dateline.
    Place,
    /// Anything else that the name qualifies: goods, people, companies, former officials.
    Other,
}

/// One mention.
#[derive(Debug, Clone)]
pub struct Mention {
    /// Who is named.
    pub party: PartyId,
    /// By what kind of words.
    pub form: Form,
    /// What the phrase stands for.
    pub role: Role,
    /// The words that name the party.
    pub tokens: Range<usize>,
    /// The whole noun phrase: "Russian Foreign Minister Sergei Lavrov".
    pub phrase: Range<usize>,
    /// Whether the phrase is one person.
    pub person: bool,
    /// Whether the words are a possessor: "China's ...".
    pub possessive: bool,
    /// The sentence that holds it.
    pub sentence: usize,
    /// The phrase in the text.
    pub span: Span,
}
