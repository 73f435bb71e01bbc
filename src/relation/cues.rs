//! Words and phrases that can carry a position (`data/lexicon/cues.toml`), found in a text.

use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::lexicon::{WordTable, inflect, stem};
use crate::stance::{Stance, Voice};
use crate::text::Document;

/// How many words ".." may stand for.
const GAP: usize = 4;

/// A class of cues.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CueClass {
    /// Its name, part of feature names.
    pub name: String,
    #[serde(rename = "stance")]
    usual: Usual,
    /// Whether its cues are words or acts.
    pub voice: Voice,
    verbs: Vec<String>,
    nouns: Vec<String>,
    phrases: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Usual {
    None,
    Aligned,
    Neutral,
    Opposed,
}

impl CueClass {
    /// The name of the position that its cues usually carry, "none" for classes that only look like one.
    #[must_use]
    pub fn usual_name(&self) -> &'static str {
        self.stance().map_or("none", Stance::name)
    }

    /// A class of cues that no list gives.
    fn wordless(name: &str) -> Self {
        let (verbs, nouns, phrases) = (Vec::new(), Vec::new(), Vec::new());
        Self { name: name.to_owned(), usual: Usual::None, voice: Voice::Stated, verbs, nouns, phrases }
    }

    /// The position that its cues usually carry; `None` for classes that only look like one.
    #[must_use]
    pub fn stance(&self) -> Option<Stance> {
        match self.usual {
            Usual::None => None,
            Usual::Aligned => Some(Stance::Aligned),
            Usual::Neutral => Some(Stance::Neutral),
            Usual::Opposed => Some(Stance::Opposed),
        }
    }
}

/// What kind of words a cue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CueKind {
    /// A verb in active or base form.
    Verb,
    /// A form that can be a past participle: passive if the clause says so.
    Participle,
    /// A form in "-ing".
    Gerund,
    /// A noun.
    Noun,
    /// Anything else.
    Phrase,
}

/// A cue found in a text.
#[derive(Debug, Clone)]
pub struct Cue {
    /// Index of its class.
    pub class: usize,
    /// Its base form, part of feature names.
    pub lemma: u32,
    /// What kind of words it is.
    pub kind: CueKind,
    /// Its tokens.
    pub tokens: Range<usize>,
}

#[derive(Debug)]
struct Pattern {
    class: usize,
    lemma: u32,
    kind: CueKind,
    /// The stems of the words after the first, so that "launch .. attack" finds "launched attacks"; `None` is a gap.
    rest: Vec<Option<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    class: Vec<CueClass>,
}

/// The cue lexicon, ready to search with.
#[derive(Debug)]
pub struct Cues {
    /// Its classes.
    pub classes: Vec<CueClass>,
    lemmas: Vec<String>,
    by_first_word: WordTable<Vec<Pattern>>,
}

