//! All parties, and the surface forms by which texts name them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::stance::PartyCode;

use super::error::PartyError;
use super::forms::Forms;
use super::mention::{Form, PartyId};
use super::tables::{self, Bloc, Country, Official, Source};

/// A state or a bloc.
#[derive(Debug, Clone)]
pub struct Party {
    /// CLDR region code or bloc code, upper case.
    pub code: PartyCode,
    /// English short name.
    pub name: String,
    /// Whether the code is a CLDR region code.
    pub is_region: bool,
    /// Whether it is a bloc of states.
    pub is_bloc: bool,
}

/// A person in office.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) party: PartyId,
    pub(super) surname: String,
    /// Days in office, both included.
    pub(super) terms: Vec<(Date, Option<Date>)>,
}

impl Person {
    /// Whether the person was in office on `date`; without a date, ever.
    pub(super) fn in_office(&self, date: Option<Date>) -> bool {
        date.is_none_or(|date| self.terms.iter().any(|&(from, to)| from <= date && to.is_none_or(|to| date <= to)))
    }
}

/// What a surface form can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A party, by this kind of words.
    Party(PartyId, Form),
    /// The full name of the person of this index.
    FullName(usize),
    /// The bare surname of the person of this index.
    Surname(usize),
    /// A longer phrase in which a party's name means something else.
    Trap,
}

/// All parties and surface forms; built once, shared by all readers.
#[derive(Debug)]
pub struct Registry {
    parties: Vec<Party>,
    by_code: FxHashMap<PartyCode, PartyId>,
    pub(super) people: Vec<Person>,
    pub(super) forms: Forms,
    /// By form: what it can mean.
    pub(super) meanings: Vec<Vec<Meaning>>,
    pub(super) ambiguous: FxHashSet<String>,
}

impl Registry {
    /// The tables built into the binary.
    ///
    /// # Errors
    /// [`PartyError`] if an embedded table is malformed, which a test excludes.
    pub fn embedded() -> Result<Self, PartyError> {
        Builder::default().build(&tables::embedded()?)
    }

    /// The tables of a folder: every `*.toml` in it.
    ///
    /// # Errors
    /// [`PartyError`] with file and line if a table is malformed.
    pub fn open(folder: &Path) -> Result<Self, PartyError> {
        Builder::default().build(&tables::read_folder(folder)?)
    }

    /// The party of `code`, if there is one.
    #[must_use]
    pub fn party(&self, code: &str) -> Option<&Party> {
        self.id(code).map(|id| self.get(id))
    }

    /// The index of the party of `code`.
    #[must_use]
    pub fn id(&self, code: &str) -> Option<PartyId> {
        self.by_code.get(code).copied()
    }

    /// The party of an index that this registry gave out.
    #[must_use]
    pub fn get(&self, id: PartyId) -> &Party {
        &self.parties[id as usize]
    }

    /// All parties, states first.
    #[must_use]
    pub fn parties(&self) -> &[Party] {
        &self.parties
    }

    /// The number of officials known.
    #[must_use]
    pub fn officials(&self) -> usize {
        self.people.len()
    }
}

/// Collects the surface forms before they are put in order.
#[derive(Default)]
struct Builder {
    parties: Vec<Party>,
    by_code: FxHashMap<PartyCode, PartyId>,
    people: Vec<Person>,
    forms: BTreeMap<String, Vec<Meaning>>,
    ambiguous: FxHashSet<String>,
}

impl Builder {
    fn build(mut self, sources: &[Source]) -> Result<Registry, PartyError> {
        for source in sources {
            for country in &source.table.country {
                self.country(source, country)?;
            }
        }
        for source in sources {
            for bloc in &source.table.bloc {
                self.bloc(source, bloc)?;
            }
        }
        for source in sources {
            self.members(source)?;
            for official in &source.table.official {
                self.official(source, official)?;
            }
        }
        Ok(self.finish())
    }

