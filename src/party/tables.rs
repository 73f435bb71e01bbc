//! The TOML form of the party tables, and its check with file and line.

use std::ops::Range;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use crate::packed::{packed, unpack};

use super::error::PartyError;

/// One file: any number of countries, blocs and officials.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    #[serde(default)]
    pub(super) country: Vec<Country>,
    #[serde(default)]
    pub(super) bloc: Vec<Bloc>,
    #[serde(default)]
    pub(super) official: Vec<Official>,
}

/// A state.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Country {
    pub(super) code: Spanned<String>,
    pub(super) name: String,
    #[serde(default)]
    pub(super) names: Vec<String>,
    #[serde(default)]
    pub(super) adjectives: Vec<String>,
    #[serde(default)]
    pub(super) people: Vec<String>,
    #[serde(default)]
    pub(super) capitals: Vec<String>,
    #[serde(default)]
    pub(super) places: Vec<String>,
    #[serde(default)]
    pub(super) seats: Vec<String>,
    #[serde(default)]
    pub(super) organs: Vec<String>,
    #[serde(default)]
    pub(super) traps: Vec<String>,
    #[serde(default)]
    pub(super) ambiguous: Vec<String>,
}

/// A bloc of states.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bloc {
    pub(super) code: Spanned<String>,
    #[serde(default)]
    pub(super) region: bool,
    pub(super) name: String,
    #[serde(default)]
    pub(super) names: Vec<String>,
    #[serde(default)]
    pub(super) adjectives: Vec<String>,
    #[serde(default)]
    pub(super) organs: Vec<String>,
    #[serde(default)]
    pub(super) metonyms: Vec<String>,
    #[serde(default)]
    pub(super) members: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) traps: Vec<String>,
    #[serde(default)]
    pub(super) ambiguous: Vec<String>,
}

/// A person with the offices held.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Official {
    pub(super) party: Spanned<String>,
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) also: Vec<String>,
    pub(super) surname: Spanned<String>,
    pub(super) terms: Spanned<Vec<Term>>,
}

/// An office and the days on which it was held, both included.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Term {
    #[expect(dead_code, reason = "read by people; the linker needs only the days")]
    pub(super) office: String,
    #[serde(deserialize_with = "day")]
    pub(super) from: Date,
    #[serde(default, deserialize_with = "optional_day")]
    pub(super) to: Option<Date>,
}

fn day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let date = toml::value::Datetime::deserialize(deserializer)?;
    date.to_string().parse().map_err(serde::de::Error::custom)
}

fn optional_day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    day(deserializer).map(Some)
}

/// A file that was read, kept for the line numbers of later checks.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) file: String,
    content: String,
    pub(super) table: Table,
}

impl Source {
    /// Reads the content of `file`.
    pub(super) fn parse(file: &str, content: String) -> Result<Self, PartyError> {
        match toml::from_str(&content) {
            Ok(table) => Ok(Self { file: file.to_owned(), content, table }),
            Err(error) => {
                let line = line_of(&content, error.span().map_or(0, |span| span.start));
                Err(PartyError::Malformed { file: file.to_owned(), line, message: error.message().to_owned() })
            }
        }
    }

    /// A mistake at `span` of this file.
    pub(super) fn mistake(&self, span: Range<usize>, message: String) -> PartyError {
        PartyError::Malformed { file: self.file.clone(), line: line_of(&self.content, span.start), message }
    }
}

fn line_of(content: &str, offset: usize) -> usize {
    content.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}

/// The embedded tables.
const EMBEDDED: [(&str, &[u8]); 4] = [
    ("blocs.toml", packed!("blocs.toml")),
    ("countries.toml", packed!("countries.toml")),
    ("officials-americas-europe.toml", packed!("officials-americas-europe.toml")),
    ("officials-asia-africa.toml", packed!("officials-asia-africa.toml")),
];

/// Reads the embedded tables.
pub(super) fn embedded() -> Result<Vec<Source>, PartyError> {
    EMBEDDED.iter().map(|(file, content)| Source::parse(file, unpack(content))).collect()
}

/// Reads every `*.toml` file of `folder`, in the order of their names.
pub(super) fn read_folder(folder: &Path) -> Result<Vec<Source>, PartyError> {
    let unreadable = |path: &Path, source| PartyError::Unreadable { path: path.display().to_string(), source };
    let entries = std::fs::read_dir(folder).map_err(|source| unreadable(folder, source))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|source| unreadable(folder, source))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    if paths.is_empty() {
        return Err(PartyError::Empty { path: folder.display().to_string() });
    }
    paths
        .iter()
        .map(|path| {
            let content = std::fs::read_to_string(path).map_err(|source| unreadable(path, source))?;
            Source::parse(&path.display().to_string(), content)
        })
        .collect()
}