impl Cues {
    /// The embedded lexicon.
    ///
    /// # Panics
    /// Never: a test reads the embedded file.
    #[must_use]
    pub fn get() -> &'static Self {
        static CUES: LazyLock<Cues> = LazyLock::new(|| {
            let content = include_str!("../../data/lexicon/cues.toml");
            Cues::new(toml::from_str::<File>(content).expect("the embedded lexicon is read by a test").class)
        });
        &CUES
    }

    fn new(classes: Vec<CueClass>) -> Self {
        let mut cues = Self { classes: Vec::new(), lemmas: Vec::new(), by_first_word: WordTable::default() };
        for (index, class) in classes.iter().enumerate() {
            for verb in &class.verbs {
                cues.add_verb(index, verb);
            }
            for noun in &class.nouns {
                cues.add(index, noun, noun, CueKind::Noun);
            }
            for phrase in &class.phrases {
                cues.add(index, phrase, phrase, CueKind::Phrase);
            }
        }
        for patterns in cues.by_first_word.values_mut() {
            patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.rest.len()));
        }
        cues.classes = classes;
        cues.classes.push(CueClass::wordless("plain"));
        cues
    }

    fn add_verb(&mut self, class: usize, entry: &str) {
        let (first, rest) = entry.split_once(' ').unwrap_or((entry, ""));
        let forms = inflect(first);
        let lemma = format!("{} {rest}", forms.base);
        let lemma = lemma.trim();
        let mut add = |form: &str, kind| self.add(class, lemma, format!("{form} {rest}").trim(), kind);
        add(&forms.base, CueKind::Verb);
        add(&forms.third, CueKind::Verb);
        add(&forms.gerund, CueKind::Gerund);
        add(&forms.participle, CueKind::Participle);
        if forms.past != forms.participle {
            add(&forms.past, CueKind::Verb);
        }
    }

    fn add(&mut self, class: usize, lemma: &str, words: &str, kind: CueKind) {
        let number = self.lemmas.iter().position(|known| known == lemma).unwrap_or_else(|| {
            self.lemmas.push(lemma.replace(" .. ", "_").replace(' ', "_"));
            self.lemmas.len() - 1
        });
        // As the tokenizer cuts them: hyphens stand alone.
        let spaced = words.replace('-', " - ");
        let mut words = spaced.split_whitespace();
        let first = words.next().unwrap_or_default().to_owned();
        let rest = words.map(|word| (word != "..").then(|| stem(word).into_owned())).collect();
        self.by_first_word.entry(first).push(Pattern { class, lemma: number as u32, kind, rest });
    }

    /// The base form of a cue; of a plain verb the word itself.
    #[must_use]
    pub fn lemma<'a>(&'a self, document: &'a Document<'_>, cue: &Cue) -> &'a str {
        self.lemmas.get(cue.lemma as usize).map_or_else(|| document.lower(cue.tokens.start), String::as_str)
    }

    /// A cue of the class "plain": a verb of no class of the lexicon.
    #[must_use]
    pub fn plain(&self, verb: usize) -> Cue {
        Cue { class: self.classes.len() - 1, lemma: u32::MAX, kind: CueKind::Verb, tokens: verb..verb + 1 }
    }

    /// The class of a cue.
    #[must_use]
    pub fn class(&self, cue: &Cue) -> &CueClass {
        &self.classes[cue.class]
    }

    /// The cues among the tokens of one sentence. One cue a class and first word: the longest.
    #[must_use]
    pub fn find(&self, document: &Document<'_>, sentence: &Range<usize>) -> Vec<Cue> {
        let mut found: Vec<Cue> = Vec::new();
        for at in sentence.clone() {
            let Some(patterns) = self.by_first_word.get(document.lower(at)) else { continue };
            let first = found.len();
            for pattern in patterns {
                let Some(end) = pattern.matches(document, at, sentence.end) else { continue };
                let known = found[first..].iter().any(|cue| cue.class == pattern.class || cue.tokens.end > end + 1);
                if !known {
                    let Pattern { class, lemma, kind, .. } = *pattern;
                    found.push(Cue { class, lemma, kind, tokens: at..end });
                }
            }
        }
        found
    }
}

impl Pattern {
    /// One past the last token if the pattern matches at `at`.
    fn matches(&self, document: &Document<'_>, at: usize, limit: usize) -> Option<usize> {
        let mut end = at + 1;
        let mut gap = 0;
        for word in &self.rest {
            let Some(word) = word else {
                gap = GAP;
                continue;
            };
            let reach = limit.min(end + gap + 1);
            end = (end..reach).find(|&token| stem(document.lower(token)) == *word)? + 1;
            gap = 0;
        }
        Some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_cues() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("verb", "China condemned the raid.", &["condemn:condemn"]),
            ("gap", "They imposed harsh new sanctions on it.", &["sanction:impose_sanctions"]),
            ("phrase", "An even-handed line", &["neutral:even-handed"]),
        ];
        let cues = Cues::get();
        for (name, text, want) in cases {
            let document = Document::new(text);
            let found = cues.find(&document, &(0..document.tokens.len()));
            let got: Vec<String> =
                found.iter().map(|cue| format!("{}:{}", cues.class(cue).name, cues.lemma(&document, cue))).collect();
            assert!(want.iter().all(|want| got.iter().any(|got| got == want)), "{name}: {got:?}");
        }
    }
}
