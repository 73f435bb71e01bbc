//! Any file of settings, with any value for a flag and a variable: settings, or mistakes that are told.
//!
//! Input: the number of a setting, then a flag, a variable and the file, NUL between.

use std::collections::BTreeMap;
use std::ffi::OsString;

use demarche::server::settings::Settings;
use demarche::server::settings::table::{CONFIG, SETTINGS};

use super::fields;
use super::folder::{folder, write};

/// Runs one input.
pub(crate) fn run(data: &[u8]) {
    let Some((&number, data)) = data.split_first() else { return };
    let [flag, variable, file] = fields::<3>(data);
    let folder = folder("settings");
    write(&folder, "demarche.toml", file);
    let path = folder.join("demarche.toml").to_str().expect("a path").to_owned();
    let setting = &SETTINGS[usize::from(number) % SETTINGS.len()];
    let mut flags = BTreeMap::from([(CONFIG.name, path)]);
    if !flag.is_empty() {
        flags.insert(setting.name, String::from_utf8_lossy(flag).into_owned());
    }
    let variable = String::from_utf8_lossy(variable).into_owned();
    let variables = [(OsString::from(setting.variable()), OsString::from(variable))];
    if let Err(mistakes) = Settings::read(&flags, variables) {
        assert!(!mistakes.is_empty(), "refused without a reason");
        let told = mistakes.to_string();
        assert!(!told.contains("this is a bug"), "{told}");
    }
}
