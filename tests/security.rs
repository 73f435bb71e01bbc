//! Who may call, and over what: TLS, certificates of clients, tokens, and all of them exchanged while the server
//! runs.

#[path = "support/process.rs"]
mod process;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use demarche::proto::stance_service_client::StanceServiceClient;
use demarche::proto::{Article, ClassifyRequest};
use process::{PATIENCE, Process};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

/// An authority that certifies servers and clients.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate"))
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for "localhost" and its key, as PEM.
    fn certify(&self) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        (params.signed_by(&key, &self.0).expect("a certificate").pem(), key.serialize_pem())
    }
}

/// A folder with the server's certificate and key, and the flags that name them.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).expect("a file");
        text(&self.path(name))
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path").to_owned()
}

/// Connects by TLS, trusting `authority`, perhaps with a certificate of the client's own.
async fn connect(server: &Process, authority: &str, identity: Option<(String, String)>) -> Result<Channel, String> {
    let mut tls = ClientTlsConfig::new().domain_name("localhost").ca_certificate(Certificate::from_pem(authority));
    if let Some((certificate, key)) = identity {
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    let endpoint = Endpoint::from_shared(format!("https://{}", server.address)).expect("an address");
    let channel = endpoint.tls_config(tls).expect("a configuration").connect().await;
    channel.map_err(|error| format!("{error:?}"))
}

/// SIGHUP, and waits until the log says once more what came of it.
fn reload(server: &Process, said: &str) {
    let count = || server.log().matches(said).count();
    let (before, asked) = (count(), Instant::now());
    server.signal("HUP");
    while count() == before {
        assert!(asked.elapsed() < PATIENCE, "the log does not say {said:?}:\n{}", server.log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

async fn plain(server: &Process) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{}", server.address)).expect("an address");
    endpoint.connect().await.expect("it answers")
}

/// Classifies with this `authorization`.
async fn classify(channel: Channel, authorization: Option<&str>) -> Result<(), Status> {
    let article = Article { text: "China condemned it.".to_owned(), ..Article::default() };
    let mut request = Request::new(ClassifyRequest { article: Some(article), ..ClassifyRequest::default() });
    if let Some(authorization) = authorization {
        request.metadata_mut().insert("authorization", authorization.parse().expect("a header"));
    }
    StanceServiceClient::new(channel).classify(request).await.map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_exchanged_without_a_restart() {
    let (files, old, new) = (Files::new(), Authority::new(), Authority::new());
    let (certificate, key) = old.certify();
    let (certificate, key) = (files.write("tls.crt", &certificate), files.write("tls.key", &key));
    let server = Process::start(&["--tls-certificate", &certificate, "--tls-key", &key]);
    let opened = connect(&server, &old.pem(), None).await.expect("a connection");
    classify(opened.clone(), None).await.expect("a call over TLS");
    connect(&server, &new.pem(), None).await.expect_err("trusts another authority");
    let silent = std::net::TcpStream::connect(&server.address).expect("a connection that never shakes hands");

    files.write("tls.crt", "no certificate");
    reload(&server, "the old ones stay");
    connect(&server, &old.pem(), None).await.expect("a broken certificate does not replace a good one");
    assert!(server.get("/metrics").contains("demarche_reload_failures_total{what=\"certificates\"} 1\n"));
    let (other, other_key) = new.certify();
    files.write("tls.crt", &other);
    reload(&server, "the old ones stay");
    connect(&server, &old.pem(), None).await.expect("a certificate without its key does not replace a good one");

    files.write("tls.key", &other_key);
    reload(&server, "certificates were reloaded");
    connect(&server, &new.pem(), None).await.expect("the new certificate");
    connect(&server, &old.pem(), None).await.expect_err("the old certificate is gone");
    classify(opened, None).await.expect("an open connection goes on");
    let (status, log) = server.stop();
    assert!(status.success(), "{log}");
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_need_a_certificate_where_one_is_asked_for() {
    let (files, ours, clients, strangers) = (Files::new(), Authority::new(), Authority::new(), Authority::new());
    let (certificate, key) = ours.certify();
    let (certificate, key) = (files.write("tls.crt", &certificate), files.write("tls.key", &key));
    let ca = files.write("clients.pem", &clients.pem());
    let server = Process::start(&["--tls-certificate", &certificate, "--tls-key", &key, "--tls-client-ca", &ca]);
    let known = connect(&server, &ours.pem(), Some(clients.certify())).await.expect("a known client");
    classify(known, None).await.expect("a call of a known client");
    for (name, identity) in [("none", None), ("a stranger's", Some(strangers.certify()))] {
        // In TLS 1.3 the client may learn of it only with its first call.
        let called = match connect(&server, &ours.pem(), identity).await {
            Ok(channel) => classify(channel, None).await.map_err(|status| status.to_string()),
            Err(refused) => Err(refused),
        };
        assert!(called.is_err(), "a client with {name} certificate was let in");
    }
}

#[test]
fn the_command_line_asks_a_guarded_server() {
    let (files, authority, (secret, line)) = (Files::new(), Authority::new(), token("desk"));
    let (certificate, key) = authority.certify();
    let (certificate, key) = (files.write("tls.crt", &certificate), files.write("tls.key", &key));
    let (ca, tokens) = (files.write("ca.pem", &authority.pem()), files.write("tokens", &line));
    let server = Process::start(&["--tls-certificate", &certificate, "--tls-key", &key, "--token-file", &tokens]);
    let url = format!("https://localhost:{}", server.address.rsplit(':').next().expect("a port"));
    let secret = secret.trim_start_matches("Bearer ");
    let table: [(&str, &[&str], &str, i32, &str); 6] = [
        ("all it asks for", &["--ca", &ca], secret, 0, "China"),
        ("a stream with all it asks for", &["--ca", &ca, "--input", "-"], secret, 0, "\"regionCode\":\"CN\""),
        ("no token", &["--ca", &ca], "", 1, "UNAUTHENTICATED"),
        ("a stream without a token", &["--ca", &ca, "--input", "-"], "", 1, "UNAUTHENTICATED"),
        ("no authority", &[], secret, 1, "--ca"),
        ("no such file", &["--ca", "/no/such/file"], secret, 66, "/no/such/file"),
    ];
    for (name, flags, token, code, says) in table {
        let mut command = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("demarche"));
        let command = command.args(["classify", "--server", &url]).args(flags).env("DEMARCHE_TOKEN", token);
        let text = "China condemned the sanctions.";
        let input =
            if flags.contains(&"--input") { format!("{{\"id\":\"1\",\"text\":\"{text}\"}}\n") } else { text.into() };
        let output = command.write_stdin(input).output().expect("the binary runs");
        let told = [output.stdout, output.stderr].concat();
        let told = String::from_utf8_lossy(&told);
        assert_eq!(output.status.code(), Some(code), "{name}: {told}");
        assert!(told.contains(says), "{name}: {told}");
    }
}

/// A token and its line, as a user makes them.
fn token(name: &str) -> (String, String) {
    let made = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("demarche")).args(["token", name]).output();
    let made = made.expect("the binary runs");
    let (token, line) = (String::from_utf8(made.stderr).expect("text"), String::from_utf8(made.stdout).expect("text"));
    (format!("Bearer {}", token.trim()), line)
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_needed_and_exchanged_without_a_restart() {
    let files = Files::new();
    let ((desk, desk_line), (archive, archive_line)) = (token("desk"), token("archive"));
    let path = files.write("tokens", &desk_line);
    let server = Process::start(&["--token-file", &path, "--log-format", "json"]);
    let channel = plain(&server).await;
    classify(channel.clone(), Some(&desk)).await.expect("a known token");
    for (name, authorization) in [
        ("no token", None),
        ("an unknown token", Some(archive.as_str())),
        ("an empty token", Some("Bearer ")),
        ("the hash itself", desk_line.trim().strip_prefix("desk ")),
        ("another scheme", Some("Basic ZGVzazo=")),
    ] {
        let Err(status) = classify(channel.clone(), authorization).await else { panic!("{name}: was let in") };
        let reason = status.get_error_details().error_info().map(|info| info.reason.clone());
        assert_eq!((status.code(), reason.as_deref()), (Code::Unauthenticated, Some("UNAUTHENTICATED")), "{name}");
    }
    let health = HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await;
    health.expect("health needs no token");
    assert_eq!(reflection(channel.clone()).await, Some(Code::Unauthenticated), "reflection needs one");

    files.write("tokens", "not a token file");
    reload(&server, "the old ones stay");
    classify(channel.clone(), Some(&desk)).await.expect("a broken file does not replace a good one");
    files.write("tokens", &archive_line);
    reload(&server, "tokens were reloaded");
    classify(channel.clone(), Some(&archive)).await.expect("the new token");
    assert!(classify(channel, Some(&desk)).await.is_err(), "the old token is gone");
    let (_, log) = server.stop();
    assert!(log.contains("\"caller\":\"desk\""), "the log does not tell who called:\n{log}");
    let secrets = [&desk, &archive].map(|token| token.trim_start_matches("Bearer ").to_owned());
    assert!(!secrets.iter().any(|secret| log.contains(secret)), "a token is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_can_be_switched_off() {
    let server = Process::start(&["--reflection", "off"]);
    assert_eq!(reflection(plain(&server).await).await, Some(Code::Unimplemented));
}

/// The code that reflection answers with, if it is an error.
async fn reflection(channel: Channel) -> Option<Code> {
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    let asked = tokio_stream::iter([ServerReflectionRequest::default()]);
    let answered = ServerReflectionClient::new(channel).server_reflection_info(asked).await;
    answered.err().map(|status| status.code())
}

#[test]
fn what_cannot_be_used_is_told_together() {
    let (files, authority) = (Files::new(), Authority::new());
    let (certificate, _) = authority.certify();
    let (certificate, tokens) = (files.write("tls.crt", &certificate), files.write("tokens", "secret\n"));
    let missing = text(&files.path("missing"));
    let args = ["serve", "--listen", "127.0.0.1:0", "--tls-certificate", &certificate, "--tls-key", &certificate];
    let output = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("demarche"))
        .args(args)
        .args(["--token-file", &tokens, "--model", &missing])
        .output()
        .expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(64), "{told}");
    for part in ["3 mistakes", "tls.crt: is no private key", "tokens: line 1: must be", &missing] {
        assert!(told.contains(part), "{part:?} is not in:\n{told}");
    }
    assert!(!told.contains("secret"), "{told}");
}
