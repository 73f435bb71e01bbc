//! Surface forms, found where a token begins: names are looked for only there, so that one look-up tells most words to
//! be no name, and a table, unlike an automaton of all forms, costs next to nothing to build.

use crate::lexicon::WordTable;

/// Surface forms, by the word they begin with.
#[derive(Debug)]
pub(super) struct Forms {
    /// The longest form first, each with its index.
    by_first_word: WordTable<Vec<(usize, String)>>,
}

impl Forms {
    /// Of forms by their indices.
    pub(super) fn new(forms: impl IntoIterator<Item = String>) -> Self {
        let mut by_first_word: WordTable<Vec<(usize, String)>> = WordTable::default();
        for (at, form) in forms.into_iter().enumerate() {
            by_first_word.entry(first_word(&form).to_owned()).push((at, form));
        }
        for forms in by_first_word.values_mut() {
            forms.sort_by_key(|(_, form)| std::cmp::Reverse(form.len()));
        }
        Self { by_first_word }
    }

    /// The longest form with which `text` begins: its index and its length in bytes.
    pub(super) fn longest(&self, text: &str) -> Option<(usize, usize)> {
        let forms = self.by_first_word.get(first_word(text))?;
        forms.iter().find(|(_, form)| text.starts_with(form)).map(|(at, form)| (*at, form.len()))
    }
}

/// The letters and digits at the beginning.
fn first_word(text: &str) -> &str {
    let plain = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let end = match text.as_bytes().get(plain) {
        Some(byte) if !byte.is_ascii() => {
            text.find(|character: char| !character.is_alphanumeric()).unwrap_or(text.len())
        }
        _ => plain,
    };
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_longest() {
        let forms = ["China", "Chinese", "Iran", "Iran Air", "Iraq", "US", "US Congress", "Ísland"];
        let forms_by_word = Forms::new(forms.map(str::to_owned));
        let table = [
            ("China condemned it", Some("China")),
            ("Chin", None),
            ("Iran Air flies", Some("Iran Air")),
            ("Iran Airs", Some("Iran Air")),
            ("Iran Aid", Some("Iran")),
            ("Iran's", Some("Iran")),
            ("Iranian", None),
            ("US Con", Some("US")),
            ("Ísland", Some("Ísland")),
            ("Ìsland", None),
            ("Zaire", None),
            ("A", None),
            ("", None),
        ];
        for (text, want) in table {
            let found = forms_by_word.longest(text).map(|(at, length)| (forms[at], length));
            assert_eq!(found, want.map(|form| (form, form.len())), "{text:?}");
        }
    }
}