    fn add(&mut self, source: &Source, code: &toml::Spanned<String>, party: Party) -> Result<PartyId, PartyError> {
        let id = self.parties.len() as PartyId;
        let valid = !party.code.is_empty()
            && party.code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit());
        if !valid {
            let message = format!("code {:?}: upper-case letters, digits and underscores are allowed", party.code);
            return Err(source.mistake(code.span(), message));
        }
        if self.by_code.insert(party.code.clone(), id).is_some() {
            return Err(source.mistake(code.span(), format!("code {:?} occurs twice", party.code)));
        }
        self.parties.push(party);
        Ok(id)
    }

    fn country(&mut self, source: &Source, country: &Country) -> Result<(), PartyError> {
        let code: PartyCode = Arc::from(country.code.get_ref().as_str());
        let party = Party { code, name: country.name.clone(), is_region: true, is_bloc: false };
        let id = self.add(source, &country.code, party)?;
        self.form(&country.name, Meaning::Party(id, Form::Name));
        for (forms, form) in [
            (&country.names, Form::Name),
            (&country.adjectives, Form::Adjective),
            (&country.people, Form::People),
            (&country.capitals, Form::Capital),
            (&country.places, Form::Place),
            (&country.seats, Form::Seat),
            (&country.organs, Form::Organ),
        ] {
            for surface in forms {
                self.form(surface, Meaning::Party(id, form));
            }
        }
        self.traps(&country.traps, &country.ambiguous);
        Ok(())
    }

    fn bloc(&mut self, source: &Source, bloc: &Bloc) -> Result<(), PartyError> {
        let code: PartyCode = Arc::from(bloc.code.get_ref().as_str());
        let party = Party { code, name: bloc.name.clone(), is_region: bloc.region, is_bloc: true };
        let id = self.add(source, &bloc.code, party)?;
        self.form(&bloc.name, Meaning::Party(id, Form::Name));
        for (forms, form) in [
            (&bloc.names, Form::Name),
            (&bloc.adjectives, Form::Adjective),
            (&bloc.organs, Form::Organ),
            (&bloc.metonyms, Form::Seat),
        ] {
            for surface in forms {
                self.form(surface, Meaning::Party(id, form));
            }
        }
        self.traps(&bloc.traps, &bloc.ambiguous);
        Ok(())
    }

    fn members(&self, source: &Source) -> Result<(), PartyError> {
        for member in source.table.bloc.iter().flat_map(|bloc| &bloc.members) {
            self.known(source, member)?;
        }
        Ok(())
    }

    fn known(&self, source: &Source, code: &toml::Spanned<String>) -> Result<PartyId, PartyError> {
        let id = self.by_code.get(code.get_ref().as_str()).copied();
        id.ok_or_else(|| source.mistake(code.span(), format!("party {:?} is in no table", code.get_ref())))
    }

    fn official(&mut self, source: &Source, official: &Official) -> Result<(), PartyError> {
        let party = self.known(source, &official.party)?;
        let surname = official.surname.get_ref();
        let names = || std::iter::once(official.name.get_ref()).chain(&official.also);
        if !names().any(|name| name.contains(surname.as_str())) {
            let message = format!("surname {surname:?} occurs neither in `name` nor in `also`");
            return Err(source.mistake(official.surname.span(), message));
        }
        let terms = official.terms.get_ref();
        if terms.is_empty() || terms.iter().any(|term| term.to.is_some_and(|to| to < term.from)) {
            let message =
                format!("{}: at least one term is needed, and none may end before it starts", official.name.get_ref());
            return Err(source.mistake(official.terms.span(), message));
        }
        let person = self.people.len();
        for name in names() {
            self.form(name, Meaning::FullName(person));
        }
        self.form(surname, Meaning::Surname(person));
        let terms = terms.iter().map(|term| (term.from, term.to)).collect();
        self.people.push(Person { party, surname: surname.clone(), terms });
        Ok(())
    }

    fn traps(&mut self, traps: &[String], ambiguous: &[String]) {
        for trap in traps {
            self.form(trap, Meaning::Trap);
        }
        self.ambiguous.extend(ambiguous.iter().cloned());
    }

    fn form(&mut self, surface: &str, meaning: Meaning) {
        self.one_form(surface, meaning);
        if surface.contains('\'') {
            self.one_form(&surface.replace('\'', "’"), meaning);
        }
        // Headlines and datelines in capitals.
        if matches!(meaning, Meaning::Party(_, Form::Name | Form::Adjective | Form::Capital)) && surface.len() > 3 {
            self.one_form(&surface.to_uppercase(), meaning);
        }
    }

    fn one_form(&mut self, surface: &str, meaning: Meaning) {
        let surface = surface.strip_prefix("the ").unwrap_or(surface).trim();
        if surface.is_empty() {
            return;
        }
        let meanings = self.forms.entry(surface.to_owned()).or_default();
        if !meanings.contains(&meaning) {
            meanings.push(meaning);
        }
    }

    fn finish(self) -> Registry {
        let (forms, meanings): (Vec<String>, _) = self.forms.into_iter().unzip();
        Registry {
            parties: self.parties,
            by_code: self.by_code,
            people: self.people,
            forms: Forms::new(forms),
            meanings,
            ambiguous: self.ambiguous,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_tables_are_whole() {
        let registry = Registry::embedded().unwrap_or_else(|error| panic!("{error}"));
        let states = registry.parties().iter().filter(|party| !party.is_bloc).count();
        assert!(states >= 197, "193 UN members and TW, PS, XK, VA; found {states}");
        assert!(registry.officials() >= 400, "found {}", registry.officials());
    }

    #[test]
    fn mistakes_are_refused_with_file_and_line() {
        let cases = [
            ("unknown key", "[[country]]\ncode = \"XX\"\nname = \"X\"\ncapitol = 1\n", "x.toml:4: unknown field"),
            (
                "twice",
                "[[country]]\ncode = \"XX\"\nname = \"X\"\n[[country]]\ncode = \"XX\"\nname = \"X\"\n",
                "x.toml:5: code",
            ),
            (
                "unknown party",
                "[[official]]\nparty = \"QQ\"\nname = \"A B\"\nsurname = \"B\"\nterms = [{office=\"x\", from=2001-01-01}]\n",
                "x.toml:2: party \"QQ\"",
            ),
            (
                "reversed term",
                "[[country]]\ncode = \"XX\"\nname = \"X\"\n[[official]]\nparty = \"XX\"\nname = \"A B\"\nsurname = \"B\"\nterms = [{office=\"x\", from=2001-01-01, to=2000-01-01}]\n",
                "x.toml:8: A B",
            ),
        ];
        for (name, content, want) in cases {
            let built =
                Source::parse("x.toml", content.to_owned()).and_then(|source| Builder::default().build(&[source]));
            let message = built.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(message.starts_with(want), "{name}: {message:?}");
        }
    }
}
