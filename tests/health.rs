//! `demarche health` as a container's health check calls it: an exit code and a reason.

use std::process::Output;
use std::time::Instant;

use assert_cmd::Command;

#[path = "support/process.rs"]
mod process;

use process::{PATIENCE, Process};

fn health(args: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("demarche"));
    command.arg("health").args(args).output().expect("the binary runs")
}

fn expect(name: &str, args: &[&str], code: i32, says: &str) {
    let output = health(args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{name}: {stderr}");
    assert!(stderr.contains(says) && stderr.is_empty() == says.is_empty(), "{name}: {stderr}");
    assert!(output.stdout.is_empty(), "{name}");
}

#[test]
fn a_server_that_serves_and_one_that_is_ending() {
    let server = Process::start(&["--pause-seconds", "3600"]);
    let address = server.address.clone();
    expect("serving", &[&address], 0, "");
    expect("a service", &[&address, "--service", "demarche.v1.StanceService"], 0, "");
    expect("no such service", &[&address, "--service", "news.Reader"], 1, "does not tell its health");
    server.signal("TERM");
    let asked = Instant::now();
    while health(&[&address]).status.success() {
        assert!(asked.elapsed() < PATIENCE, "{}", server.log());
    }
    expect("ending", &[&address], 1, "answers NOT_SERVING");
    assert!(server.get("/readyz").starts_with("HTTP/1.1 503"), "the admin server says the same");
}

#[test]
fn over_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let file = |name: &str, content: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    };
    let (certificate, key) = (file("tls.crt", pair.cert.pem()), file("tls.key", pair.signing_key.serialize_pem()));
    let server = Process::start(&["--tls-certificate", &certificate, "--tls-key", &key]);
    let port = server.address.rsplit(':').next().expect("a port");
    let address = format!("https://localhost:{port}");
    expect("trusted", &[&address, "--ca", &certificate], 0, "");
    expect("nobody to trust", &[&address], 1, "--ca");
    expect("without TLS", &[&server.address], 1, &server.address);
    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
}

#[test]
fn nobody_there() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("bound").to_string();
    drop(free);
    expect("nobody listens", &[&address], 1, "cannot reach a server");
    expect("no address", &["not an address"], 1, "is not an address");
    expect("no certificate", &["https://localhost:1", "--ca", "missing.pem"], 66, "missing.pem");
}

#[test]
fn a_server_that_is_silent() {
    // It takes connections, for the system does so, and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let asked = Instant::now();
    expect("silent", &[&silent.local_addr().expect("bound").to_string()], 1, "no answer within 3s");
    assert!(asked.elapsed() < PATIENCE);
}
