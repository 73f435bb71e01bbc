//! What stands in `deploy/`, `Dockerfile` and `compose.yaml` and would drift from the code unseen: versions, names
//! of settings, and the figures of `docs/scaling.md` that follow from others.

use std::fs;
use std::path::{Path, PathBuf};

use demarche::server::settings::table::{CONFIG, SETTINGS, Setting};

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn versions_are_the_programs() {
    for (file, before) in [
        ("Dockerfile", "org.opencontainers.image.version=\""),
        ("compose.yaml", "image: demarche:"),
        ("deploy/kubernetes/base/kustomization.yaml", "newTag: "),
        ("deploy/kubernetes/overlays/example/kustomization.yaml", "newTag: "),
    ] {
        let text = read(file);
        let at = text.find(before).unwrap_or_else(|| panic!("{file} does not say {before:?}"));
        assert!(text[at + before.len()..].starts_with(VERSION), "{file}: not version {VERSION}");
    }
}

#[test]
fn variables_are_settings() {
    let known: Vec<String> = SETTINGS.iter().chain([&CONFIG]).map(Setting::variable).collect();
    let mut all = files(&root().join("deploy/kubernetes"));
    all.extend([root().join("Dockerfile"), root().join("compose.yaml")]);
    let mut found = 0;
    for file in all {
        let text = fs::read_to_string(&file).expect("UTF-8");
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for word in words.filter(|word| word.starts_with("DEMARCHE_")) {
            assert!(known.iter().any(|known| known == word), "{}: {word} is no setting", file.display());
            found += 1;
        }
    }
    assert!(found > 8, "only {found} variables in all of deploy");
}

#[test]
fn the_capacity_table_follows_from_its_figures() {
    const SECONDS: f64 = 86_400.0;
    let text = read("docs/scaling.md");
    let number = |cell: &str| -> f64 {
        let digits: String = cell.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
        digits.parse().unwrap_or_else(|_| panic!("no number in {cell:?}"))
    };
    let row = |start: &str| -> Vec<String> {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("| {start}")))
            .unwrap_or_else(|| panic!("no row {start:?}"));
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let rate = number(&row("**to plan with, a core**")[1]);
    let peak = number(&row("load of a day at its peak")[1]);
    let used = number(&row("share of the cores in use")[1]) / 100.0;
    for millions in [1.0, 10.0, 100.0] {
        let cells = row(&format!("{millions} million"));
        let mean = millions * 1e6 / SECONDS;
        for (cell, wanted, rounding) in
            [(&cells[1], mean, 0.5), (&cells[2], mean * peak, 0.5), (&cells[3], mean * peak / (rate * used), 0.05)]
        {
            assert!(
                (number(cell) - wanted).abs() <= rounding + 1e-9,
                "{millions} million: {cell}, it should be {wanted:.2}"
            );
        }
    }
}
