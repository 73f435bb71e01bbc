//! English words by grammatical class (`data/lexicon/words.toml`) and the inflection of verbs.
//! Knows no country and no stance.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use serde::Deserialize;

/// A set of lower-case words.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct Words(WordTable<()>);

impl From<Vec<String>> for Words {
    fn from(words: Vec<String>) -> Self {
        Self(words.into_iter().map(|word| (word, ())).collect())
    }
}

impl Words {
    /// Whether `word`, in lower case, belongs to the class.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.0.get(word).is_some()
    }

    /// The words, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.entries.keys().map(String::as_str)
    }
}

/// What is known of some words. Which first letters go with which lengths among them tells of most other words that they
/// are none of these, without a look into the table, which is far away in memory.
#[derive(Debug)]
pub(crate) struct WordTable<V> {
    entries: FxHashMap<String, V>,
    /// By first letter: a bit for each length.
    lengths: [u64; 64],
}

impl<V> Default for WordTable<V> {
    fn default() -> Self {
        Self { entries: FxHashMap::default(), lengths: [0; 64] }
    }
}

impl<V> FromIterator<(String, V)> for WordTable<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(entries: I) -> Self {
        let mut table = Self::default();
        for (word, known) in entries {
            table.note(&word);
            table.entries.insert(word, known);
        }
        table
    }
}

impl<V> WordTable<V> {
    /// What is known of `word`, to be added to.
    pub(crate) fn entry(&mut self, word: String) -> &mut V
    where
        V: Default,
    {
        self.note(&word);
        self.entries.entry(word).or_default()
    }

    /// All that is known, in no order.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut()
    }

    fn note(&mut self, word: &str) {
        if let Some((letter, length)) = shape(word) {
            self.lengths[letter] |= length;
        }
    }

    /// What is known of `word`.
    pub(crate) fn get(&self, word: &str) -> Option<&V> {
        let (letter, length) = shape(word)?;
        if self.lengths[letter] & length == 0 {
            return None;
        }
        self.entries.get(word)
    }
}

/// The first letter of a word, and its length as a bit; `None` for no word.
fn shape(word: &str) -> Option<(usize, u64)> {
    let letter = usize::from(*word.as_bytes().first()? & 63);
    Some((letter, 1 << word.len().min(63)))
}

/// All forms of verbs given in base form, "base/past/participle" for irregular ones.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct Verbs {
    forms: Words,
    /// The entries that name their own past.
    irregular: Vec<String>,
}

impl From<Vec<String>> for Verbs {
    fn from(entries: Vec<String>) -> Self {
        let forms: Vec<String> = entries.iter().flat_map(|entry| inflect(entry).forms()).collect();
        Self { forms: forms.into(), irregular: entries.into_iter().filter(|entry| entry.contains('/')).collect() }
    }
}

impl Verbs {
    /// Whether `word`, in lower case, is a form of one of the verbs.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.forms.has(word)
    }
}

/// The word classes; see the comments in `data/lexicon/words.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is explained in the file it is read from")]
pub struct Lexicon {
    pub government_people: Words,
    pub government_bodies: Words,
    pub not_the_state: Words,
    pub modifiers: Words,
    pub acts: Words,
    pub reporting: Verbs,
    pub actions: Verbs,
    pub shifters: Verbs,
    pub auxiliaries: Words,
    pub chain: Words,
    pub prepositions: Words,
    pub locatives: Words,
    pub determiners: Words,
    pub issues: Words,
}

impl Lexicon {
    /// The embedded lexicon.
    ///
    /// # Panics
    /// Never: a test reads the embedded file.
    #[must_use]
    pub fn get() -> &'static Self {
        static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
            toml::from_str(include_str!("../data/lexicon/words.toml")).expect("the embedded lexicon is read by a test")
        });
        &LEXICON
    }

    /// Whether `word` can be a finite verb or an auxiliary.
    #[must_use]
    pub fn is_verb(&self, word: &str) -> bool {
        self.auxiliaries.has(word) || self.actions.has(word) || self.reporting.has(word) || is_past_form(word)
    }

    /// Whether `word` is the head of a phrase that stands for a state when a party modifies it.
    #[must_use]
    pub fn is_government(&self, word: &str) -> bool {
        self.government_people.has(word) || self.government_bodies.has(word)
    }
}

/// A regular past form; nouns and adjectives in "-ed" are few enough in subject position.
fn is_past_form(word: &str) -> bool {
    word.len() > 4 && word.ends_with("ed") && word != "united" && word != "hundred"
}

/// The forms of one verb.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inflected {
    /// "condemn"
    pub base: String,
    /// "condemns"
    pub third: String,
    /// "condemned"
    pub past: String,
    /// "condemned"; differs from the past of irregular verbs only.
    pub participle: String,
    /// "condemning"
    pub gerund: String,
}

impl Inflected {
    /// The five forms.
    #[must_use]
    pub fn forms(&self) -> [String; 5] {
        [&self.base, &self.third, &self.past, &self.participle, &self.gerund].map(Clone::clone)
    }
}

/// The forms of a verb given as "base", or as "base/past/participle".
#[must_use]
pub fn inflect(entry: &str) -> Inflected {
    let mut words = entry.split('/');
    let base = words.next().unwrap_or_default().to_owned();
    let past = words.next().map_or_else(|| with_ending(&base, "ed"), str::to_owned);
    let participle = words.next().map_or_else(|| past.clone(), str::to_owned);
    Inflected { third: third_person(&base), gerund: with_ending(&base, "ing"), past, participle, base }
}

