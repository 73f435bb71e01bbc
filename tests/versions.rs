//! `demarche model init` and `promote` as a job of a cluster calls them: a folder of versions, a corpus, and the link that
//! changes only for a model that is not worse. The figures themselves are tested in `src/evaluate`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

#[path = "support/artefact.rs"]
mod artefact;
#[path = "support/process.rs"]
mod process;

use artefact::{Artefact, NONE};
use process::Process;
use safetensors::SafeTensors;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/corpus");

/// A folder of its own with a small corpus, versions, and models to promote.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a folder"));
        let corpus = place.path("corpus");
        fs::create_dir(&corpus).expect("a folder");
        for file in ["mixed.jsonl", "neutral.jsonl"] {
            fs::copy(Path::new(CORPUS).join(file), corpus.join(file)).expect("a copy");
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn init(&self) -> Output {
        run(&["model", "init", text(&self.path("versions"))])
    }

    fn promote(&self, model: &Path, more: &[&str]) -> Output {
        let (versions, corpus) = (self.path("versions"), self.path("corpus"));
        let args = ["model", "promote", text(model), "--models", text(&versions), "--corpus", text(&corpus)];
        run(&[&args, more].concat())
    }

    /// What the link says.
    fn current(&self) -> String {
        let named = fs::read_link(self.path("versions").join("current")).expect("a link");
        text(&named).to_owned()
    }

    /// Everything in the folder of versions, hidden files too.
    fn entries(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("versions")).expect("a folder");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
        names.sort();
        names
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn run(args: &[&str]) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin!("demarche")).args(args).output().expect("the binary runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// As good as the model built in, but another one: the last bits of one number differ.
fn alike(bits: u32) -> Artefact {
    let artefact = Artefact::built_in();
    let tensors = SafeTensors::deserialize(&artefact.weights).expect("weights");
    let intercept = tensors.tensor("intercepts").expect("intercepts").data()[4 * NONE..][..4].try_into();
    let intercept = u32::from_le_bytes(intercept.expect("4 bytes"));
    artefact.intercept(NONE, f32::from_bits(intercept ^ bits))
}

#[test]
fn a_folder_begins_with_the_model_built_in_and_a_server_takes_it() {
    let place = Place::new();
    for time in ["first", "second"] {
        let output = place.init();
        assert!(output.status.success(), "{time}: {}", said(&output));
        assert_eq!(place.entries(), [place.current(), "current".to_owned()], "{time}");
    }
    let server = Process::start(&["--models", text(&place.path("versions"))]);
    assert!(server.get("/metrics").contains("current=\"true\""), "the link's model answers");
    assert!(run(&["health", &server.address]).status.success(), "it serves");
    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
}

#[test]
fn a_model_that_is_not_worse_answers() {
    let place = Place::new();
    place.init();
    let before = place.current();
    let new = place.path("new");
    let artefact = alike(1);
    artefact.write(&new);
    let output = place.promote(&new, &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(place.current(), artefact.version());
    let mut wanted = vec![artefact.version(), before, "current".to_owned()];
    wanted.sort();
    assert_eq!(place.entries(), wanted, "the one before stays, and nothing half-written");
}

#[test]
fn a_model_that_is_worse_changes_nothing() {
    let place = Place::new();
    place.init();
    let (current, entries) = (place.current(), place.entries());
    let bad = place.path("bad");
    // "None" is what it says of everything.
    Artefact::built_in().intercept(NONE, 50.0).write(&bad);
    let output = place.promote(&bad, &["--keep", "2"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    for part in ["worse than the model that answers: recall of rows 0.000, was 0.", "which stays"] {
        assert!(said(&output).contains(part), "{part:?} is not in {}", said(&output));
    }
    assert_eq!((place.current(), place.entries()), (current, entries));
}

#[test]
fn old_versions_go_only_when_told() {
    let place = Place::new();
    place.init();
    let mut order = vec![place.current()];
    // The names do not tell the age, and neither may the speed of the test.
    let promote = |step: u32, more: &[&str]| {
        let model = place.path("new");
        alike(step).write(&model);
        place.promote(&model, more)
    };
    for step in 1..8 {
        assert!(promote(step, &[]).status.success());
        order.push(place.current());
        let old = fs::File::open(place.path("versions").join(place.current())).expect("a folder");
        let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(u64::from(step) * 1_000);
        old.set_modified(time).expect("a time");
    }
    let full = promote(8, &[]);
    assert_eq!(full.status.code(), Some(1), "{}", said(&full));
    assert!(said(&full).contains("holds 8 versions") && said(&full).contains("--keep"), "{}", said(&full));
    assert_eq!(&place.current(), order.last().expect("some"), "a full folder is left as it was");
    assert!(promote(8, &["--keep", "3"]).status.success());
    order.push(place.current());
    // The model built in came last by the clock, for the times of the others were set back.
    let mut wanted = vec![order[8].clone(), order[7].clone(), order[0].clone(), "current".to_owned()];
    wanted.sort();
    assert_eq!(place.entries(), wanted);
}

#[test]
fn a_version_that_is_there_is_not_copied() {
    let place = Place::new();
    place.init();
    let artefact = alike(1);
    let own = place.path("versions").join("2026-12");
    artefact.write(&own);
    let output = place.promote(&own, &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(place.current(), "2026-12");
    assert_eq!(place.entries().len(), 3, "{:?}", place.entries());
}

#[test]
fn what_cannot_be_used() {
    let place = Place::new();
    let empty = place.path("empty");
    fs::create_dir(&empty).expect("a folder");
    let table: [(&str, Vec<&str>, i32, &str); 3] = [
        ("no model", vec!["model", "promote", text(&empty), "--models", text(&empty)], 64, "manifest.json"),
        ("keep one", vec!["model", "promote", text(&empty), "--models", text(&empty), "--keep", "1"], 2, "2..=8"),
        ("no folder", vec!["model", "init", "/dev/null/versions"], 1, "/dev/null/versions"),
    ];
    for (name, args, code, says) in table {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(code), "{name}: {}", said(&output));
        assert!(said(&output).contains(says), "{name}: {}", said(&output));
    }
}
