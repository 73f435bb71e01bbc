//! What the server is told: by flags, by `DEMARCHE_*` variables, by a TOML file, or by nobody, in this order.
//!
//! [`table`] has every setting once, `given` gathers what was said and where, and [`Settings::read`] makes typed
//! values of it or tells every mistake. Opens nothing but the file of settings; starts nothing.

mod given;
pub mod table;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::models::{ModelSource, Source};
use given::Given;

/// What the server runs with.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Where calls arrive.
    pub listen: SocketAddr,
    /// Where models and party tables come from.
    pub source: Source,
    /// Articles read at the same time; `None`: one a core.
    pub workers: Option<usize>,
    /// Calls that may wait for a worker.
    pub queue: usize,
    /// Streams that may be open.
    pub streams: usize,
    /// Between `NOT_SERVING` and the end of accepting.
    pub pause: Duration,
    /// For calls in flight, after the pause.
    pub drain: Duration,
    /// Whether messages may be compressed.
    pub compression: bool,
    /// Whether the contract is shown.
    pub reflection: bool,
    /// Certificates; `None`: plain text.
    pub tls: Option<TlsFiles>,
    /// Callers' tokens; `None`: everybody may call.
    pub token_file: Option<PathBuf>,
    /// Where metrics and readiness are asked for.
    pub admin_listen: Option<SocketAddr>,
    /// What is logged, and how.
    pub log: LogSettings,
    /// Where traces go.
    pub traces: Option<TraceSettings>,
    /// Variables that begin with `DEMARCHE_` and are no setting: perhaps a slip.
    pub ignored: Vec<String>,
}

/// Files of TLS, all PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Authorities of the clients' certificates; `None`: clients need none.
    pub client_ca: Option<PathBuf>,
}

/// The log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// Whether lines are JSON.
    pub json: bool,
    /// Directives of `tracing_subscriber::EnvFilter`.
    pub level: String,
    /// Whether texts of articles may be logged.
    pub article_text: bool,
}

/// Traces.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceSettings {
    /// Where the collector listens.
    pub endpoint: String,
    /// Share of the calls without a traceparent that are traced, 0 to 1.
    pub share: f64,
}

/// Everything that is wrong with the configuration.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mistakes(Vec<String>);

