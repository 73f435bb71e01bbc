//! Texts in which two countries have changed places.

use demarche::corpus::CorpusArticle;
use demarche::party::{Form, Linker, PartyId};
use demarche::text::Document;

use crate::pipeline::classifier;

/// Code, and the forms of the name.
pub(crate) type Exchangeable = (&'static str, [&'static str; 4]);

/// Countries whose names are one word each, begin with a consonant (so that "a" stays "a"), and are inflected
/// alike: code, name, adjective, people, capital.
pub(crate) const EXCHANGEABLE: &[Exchangeable] = &[
    ("BR", ["Brazil", "Brazilian", "Brazilians", "Brasilia"]),
    ("CL", ["Chile", "Chilean", "Chileans", "Santiago"]),
    ("KE", ["Kenya", "Kenyan", "Kenyans", "Nairobi"]),
    ("RU", ["Russia", "Russian", "Russians", "Moscow"]),
    ("UA", ["Ukraine", "Ukrainian", "Ukrainians", "Kyiv"]),
    ("DE", ["Germany", "German", "Germans", "Berlin"]),
    ("MX", ["Mexico", "Mexican", "Mexicans", ""]),
    ("CA", ["Canada", "Canadian", "Canadians", "Ottawa"]),
    ("MA", ["Morocco", "Moroccan", "Moroccans", "Rabat"]),
    ("LY", ["Libya", "Libyan", "Libyans", "Tripoli"]),
    ("RS", ["Serbia", "Serbian", "Serbians", "Belgrade"]),
    ("VE", ["Venezuela", "Venezuelan", "Venezuelans", ""]),
    ("CO", ["Colombia", "Colombian", "Colombians", "Bogota"]),
    ("SY", ["Syria", "Syrian", "Syrians", ""]),
    ("HU", ["Hungary", "Hungarian", "Hungarians", "Budapest"]),
    ("NO", ["Norway", "Norwegian", "Norwegians", ""]),
    ("PE", ["Peru", "Peruvian", "Peruvians", "Lima"]),
    ("CU", ["Cuba", "Cuban", "Cubans", "Havana"]),
    ("TN", ["Tunisia", "Tunisian", "Tunisians", ""]),
    ("ZM", ["Zambia", "Zambian", "Zambians", "Lusaka"]),
];

/// The article's text with both countries exchanged, if nothing but their plain names named them there and in the issue.
pub(crate) fn exchange(article: &CorpusArticle, first: &Exchangeable, second: &Exchangeable) -> Option<String> {
    if first.0 == second.0 || article.speaker.is_some() {
        return None;
    }
    let text = swap(&article.text, first, second);
    let registry = classifier().registry();
    let (a, b) = (registry.id(first.0)?, registry.id(second.0)?);
    let other = |party: PartyId| {
        if party == a {
            b
        } else if party == b {
            a
        } else {
            party
        }
    };
    let mentions = |text: &str, exchange: &dyn Fn(PartyId) -> PartyId| -> Vec<(PartyId, Form)> {
        let document = Document::new(text);
        let list = Linker::new(registry, article.date.parse().ok()).link(&document).list;
        list.into_iter().map(|mention| (exchange(mention.party), mention.form)).collect()
    };
    let issue = article.issue.as_deref().unwrap_or_default();
    let pairs = [(article.text.as_str(), text.as_str()), (issue, &swap(issue, first, second))];
    pairs.iter().all(|(before, after)| mentions(before, &other) == mentions(after, &|party| party)).then_some(text)
}

/// Whole words exchanged, form by form.
pub(crate) fn swap(text: &str, first: &Exchangeable, second: &Exchangeable) -> String {
    let word = |word: &str| -> Option<&'static str> {
        let pairs = first.1.iter().zip(&second.1).filter(|(a, b)| !a.is_empty() && !b.is_empty());
        pairs.flat_map(|(a, b)| [(*a, *b), (*b, *a)]).find(|(from, _)| *from == word).map(|(_, to)| to)
    };
    let mut swapped = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        swapped.push_str(word(&rest[..length]).unwrap_or(&rest[..length]));
        let after = rest[length..].chars().next().map_or(0, char::len_utf8);
        swapped.push_str(&rest[length..length + after]);
        rest = &rest[length + after..];
    }
    swapped
}
