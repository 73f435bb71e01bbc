//! The command line as a user meets it: help, JSONL in and out, exit codes, and a server asked over a
//! socket. What a stance is, is not tested here.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

use assert_cmd::Command;
use serde_json::{Value, json};

#[path = "support/artefact.rs"]
mod artefact;

use artefact::Artefact;

const TEXT: &str = "China condemned the sanctions of the United States.";

fn demarche(args: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("demarche"));
    command.env_remove("DEMARCHE_LISTEN").args(args);
    command
}

fn run(args: &[&str], stdin: impl AsRef<[u8]>) -> Output {
    demarche(args).write_stdin(stdin.as_ref()).output().expect("the binary runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect()
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("a temporary file");
    path
}

#[test]
fn help_tells_what_goes_in_and_out_with_an_example() {
    for command in [&["serve"][..], &["classify"], &["model", "show"]] {
        let help = run(&[command, &["--help"]].concat(), "");
        let text = stdout(&help);
        assert!(help.status.success(), "{command:?}");
        for part in ["In: ", "Out: ", "Example", &format!("demarche {}", command.join(" "))] {
            assert!(text.contains(part), "{command:?} --help does not say {part:?}:\n{text}");
        }
    }
    let help = stdout(&run(&["--help"], ""));
    assert!(["serve", "classify", "model", "Exit codes"].iter().all(|part| help.contains(part)), "{help}");
}

#[test]
fn exit_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("missing");
    let missing = missing.to_str().expect("a path");
    let good = write(folder.path(), "good.txt", TEXT);
    let good = good.to_str().expect("a path");
    let table: [(&str, &[&str], i32, &str); 19] = [
        ("an article", &["classify", good], 0, ""),
        ("no command", &[], 2, "Usage"),
        ("unknown option", &["classify", "--no-such"], 2, "--no-such"),
        ("file and input", &["classify", good, "--input", good], 2, "--input"),
        ("output alone", &["classify", "--output", good], 2, "--input"),
        ("table of JSONL", &["classify", "--input", good, "--format", "table"], 2, "--format"),
        ("output is input", &["classify", "--input", good, "--output", good], 2, "overwrite"),
        ("a server and a model", &["classify", good, "--server", "x:1", "--model", "m"], 2, "--model"),
        ("no such model", &["classify", good, "--model", missing], 64, missing),
        ("no such model to serve", &["serve", "--listen", "127.0.0.1:0", "--model", missing], 64, missing),
        ("no such parties", &["serve", "--listen", "127.0.0.1:0", "--parties", missing], 64, missing),
        ("no such models", &["serve", "--listen", "127.0.0.1:0", "--models", missing], 64, missing),
        ("two kinds of models", &["serve", "--models", missing, "--model", missing], 64, "exclude each other"),
        ("no such model to show", &["model", "show", "--model", missing], 64, missing),
        ("no such file", &["classify", missing], 66, missing),
        ("no such input", &["classify", "--input", missing], 66, missing),
        (
            "a folder as input",
            &["classify", "--input", folder.path().to_str().expect("a path")],
            66,
            "no file *.parquet",
        ),
        ("no server", &["classify", good, "--server", "127.0.0.1:1"], 1, "127.0.0.1:1"),
        ("bad date", &["classify", good, "--date", "9999-01-01"], 1, "article.publish_date"),
    ];
    for (name, args, code, says) in table {
        let output = run(args, "");
        assert_eq!(output.status.code(), Some(code), "{name}: {}", stderr(&output));
        assert!(stderr(&output).contains(says), "{name}: {says:?} is not in {}", stderr(&output));
    }
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let lines = format!("{}\n", json!({"id": 1, "text": TEXT})).repeat(5_000);
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("demarche"))
        .args(["classify", "--input", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().expect("piped");
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, lines.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    let _ = writer.join();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", stderr(&output));
}

#[test]
fn an_article_in_every_format() {
    for stdin in [&["classify"][..], &["classify", "-"]] {
        assert!(run(stdin, TEXT).status.success());
    }
    let pretty = stdout(&run(&["classify", "--format", "json"], TEXT));
    let line = stdout(&run(&["classify", "--format", "jsonl"], TEXT));
    assert_eq!((line.lines().count(), &rows(&line)[0]), (1, &serde_json::from_str(&pretty).expect("JSON")));
    assert!(rows(&line)[0].get("model").is_some(), "proto3 JSON of ClassifyResponse: {line}");
}

#[test]
fn a_bad_article_is_told_in_words_and_in_json() {
    let table: [(&str, Vec<u8>, &str, Option<&str>); 5] = [
        ("empty", vec![], "TEXT_EMPTY", Some("article.text")),
        ("too long", vec![b'x'; 200_001], "TEXT_TOO_LONG", Some("article.text")),
        ("far too long", vec![b'x'; 5 << 20], "TEXT_TOO_LONG", Some("article.text")),
        ("not UTF-8", b"China \xff".to_vec(), "INVALID_UTF8", Some("article.text")),
        ("Russian", "Россия осудила новые санкции.".into(), "LANGUAGE_UNSUPPORTED", None),
    ];
    for (name, text, reason, field) in table {
        let output = run(&["classify", "--format", "jsonl"], &text);
        assert_eq!(output.status.code(), Some(1), "{name}");
        let error = rows(&stdout(&output))[0]["error"].clone();
        assert_eq!((error["reason"].as_str(), error["field"].as_str()), (Some(reason), field), "{name}: {error}");
        assert!(stderr(&output).contains(reason), "{name}: {}", stderr(&output));
    }
}

/// Lines, each with its id as it must come out and the reason of its error, if it is bad.
fn mixed_lines() -> Vec<(Vec<u8>, Value, Option<&'static str>)> {
    let good = |id: &str| json!({"id": id, "text": TEXT, "unknown": {"x": [1]}}).to_string().into_bytes();
    let bad = |line: &str| line.as_bytes().to_vec();
    vec![
        (good("first"), json!("first"), None),
        (json!({"id": 2, "text": TEXT, "issue": null, "date": "2023-08-08"}).to_string().into(), json!(2), None),
        (bad(r#"{"id":"surrogate","text":"China \ud83d condemned"}"#), json!("surrogate"), Some("INVALID_JSON")),
        (bad("not JSON"), Value::Null, Some("INVALID_JSON")),
        (bad(r#"{"id":"none"}"#), json!("none"), Some("TEXT_EMPTY")),
        (bad(r#"{"id":"number","text":3}"#), json!("number"), Some("WRONG_TYPE")),
        (bad(r#"{"id":"date","text":"x","date":"9999-01-01"}"#), json!("date"), Some("DATE_OUT_OF_RANGE")),
        (bad(r#"{"id":"who","text":"x","speaker":"XX"}"#), json!("who"), Some("UNKNOWN_REGION")),
        (bad(r#"{"id":"fr","text":"x","language":"fr"}"#), json!("fr"), Some("LANGUAGE_UNSUPPORTED")),
        (json!({"id": "long", "text": "x".repeat(200_001)}).to_string().into(), json!("long"), Some("TEXT_TOO_LONG")),
        (vec![b'x'; 9 << 20], Value::Null, Some("LINE_TOO_LONG")),
        (good("last"), json!("last"), None),
    ]
}

#[test]
fn bad_lines_are_told_and_the_run_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = mixed_lines();
    let input: Vec<u8> = lines.iter().flat_map(|(line, ..)| [line, b"\r\n\n".as_slice()].concat()).collect();
    let input = write(folder.path(), "in.jsonl", input);
    let output = folder.path().join("out.jsonl");
    let (from, to) = (input.to_str().expect("a path"), output.to_str().expect("a path"));
    let ran = run(&["classify", "--input", from, "--output", to], "");
    assert_eq!(ran.status.code(), Some(1), "{}", stderr(&ran));
    assert!(stderr(&ran).contains("9 of 12 lines failed"), "{}", stderr(&ran));
    assert!(ran.stdout.is_empty());
    let rows = rows(&std::fs::read_to_string(&output).expect("the output"));
    assert_eq!(rows.len(), lines.len());
    for (row, (_, id, reason)) in rows.iter().zip(&lines) {
        assert_eq!((&row["id"], row["error"]["reason"].as_str()), (id, *reason), "{row}");
        assert_eq!(reason.is_none(), row.get("model").is_some(), "{row}");
    }
}

#[test]
fn many_lines_keep_their_order() {
    let line = |id: usize| json!({"id": id, "text": TEXT.repeat(id % 7 + 1)}).to_string();
    let lines: Vec<_> = (0..3_000).map(line).collect();
    let output = run(&["classify", "--input", "-", "--output", "-"], lines.join("\n"));
    assert!(output.status.success(), "{}", stderr(&output));
    let ids: Vec<_> = rows(&stdout(&output)).iter().map(|row| row["id"].as_u64()).collect();
    assert_eq!(ids, (0..3_000).map(Some).collect::<Vec<_>>());
}

#[test]
fn shows_the_model() {
    let output = run(&["model", "show", "--format", "json"], "");
    assert!(output.status.success(), "{}", stderr(&output));
    let manifest: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert!(manifest.get("weights_sha256").is_some(), "{manifest}");
    assert!(stdout(&run(&["model", "show"], "")).contains("weights, SHA-256"));
}

/// `demarche serve` as a process, killed when dropped.
struct Serving {
    child: Child,
    address: String,
    greeting: Vec<String>,
}

impl Serving {
    fn start(options: &[&str]) -> Self {
        let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("demarche"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let greeting: Vec<String> = lines.take(6).map(|line| line.expect("a line")).collect();
        let address = greeting[0].rsplit(' ').next().unwrap_or_default().to_owned();
        Self { child, address, greeting }
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let sent = std::process::Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_gives_the_same_answers() {
    let server = Serving::start(&[]);
    assert!(!server.address.ends_with(":0"), "the bound address: {}", server.address);
    let greeting = server.greeting.join("\n");
    for part in ["grpcurl -plaintext", "demarche classify --server", "demarche.v1.StanceService/Classify"] {
        assert!(greeting.contains(part), "{part:?} is not in {greeting}");
    }
    let lines: Vec<u8> = mixed_lines().iter().flat_map(|(line, ..)| [line, b"\n".as_slice()].concat()).collect();
    let here = run(&["classify", "--input", "-"], &lines);
    let there = run(&["classify", "--input", "-", "--server", &server.address], &lines);
    assert_eq!(stdout(&here), stdout(&there));
    assert_eq!(here.status, there.status);
    let url = format!("http://{}", server.address);
    assert_eq!(stdout(&run(&["classify"], TEXT)), stdout(&run(&["classify", "--server", &url], TEXT)));
}

#[cfg(unix)]
#[test]
fn sigterm_drains() {
    let mut server = Serving::start(&[]);
    server.signal("-TERM");
    let status = server.child.wait().expect("it ends");
    assert_eq!(status.code(), Some(0), "a drained server ends well");
}

#[cfg(unix)]
#[test]
fn sigterm_drains_past_a_silent_connection_and_an_idle_stream() {
    let mut server = Serving::start(&["--drain-seconds", "1"]);
    let silent = std::net::TcpStream::connect(&server.address).expect("a connection");
    let mut idle = std::process::Command::new(assert_cmd::cargo::cargo_bin!("demarche"))
        .args(["classify", "--input", "-", "--server", &server.address])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let mut input = idle.stdin.take().expect("piped");
    // Ten lines fill no buffer of the output: that they were answered shows only in the server's being idle.
    std::io::Write::write_all(&mut input, format!("{}\n", json!({"text": TEXT})).repeat(10).as_bytes()).expect("lines");
    std::thread::sleep(std::time::Duration::from_millis(500));
    let started = std::time::Instant::now();
    server.signal("-TERM");
    let status = server.child.wait().expect("it ends");
    assert_eq!(status.code(), Some(0), "a drained server ends well");
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "the drain has no bound");
    drop((silent, input));
    let output = idle.wait_with_output().expect("it ends");
    assert!(output.status.success(), "the lines before the end were not answered: {}", stdout(&output));
}

#[cfg(unix)]
#[test]
fn sighup_reads_the_model_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = folder.path().join("model");
    let path = model.to_str().expect("a path");
    Artefact::built_in().write(&model);
    let server = Serving::start(&["--model", path]);
    let version = || {
        let answer = stdout(&run(&["classify", "--format", "json", "--server", &server.address], TEXT));
        rows(&answer.replace('\n', ""))[0]["model"]["version"].as_str().expect("a version").to_owned()
    };
    let (before, other) = (version(), Artefact::built_in().intercept(artefact::NONE, 1.0));
    assert_eq!(before, Artefact::built_in().version());
    std::fs::write(model.join("weights.safetensors"), "cut").expect("a file");
    server.signal("-HUP");
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(version(), before, "a model that cannot be read was taken");
    other.write(&model);
    server.signal("-HUP");
    let started = std::time::Instant::now();
    while version() != other.version() {
        assert!(started.elapsed() < std::time::Duration::from_mins(1), "SIGHUP did not load the other model");
    }
}
