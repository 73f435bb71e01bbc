//! What a running server reads again: by one signal and by one look at the files, as those who run it see it.
#![cfg(unix)]

#[path = "support/artefact.rs"]
mod artefact;
#[path = "support/process.rs"]
mod process;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use artefact::{Artefact, NONE};
use process::{PATIENCE, Process};

/// Makes the link name this version.
fn point(folder: &Path, name: &str) {
    let next = folder.join(".next");
    std::os::unix::fs::symlink(name, &next).expect("a link");
    fs::rename(next, folder.join("current")).expect("a link");
}

/// A token and its line of the file.
fn token(name: &str) -> (String, String) {
    let made = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("demarche")).args(["token", name]).output();
    let made = made.expect("the binary runs");
    let (token, line) = (String::from_utf8(made.stderr).expect("text"), String::from_utf8(made.stdout).expect("text"));
    (token.trim().to_owned(), line)
}

/// What the server answers to a caller with this token.
fn classify(server: &Process, token: &str) -> String {
    let mut command = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("demarche"));
    let command = command.args(["classify", "--format", "jsonl", "--server", &server.address]);
    let output = command.env("DEMARCHE_TOKEN", token).write_stdin("China condemned it.").output();
    let output = output.expect("the binary runs");
    String::from_utf8([output.stdout, output.stderr].concat()).expect("text")
}

/// Waits until a line of the metrics begins like this.
fn until(server: &Process, line: &str) {
    let asked = Instant::now();
    while !server.get("/metrics").lines().any(|found| found.starts_with(line)) {
        assert!(asked.elapsed() < PATIENCE, "no {line} in:\n{}\n{}", server.get("/metrics"), server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn models_parties_and_tokens_go_one_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let text = |name: &str| path(name).to_str().expect("a path").to_owned();
    let (first, second) = (Artefact::built_in(), Artefact::built_in().intercept(NONE, 1.0));
    first.write(&path("models/first"));
    second.write(&path("models/second"));
    point(&path("models"), "first");
    fs::create_dir(path("parties")).expect("a folder");
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/parties");
    for file in ["blocs.toml", "countries.toml"] {
        fs::copy(tables.join(file), path("parties").join(file)).expect("a table");
    }
    let ((desk, desk_line), (archive, archive_line)) = (token("desk"), token("archive"));
    fs::write(path("tokens"), desk_line).expect("a file");
    let server =
        Process::start(&["--models", &text("models"), "--parties", &text("parties"), "--token-file", &text("tokens")]);
    let info = |model: &Artefact, current: bool| {
        let (version, hash) = (model.version(), model.manifest["weights_sha256"].as_str().expect("a hash").to_owned());
        let labels = format!("name=\"default\",version=\"{version}\",content_hash=\"{hash}\",current=\"{current}\"");
        format!("demarche_model_info{{{labels}}} 1")
    };
    until(&server, &info(&first, true));
    until(&server, &info(&second, false));
    for what in ["models", "certificates", "tokens"] {
        until(&server, &format!("demarche_reloads_total{{what=\"{what}\"}} 0"));
        until(&server, &format!("demarche_reload_failures_total{{what=\"{what}\"}} 0"));
    }

    // By a look at the files: the link, then the file of tokens, then a party table.
    point(&path("models"), "second");
    until(&server, &info(&second, true));
    until(&server, &info(&first, false));
    until(&server, "demarche_reloads_total{what=\"models\"} 1");
    fs::write(path("tokens"), "not a token").expect("a file");
    until(&server, "demarche_reload_failures_total{what=\"tokens\"} 1");
    assert!(classify(&server, &desk).contains(&second.version()), "the old tokens and the new model hold");
    fs::write(path("tokens"), archive_line).expect("a file");
    until(&server, "demarche_reloads_total{what=\"tokens\"} 1");
    assert!(classify(&server, &desk).contains("UNAUTHENTICATED"), "the old token still lets in");
    fs::write(path("parties/more.toml"), "[[bloc").expect("a file");
    until(&server, "demarche_reload_failures_total{what=\"models\"} 1");
    fs::remove_file(path("parties/more.toml")).expect("a file");
    until(&server, "demarche_reloads_total{what=\"models\"} 2");

    // By the signal, which reads everything.
    fs::remove_dir_all(path("models/first")).expect("a folder");
    server.signal("HUP");
    until(&server, "demarche_reloads_total{what=\"tokens\"} 2");
    let metrics = server.get("/metrics");
    assert_eq!(metrics.matches("demarche_model_info{").count(), 1, "the old model is still told:\n{metrics}");
    fs::write(path("models/second/weights.safetensors"), "cut").expect("a file");
    server.signal("HUP");
    until(&server, "demarche_reload_failures_total{what=\"models\"} 2");
    until(&server, &info(&second, true));
    assert!(classify(&server, &archive).contains(&second.version()), "the refused model took the good one's place");

    let (status, log) = server.stop();
    assert!(status.success(), "{log}");
    for part in ["tokens: line 1: must be", "more.toml", "second: weights.safetensors", "the old ones stay"] {
        assert!(log.contains(part), "{part:?} is not in:\n{log}");
    }
    assert_eq!(log.matches("the old ones stay").count(), 3, "once a change:\n{log}");
}
