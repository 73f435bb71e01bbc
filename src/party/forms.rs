//! Surface forms, found where a token begins. A sorted list does it: names are looked for only there, and a list,
//! unlike an automaton of all forms, costs next to nothing to build or to keep.

use std::ops::Range;

use rustc_hash::FxHashMap;

/// Bytes by which forms are told apart before they are compared.
const BEGINNING: usize = 3;

/// Texts in ascending order of their bytes.
#[derive(Debug)]
pub(super) struct Forms {
    sorted: Vec<String>,
    /// By the beginning: where the forms stand that have it. A shorter form is its own beginning.
    places: FxHashMap<[u8; BEGINNING], Range<usize>>,
}

impl Forms {
    /// Of forms in ascending order.
    pub(super) fn new(sorted: Vec<String>) -> Self {
        debug_assert!(sorted.is_sorted());
        let mut places: FxHashMap<_, Range<usize>> = FxHashMap::default();
        for (at, form) in sorted.iter().enumerate() {
            places.entry(beginning(form.as_bytes(), BEGINNING)).or_insert(at..at).end = at + 1;
        }
        Self { sorted, places }
    }

    /// The longest form with which `text` begins: its index and its length in bytes.
    pub(super) fn longest(&self, text: &str) -> Option<(usize, usize)> {
        let text = text.as_bytes();
        let mut places = (1..=BEGINNING).rev().filter_map(|length| self.places.get(&beginning(text, length)));
        places.find_map(|place| self.longest_of(place, text))
    }

    fn longest_of(&self, place: &Range<usize>, mut text: &[u8]) -> Option<(usize, usize)> {
        loop {
            let forms = &self.sorted[place.clone()];
            let at = place.start + forms.partition_point(|form| form.as_bytes() <= text).checked_sub(1)?;
            let form = self.sorted[at].as_bytes();
            let shared = form.iter().zip(text).take_while(|(a, b)| a == b).count();
            if shared == form.len() {
                return Some((at, shared));
            }
            // Whatever begins the text and stands before this form in the order begins this form too.
            text = &text[..shared];
        }
    }
}

/// At most so many of the first bytes, filled up with NUL.
fn beginning(text: &[u8], length: usize) -> [u8; BEGINNING] {
    let mut bytes = [0; BEGINNING];
    let length = length.min(text.len());
    bytes[..length].copy_from_slice(&text[..length]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_longest() {
        let forms = ["China", "Chinese", "Iran", "Iran Air", "Iraq", "US", "US Congress", "Ísland"];
        let forms = Forms::new(forms.map(str::to_owned).to_vec());
        let table = [
            ("China condemned it", Some("China")),
            ("Chin", None),
            ("Iran Air flies", Some("Iran Air")),
            ("Iran Airs", Some("Iran Air")),
            ("Iran Aid", Some("Iran")),
            ("Iranian", Some("Iran")),
            ("US Con", Some("US")),
            ("Ísland", Some("Ísland")),
            ("Ìsland", None),
            ("Zaire", None),
            ("A", None),
            ("", None),
        ];
        for (text, want) in table {
            let found = forms.longest(text).map(|(at, length)| (&*forms.sorted[at], length));
            assert_eq!(found, want.map(|form| (form, form.len())), "{text:?}");
        }
    }
}
