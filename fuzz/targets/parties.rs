//! Any party table: refused with file and line, or a registry that knows each of its parties by its code.

use demarche::party::Registry;

use super::folder::{folder, write};

/// Runs one input.
pub(crate) fn run(data: &[u8]) {
    let folder = folder("parties");
    write(&folder, "a.toml", data);
    match Registry::open(&folder) {
        Ok(registry) => {
            for party in registry.parties() {
                assert_eq!(registry.party(&party.code).map(|found| &found.code), Some(&party.code));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty(), "refused without a reason"),
    }
}