/// The word without the endings of inflection, so that "accused" and "accuses" are one feature. Crude: it need only
/// be the same for forms of one word.
#[must_use]
pub fn stem(word: &str) -> Cow<'_, str> {
    static FORMS: LazyLock<WordTable<String>> = LazyLock::new(|| irregular_forms().into_iter().collect());
    if let Some(base) = FORMS.get(word) {
        return Cow::Borrowed(base);
    }
    if word.len() < 5 || !word.is_ascii() {
        return Cow::Borrowed(word);
    }
    for (ending, replacement) in [("ies", "y"), ("ied", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("s", "")] {
        let Some(cut) = word.strip_suffix(ending) else { continue };
        if ending == "s" && (cut.ends_with('s') || cut.ends_with('u')) || cut.len() < 3 {
            return Cow::Borrowed(word);
        }
        let cut = cut.strip_suffix('e').unwrap_or(cut);
        return if replacement.is_empty() {
            Cow::Borrowed(undouble(cut))
        } else {
            Cow::Owned(format!("{cut}{replacement}"))
        };
    }
    Cow::Borrowed(word.strip_suffix('e').unwrap_or(word))
}

/// "slamm" as "slam".
fn undouble(stem: &str) -> &str {
    let last = &stem[stem.len() - 1..];
    let doubled = stem.len() > 3 && stem[..stem.len() - 1].ends_with(last) && !matches!(last, "l" | "s" | "f");
    if doubled { &stem[..stem.len() - 1] } else { stem }
}

/// Forms of the irregular verbs of `words.toml` by their base.
fn irregular_forms() -> FxHashMap<String, String> {
    let mut forms = FxHashMap::default();
    for verbs in [&Lexicon::get().reporting, &Lexicon::get().actions, &Lexicon::get().shifters] {
        for entry in &verbs.irregular {
            let inflected = inflect(entry);
            forms.extend(inflected.forms().map(|form| (form, inflected.base.clone())));
        }
    }
    forms
}

fn third_person(base: &str) -> String {
    match base {
        "be" => "is".to_owned(),
        "have" => "has".to_owned(),
        _ if ["s", "x", "z", "ch", "sh", "o"].iter().any(|end| base.ends_with(end)) => format!("{base}es"),
        _ if consonant_y(base) => format!("{}ies", &base[..base.len() - 1]),
        _ => format!("{base}s"),
    }
}

fn with_ending(base: &str, ending: &str) -> String {
    if base == "be" {
        return format!("be{ending}");
    }
    if ending == "ing" && base.ends_with("ie") {
        return format!("{}ying", &base[..base.len() - 2]);
    }
    if base.ends_with('e') && !(ending == "ing" && (base.ends_with("ee") || base.ends_with("oe"))) {
        return format!("{}{ending}", &base[..base.len() - 1]);
    }
    if ending == "ed" && consonant_y(base) {
        return format!("{}ied", &base[..base.len() - 1]);
    }
    if doubles(base) {
        return format!("{base}{}{ending}", &base[base.len() - 1..]);
    }
    format!("{base}{ending}")
}

fn consonant_y(base: &str) -> bool {
    base.ends_with('y') && !base.chars().rev().nth(1).is_some_and(is_vowel)
}

/// Verbs of several syllables, stressed on the last one, that double their consonant as short ones do.
const DOUBLING: &[&str] = &[
    "expel", "refer", "regret", "commit", "rebut", "permit", "admit", "submit", "compel", "defer", "deter", "abet",
    "abhor", "veto_", "repel", "rebel", "begin", "forget", "prefer", "quarrel", "cancel",
];

fn doubles(base: &str) -> bool {
    let letters: Vec<char> = base.chars().rev().take(3).collect();
    let [last, vowel, before] = letters[..] else { return false };
    let shape = !is_vowel(last) && !matches!(last, 'w' | 'x' | 'y') && is_vowel(vowel) && !is_vowel(before);
    shape && (base.len() <= 4 || DOUBLING.contains(&base)) && !["visit", "open", "sign"].contains(&base)
}

fn is_vowel(character: char) -> bool {
    matches!(character, 'a' | 'e' | 'i' | 'o' | 'u')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_lexicon_is_read() {
        assert!(Lexicon::get().reporting.has("said"));
    }

    #[test]
    fn inflects() {
        for (entry, want) in [
            ("condemn", "condemn condemns condemned condemned condemning"),
            ("accuse", "accuse accuses accused accused accusing"),
            ("deny", "deny denies denied denied denying"),
            ("back", "back backs backed backed backing"),
            ("slam", "slam slams slammed slammed slamming"),
            ("expel", "expel expels expelled expelled expelling"),
            ("veto", "veto vetoes vetoed vetoed vetoing"),
            ("withdraw/withdrew/withdrawn", "withdraw withdraws withdrew withdrawn withdrawing"),
            ("agree", "agree agrees agreed agreed agreeing"),
            ("threaten", "threaten threatens threatened threatened threatening"),
        ] {
            assert_eq!(inflect(entry).forms().join(" "), want);
        }
    }
}
