//! What was said of each setting, and where. Knows what is allowed from the table only.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::table::{CONFIG, Fallback, SETTINGS, Setting, switch};

/// What `demarche classify --server` reads; no slip.
const CLIENT_TOKEN: &str = "DEMARCHE_TOKEN";

/// Where a value comes from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    Flag(String),
    Variable(String),
    Line { file: String, line: usize, name: &'static str },
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "--{flag}"),
            Self::Variable(variable) => f.write_str(variable),
            Self::Line { file, line, name } => write!(f, "{file}:{line} ({name})"),
            Self::Default => f.write_str("the default"),
        }
    }
}

/// All values, the strongest of each setting, and what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Given {
    values: BTreeMap<&'static str, (String, Origin)>,
    pub(super) mistakes: Vec<String>,
    pub(super) ignored: Vec<String>,
}

impl Given {
    /// Gathers from the weakest to the strongest, so that the last one stays.
    pub(super) fn gather(
        flags: &BTreeMap<&'static str, String>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Self {
        let mut given = Self::default();
        for setting in SETTINGS {
            if let Fallback::Value(value) = setting.default {
                given.set(setting, value.to_owned(), Origin::Default);
            }
        }
        let variables = given.variables(environment);
        let config = flags.get(CONFIG.name).map(|path| (path, Origin::Flag(CONFIG.flag())));
        let config = config.or(variables.get(CONFIG.name).map(|path| (path, Origin::Variable(CONFIG.variable()))));
        if let Some((path, origin)) = config {
            given.file(path, &origin);
        }
        for setting in SETTINGS {
            if let Some(value) = variables.get(setting.name) {
                given.set(setting, value.clone(), Origin::Variable(setting.variable()));
            }
            if let Some(value) = flags.get(setting.name) {
                given.set(setting, value.clone(), Origin::Flag(setting.flag()));
            }
        }
        given
    }

    /// The value of a setting; `None` if it has none.
    pub(super) fn get<T: FromStr>(&self, name: &str) -> Option<T> {
        self.values.get(name)?.0.parse().ok()
    }

    pub(super) fn switch(&self, name: &str) -> Option<bool> {
        switch(&self.values.get(name)?.0)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(super) fn origin(&self, name: &str) -> Option<&Origin> {
        self.values.get(name).map(|(_, origin)| origin)
    }

    /// A value that is not allowed is told even if a stronger one hides it: it would come to light at a bad time.
    fn set(&mut self, setting: &Setting, value: String, origin: Origin) {
        if !setting.kind.allows(&value) {
            self.mistakes.push(format!("{origin}: {value:?} is not {}", setting.kind));
        }
        self.values.insert(setting.name, (value, origin));
    }

    /// The variables that are settings, by the settings' names; notes the others. An empty one counts as not set.
    fn variables(
        &mut self,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> BTreeMap<&'static str, String> {
        let mut variables = BTreeMap::new();
        for (variable, value) in environment {
            let Some(variable) = variable.to_str().filter(|variable| variable.starts_with("DEMARCHE_")) else {
                continue;
            };
            let setting = SETTINGS.iter().chain([&CONFIG]).find(|setting| setting.variable() == variable);
            match (setting, value.into_string()) {
                (None, _) if variable == CLIENT_TOKEN || is_service_link(variable) => {}
                (None, _) => self.ignored.push(variable.to_owned()),
                (Some(_), Err(_)) => self.mistakes.push(format!("{variable}: is not UTF-8")),
                (Some(_), Ok(value)) if value.is_empty() => {}
                (Some(setting), Ok(value)) => _ = variables.insert(setting.name, value),
            }
        }
        variables
    }

    fn file(&mut self, path: &str, origin: &Origin) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.mistakes.push(format!("{origin}: {path}: {error}")),
        };
        let line = |at: usize| text[..text.floor_char_boundary(at)].matches('\n').count() + 1;
        let (table, errors) = DeTable::parse_recoverable(&text);
        for error in errors {
            let line = error.span().map_or(1, |span| line(span.start));
            self.mistakes.push(format!("{path}:{line}: {}", error.message()));
        }
        let mut entries: Vec<_> = table.get_ref().iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let line = line(key.span().start);
            let Some(setting) = SETTINGS.iter().find(|setting| setting.name == key.get_ref()) else {
                self.mistakes
                    .push(format!("{path}:{line}: unknown key {:?}; see docs/configuration.md", key.get_ref()));
                continue;
            };
            let origin = Origin::Line { file: path.to_owned(), line, name: setting.name };
            match scalar(value) {
                Some(value) => self.set(setting, value, origin),
                None => self.mistakes.push(format!("{origin}: must be a string, a number, true or false")),
            }
        }
    }
}

/// A value of the file as a flag would give it.
fn scalar(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(value) => Some(value.to_string()),
        _ => None,
    }
}

/// Whether Kubernetes sets such a variable beside a Service that is called "demarche".
fn is_service_link(variable: &str) -> bool {
    let name = variable.trim_start_matches("DEMARCHE_");
    name == "PORT" || name.starts_with("PORT_") || name == "SERVICE_HOST" || name.starts_with("SERVICE_PORT")
}