impl Mistakes {
    /// The value, or a note of why there is none.
    pub fn keep<T>(&mut self, made: Result<T, impl fmt::Display>) -> Option<T> {
        made.map_err(|error| self.0.push(error.to_string())).ok()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(f, "the configuration has {count} mistake{}:", if count == 1 { "" } else { "s" })?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

impl std::error::Error for Mistakes {}

impl Settings {
    /// Settings from the flags that were given, by the names in [`table`], and from the environment.
    ///
    /// # Errors
    /// [`Mistakes`] with every value that is not allowed, every unknown key of the file, and what is missing.
    pub fn read(
        flags: &BTreeMap<&'static str, String>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Mistakes> {
        let given = Given::gather(flags, environment);
        let mut mistakes = given.mistakes.clone();
        mistakes.extend(missing(&given));
        mistakes.extend(excluded(&given));
        if !mistakes.is_empty() {
            return Err(Mistakes(mistakes));
        }
        let disagreement =
            || Mistakes(vec!["the table of settings and their types disagree; this is a bug".to_owned()]);
        Self::build(given).ok_or_else(disagreement)
    }

    /// `None` only if a default of the table does not parse.
    fn build(given: Given) -> Option<Self> {
        let path = |name| given.get::<PathBuf>(name);
        let seconds = |name| given.get(name).map(Duration::from_secs);
        let tls = path("tls_certificate").zip(path("tls_key"));
        let log = LogSettings {
            json: given.get::<String>("log_format")? == "json",
            level: given.get("log_level")?,
            article_text: given.switch("log_article_text")?,
        };
        let share = given.get("otlp_share")?;
        let versions = path("models").map(ModelSource::Versions);
        let model = versions.or(path("model").map(ModelSource::Folder)).unwrap_or_default();
        Some(Self {
            listen: given.get("listen")?,
            source: Source { model, parties: path("parties") },
            workers: given.get("workers"),
            queue: given.get("queue")?,
            streams: given.get("streams")?,
            pause: seconds("pause_seconds")?,
            drain: seconds("drain_seconds")?,
            compression: given.switch("compression")?,
            reflection: given.switch("reflection")?,
            tls: tls.map(|(certificate, key)| TlsFiles { certificate, key, client_ca: path("tls_client_ca") }),
            token_file: path("token_file"),
            admin_listen: given.get("admin_listen"),
            log,
            traces: given.get("otlp_endpoint").map(|endpoint| TraceSettings { endpoint, share }),
            ignored: given.ignored,
        })
    }
}

/// Settings without the others that they need.
fn missing(given: &Given) -> Vec<String> {
    let needs = [
        ("tls_certificate", "tls_key"),
        ("tls_key", "tls_certificate"),
        ("tls_client_ca", "tls_certificate"),
        ("tls_client_ca", "tls_key"),
    ];
    let missing = needs.iter().filter(|(_, needed)| !given.has(needed));
    missing.filter_map(|(name, needed)| Some(format!("{} needs {needed} too", given.origin(name)?))).collect()
}

/// Settings beside others that they cannot stand beside.
fn excluded(given: &Given) -> Option<String> {
    let (model, models) = (given.origin("model")?, given.origin("models")?);
    Some(format!("{model} and {models} exclude each other: one model folder, or a folder of them"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(flags: &[(&'static str, &str)], variables: &[(&str, &str)]) -> Result<Settings, Mistakes> {
        let flags = flags.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Settings::read(&flags, variables.iter().map(|(name, value)| (name.into(), value.into())))
    }

    /// A file of settings and its path.
    fn file(text: &str) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demarche.toml");
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap().to_owned();
        (folder, path)
    }

    #[test]
    fn defaults() {
        let settings = read(&[], &[]).unwrap();
        assert_eq!(settings.listen, "127.0.0.1:50051".parse().unwrap());
        assert_eq!((settings.workers, settings.queue, settings.drain.as_secs()), (None, 64, 10));
        assert_eq!((settings.compression, settings.reflection, settings.log.article_text), (false, true, false));
        assert_eq!((settings.tls, settings.token_file, settings.traces), (None, None, None));
    }

    #[test]
    fn a_flag_beats_a_variable_beats_the_file_beats_the_default() {
        let (_folder, path) = file("queue = 1\nworkers = 1\npause_seconds = 1\ncompression = true\n");
        let variables = [("DEMARCHE_CONFIG", path.as_str()), ("DEMARCHE_QUEUE", "2"), ("DEMARCHE_WORKERS", "2")];
        let settings = read(&[("queue", "3")], &variables).unwrap();
        assert_eq!((settings.queue, settings.workers, settings.pause.as_secs()), (3, Some(2), 1));
        assert!(settings.compression);
        assert_eq!(settings.drain.as_secs(), 10);
    }

    #[test]
    fn every_mistake_is_told_with_its_place_and_what_is_allowed() {
        let (_folder, path) = file("queue = -1\n\nquue = 7\n[drain_seconds]\nx = 1\n");
        let variables = [
            ("DEMARCHE_LISTEN", "localhost"),
            ("DEMARCHE_OTLP_ENDPOINT", "https://x:1"),
            ("DEMARCHE_LOG_LEVEL", "=,"),
            ("DEMARCHE_MODEL", "m"),
        ];
        let flags = [("config", path.as_str()), ("reflection", "maybe"), ("tls_client_ca", "ca.pem"), ("models", "m")];
        let told = read(&flags, &variables).unwrap_err().to_string();
        let want = [
            "the configuration has 10 mistakes:".to_owned(),
            format!("{path}:1 (queue): \"-1\" is not a whole number from 0 to 65536"),
            format!("{path}:3: unknown key \"quue\""),
            format!("{path}:4 (drain_seconds): must be a string, a number, true or false"),
            "DEMARCHE_LISTEN: \"localhost\" is not an IP address with a port, such as 127.0.0.1:50051".to_owned(),
            "DEMARCHE_OTLP_ENDPOINT: \"https://x:1\" is not a URL such as http://127.0.0.1:4317".to_owned(),
            "DEMARCHE_LOG_LEVEL: \"=,\" is not error, warn".to_owned(),
            "--reflection: \"maybe\" is not on or off".to_owned(),
            "--tls-client-ca needs tls_certificate too".to_owned(),
            "--tls-client-ca needs tls_key too".to_owned(),
            "DEMARCHE_MODEL and --models exclude each other".to_owned(),
        ];
        for part in want {
            assert!(told.contains(&part), "{part:?} is not in:\n{told}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told() {
        let told = read(&[("config", "/no/such/file")], &[]).unwrap_err().to_string();
        assert!(told.contains("--config: /no/such/file: "), "{told}");
        let (_folder, path) = file("queue = 1\nqueue = 2\nworkers = \n");
        let told = read(&[("config", &path)], &[]).unwrap_err().to_string();
        assert!(told.contains(&format!("{path}:2: duplicate key")) && told.contains(&format!("{path}:3: ")), "{told}");
    }

    #[test]
    fn other_variables() {
        let variables =
            [("DEMARCHE_QUUE", "1"), ("DEMARCHE_PORT_50051_TCP", "tcp://1.2.3.4:5"), ("DEMARCHE_QUEUE", "")];
        let variables = [&variables[..], &[("DEMARCHE_SERVICE_HOST", "x"), ("HOME", "/")]].concat();
        let settings = read(&[], &variables).unwrap();
        assert_eq!(settings.ignored, ["DEMARCHE_QUUE"], "a slip is named, what Kubernetes sets is not");
        assert_eq!(settings.queue, 64, "an empty variable is none");
    }
}
