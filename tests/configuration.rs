//! The documentation of the settings against the table that the server reads.

use std::fmt::Write;

use demarche::server::settings::table::{CONFIG, SETTINGS};

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

/// `RENEW=1 cargo test --test configuration` writes the table into the document.
#[test]
fn the_document_has_the_table() {
    let document = std::fs::read_to_string(DOCUMENT).expect("docs/configuration.md");
    let (before, rest) = document.split_once(BEGIN).expect("where the table begins");
    let (found, after) = rest.split_once(END).expect("where the table ends");
    if std::env::var_os("RENEW").is_some() {
        std::fs::write(DOCUMENT, format!("{before}{BEGIN}{}{END}{after}", table())).expect("written");
    } else {
        assert_eq!(found, table(), "docs/configuration.md is stale; RENEW=1 cargo test --test configuration renews it");
    }
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
