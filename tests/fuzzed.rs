//! Inputs of the fuzz targets, replayed: what each begins with, and whatever once failed. `fuzz/README.md` says how
//! more are found.

#[path = "../fuzz/targets/mod.rs"]
mod targets;

use std::fs;
use std::path::{Path, PathBuf};

/// A target, and what runs an input of it.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 5] = [
    ("classify", targets::classify::run),
    ("model", targets::model::run),
    ("corpus", targets::corpus::run),
    ("settings", targets::settings::run),
    ("parties", targets::parties::run),
];

/// The files of a folder; none if there is no such folder.
fn inputs(folder: &str, target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder).join(target);
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn seeds_and_past_failures_hold() {
    for (target, run) in TARGETS {
        let seeds = inputs("seeds", target);
        assert!(!seeds.is_empty(), "{target} has no seeds");
        for input in seeds.into_iter().chain(inputs("failures", target)) {
            // Told only if it fails.
            println!("{}", input.display());
            run(&fs::read(&input).expect("an input"));
        }
    }
}
