//! The documentation of the settings against the table that the server reads, and files that nobody should write.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write;

use demarche::server::settings::Settings;
use demarche::server::settings::table::{CONFIG, SETTINGS};
use proptest::prelude::*;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
const BEGIN: &str = "<!-- settings: begin -->\n";
const END: &str = "<!-- settings: end -->";

/// The table as the document must have it.
fn table() -> String {
    let mut table =
        "| key | flag | variable | allowed | default | meaning |\n| --- | --- | --- | --- | --- | --- |\n".to_owned();
    for setting in [&CONFIG].into_iter().chain(SETTINGS) {
        let (name, flag, variable) = (setting.name, setting.flag(), setting.variable());
        let key = if name == CONFIG.name { String::new() } else { format!("`{name}`") };
        let (kind, default, meaning) = (&setting.kind, &setting.default, setting.meaning);
        writeln!(table, "| {key} | `--{flag}` | `{variable}` | {kind} | {default} | {meaning} |").expect("memory");
    }
    table
}

/// `DEMARCHE_RENEW_GOLDEN=1 cargo test --release --test configuration` writes the table into the document.
#[test]
fn the_document_has_the_table() {
    let document = std::fs::read_to_string(DOCUMENT).expect("docs/configuration.md");
    let (before, rest) = document.split_once(BEGIN).expect("where the table begins");
    let (found, after) = rest.split_once(END).expect("where the table ends");
    if std::env::var_os("DEMARCHE_RENEW_GOLDEN").is_some() {
        std::fs::write(DOCUMENT, format!("{before}{BEGIN}{}{END}{after}", table())).expect("written");
    } else {
        assert_eq!(found, table(), "docs/configuration.md is stale; DEMARCHE_RENEW_GOLDEN=1 renews it");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever stands in the file or in a variable: settings or mistakes, never a panic.
    #[test]
    fn any_file_is_read_or_refused(text in file(), value in any::<String>(), index in 0..SETTINGS.len()) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("demarche.toml");
        std::fs::write(&path, text).expect("a file");
        let flags = BTreeMap::from([(CONFIG.name, path.to_str().expect("a path").to_owned())]);
        let variables = [(OsString::from(SETTINGS[index].variable()), OsString::from(value))];
        if let Err(mistakes) = Settings::read(&flags, variables) {
            prop_assert!(!mistakes.is_empty());
        }
    }
}

/// Files of settings: some right, most wrong, some no TOML at all.
fn file() -> impl Strategy<Value = String> {
    let key = prop_oneof![(0..SETTINGS.len()).prop_map(|index| SETTINGS[index].name.to_owned()), "[a-z_.\"]{0,12}"];
    let value = prop_oneof!["-?[0-9]{1,22}", "true|false|nan|1e9|[{]|\\[|0x1f", "\"[^\"]{0,12}\"", ".{0,12}"];
    let lines = prop::collection::vec((key, value).prop_map(|(key, value)| format!("{key} = {value}\n")), 0..6);
    prop_oneof![lines.prop_map(|lines| lines.concat()), any::<String>()]
}

#[test]
fn names_are_told_apart() {
    for (index, setting) in SETTINGS.iter().enumerate() {
        assert!(SETTINGS[..index].iter().all(|other| other.name != setting.name), "{} is there twice", setting.name);
        let plain = |c: char| c.is_ascii_lowercase() || c == '_';
        assert!(setting.name.chars().all(plain), "{}", setting.name);
        assert!(!setting.meaning.contains('|') && setting.meaning.ends_with('.'), "{}", setting.name);
    }
}
