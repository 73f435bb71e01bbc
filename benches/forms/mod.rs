//! The names of parties and officials, for the scan that the pipeline is measured against. The registry keeps them to
//! itself, so they are read from the same tables.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::articles::in_repository;

/// Keys that hold no surface form.
const OTHER: [&str; 6] = ["code", "region", "members", "ambiguous", "party", "terms"];

/// Every surface form of every party, bloc and official, traps among them: all that the linker looks for.
pub(crate) fn read() -> Vec<String> {
    let folder = std::fs::read_dir(in_repository("data/parties")).expect("the party tables");
    let paths = folder.map(|entry| entry.expect("an entry").path());
    let mut forms = BTreeSet::new();
    for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "toml")) {
        let content = std::fs::read_to_string(&path).expect("a table");
        let table: Table = content.parse().expect("TOML");
        let entries = table.values().filter_map(Value::as_array).flatten().filter_map(Value::as_table);
        for (_, value) in entries.flatten().filter(|(key, _)| !OTHER.contains(&key.as_str())) {
            let one = value.as_str();
            let several = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            forms.extend(one.into_iter().chain(several).map(|form| form.trim_start_matches("the ").to_owned()));
        }
    }
    forms.into_iter().collect()
}
